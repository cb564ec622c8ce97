/* The C half of stock-stackmaps.ll, compiled by gwcc: every other frame of the recursion is one of these. */
#include <greywave/greywave.h>
#include <stdio.h>

struct node {
    struct node GW *next;
    long value;
};
GW_TYPE(node, struct node);

long down(long depth, struct node GW *outer, long value_offset);
long down_dynamic(long depth, struct node GW *outer, long value_offset);
extern const char __start_stock_maps[], __stop_stock_maps[];

struct node GW *make(long value)
{
    struct node GW *node = gw_new(node);
    node->value = value;
    return node;
}

long between(long depth, struct node GW *outer)
{
    struct node GW *own = make(1000);
    long below = depth % 2 ? down(depth, own, offsetof(struct node, value))
                           : down_dynamic(depth, own, offsetof(struct node, value));
    return below + own->value + outer->value;
}

void churn_at_bottom(void)
{
    for (int i = 0; i < 10; i++) make(i);
    gw_collect(GW_FULL);
}

/* down(d, o): d + o, and below it between(d - 1, d): 1000 + d + down(d - 1, 1000). Even depths have a dynamic frame,
 * which adds its outer node once more. */
static long expected(long depth, long outer)
{
    return depth + outer + (depth ? 1000 + depth + expected(depth - 1, 1000) + (depth % 2 ? 1000 : 0) : 0);
}

int main(void)
{
    size_t size = (size_t)(__stop_stock_maps - __start_stock_maps);
    if (gw_init(NULL) != GW_OK || gw_stackmaps_register(__start_stock_maps, size, "stock") != GW_OK) {
        fprintf(stderr, "%s\n", gw_error_text());
        return 2;
    }
    struct node GW *root = make(7);
    for (long depth = 1; depth < 40; depth += 6) {
        long found = down(depth, root, offsetof(struct node, value));
        if (found == expected(depth, 7)) continue;
        fprintf(stderr, "depth %ld: %ld, not %ld\n", depth, found, expected(depth, 7));
        return 1;
    }
    return gw_stackmaps_unregister(__start_stock_maps) != GW_OK;
}
