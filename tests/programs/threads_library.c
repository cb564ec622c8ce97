/* A managed library for threads.c. Its variables are seen by the collections of all heaps; each thread writes its own. */
#include "check.h"

#define THREADS 8

static struct node GW *lists[THREADS];
static _Thread_local struct node GW *latest;

int64_t library_work(unsigned thread, int64_t count);

int64_t library_work(unsigned thread, int64_t count)
{
    struct node GW *held = NULL;
    int64_t sum = 0;
    for (int64_t i = 0; i < count; i++) {
        held = node_make(i, held);
        lists[thread] = latest = held;
        if (i % 100 == 0) churn();
    }
    CHECK(latest == held && lists[thread] == held);
    lists[thread] = latest = NULL;
    for (; held; held = held->next) sum += held->value;
    return sum;
}
