// A barrier pushes: a function that calls nothing else keeps nothing below its stack pointer.
// RUN: %gwcc -O2 -S %s -o - | %check
#include <greywave/greywave.h>
struct node {
    struct node GW *next;
    long value;
};

// CHECK-LABEL: mix:
// CHECK-NOT: , -{{[0-9]+}}(%rsp)
// CHECK: sub{{q?}} {{.*}}, %rsp
// CHECK-NOT: , -{{[0-9]+}}(%rsp)
// CHECK: gw_barrier_slow_
// CHECK: .cfi_endproc
long mix(struct node GW *a, struct node GW *b, const long *v)
{
    long s[24];
#pragma clang loop unroll(full)
    for (int i = 0; i < 24; i++) s[i] = v[i] * v[23 - i];
    a->next = b;
    long sum = 0;
#pragma clang loop unroll(full)
    for (int i = 0; i < 24; i++) sum = sum * 31 + (s[i] ^ v[i]);
    return sum;
}
