// A function of the program's by a name that the C library uses is the program's: its type shows references, or it is defined here.
// Calls of it are safepoints, and none of the rules for the library's function is applied to it.
// RUN: %gwcc -O1 -ffreestanding -S -emit-llvm %s -o - | %check
// RUN: %gwcc -O0 -ffreestanding -S -emit-llvm %s -o - | %check
#include <greywave/greywave.h>

struct node {
    struct node GW *next;
    long value;
};
GW_TYPE(node, struct node);
void may_collect(void);

struct node GW *link(struct node GW *from, struct node GW *to);
long fileno(struct node GW *n);
int swapcontext(struct node GW *a, struct node GW *b);
long strlen(const void *);

// CHECK-LABEL: define {{.*}} @calls(
// CHECK: @llvm.experimental.gc.statepoint{{.*}} @link
// CHECK: @llvm.experimental.gc.statepoint{{.*}} @fileno
// CHECK: @llvm.experimental.gc.statepoint{{.*}} @swapcontext
// CHECK-NOT: @llvm.experimental.gc.statepoint{{.*}} @strlen
// CHECK: ret i64
long calls(struct node GW *a, struct node GW *b, const char *text)
{
    struct node GW *linked = link(a, b);
    return fileno(linked) + swapcontext(a, b) + a->value + strlen(text);
}

__attribute__((noinline)) static long getcontext(struct node GW *n)
{
    may_collect();
    return n->value;
}
__attribute__((noinline)) static int vfork(int number)
{
    may_collect();
    return number;
}

// CHECK-LABEL: define {{.*}} @returns_once(
// CHECK-NOT: returns_twice
// CHECK: ret i64
long returns_once(struct node GW *n) { return getcontext(n) + n->value + vfork(1); }
