/* What the program gets wrong with its unions, and how that is found. Each in a child process. */
#include "outcome.h"

enum { NUMBER, NODE };
struct value {
    uint32_t kind;
    union {
        uint64_t word;
        struct node GW *node;
    } u;
};
struct cell {
    struct value first, second;
};
GW_TYPE_TAGGED(cell, struct cell, GW_WHEN(first.kind, NODE, first.u.node), GW_WHEN(second.kind, NODE, second.u.node));

static void made_old(void)
{
    for (int i = 0; i < 4; i++) gw_collect(GW_FULL);
}

/* The number leads into the middle of an object. */
static void number_for_a_reference(void)
{
    struct cell GW *cell = gw_new(cell), *other = gw_new(cell);
    made_old();
    cell->first.kind = NODE;
    cell->first.u.word = (uint64_t)(uintptr_t)other + 8;
    gw_collect(GW_FULL);
    CHECK(cell->first.kind == NODE);
}

/* The reference was stored under another tag: nobody looked at it while its object moved. */
static void tag_too_late(void)
{
    struct cell GW *cell = gw_new(cell);
    made_old();
    cell->first.u.node = node_make(1, NULL);
    churn();
    cell->first.kind = NODE;
    gw_collect(GW_FULL);
    CHECK(cell->first.u.node->value == 1);
}

/* To memory where the collector does not look, through a pointer that does not say so. */
__attribute__((noinline)) static void copy_to(struct value *to, const struct cell GW *from)
{
    *to = from->first;
}
static void copied_out(void)
{
    static struct value all[2];
    struct value *volatile where = all;
    struct cell GW *cell = gw_new(cell);
    cell->first.kind = NODE;
    cell->first.u.node = node_make(1, NULL);
    copy_to(where, cell);
}

static const struct outcome rows[] = {
    {"number for a reference", number_for_a_reference, "where no object lives: freed too early, or an interior pointer"},
    {"tag too late", tag_too_late, "refers to vacated memory"},
    {"copied out", copied_out, "where the collector does not look"},
};

int main(void)
{
    start("verify=1,poison=1");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) expect(&rows[i]);
    return 0;
}
