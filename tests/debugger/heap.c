/* A heap whose shape the test knows: a list of 20, an array in main's frame, an object that a handle keeps, a weak map, one that is dead
 * and young, one that is dead and old. */
#include <greywave/greywave.h>
#include <stdint.h>

struct node {
    struct node GW *next, *other;
    uint64_t number;
};
GW_TYPE(node, struct node);
struct bytes {
    uint64_t length;
    char at[];
};
GW_TYPE_BYTES(bytes, struct bytes, length, at);
struct table {
    uint64_t length;
    struct node GW *at[];
};
GW_TYPE_ARRAY(table, struct table, length, at);

static struct node GW *list;
static gw_handle handle;

__attribute__((noinline)) static void stop_here(uint64_t number)
{
    __asm__ volatile("" : : "r"(number) : "memory");
}

__attribute__((noinline)) static int work(struct node GW *v, int depth)
{
    if (depth) return work(v->next, depth - 1) + (int)v->number;
    gw_collect(GW_MINOR);
    stop_here(v->number);
    return (int)v->number;
}

static struct node GW *numbered(uint64_t number)
{
    struct node GW *node = gw_new(node);
    node->number = number;
    return node;
}

int main(void)
{
    if (gw_init("nursery=256k,age=2") != GW_OK) return 1;
    for (uint64_t i = 0; i < 20; i++) {
        struct node GW *node = numbered(100 + i);
        node->next = list;
        list = node;
    }
    struct bytes GW *bytes = gw_new_array(bytes, 50);
    struct table GW *table = gw_new_array(table, 10);
    table->at[7] = numbered(777);
    struct node GW *old = numbered(1);
    gw_collect(GW_FULL); /* everything so far is old */
    stop_here(old->number);
    handle = gw_handle_new(numbered(555));
    int sum = work(list, 5);
    numbered(2);
    stop_here(2);
    return sum + (int)bytes->length + (int)table->length == 0;
}
