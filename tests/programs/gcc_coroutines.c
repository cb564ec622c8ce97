/* Coroutines compiled by GCC: roots by markers, and on the shadow stack. See coroutines.c. */
#include <greywave/greywave.h>

#include <stdio.h>
#include <stdlib.h>

struct node {
    struct node *next;
    long value;
};
GW_TYPE_FIELDS(node, struct node, next);

#define CHECK(condition)                                                                                                                   \
    do {                                                                                                                                   \
        if (!(condition)) {                                                                                                                \
            fprintf(stderr, "line %d: not true: %s\n", __LINE__, #condition);                                                              \
            exit(1);                                                                                                                       \
        }                                                                                                                                  \
    } while (0)

static struct node *node_make(long value, struct node *next)
{
    struct node *node = NULL;
    GW_CALL(node = gw_new(node), next);
    node->value = value;
    GW_STORE(node, next, next);
    return node;
}

/* Yields a node for each step, and remembers all that it was given. */
static void *collects_values(void *argument, void *value)
{
    struct node *limit = argument, *list = NULL, *given = value, *yielded = NULL;
    for (long i = 0; i < limit->value; i++) {
        GW_CALL(list = node_make(given->value, list), limit);
        GW_CALL(yielded = node_make(i, list), limit, list);
        GW_CALL(given = gw_stack_yield(yielded), limit, list);
        CHECK(list->value == i && limit->value == 5);
    }
    return list;
}

#define STACKS 12

int main(void)
{
    CHECK(gw_init(NULL) == GW_OK);
    gw_stack *stacks[STACKS];
    struct node *kept = NULL, *made = NULL, *got = NULL;
    GW_CALL(kept = node_make(42, NULL));
    for (int i = 0; i < STACKS; i++) {
        GW_CALL(made = node_make(5, NULL), kept);
        stacks[i] = gw_stack_new(0, collects_values, made);
        CHECK(stacks[i]);
    }
    for (long step = 0; step < 6; step++)
        for (int i = 0; i < STACKS; i++) {
            GW_CALL(made = node_make(step, NULL), kept);
            GW_CALL(got = gw_stack_switch(stacks[i], made), kept);
            CHECK(kept->value == 42 && gw_stack_is_done(stacks[i]) == (step == 5));
            CHECK(step == 5 || (got->value == step && got->next->value == step));
            GW_CALL(gw_collect(i % 5 ? GW_MINOR : GW_FULL), kept, got);
            long length = 0;
            for (struct node *at = step == 5 ? got : got->next; at; at = at->next) length++;
            CHECK(length == (step == 5 ? 5 : step + 1));
        }
    for (int i = 0; i < STACKS; i++) CHECK(gw_stack_free(stacks[i]) == GW_OK);
    puts("ok");
}
