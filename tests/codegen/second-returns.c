// References that live across setjmp are in variables that collections update: stored in front of it, loaded behind, and never written
// elsewhere. Pointers into objects go with the object.
// RUN: %gwcc -O2 -S -emit-llvm %s -o - | %check
#include <greywave/greywave.h>
#include <setjmp.h>

struct node {
    struct node GW *next;
    long at[4];
};
GW_TYPE(node, struct node);
static jmp_buf way_back;
void may_collect(void);

// CHECK-LABEL: define {{.*}}@comes_back(
// CHECK: [[FIRST:%[0-9]+]] = alloca ptr addrspace(1)
// CHECK-NEXT: [[SECOND:%[0-9]+]] = alloca ptr addrspace(1)
// CHECK-COUNT-2: store ptr addrspace(1) null
// CHECK-NOT: store
// CHECK-DAG: store ptr addrspace(1) %{{[0-9]+}}, ptr [[FIRST]]
// CHECK-DAG: store ptr addrspace(1) %{{[0-9]+}}, ptr [[SECOND]]
// CHECK: call {{.*}}@_setjmp(
// CHECK-DAG: load ptr addrspace(1), ptr [[FIRST]]
// CHECK-DAG: load ptr addrspace(1), ptr [[SECOND]]
// CHECK: statepoint{{.*}}@may_collect{{.*}}"deopt"(ptr [[FIRST]], i64 1, i64 8, i64 1, i64 0, ptr [[SECOND]], i64 1, i64 8, i64 1, i64 0)
// CHECK-NOT: store
// CHECK: ret i64
long comes_back(struct node GW *node, long i)
{
    struct node GW *next = node->next;
    long GW *cursor = &next->at[i];
    if (setjmp(way_back)) return *cursor + node->at[0];
    may_collect();
    return 0;
}

// Nothing lives across it: nothing is kept.
// CHECK-LABEL: define {{.*}}@holds_nothing(
// CHECK-NOT: alloca
// CHECK: ret i64
long holds_nothing(struct node GW *node)
{
    long first = node->at[0];
    if (setjmp(way_back)) return first;
    may_collect();
    return 0;
}
