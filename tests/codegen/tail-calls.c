// Tail calls in C: what is a jump after the optimiser, and what is refused in front of it.
// RUN: %gwcc -O2 -S %s -o - | %check
// RUN: for level in -O0 -O1 -O2 -O3; do refused %gwcc $level -DREFUSED -c %s -o %t 2>&1 | %filecheck --check-prefix=REFUSED %s; done
#include <greywave/greywave.h>
struct node {
    struct node GW *next;
    long value;
};
GW_TYPE(node, struct node);
struct pair {
    struct node GW *a, *b;
    long count;
};
struct node GW *elsewhere(struct node GW *n, long m);
__attribute__((noinline)) static long look_at(struct node GW **place) { return place[0]->value + place[1]->value; }
long take(struct pair pair);
long keep(struct node GW **place);

#ifndef REFUSED
// The life of a variable ends behind the call in clang's code, and before it in ours.
// CHECK-LABEL: at_the_end:
// CHECK: jmp{{.*}}elsewhere
struct node GW *at_the_end(struct node GW *n, long m)
{
    if (!m) return n;
    struct node GW *list[2] = {n, gw_new(node)};
    return elsewhere(n, look_at(list));
}

// A variable that the callee may still look at keeps its frame.
// CHECK-LABEL: lends:
// CHECK: call{{.*}}keep
long lends(struct node GW **place)
{
    struct node GW *n = *place;
    return keep(&n);
}
#else
long by_value(struct pair pair)
{
    // REFUSED: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a struct with references is passed by value, in memory, to a musttail call; pass its members, or a collected object that holds them
    __attribute__((musttail)) return take(pair);
}

long local(struct node GW **place)
{
    struct node GW *n = *place;
    // REFUSED: [[@LINE+1]]:{{[0-9]+}}: error: greywave: the address of a local variable is passed to a musttail call, and the variable is gone when the callee begins; pass its value, or make it an ordinary call
    __attribute__((musttail)) return keep(&n);
}
#endif
