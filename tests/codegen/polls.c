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

// A reference in pieces is none before the last of them is written: no poll stands among them, though a turn may be one piece.
// CHECK-LABEL: define {{.*}}@pieces(
// CHECK-NOT: greywave_poll_slow
// CHECK: {{^}}}
void pieces(struct node GW *to, struct node GW *from, long n)
{
    for (long i = 0; i < n; i++) ((char GW *)to)[i] = ((char GW *)from)[i];
}

// Whole words may be polled between.
// CHECK-LABEL: define {{.*}}@words(
// CHECK: greywave_poll_slow
// CHECK: {{^}}}
void words(struct node GW *to, struct node GW *from, long n)
{
    for (long i = 0; i < n; i++) ((unsigned long GW *)to)[i] = ((unsigned long GW *)from)[i];
}

// Nor do the turns of a loop that was unrolled; the one around it is polled when all pieces are written.
// CHECK-LABEL: define {{.*}}@unrolled(
// CHECK-COUNT-8: store i8
// CHECK: greywave_poll_slow
// CHECK-NOT: store i8
// CHECK: {{^}}}
long unrolled(struct node GW *to, struct node GW *from, long n)
{
    long odd = 0;
    while (n > 0) {
        odd += (unsigned long)&to->value & 8; /* the number of an address, for which the places of polls are kept */
#pragma clang loop unroll(full)
        for (int k = 0; k < 8; k++) ((char GW *)&to->next)[k] = ((char GW *)&from->next)[k];
        from = from->next;
        n -= from->value;
    }
    return odd;
}
