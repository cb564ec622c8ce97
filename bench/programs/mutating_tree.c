/* A large tree that is changed all the time: subtrees trade places, and small new ones take the place of old ones.
 * Stresses the write barrier: nearly all stores go into old objects, half of them of young ones. */
#include "program.h"

struct node {
    struct node GW *left, *right;
    long number;
};
GW_TYPE_FIELDS(node, struct node, left, right);

enum { NEW_DEPTH = 3, DEPTH = 18, SMALL_DEPTH = 8, SMALL_SIZE = 1000 };

static struct node GW *make_tree(int depth, long number)
{
    struct node GW *left = NULL, *right = NULL, *node;
    if (depth > 0) {
        left = make_tree(depth - 1, number + 1);
        GW_CALL(right = make_tree(depth - 1, number + 2), left);
    }
    GW_CALL(node = gw_new(node), left, right);
    GW_STORE(node, left, left);
    GW_STORE(node, right, right);
    node->number = number;
    return node;
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

static long sum_of(const struct node GW *node)
{
    return node ? (node->number + 2 * sum_of(node->left) + 3 * sum_of(node->right)) % 1000003 : 0;
}

/* The node at this depth on the path whose turns are the bits of `path`. */
static struct node GW *walk(struct node GW *node, long path, int depth)
{
    for (; depth > 0; depth--, path /= 2) node = path % 2 ? node->right : node->left;
    return node;
}

static void trade(struct node GW *tree, int depth, struct random *random)
{
    int place = (int)random_below(random, depth - 2);
    struct node GW *node = walk(tree, random_below(random, 1 << 20), place);
    struct node GW *left = node->left;
    GW_STORE(node, left, node->right);
    GW_STORE(node, right, left);
}

static void replace(struct node GW *tree, int depth, struct random *random)
{
    struct node GW *node = walk(tree, random_below(random, 1 << 20), depth - NEW_DEPTH - 1), *fresh;
    long number = random_below(random, 1000);
    GW_CALL(fresh = make_tree(NEW_DEPTH, number), node);
    release(node->left);
    GW_STORE(node, left, fresh);
}

int main(int argc, char **argv)
{
    long size = demo_size(argc, argv, 200000, 1000000000);
    uint64_t started = memory_start();
    struct random random = {42};
    int depth = size < SMALL_SIZE ? SMALL_DEPTH : DEPTH;
    struct node GW *tree = make_tree(depth, 1);
    for (long i = 0; i < size; i++) {
        trade(tree, depth, &random);
        trade(tree, depth, &random);
        GW_CALL(replace(tree, depth, &random), tree);
    }
    printf("%ld changes, sum %ld\n", size, sum_of(tree));
    release(tree);
    return memory_finish(started);
}
