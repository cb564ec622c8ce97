/* Coroutines on stacks of the runtime's: whatever their frames refer to is found while they wait, moves with its objects, and is theirs
 * alone. */
#include "check.h"

typedef struct node GW *nodes;

static struct node GW *node(void GW *reference)
{
    return (nodes)reference;
}

/* ---- A generator ------------------------------------------------------------------------------------ */

struct tree {
    struct tree GW *left, *right;
    int64_t key;
};
GW_TYPE(tree, struct tree);

static struct tree GW *tree_make(int64_t from, int64_t to)
{
    if (from >= to) return NULL;
    struct tree GW *tree = gw_new(tree);
    int64_t middle = from + (to - from) / 2;
    tree->left = tree_make(from, middle);
    tree->right = tree_make(middle + 1, to);
    tree->key = middle;
    return tree;
}

/* Waits as deep in the recursion as the tree is. */
static void each_key(struct tree GW *tree)
{
    if (!tree) return;
    each_key(tree->left);
    gw_stack_yield(node_make(tree->key, NULL));
    each_key(tree->right);
}

static void GW *keys(void GW *tree, void GW *unused)
{
    (void)unused;
    each_key((struct tree GW *)tree);
    return NULL;
}

static bool same_fringe(struct tree GW *one, struct tree GW *other)
{
    gw_stack *first = gw_stack_new(0, keys, one), *second = gw_stack_new(0, keys, other);
    bool same = true;
    for (;;) {
        struct node GW *a = node(gw_stack_switch(first, NULL));
        struct node GW *b = node(gw_stack_switch(second, NULL));
        if (!a || !b || a->value != b->value) {
            same = !a && !b;
            break;
        }
    }
    CHECK(gw_stack_free(first) == GW_OK && gw_stack_free(second) == GW_OK);
    return same;
}

static void generators(void)
{
    CHECK(same_fringe(tree_make(0, 20), tree_make(0, 20)));
    CHECK(!same_fringe(tree_make(0, 20), tree_make(1, 20)));
    CHECK(!same_fringe(tree_make(0, 20), tree_make(0, 19)));
    puts("generators");
}

/* ---- Many, in any order ------------------------------------------------------------------------------ */

#define MANY 24

struct pair {
    struct node GW *first;
    int64_t number;
    struct node GW *second;
};

/* References in registers, in variables, in an array and in a struct, and one that younger frames of the stack write to. */
__attribute__((noinline)) static void replace(struct node GW **place, int64_t value)
{
    *place = node_make(value, *place);
    gw_stack_yield(NULL);
}

static void GW *work(void GW *argument, void GW *first)
{
    struct node GW *own = node(argument), *given = node(first), *written = NULL;
    struct node GW *array[3] = {own, NULL, node_make(own->value * 2, own)};
    struct pair pair = {own, own->value, given};
    int64_t sum = 0;
    for (int64_t i = 0; i < 4; i++) {
        struct node GW *got = node(gw_stack_yield(node_make(own->value * 100 + i, given)));
        CHECK(got->value == i && own->next == NULL);
        array[1] = got;
        sum += array[1]->value + array[2]->value;
        replace(&written, i);
        CHECK(written->value == i);
        CHECK(pair.first == own && pair.number == own->value && pair.second->value == -own->value);
        CHECK(array[0] == own && array[2]->value == 2 * own->value && array[2]->next == own);
    }
    int64_t length = 0;
    for (struct node GW *at = written; at; at = at->next) length++;
    CHECK(length == 4);
    return node_make(sum, own);
}

