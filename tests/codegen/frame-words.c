// References in words of the frame: stored once, loaded where they are used, listed by masks of what is live.
// RUN: %gwcc -O1 -mllvm -greywave-most-operands=0 -S -emit-llvm %s -o - | %check
// RUN: %gwcc -O0 -S -emit-llvm %s -o - | %filecheck %s --check-prefix=O0
// RUN: %gwcc -O1 -S -emit-llvm %s -o - | %filecheck %s --check-prefix=FEW
// RUN: %gwcc -O1 -c -mllvm -greywave-most-operands=0 %s -o %t.o && %gw-maps -d %t.o | %filecheck %s --check-prefix=MAPS
#include <greywave/greywave.h>
struct node {
    struct node GW *next;
    long value;
};
GW_TYPE(node, struct node);
struct node GW *make(long value);
void work(void);

// Few references over few calls are operands, as everywhere.
// FEW-LABEL: define {{.*}}@two(
// FEW: "gc-live"
// FEW: gc.relocate
// FEW: ret i64

// `a` is needed behind both, `b` behind the first of the two. No statepoint gives anything back.
// CHECK-LABEL: define {{.*}}@two(
// CHECK: alloca [2 x ptr addrspace(1)]
// CHECK-NOT: memset
// CHECK: @make, {{.*}} i32 0, i32 0){{[^"]*$}}
// CHECK: @make, {{.*}}[ "deopt"(ptr %{{[0-9]+}}, i64 31, i64 0, i64 1, i64 1) ]
// CHECK: @work, {{.*}}[ "deopt"(ptr %{{[0-9]+}}, i64 31, i64 0, i64 1, i64 3) ]
// CHECK: @work, {{.*}}[ "deopt"(ptr %{{[0-9]+}}, i64 31, i64 0, i64 1, i64 1) ]
// CHECK-NOT: gc.relocate
// CHECK: ret i64
// MAPS: two+{{.*}} ? -{{$}}
// MAPS: two+{{.*}} ? [rsp+[[A:[0-9]+]]]{{$}}
// MAPS: two+{{.*}} ? [rsp+{{[0-9]+}}] [rsp+{{[0-9]+}}]{{$}}
// MAPS: two+{{.*}} ? [rsp+[[A]]]{{$}}
// O0-LABEL: define {{.*}}@two(
// O0: alloca [2 x ptr addrspace(1)]
// O0-NOT: gc.relocate
// O0: ret i64
long two(void)
{
    struct node GW *a = make(1), *b = make(2);
    work();
    long value = b->value;
    work();
    return value + a->value;
}

// One after the other in one word.
// CHECK-LABEL: define {{.*}}@in_turn(
// CHECK: alloca [1 x ptr addrspace(1)]
// CHECK: ret i64
long in_turn(void)
{
    struct node GW *a = make(1);
    work();
    long value = a->value;
    struct node GW *b = make(2);
    work();
    return value + b->value;
}

// A variable that is changed on one way stays where it is: no phi, and nothing to be done on the other.
// CHECK-LABEL: define {{.*}}@changed(
// CHECK: alloca [1 x ptr addrspace(1)]
// CHECK-NOT: phi ptr addrspace(1)
// CHECK: ret i64
long changed(long which)
{
    struct node GW *a = make(1);
    if (which & 1) a = a->next;
    else work();
    work();
    return a->value;
}

// More than a mask has bits.
#define EIGHT(X, n) X(n##0) X(n##1) X(n##2) X(n##3) X(n##4) X(n##5) X(n##6) X(n##7)
#define ALL(X) EIGHT(X, 1) EIGHT(X, 2) EIGHT(X, 3) EIGHT(X, 4) EIGHT(X, 5)
// CHECK-LABEL: define {{.*}}@forty(
// CHECK: alloca [40 x ptr addrspace(1)]
// CHECK: @work, {{.*}}i64 31, i64 0, i64 2, i64 2147483647, i64 511) ]
// CHECK: ret i64
// MAPS: forty+{{.*}} ? [rsp+{{[0-9]+}}]{40 x 8 bytes: +0}
long forty(void)
{
#define MAKE(n) struct node GW *a##n = make(n);
    ALL(MAKE)
    work();
    long sum = 0;
#define ADD(n) sum += a##n->value;
    ALL(ADD)
    return sum;
}

// A pointer into an object is its object and a distance.
// CHECK-LABEL: define {{.*}}@inside(
// CHECK: alloca [1 x ptr addrspace(1)]
// CHECK-NOT: gc.relocate
// CHECK: ret i64
struct numbers {
    uint64_t length;
    long at[];
};
GW_TYPE_BYTES(numbers, struct numbers, length, at);
long inside(struct numbers GW *numbers, long i)
{
    long GW *at = &numbers->at[i];
    work();
    return *at;
}
