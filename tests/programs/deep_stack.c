/* Stacks that wait, grow and shrink between collections: frames that the collector knows again are left out, so each of
 * the ways in which one could change after all has a function here. */
#include "check.h"

#include <setjmp.h>

enum { DEPTH = 40 };

static uint64_t walks_stopped(void)
{
    struct gw_stats stats;
    gw_get_stats(&stats);
    return stats.walks_stopped;
}

static void several_collections(void)
{
    for (int i = 0; i < 3; i++) churn();
}

/* ---- Frames that only wait, and that go on after a while --------------------------------------------------- */

static __attribute__((noinline)) int64_t waits(int depth)
{
    struct node GW *own = node_make(depth, NULL);
    int64_t below = 0;
    if (depth) below = waits(depth - 1);
    else several_collections();
    CHECK(own->value == depth);
    return below + own->value;
}

/* Up a part of the way and down again: new activations where others have been. */
static __attribute__((noinline)) int64_t goes_on(int depth)
{
    struct node GW *own = node_make(depth, NULL), *late;
    int64_t below = 0;
    for (int turn = 0; turn < 2 && depth; turn++) {
        below += goes_on(depth - 1);
        late = node_make(depth + turn, own);
        if (depth % 3 == 0) gw_collect(GW_MINOR);
        CHECK(late->value == depth + turn && late->next == own && own->value == depth);
        own = node_make(depth, late);
    }
    if (!depth) gw_collect(GW_MINOR);
    CHECK(own->value == depth);
    return below + own->value;
}

/* ---- Variables whose address younger frames have ---------------------------------------------------------- */

static __attribute__((noinline)) void writes_far(int depth, struct node GW **first, struct node GW **last)
{
    struct node GW *own = node_make(depth, NULL), *written = node_make(1000 + depth, NULL);
    if (depth) {
        writes_far(depth - 1, first, depth % 2 ? &own : last);
        CHECK(own->value == depth || own->value == 77);
        return;
    }
    several_collections();
    *first = node_make(55, written);
    *last = node_make(77, NULL);
    several_collections();
    CHECK((*first)->value == 55 && (*first)->next->value == 1000 && (*last)->value == 77);
    *first = node_make(56, *last);
    several_collections();
}

struct pair {
    struct node GW *left, *right;
    int count;
};

/* A struct in each frame, the caller's changed by the callee. */
static __attribute__((noinline)) void changes_caller(int depth, struct pair *callers)
{
    struct pair own = {node_make(depth, NULL), NULL, 0};
    if (depth) changes_caller(depth - 1, &own);
    else several_collections();
    CHECK(own.left->value == depth && own.count == (depth ? 1 : 0));
    if (depth) CHECK(own.right->value == depth - 1 + 500);
    callers->right = node_make(depth + 500, own.left);
    callers->count++;
    if (depth % 4 == 0) several_collections();
}

/* ---- Frames that are left without returning ---------------------------------------------------------------- */

static jmp_buf out;

static __attribute__((noinline)) void jumps(int depth)
{
    struct node GW *own = node_make(depth, NULL);
    if (depth) jumps(depth - 1);
    several_collections();
    longjmp(out, own->value == depth ? 1 : 2);
}

static __attribute__((noinline)) int lands(int depth)
{
    if (setjmp(out)) return depth;
    jumps(depth);
    return -1;
}

static __attribute__((noinline)) int64_t jumps_below(int depth)
{
    struct node GW *own = node_make(depth, NULL);
    int64_t below = 0;
    if (depth) below = jumps_below(depth - 1);
    for (int i = 0; i < 2; i++) CHECK(lands(5 + i) == 5 + i);
    gw_collect(GW_MINOR);
    CHECK(own->value == depth);
    return below + 1;
}

/* ---- Calls by address, and pointers into objects ------------------------------------------------------------ */

static int64_t by_address(int depth, const int64_t GW *inside);
static int64_t (*volatile callee)(int, const int64_t GW *) = by_address;

static __attribute__((noinline)) int64_t by_address(int depth, const int64_t GW *inside)
{
    struct node GW *own = node_make(depth, NULL);
    int64_t below = 0;
    if (depth) below = callee(depth - 1, &own->value);
    else several_collections();
    if (depth % 8 == 0) gw_collect(GW_FULL);
    CHECK(own->value == depth && *inside == depth + 1);
    return below + *inside;
}

/* ---- Whole cycles under a deep stack ----------------------------------------------------------------------- */

static __attribute__((noinline)) void steps_below(int depth)
{
    struct node GW *own = node_make(depth, node_make(-depth, NULL));
    if (depth) steps_below(depth - 1);
    for (int i = 0; i < 20; i++) {
        struct gw_step step = gw_collect_step(0);
        (void)step;
        own->next = node_make(-depth, NULL);
        if (i % 5 == 0) gw_collect(GW_MINOR);
    }
    CHECK(own->value == depth && own->next->value == -depth);
}

/* ---- A stack that waits when a cycle begins, and runs when its turn comes to be marked ----------------------- */

static struct node GW *queue;

/* Each frame has what nobody else refers to. */
static __attribute__((noinline)) int64_t takes(int depth)
{
    struct node GW *own = queue;
    queue = own->next;
    own->next = NULL;
    if (depth) return takes(depth - 1) + own->value;
    gw_stack_yield(NULL);
    for (int i = 0; i < 40 && gw_collect_step(200000).after != GW_PHASE_IDLE; i++) churn();
    return own->value;
}

static void GW *taker(void GW *unused, void GW *also_unused)
{
    (void)unused, (void)also_unused;
    CHECK(takes(DEPTH) == DEPTH * (DEPTH + 1) / 2);
    return NULL;
}

static void goes_on_while_marking(void)
{
    for (int i = 0; i <= DEPTH; i++) queue = node_make(i, queue);
    gw_stack *stack = gw_stack_new(0, taker, NULL);
    gw_stack_switch(stack, NULL);
    gw_collect(GW_FULL);
    several_collections();
    gw_external_memory(64 << 20); /* enough for another cycle */
    for (int i = 0; i < 100 && gw_collect_step(0).after != GW_PHASE_MARK; i++) continue;
    gw_external_memory(-(64 << 20));
    gw_stack_switch(stack, NULL);
    CHECK(gw_stack_free(stack) == GW_OK);
}

int main(void)
{
    start("nursery=64k");
    goes_on_while_marking();
    struct node GW *first = node_make(1, NULL), *last = node_make(2, NULL);
    struct pair top = {first, last, 0};
    printf("%" PRId64 " %" PRId64 "\n", waits(DEPTH), goes_on(8));
    writes_far(DEPTH, &first, &last);
    CHECK(first->value == 56 && first->next->value == 77 && (last->value == 2 || last->value == 77));
    changes_caller(DEPTH, &top);
    CHECK(top.count == 1 && top.right->value == DEPTH + 500);
    printf("%" PRId64 "\n", jumps_below(DEPTH));
    struct node GW *outer = node_make(DEPTH + 1, NULL);
    printf("%" PRId64 "\n", by_address(DEPTH, &outer->value));
    steps_below(10);
    const char *options = getenv("GREYWAVE"); /* verify-walk=1: walks go to the end always */
    if (!options || !strstr(options, "verify-walk=1")) CHECK(walks_stopped() > 0);
    return 0;
}
