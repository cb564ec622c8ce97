// Which roots lie in registers that calls preserve: one a function, where it is used across calls of which everything is known; the others
// are handed on in a form that stays on the stack.
// RUN: %gwcc -O2 -S -emit-llvm %s -o - | %check
// RUN: %gwcc -O2 -c %s -o %t.o && %gw-maps -d %t.o | %filecheck %s --check-prefix=MAPS
// RUN: %gwcc -O2 -mllvm -max-registers-for-gc-values=0 -c %s -o %t.o && %gw-maps -d %t.o | %filecheck %s --check-prefix=NONE
// RUN: %gwcc -O2 -mllvm -enable-ipra -c %s -o %t.o && %gw-maps -d %t.o | %filecheck %s --check-prefix=NONE
// RUN: %gwcc -O0 -c %s -o %t.o && %gw-maps -d %t.o | %filecheck %s --check-prefix=NONE
// RUN: %gwcc -O2 -S -emit-llvm %s -o %t.ll && %gwcc -O2 -fplugin=%plugin -c %t.ll -o %t.o && %gw-maps -d %t.o | %filecheck %s --check-prefix=MAPS
// RUN: %gwcc -O2 -mllvm -max-registers-for-gc-values=0 -S -emit-llvm %s -o %t.ll && %gwcc -O2 -fplugin=%plugin -c %t.ll -o %t.o && %gw-maps -d %t.o | %filecheck %s --check-prefix=NONE
// NONE-NOT: {{r[b1][x2345]$}}
#include <greywave/greywave.h>
#include <setjmp.h>
struct node {
    struct node GW *next;
    long value;
};
GW_TYPE(node, struct node);
#define APART __attribute__((noinline))
void elsewhere(void);

// MAPS-DAG: known+{{.*}} {{rbx|r1[2345]}}{{$}}
APART static long known(struct node GW *node)
{
    struct node GW *made = gw_new(node);
    made->value = node->value;
    return node->next ? known(node->next) + node->value : made->value;
}

// Two roots over each call: the one that is read more.
// MAPS-DAG: two+{{.*}} [rsp{{.*}} {{rbx|r1[2345]}}{{$}}
APART static long two(struct node GW *a, struct node GW *b)
{
    if (!a->next) return gw_new(node) != NULL;
    long first = two(a->next, b);
    first += a->value;
    first += two(a->next, b) * b->value;
    return first + a->value;
}

// CHECK-LABEL: define {{.*}}@unknown(
// CHECK: @elsewhere, {{.*}}"gc-live"(<1 x ptr addrspace(1)> %
// CHECK: ret i64
// MAPS-DAG: unknown+{{.*}} [rsp{{[^a-qs-z]*}}]{{$}}
long unknown(struct node GW *node)
{
    elsewhere();
    return node->value;
}

static jmp_buf back;
APART static int tries(void)
{
    if (!setjmp(back)) elsewhere();
    return gw_new(node) != NULL;
}
APART static int tries_below(void)
{
    return tries() + (gw_new(node) != NULL);
}

// CHECK-LABEL: define {{.*}}@over_setjmp(
// CHECK: @tries_below, {{.*}}"gc-live"(<1 x ptr addrspace(1)> %
// CHECK: ret i64
// MAPS-DAG: over_setjmp+{{.*}} [rsp{{[^a-qs-z]*}}]{{$}}
long over_setjmp(struct node GW *node)
{
    return tries_below() + node->value;
}

long all(struct node GW *node)
{
    return known(node) + two(node, node);
}
// CHECK-LABEL: define {{.*}}@known(
// CHECK: @known, {{.*}}"gc-live"(ptr addrspace(1)
// CHECK-LABEL: define {{.*}}@two(
// CHECK: @two, {{.*}}"gc-live"({{.*}}<1 x ptr addrspace(1)> %
// CHECK: extractelement <1 x ptr addrspace(1)>
