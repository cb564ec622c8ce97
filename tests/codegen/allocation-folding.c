// Neighbouring allocations take their room at once; a test for null is left to the slow path.
// RUN: %gwcc -O2 -S -emit-llvm %s -o - | %check
// RUN: %gwcc -O2 -c -Rpass=greywave -Rpass-missed=greywave %s -o %t.o 2>&1 | %filecheck %s --check-prefix=REMARK
#include <greywave/greywave.h>
struct node {
    struct node GW *left, *right;
    long weight;
};
GW_TYPE(node, struct node);
struct counted {
    uint64_t length;
    struct node GW *items[];
};
GW_TYPE_ARRAY(counted, struct counted, length, items);
void may_collect(void);

// One test for 64 bytes, and no barrier for the first object though the second came later; only where there is no room at once.
// CHECK-LABEL: define {{.*}}@couple(
// CHECK: add i64 %{{.*}}, 64
// CHECK: icmp ugt i64
// CHECK: @greywave_alloc_room
// CHECK: store ptr @gw.type.node.{{[0-9a-f]+}}
// CHECK: store ptr @gw.type.node.{{[0-9a-f]+}}
// CHECK-NOT: icmp ugt
// CHECK: @greywave_alloc,
// CHECK: @greywave_alloc,
// CHECK: call void asm {{.*}}gw_barrier_slow_
// CHECK-NOT: gw_barrier_slow
// CHECK: {{^}}}
// REMARK: allocation-folding.c:[[#@LINE+3]]:{{[0-9]+}}: remark: 2 allocations take their 64 bytes at once
struct node GW *couple(struct node GW *left)
{
    struct node GW *a = gw_new(node);
    a->weight = 1;
    struct node GW *b = gw_new(node);
    b->left = left;
    // REMARK: :[[#@LINE+1]]:{{[0-9]+}}: remark: no barrier: the object was allocated since the last safepoint
    a->right = b;
    return a;
}

// A call between them: not at once, and then the first is no longer fresh.
// CHECK-LABEL: define {{.*}}@apart(
// CHECK-NOT: @greywave_alloc_room
// CHECK: gw_barrier_slow
// CHECK: {{^}}}
struct node GW *apart(void)
{
    struct node GW *a = gw_new(node);
    may_collect();
    struct node GW *b = gw_new(node);
    // REMARK: :[[#@LINE+1]]:{{[0-9]+}}: remark: barrier: a call that may collect, or the object's size, lies between its allocation and this store
    a->right = b;
    return a;
}

// CHECK-LABEL: define {{.*}}@array_and_object(
// CHECK: add i64 %{{.*}}, 64
// CHECK: store i64 2, ptr
// CHECK: {{^}}}
struct counted GW *array_and_object(void)
{
    struct counted GW *c = gw_new_array(counted, 2);
    c->items[1] = gw_new(node);
    return c;
}

// The fast path does not look whether it got null.
// CHECK-LABEL: define {{.*}}@checked(
// CHECK: %[[FULL:.*]] = icmp ugt i64
// CHECK: br i1 %[[FULL]], label %[[SLOW:[0-9]+]], label %[[FAST:[0-9]+]]
// CHECK: [[FAST]]:
// CHECK: inttoptr i64 %{{.*}} to ptr addrspace(1)
// CHECK-NEXT: br label %[[USE:[0-9]+]]
// CHECK: icmp eq ptr addrspace(1) %{{.*}}, null
// CHECK: [[USE]]:
// CHECK-NOT: icmp
// CHECK: {{^}}}
struct node GW *checked(long weight)
{
    struct node GW *n = gw_new(node);
    if (!n) return NULL;
    n->weight = weight;
    return n;
}

// REMARK: :[[#@LINE+1]]:{{[0-9]+}}: remark: allocation inlined, up to 62 elements
struct counted GW *any(size_t n) { return gw_new_array(counted, n); }
struct matrix {
    uint64_t rows;
    long row[][64];
};
GW_TYPE_BYTES(matrix, struct matrix, rows, row);
// REMARK: :[[#@LINE+1]]:{{[0-9]+}}: remark: allocation is a call: the number of elements is not constant
struct matrix GW *any_matrix(size_t n) { return gw_new_array(matrix, n); }
