// Allocation inline: bump, compare, header, zeroes only where nothing else is written, slow path out of line.
// RUN: %gwcc -O2 -S -emit-llvm %s -o - | %check
// Without optimisation, and beyond 512 in one function, it is a call.
// RUN: %gwcc -O0 -S -emit-llvm %s -o - | %filecheck %s --check-prefix=O0
// RUN: %gwcc -O1 -S -emit-llvm %s -o %t.ll -Rpass=greywave -Rpass-missed=greywave -DMANY 2>%t.remarks
// RUN: sed -n '/@many(/,/^}/p' %t.ll | grep -c 'icmp ugt i64' | grep -qx 512
// RUN: grep 'allocation inlined, 32 bytes' %t.remarks | tail -n 1 | %filecheck %s --check-prefix=LOOP
// RUN: grep -c 'allocation is a call: the function has 514 of them' %t.remarks | grep -qx 2
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

// The layout is derived: 24 bytes, two references at 0 and 8; a layout variable is left nowhere.
// CHECK-NOT: gw_layout_
// CHECK-DAG: @gw.type.node.{{[0-9a-f]+}} = linkonce_odr {{(dso_local )?}}constant %struct.gw_type { ptr @.str{{.*}}, i32 24, i32 0, i32 2, i32 0, i32 0, i32 0, ptr @gw_type_node.offsets, ptr null, ptr null, ptr null }
// CHECK-DAG: @gw_type_node.offsets = private unnamed_addr constant [2 x i32] [i32 0, i32 8]
// CHECK-DAG: @gw_type_counted.offsets = private unnamed_addr constant [1 x i32] zeroinitializer

// Both references are written; only the weight is zeroed. No barrier: the object is fresh.
// CHECK-LABEL: define {{.*}}@make(
// CHECK: call {{.*}}@llvm.threadlocal.address.p0({{.*}}@gw_current_thread)
// CHECK: add i64 {{.*}}, 32
// CHECK: icmp ugt i64
// CHECK: store ptr @gw.type.node.{{[0-9a-f]+}}
// CHECK-NOT: memset
// CHECK: store i64 0
// CHECK: inttoptr i64 {{.*}} to ptr addrspace(1)
// CHECK-NOT: gw_barrier_slow
// CHECK: }
// O0-LABEL: define {{.*}}@make(
// O0-NOT: icmp ugt i64
// O0: @greywave_alloc
// O0-NOT: gw_barrier_slow
// O0: ret ptr
struct node GW *make(struct node GW *l, struct node GW *r)
{
    struct node GW *n = gw_new(node);
    n->left = l;
    n->right = r;
    return n;
}

// The weight is read, through a pointer that may lead elsewhere, before it is written.
// CHECK-LABEL: define {{.*}}@read_first(
// CHECK: call void @llvm.memset{{.*}} i64 24,
// CHECK: }
long read_first(struct node GW *other, int fresh)
{
    struct node GW *n = gw_new(node);
    long before = *(fresh ? &n->weight : &other->weight);
    n->weight = 7;
    return before + n->weight;
}

// CHECK-LABEL: define {{.*}}@small_array(
// CHECK: add i64 {{.*}}, 40
// CHECK: store i64 3, ptr
struct counted GW *small_array(void) { return gw_new_array(counted, 3); }

// A word is checked before it becomes a reference; a constant that is one needs no check.
// CHECK-LABEL: define {{.*}}@immediate(
// CHECK: and i64 %{{.*}}, 7
// CHECK: call void @{{gw|greywave}}_refuse_immediate(i64 %
// CHECK: ret ptr addrspace(1)
void GW *immediate(uintptr_t word) { return gw_immediate_word(word); }
// CHECK-LABEL: define {{.*}}@one(
// CHECK-NOT: refuse_immediate
// CHECK: ret ptr addrspace(1)
void GW *one(void) { return gw_small_integer(0); }
// CHECK-LABEL: define {{.*}}@any_number(
// CHECK-NOT: refuse_immediate
// CHECK: ret ptr addrspace(1)
void GW *any_number(long n) { return gw_small_integer(n + 5); }

// As many as fit into 504 bytes with their length are allocated inline; the size of more may overflow, and nobody looks at it.
// CHECK-LABEL: define {{.*}}@some(
// CHECK: [[BYTES:%[0-9a-z]+]] = and i64 {{.*}}, -8
// CHECK: [[MANY:%[0-9a-z]+]] = icmp ugt i64 %{{[0-9a-z]+}}, 62
// CHECK: add i64 %{{[0-9a-z]+}}, [[BYTES]]
// CHECK: [[FULL:%[0-9a-z]+]] = icmp ugt i64
// CHECK: or i1 [[MANY]], [[FULL]]
// CHECK: @greywave_alloc_array,
// CHECK: store <2 x i64> zeroinitializer, ptr %{{[0-9]+}}, align 8
// CHECK: store <2 x i64> zeroinitializer, ptr %{{[0-9]+}}, align 8
// CHECK: store ptr @gw.type.counted
// CHECK: store i64 %
// CHECK: {{^}}}
struct counted GW *some(size_t n) { return gw_new_array(counted, n); }

// Of elements that are larger there is no such number, and it is a call.
struct large {
    uint64_t length;
    struct node GW *items[][63];
};
GW_TYPE_ARRAY(large, struct large, length, items);
// CHECK-LABEL: define {{.*}}@some_large(
// CHECK-NOT: icmp
// CHECK: @greywave_alloc_array,
// CHECK: {{^}}}
struct large GW *some_large(size_t n) { return gw_new_array(large, n); }

#ifdef MANY
// Those of loops are inline, wherever they stand.
#define TWO(X) X X
#define EIGHT(X) TWO(TWO(TWO(X)))
void may_collect(struct node GW *n);
void many(long turns)
{
    EIGHT(EIGHT(EIGHT(may_collect(gw_new(node)); ))) may_collect(gw_new(node));
    // LOOP: allocation.c:[[#@LINE + 1]]:
    while (turns--) may_collect(gw_new(node));
}
#endif
