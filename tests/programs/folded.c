/* Two allocations at once where the eden has no room for both and nothing may be collected: one by one, born old, and
 * recorded, so that what is stored into the first without a barrier is found. */
#include "check.h"

struct half {
    struct half GW *other, *next;
    int64_t value;
};
GW_TYPE(half, struct half);

enum { PAIRS = 1500, LATER = 40 };

__attribute__((noinline)) static struct half GW *make_pair(struct half GW *next, int64_t value)
{
    struct half GW *first = gw_new(half), *second = gw_new(half);
    first->other = second;
    second->other = first;
    first->next = next;
    first->value = second->value = value;
    return first;
}

static void check(struct half GW *list, int64_t count)
{
    for (struct half GW *at = list; at; at = at->next) {
        count--;
        CHECK(at->value == count && at->other->value == count && at->other->other == at);
    }
    CHECK(count == 0);
}

int main(void)
{
    start("nursery=64k");
    struct half GW *list = NULL;
    CHECK(gw_no_collect_begin(1 << 20) == GW_OK);
    for (int64_t i = 0; i < PAIRS; i++) list = make_pair(list, i);
    CHECK(gw_no_collect_end() == GW_OK);
    check(list, PAIRS);
    for (int64_t i = 0; i < LATER; i++) list = make_pair(list, PAIRS + i);
    churn();
    gw_collect(GW_FULL);
    check(list, PAIRS + LATER);
    puts("pairs whole");
    return 0;
}
