/* The bits of a reference, read as a number before a collection and written behind it, one variant after another. Where the file shows
 * that a reference lies there the compiler refuses it, at every level; the rest is found when the program runs. */
#include "check.h"

#define APART __attribute__((noinline))

struct shown {
    int64_t number;
    struct node GW *node;
};
typedef int64_t pair __attribute__((vector_size(16)));

static void *volatile place; /* where nobody looks for what it leads to */

#if VARIANT == 1
/* variant 1: stale. A pointer out of memory, in a loop. */
APART static void rewrite(struct shown *shown)
{
    place = &shown->node;
    int64_t *p = place;
    for (int i = 0; i < 2; i++) {
        int64_t word = *p;
        churn();
        *p = word;
    }
}
#elif VARIANT == 2
/* variant 2: stale. By a pointer to a function, as a number that is kept beside others. */
APART static void exchange(int64_t *a, int64_t *b)
{
    int64_t first = *a, second = *b;
    churn();
    *a = second;
    *b = first;
}
static void (*volatile exchanges)(int64_t *, int64_t *) = exchange;
static void rewrite(struct shown *shown)
{
    exchanges((int64_t *)&shown[0].node, (int64_t *)&shown[1].node);
}
#elif VARIANT == 3
/* variant 3: stale. Two words at once. */
APART static void rewrite(struct shown *shown)
{
    place = shown;
    pair *p = place, both = *p;
    churn();
    *p = both;
}
#elif VARIANT == 4
/* variant 4: stale. As a plain pointer, and a reference in a global variable. */
static struct node GW *global;
APART static void rewrite(struct shown *shown)
{
    global = shown->node;
    place = &global;
    void **p = place, *word = *p;
    churn();
    *p = word;
}
#elif VARIANT == 5
/* variant 5: refused. The only caller shows the reference. */
APART static void rewrite(struct shown *shown)
{
    for (int64_t *p = (int64_t *)shown; p < (int64_t *)(shown + 2); p++) {
        int64_t word = *p;
        churn();
        *p = word;
    }
}
#elif VARIANT == 6
/* variant 6: fine. Numbers, at the same kind of place; and a reference, with nothing in between that collects. */
APART static void rewrite(struct shown *shown)
{
    place = &shown->number;
    int64_t *p = place, word = *p;
    churn();
    *p = word;
    place = &shown->node;
    p = place;
    churn();
    word = *p;
    *p = word;
}
#elif VARIANT == 7
/* variant 7: stale. By memcpy. */
APART static void rewrite(struct shown *shown)
{
    place = &shown->node;
    int64_t word = (int64_t)(uintptr_t)shown->node;
    churn();
    memcpy(place, &word, sizeof word);
}
#elif VARIANT == 8
/* variant 8: stale. By assignment of a struct, behind a number. */
APART static void rewrite(struct shown *shown)
{
    struct {
        int64_t number, word;
    } both = {1, (int64_t)(uintptr_t)shown->node}, *p;
    place = shown;
    churn();
    p = place;
    *p = both;
}
#elif VARIANT == 9
/* variant 9: stale. Put into a word that is null. */
APART static void rewrite(struct shown *shown)
{
    place = &shown->node;
    int64_t word = (int64_t)(uintptr_t)shown->node, *p;
    shown->node = NULL;
    churn();
    p = place;
    __atomic_fetch_or(p, word, __ATOMIC_SEQ_CST);
}
#elif VARIANT == 10
/* variant 10: fine. The number of before is overwritten by that of the moment, or lies beside it. */
APART static void rewrite(struct shown *shown)
{
    struct {
        int64_t number, word;
    } both = {(int64_t)(uintptr_t)shown->node, (int64_t)(uintptr_t)shown->node}, *p;
    int64_t word = both.word;
    place = &shown->node;
    churn();
    word = (int64_t)(uintptr_t)shown->node;
    memcpy(place, &word, sizeof word);
    place = shown;
    p = place;
    both.word = (int64_t)(uintptr_t)shown->node;
    *p = both;
    shown->number = 1;
}
#endif

int main(void)
{
    start("stress=alloc+move,poison=1,verify=1");
    struct shown shown[2] = {{1, node_make(7, NULL)}, {2, node_make(7, NULL)}};
    rewrite(shown);
    churn();
    CHECK(shown[0].node->value == 7 && shown[1].node->value == 7 && shown[0].number == 1);
    return 0;
}