static void many(void)
{
    gw_stack *stacks[MANY];
    for (int64_t i = 0; i < MANY; i++) stacks[i] = gw_stack_new(i % 2 ? 0 : 1 << 18, work, node_make(i, NULL));
    for (int64_t i = 0; i < MANY; i++) {
        struct node GW *got = node(gw_stack_switch(stacks[i], node_make(-i, NULL)));
        CHECK(got->value == i * 100 && got->next->value == -i);
    }
    churn();
    for (int64_t round = 0; round < 4; round++)
        for (int64_t k = 0; k < MANY; k++) {
            int64_t i = (k * 7 + round) % MANY;
            struct node GW *kept = node_make(i, NULL);
            CHECK(gw_stack_switch(stacks[i], node_make(round, NULL)) == NULL);
            struct node GW *got = node(gw_stack_switch(stacks[i], NULL));
            CHECK(kept->value == i);
            CHECK(got->value == (round < 3 ? i * 100 + round + 1 : 6 + 8 * i));
            CHECK(gw_stack_is_done(stacks[i]) == (round == 3));
        }
    for (int64_t i = 0; i < MANY; i++) CHECK(gw_stack_free(stacks[i]) == GW_OK);
    puts("many");
}

/* ---- Variables that others write to ------------------------------------------------------------------ */

static struct node GW **shown;

static void GW *show(void GW *argument, void GW *unused)
{
    (void)unused;
    struct node GW *variable = NULL, *other = node(argument);
    shown = &variable;
    gw_stack_yield(NULL);
    shown = NULL;
    CHECK(other->value == 3);
    return variable;
}

static void written_while_waiting(void)
{
    gw_stack *stack = gw_stack_new(0, show, node_make(3, NULL));
    gw_stack_switch(stack, NULL);
    for (int i = 0; i < 3; i++) {
        churn();
        *shown = node_make(i, *shown);
    }
    gw_collect(GW_FULL);
    churn();
    struct node GW *list = node(gw_stack_switch(stack, NULL));
    for (int i = 2; i >= 0; i--, list = list->next) CHECK(list->value == i);
    CHECK(!list && gw_stack_is_done(stack) && gw_stack_free(stack) == GW_OK);
    puts("written while waiting");
}

/* ---- Depth ------------------------------------------------------------------------------------------- */

__attribute__((noinline)) static int64_t descend(struct node GW *list, int64_t depth)
{
    struct node GW *own = node_make(depth, list);
    if (depth % 16 == 0) gw_stack_yield(own);
    int64_t below = depth ? descend(own, depth - 1) : 0;
    CHECK(own->value == depth);
    return below + 1;
}

static void GW *deep(void GW *argument, void GW *unused)
{
    (void)unused;
    return node_make(descend(node(argument), 200), NULL);
}

static void depth(void)
{
    gw_stack *stacks[2] = {gw_stack_new(1 << 20, deep, NULL), gw_stack_new(1 << 20, deep, NULL)};
    struct node GW *got[2] = {NULL, NULL};
    while (!gw_stack_is_done(stacks[0]))
        for (int i = 0; i < 2; i++) {
            got[i] = node(gw_stack_switch(stacks[i], NULL));
            if (i == 1) churn();
        }
    CHECK(got[0]->value == 201 && got[1]->value == 201);
    CHECK(gw_stack_free(stacks[0]) == GW_OK && gw_stack_free(stacks[1]) == GW_OK);
    puts("depth");
}

/* ---- A ring ------------------------------------------------------------------------------------------ */

/* Each switches to the next and not back to who switched to it. */
static gw_stack *ring[3], *home;

static void GW *pass_on(void GW *argument, void GW *token)
{
    struct node GW *self = node(argument), *given = node(token);
    while (given->value < 30) {
        given = node_make(given->value + 1, self);
        gw_stack *next = given->value < 30 ? ring[(self->value + 1) % 3] : home;
        given = node(gw_stack_switch(next, given));
    }
    return given;
}

static void around(void)
{
    home = gw_stack_current();
    for (int i = 0; i < 3; i++) ring[i] = gw_stack_new(0, pass_on, node_make(i, NULL));
    struct node GW *token = node(gw_stack_switch(ring[0], node_make(0, NULL)));
    CHECK(token->value == 30 && token->next->value == 2);
    for (int i = 0; i < 3; i++) CHECK(gw_stack_free(ring[i]) == GW_OK);
    puts("around");
}

int main(void)
{
    start(NULL);
    generators();
    many();
    written_while_waiting();
    depth();
    around();
}
