/* References in registers across calls within this file, where those who are called have their own in the same registers: frames that
 * follow each other, and frames of many kinds; and what brings registers back as they were before. */
#include "check.h"

#include <setjmp.h>

#define APART __attribute__((noinline))

/* ---- Frames in a row -------------------------------------------------------------------------------------- */

/* Each frame has one reference, which it stored before the call and reads behind it. */
APART static int64_t sum_down(int64_t depth)
{
    struct node GW *mine = node_make(depth, NULL);
    if (depth == 0) {
        churn();
        return mine->value;
    }
    int64_t below = sum_down(depth - 1);
    CHECK(mine->value == depth && mine->next == NULL);
    return below + mine->value;
}

/* Two that lie in registers by turns, and a third that waits on the stack. */
APART static struct node GW *tree(int64_t depth, struct node GW *parent)
{
    if (depth == 0) {
        if (parent->value % 16 == 0) churn();
        return node_make(parent->value, NULL);
    }
    struct node GW *mine = node_make(2 * parent->value + (depth & 1), parent);
    struct node GW *left = tree(depth - 1, mine);
    struct node GW *right = tree(depth - 1, mine);
    CHECK(mine->next == parent && mine->value == 2 * parent->value + (depth & 1));
    CHECK(left->value == right->value);
    return node_make(left->value, right);
}

/* Whose frames follow each other in an order that the return addresses do not say before. */
APART static int64_t odd(struct node GW *list, int64_t seed);
APART static int64_t even(struct node GW *list, int64_t seed)
{
    if (!list) return churn(), seed;
    int64_t rest = seed & 1 ? odd(list->next, seed / 2) : even(list->next, seed / 2);
    return rest + list->value;
}

APART static int64_t odd(struct node GW *list, int64_t seed)
{
    if (!list) return churn(), seed;
    struct node GW *mine = node_make(list->value, list);
    int64_t rest = seed & 1 ? odd(list->next, seed / 2) : even(list->next, seed / 2);
    CHECK(mine->next == list);
    return rest + mine->value;
}

static void in_a_row(void)
{
    CHECK(sum_down(0) == 0);
    CHECK(sum_down(1) == 1);
    CHECK(sum_down(90) == 90 * 91 / 2);
    CHECK(tree(6, node_make(1, NULL))->value != 0);
    struct node GW *list = NULL;
    for (int i = 1; i <= 30; i++) list = node_make(i, list);
    for (int64_t seed = 0x35a6; seed; seed /= 3) CHECK(even(list, seed) == 30 * 31 / 2);
}

/* ---- setjmp in between -------------------------------------------------------------------------------------- */

static jmp_buf way_back;

/* Collects nothing, and says so: nothing else tells that registers are brought back. */
APART GW_NOCOLLECT static void leap(void)
{
    longjmp(way_back, 1);
}

APART static void jump(void)
{
    churn();
    leap();
}

/* Has no use for a register of its callers', and so saves none: longjmp brings back what they held before the collection. */
APART static int tried(void)
{
    if (setjmp(way_back)) return 1;
    jump();
    return 0;
}

APART static int tried_further_out(int64_t depth)
{
    return depth ? tried_further_out(depth - 1) + 1 : tried();
}

/* More is held than the one register that tried itself saves, and by a function that calls itself. */
APART static int64_t holds_over(struct node GW *given, int64_t first, int64_t second)
{
    struct node GW *mine = node_make(7, given);
    int64_t times = tried() + first;
    if (second > 4) times += holds_over(mine, first, second - 4) * second;
    times += tried_further_out(2) * second;
    CHECK(mine->next == given);
    return mine->value * 10 + given->value + times;
}

/* ---- While marking goes on ---------------------------------------------------------------------------------- */

static struct node GW *queue;

/* Each frame takes an old object away from where marking would have come to it. */
APART static int64_t takes(int64_t depth)
{
    struct node GW *mine = queue;
    queue = mine->next;
    mine->next = NULL;
    if (depth == 0) {
        for (int i = 0; i < 40 && gw_collect_step(200000).after != GW_PHASE_IDLE; i++) churn();
        return mine->value;
    }
    int64_t below = takes(depth - 1);
    return below + mine->value;
}

/* The roots have been looked at, and nothing but them, when the queue is taken apart. */
static void while_marking(void)
{
    queue = NULL;
    for (int i = 0; i <= 30; i++) queue = node_make(i, queue);
    gw_collect(GW_FULL);
    gw_external_memory(64 << 20); /* enough for another cycle */
    for (int i = 0; i < 100 && gw_collect_step(0).after != GW_PHASE_MARK; i++) continue;
    gw_external_memory(-(64 << 20));
    CHECK(takes(30) == 30 * 31 / 2);
}

int main(void)
{
    start(NULL);
    in_a_row();
    while_marking();
    CHECK(holds_over(node_make(3, NULL), 2, 5) == 70 + 3 + 1 + 2 + 5 * (70 + 7 + 1 + 2 + 3) + 5 * 3);
    puts("done");
    return 0;
}
