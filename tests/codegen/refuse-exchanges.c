// Integer atomics on variables that hold references: what is exchanged there is judged as what is stored.
// RUN: for level in -O0 -O1 -O2 -O3; do refused %gwcc $level -gline-tables-only -ferror-limit=0 -c %s -o %t 2>&1 | %check || exit 1; done
// RUN: for level in -O0 -O2; do %gwcc $level -DALLOWED -c %s -o %t || exit 1; done
#include <greywave/greywave.h>

struct node {
    struct node GW *next;
    long value;
};
typedef struct node GW *node;
void may_collect(void);
long use(const void *);

#ifndef ALLOWED
static node global;

void by_exchange(node n)
{
    uint64_t kept = __atomic_exchange_n((uint64_t *)&n, 0, __ATOMIC_SEQ_CST);
    may_collect();
    // CHECK-DAG: refuse-exchanges.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: an integer is stored where a reference belongs
    __atomic_exchange_n((uint64_t *)&n, kept, __ATOMIC_SEQ_CST);
    use(&n);
}

void by_comparison(node n)
{
    uint64_t none = 0, kept = (uint64_t)n;
    // CHECK-DAG: refuse-exchanges.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: an integer is stored where a reference belongs
    __atomic_compare_exchange_n((uint64_t *)&n, &none, kept + 8, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    use(&n);
}

void by_change(node n)
{
    // CHECK-DAG: refuse-exchanges.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: an integer is stored where a reference belongs
    __atomic_fetch_or((uintptr_t *)&n, 1, __ATOMIC_SEQ_CST);
    // CHECK-DAG: refuse-exchanges.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: an integer is stored where a reference belongs
    __atomic_fetch_add((uintptr_t *)&global, 8, __ATOMIC_SEQ_CST);
    // CHECK-DAG: refuse-exchanges.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: an integer is stored where a reference belongs
    __sync_fetch_and_and((uintptr_t *)&global, 7);
    use(&n);
}

__attribute__((noinline)) static void through_parameters(void *place)
{
    uint64_t kept = __atomic_exchange_n((uint64_t *)place, 0, __ATOMIC_SEQ_CST);
    may_collect();
    // CHECK-DAG: refuse-exchanges.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    __atomic_exchange_n((uint64_t *)place, kept, __ATOMIC_SEQ_CST);
}
__attribute__((noinline)) static void compared_through_parameters(uint64_t *place)
{
    uint64_t kept = *place, none = 0;
    may_collect();
    // CHECK-DAG: refuse-exchanges.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    __atomic_compare_exchange_n(place, &none, kept, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
void given(node n)
{
    through_parameters(&n);
    compared_through_parameters((uint64_t *)&n);
    use(&n);
}

#else
// References as such, nothing in their place, and words that are moved while nothing collects.
static void swap(uint64_t *a, uint64_t *b)
{
    *b = __atomic_exchange_n(a, *b, __ATOMIC_SEQ_CST);
    may_collect();
}

// What one caller's words are says nothing of another's: here references of the moment, there numbers of before.
static void exchange(long *a, long *b)
{
    long first = *a;
    *a = *b;
    *b = first;
    may_collect();
}

long stale_numbers(node n)
{
    long number = (long)(uintptr_t)n, other = 1;
    may_collect();
    exchange(&number, &other);
    return number + other;
}

node allowed(node n, node m)
{
    node variable = n, expected = n;
    __atomic_store_n(&variable, m, __ATOMIC_SEQ_CST);
    node before = __atomic_exchange_n(&variable, n, __ATOMIC_SEQ_CST);
    __atomic_exchange_n(&variable, NULL, __ATOMIC_SEQ_CST);
    __atomic_compare_exchange_n(&variable, &expected, m, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    __atomic_compare_exchange_n(&variable, &expected, NULL, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    swap((uint64_t *)&variable, (uint64_t *)&expected);
    exchange((long *)&variable, (long *)&expected);
    use(&variable);
    return before;
}
#endif
