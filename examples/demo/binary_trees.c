/* Binary trees, from the Computer Language Benchmarks Game: many short-lived trees beside one that stays.
 *
 *     binary-trees [depth]      depth of the tree that stays; default 18
 *
 * Every tree is built bottom up, and counted node by node before it is given up.
 */
#include "memory.h"

struct node {
    struct node GW *left, *right;
};
GW_TYPE_FIELDS(node, struct node, left, right);

enum { SMALLEST_DEPTH = 4 };

DEMO_SHARED struct node GW *tree_make(int depth);
DEMO_SHARED long tree_count(const struct node GW *tree);
DEMO_SHARED void tree_release(struct node GW *tree);

#if DEMO_FIRST
DEMO_SHARED struct node GW *tree_make(int depth)
{
    struct node GW *left = NULL, *right = NULL, *tree;
    if (depth > 0) {
        left = tree_make(depth - 1);
        GW_CALL(right = tree_make(depth - 1), left);
    }
    GW_CALL(tree = gw_new(node), left, right);
    GW_STORE(tree, left, left);
    GW_STORE(tree, right, right);
    return tree;
}

DEMO_SHARED long tree_count(const struct node GW *tree)
{
    return tree->left ? 1 + tree_count(tree->left) + tree_count(tree->right) : 1;
}

DEMO_SHARED void tree_release(struct node GW *tree)
{
#if MEMORY_EXPLICIT
    if (tree->left) {
        tree_release(tree->left);
        tree_release(tree->right);
    }
#endif
    memory_release(tree);
    (void)tree;
}
#endif

#if DEMO_SECOND
static long count_of_new_tree(int depth)
{
    struct node GW *tree = tree_make(depth);
    long count = tree_count(tree);
    tree_release(tree);
    return count;
}

static void short_lived_trees(int depth, int deepest)
{
    long trees = 1L << (deepest - depth + SMALLEST_DEPTH);
    long check = 0;
    for (long i = 0; i < trees; i++) check += count_of_new_tree(depth);
    printf("%ld\t trees of depth %d\t check: %ld\n", trees, depth, check);
}

int main(int argc, char **argv)
{
    int deepest = (int)demo_size(argc, argv, 18, 40);
    if (deepest < SMALLEST_DEPTH + 2) deepest = SMALLEST_DEPTH + 2;
    uint64_t started = memory_start();

    printf("stretch tree of depth %d\t check: %ld\n", deepest + 1, count_of_new_tree(deepest + 1));
    struct node GW *long_lived = tree_make(deepest);
    for (int depth = SMALLEST_DEPTH; depth <= deepest; depth += 2) GW_CALL(short_lived_trees(depth, deepest), long_lived);
    printf("long lived tree of depth %d\t check: %ld\n", deepest, tree_count(long_lived));
    tree_release(long_lived);
    return memory_finish(started);
}
#endif
