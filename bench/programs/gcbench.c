/* Trees built from the top down and from the bottom up, beside a tree and an array of numbers that stay, after Ellis,
 * Kovac and Boehm's GCBench. Stresses trees of every size, stores into objects that were just made, and a large array
 * without references. */
#include "program.h"

struct node {
    struct node GW *left, *right;
    long number;
};
GW_TYPE_FIELDS(node, struct node, left, right);

struct doubles {
    uint64_t length;
    double at[];
};
GW_TYPE_BYTES(doubles, struct doubles, length, at);

enum { ARRAY_LENGTH = 500000, SMALLEST_DEPTH = 4 };

static struct node GW *make_tree(int depth)
{
    struct node GW *left = NULL, *right = NULL, *node;
    if (depth > 0) {
        left = make_tree(depth - 1);
        GW_CALL(right = make_tree(depth - 1), left);
    }
    GW_CALL(node = gw_new(node), left, right);
    GW_STORE(node, left, left);
    GW_STORE(node, right, right);
    node->number = depth;
    return node;
}

static void populate(struct node GW *node, int depth)
{
    node->number = depth;
    if (depth == 0) return;
    struct node GW *child;
    GW_CALL(child = gw_new(node), node);
    GW_STORE(node, left, child);
    GW_CALL(child = gw_new(node), node);
    GW_STORE(node, right, child);
    GW_CALL(populate(node->left, depth - 1), node);
    populate(node->right, depth - 1);
}

static struct node GW *populated_tree(int depth)
{
    struct node GW *node = gw_new(node);
    GW_CALL(populate(node, depth), node);
    return node;
}

static long sum_of(const struct node GW *node)
{
    return node ? node->number + sum_of(node->left) + sum_of(node->right) : 0;
}

static void release(struct node GW *node)
{
#if MEMORY_EXPLICIT
    if (!node) return;
    release(node->left);
    release(node->right);
#endif
    memory_release(node);
    (void)node;
}

static void many_trees(int depth, int deepest)
{
    long count = 2L << (deepest - depth), down = 0, up = 0;
    for (long i = 0; i < count; i++) {
        struct node GW *tree = populated_tree(depth);
        down = checksum(down, sum_of(tree));
        release(tree);
        tree = make_tree(depth);
        up = checksum(up, sum_of(tree));
        release(tree);
    }
    printf("%ld trees of depth %d: %ld %ld\n", count, depth, down, up);
}

static void fill(struct doubles GW *doubles)
{
    for (uint64_t i = 1; i < doubles->length; i++) doubles->at[i] = 1.0 / (double)i;
}

int main(int argc, char **argv)
{
    int deepest = (int)demo_size(argc, argv, 18, 26);
    uint64_t started = memory_start();
    struct node GW *stretch = make_tree(deepest), *kept;
    printf("stretch tree: %ld\n", sum_of(stretch));
    release(stretch);
    kept = populated_tree(deepest - 1);
    struct doubles GW *doubles;
    GW_CALL(doubles = gw_new_array(doubles, ARRAY_LENGTH), kept);
    fill(doubles);
    for (int depth = SMALLEST_DEPTH; depth <= deepest; depth += 2) GW_CALL(many_trees(depth, deepest), kept, doubles);
    printf("tree that stayed: %ld, array: %.6f\n", sum_of(kept), doubles->at[1000]);
    release(kept);
    memory_release(doubles);
    return memory_finish(started);
}
