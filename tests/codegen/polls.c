// --polls: which loops ask whether their thread is to stop.
// RUN: %gwcc --polls -O2 -fno-vectorize -fno-unroll-loops -S -emit-llvm %s -o - | %check
// RUN: %gwcc -O2 -S -emit-llvm %s -o - | %filecheck %s --check-prefix=WITHOUT
// WITHOUT-NOT: gw_poll_slow
#include <greywave/greywave.h>
struct node {
    struct node GW *next;
    long value;
};
GW_TYPE(node, struct node);

// The reference is a root at the poll.
// CHECK-LABEL: define {{.*}}@length(
// CHECK: load volatile i64
// CHECK: gc.statepoint{{.*}}@greywave_poll_slow{{.*}}"gc-live"
// CHECK: {{^}}}
long length(struct node GW *list)
{
    long count = 0;
    for (; list; list = list->next) count++;
    return count;
}

// A function without references is stopped too, and then a call of it may collect.
// CHECK-LABEL: define {{.*}}@collatz(
// CHECK: call void @greywave_poll_slow()
// CHECK: {{^}}}
__attribute__((noinline)) long collatz(long n)
{
    long steps = 0;
    for (; n != 1; n = n & 1 ? 3 * n + 1 : n / 2) steps++;
    return steps;
}
// CHECK-LABEL: define {{.*}}@holder(
// CHECK: gc.statepoint{{.*}}@collatz
// CHECK: {{^}}}
long holder(struct node GW *n) { return collatz(27) + n->value; }

// A short loop is soon over.
// CHECK-LABEL: define {{.*}}@short_loop(
// CHECK-NOT: greywave_poll_slow
// CHECK: {{^}}}
long short_loop(struct node GW *n)
{
    long sum = 0;
#pragma clang loop unroll(disable)
    for (int i = 0; i < 100; i++) sum = sum * 31 + n->value;
    return sum;
}

// Each turn allocates, and stops there.
// CHECK-LABEL: define {{.*}}@build(
// CHECK-NOT: greywave_poll_slow
// CHECK: {{^}}}
struct node GW *build(long n)
{
    struct node GW *list = NULL;
    for (long i = 0; i < n; i++) {
        struct node GW *next = gw_new(node);
        next->next = list;
        list = next;
    }
    return list;
}
