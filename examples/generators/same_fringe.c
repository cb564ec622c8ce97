/* Do two trees have the same leaves in the same order, whatever their shapes? Each is walked by a generator on a stack of its own, which
 * waits in the middle of its recursion; the first difference ends both. */
#include <greywave/greywave.h>
#include <stdio.h>

struct tree {
    struct tree GW *left, *right; /* none: a leaf */
    long leaf;
};
GW_TYPE(tree, struct tree);

static struct tree GW *leaf(long value)
{
    struct tree GW *tree = gw_new(tree);
    tree->leaf = value;
    return tree;
}

static struct tree GW *pair(struct tree GW *left, struct tree GW *right)
{
    struct tree GW *tree = gw_new(tree);
    tree->left = left;
    tree->right = right;
    return tree;
}

static void yield_leaves(struct tree GW *tree)
{
    if (!tree->left) gw_stack_yield(tree);
    if (!tree->left) return;
    yield_leaves(tree->left);
    yield_leaves(tree->right);
}

/* What a generator runs: its argument is the tree, and NULL says that there are no more. */
static void GW *leaves(void GW *tree, void GW *unused)
{
    (void)unused;
    yield_leaves((struct tree GW *)tree);
    return NULL;
}

static bool same_fringe(struct tree GW *one, struct tree GW *other)
{
    gw_stack *first = gw_stack_new(0, leaves, one), *second = gw_stack_new(0, leaves, other);
    bool same = true, more = true;
    while (same && more) {
        struct tree GW *a = (struct tree GW *)gw_stack_switch(first, NULL);
        struct tree GW *b = (struct tree GW *)gw_stack_switch(second, NULL);
        more = a && b;
        same = more ? a->leaf == b->leaf : a == b;
    }
    /* Neither need have come to its end. */
    gw_stack_free(first);
    gw_stack_free(second);
    return same;
}

/* Shapes: all to the left, and all to the right. */
static struct tree GW *left_comb(long count)
{
    struct tree GW *tree = leaf(0);
    for (long i = 1; i < count; i++) tree = pair(tree, leaf(i));
    return tree;
}

static struct tree GW *right_comb(long count)
{
    struct tree GW *tree = leaf(count - 1);
    for (long i = count - 1; i-- > 0;) tree = pair(leaf(i), tree);
    return tree;
}

int main(void)
{
    if (gw_init(NULL) != GW_OK) return 1;
    printf("left and right, 500 leaves: %s\n", same_fringe(left_comb(500), right_comb(500)) ? "the same" : "different");
    printf("one leaf more: %s\n", same_fringe(left_comb(500), right_comb(501)) ? "the same" : "different");
}
