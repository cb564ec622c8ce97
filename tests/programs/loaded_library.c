/* A managed library that loaded.c opens and closes. Its globals hold references; it makes objects of its own type. */
#include "check.h"

struct leaf {
    int64_t value;
    struct leaf GW *other;
    struct node GW *node;
};
GW_TYPE(leaf, struct leaf);

static struct leaf GW *leaves[4];
static _Thread_local struct node GW *latest;
struct leaf GW *visible_leaf;

void library_fill(int64_t from);
int64_t library_sum(void);
void library_clear(void);
void GW *library_leaf(void);
void library_hook(void);
int64_t library_across_hook(struct node GW *node);

/* The program has one of the same name, which collects, and the dynamic linker takes that. */
void library_hook(void) {}

int64_t library_across_hook(struct node GW *node)
{
    struct node GW *next = node->next;
    library_hook();
    return next->value * 10 + node->value;
}

void library_fill(int64_t from)
{
    for (int i = 0; i < 4; i++) {
        struct leaf GW *leaf = gw_new(leaf);
        leaf->value = from + i;
        leaf->other = leaves[(i + 3) % 4];
        leaf->node = node_make(from + i, NULL);
        leaves[i] = leaf;
        latest = leaf->node;
        churn();
    }
    visible_leaf = leaves[3];
}

int64_t library_sum(void)
{
    int64_t sum = 0;
    for (int i = 0; i < 4; i++) {
        churn();
        sum += leaves[i]->value + leaves[i]->node->value;
    }
    CHECK(visible_leaf == leaves[3] && latest == leaves[3]->node);
    return sum;
}

void GW *library_leaf(void)
{
    return visible_leaf;
}

void library_clear(void)
{
    for (int i = 0; i < 4; i++) leaves[i] = NULL;
    visible_leaf = NULL;
    latest = NULL;
}
