/* References that live across a call only in a frame: parameters, locals, what a loop carries, what a call returned.
 * With one root left out of one frame map, the use that follows must be found out. */
#include "check.h"

#define APART __attribute__((noinline))

static int64_t seen;

/* Collects before it looks, so that the caller's roots matter at this call too. */
APART static void use(const struct node GW *node, int64_t value)
{
    churn();
    CHECK(node->value == value);
    seen += node->value;
}

APART static void use_at(struct node GW *const *place, int64_t value)
{
    churn();
    use(*place, value);
}

APART static void parameter(struct node GW *node)
{
    churn();
    use(node, 1);
}

APART static void local(void)
{
    struct node GW *node = node_make(2, NULL);
    churn();
    use(node, 2);
}

APART static struct node GW *list_make(int64_t length)
{
    struct node GW *list = NULL;
    for (int64_t i = 0; i < length; i++) {
        list = node_make(i, list);
        churn();
    }
    return list;
}

APART static void two_at_once(void)
{
    struct node GW *a = node_make(3, NULL);
    struct node GW *b = node_make(4, NULL);
    churn();
    use(b, 4);
    use(a, 3);
}

APART static void chosen(int which)
{
    struct node GW *a = node_make(5, NULL), *b = node_make(6, NULL);
    struct node GW *one = which ? a : b;
    churn();
    use(one, which ? 5 : 6);
}

APART static void by_address(struct node GW **place)
{
    *place = node_make(7, NULL);
    churn();
}

APART static void addressed(void)
{
    struct node GW *node;
    by_address(&node);
    churn();
    use_at(&node, 7);
}

int main(void)
{
    start(NULL);
    parameter(node_make(1, NULL));
    local();
    int64_t length = 5;
    for (struct node GW *list = list_make(length); list; list = list->next) use(list, --length);
    two_at_once();
    chosen(0);
    chosen(1);
    addressed();
    printf("roots: sum %" PRId64 "\n", seen);
    return 0;
}
