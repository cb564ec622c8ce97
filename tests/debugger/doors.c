/* Goes through doors of every kind: of functions, of barriers, and of stacks, each from a function that doors.py knows by its name. */
#include <greywave/greywave.h>
#include <stdint.h>

struct node {
    struct node GW *next;
    uint64_t number;
};
GW_TYPE(node, struct node);
struct array {
    uint64_t length;
    struct node GW *at[];
};
GW_TYPE_ARRAY(array, struct array, length, at);

static struct node GW *list;

__attribute__((noinline)) static uint64_t caller_of_doors(struct array GW *array)
{
    struct node GW *node = gw_new(node);
    node->number = 7;
    gw_collect(GW_FULL);
    array->at[3] = node;
    node->next = gw_new(node);
    struct node GW *volatile GW *slot = (struct node GW *volatile GW *)&array->at[5];
    *slot = gw_new(node);
    struct gw_weak GW *weak = gw_weak_new(node, GW_WEAK_SHORT);
    list = node;
    return gw_collect_step(0).status + node->number + (gw_weak_get(weak) == node);
}

/* In between the caller waits on another stack. */
__attribute__((noinline)) static void GW *caller_on_stack(void GW *argument, void GW *value)
{
    gw_stack_yield(argument);
    gw_collect(GW_MINOR);
    return value;
}

__attribute__((noinline)) static uint64_t caller_of_stacks(void)
{
    gw_stack *stack = gw_stack_new(0, caller_on_stack, list);
    uint64_t sum = gw_stack_switch(stack, NULL) == list;
    gw_stack_switch(stack, list);
    return sum + (gw_stack_free(stack) == GW_OK);
}

int main(void)
{
    if (gw_init("nursery=256k,stress=alloc") != GW_OK) return 1;
    uint64_t sum = caller_of_doors(gw_new_array(array, 1000));
    sum += caller_of_stacks();
    return sum != 10;
}
