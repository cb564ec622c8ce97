// A large array that only code in sight writes to has cards behind it, which stores set; any other is read whole.
// RUN: %gwcc -O2 -S -emit-llvm %s -o - | %check
// RUN: %gwcc -O2 -S -emit-llvm %s -o - | %filecheck %s --check-prefix=OPT
// RUN: %gwcc -O0 -S -emit-llvm %s -o - | %check
#include <greywave/greywave.h>
#include <string.h>
struct node {
    struct node GW *left, *right;
};
// 1024 bytes: two cards.
// CHECK-DAG: @table = internal {{.*}}global { [128 x ptr addrspace(1)], [2 x i8] } zeroinitializer
// CHECK-DAG: @gw.root.table = private constant {{.*}} [5 x i32] [i32 2, i32 128, i32 8, i32 1, i32 0] }>, section "gw_globals"
static struct node GW *table[128];
// CHECK-DAG: @of_thread = internal thread_local {{.*}}global { [200 x ptr addrspace(1)], [4 x i8] } zeroinitializer
// CHECK-DAG: @gw.root.of_thread = private constant {{.*}} [5 x i32] [i32 3, i32 200, i32 8, i32 1, i32 0] }>, section "gw_globals"
static _Thread_local struct node GW *of_thread[200];
// CHECK-DAG: @only_written = internal {{.*}}global { [128 x ptr addrspace(1)], [2 x i8] } zeroinitializer
static struct node GW *only_written[128];
// CHECK-DAG: @small = internal {{.*}}global [127 x ptr addrspace(1)] zeroinitializer
static struct node GW *small[127];
// CHECK-DAG: @exported = {{.*}}global [128 x ptr addrspace(1)] zeroinitializer
struct node GW *exported[128];
// CHECK-DAG: @escaping = internal {{.*}}global [128 x ptr addrspace(1)] zeroinitializer
static struct node GW *escaping[128];
// CHECK-DAG: @one = internal {{.*}}global [128 x ptr addrspace(1)] zeroinitializer
// CHECK-DAG: @other = internal {{.*}}global [128 x ptr addrspace(1)] zeroinitializer
static struct node GW *one[128], *other[128];
// CHECK-DAG: @listed = internal {{.*}}global [128 x ptr addrspace(1)] zeroinitializer
__attribute__((used)) static struct node GW *listed[128];

// CHECK-LABEL: @put(
// CHECK: store ptr addrspace(1) %{{.*}}, ptr %
// CHECK: store atomic i8 1, ptr %{{.*}} release, align 1
// CHECK: ret void
void put(long i, struct node GW *node)
{
    table[i] = node;
}

// CHECK-LABEL: @put_known(
// OPT: store atomic i8 1, ptr getelementptr inbounds{{.*}} (i8, ptr @table, i64 1025) release, align 1
void put_known(struct node GW *node)
{
    table[64] = node;
}

// CHECK-LABEL: @clear(
// CHECK-NOT: store atomic
// CHECK: ret void
void clear(long i)
{
    table[i] = NULL;
    memset(table, 0, sizeof table);
}

// CHECK-LABEL: @copy(
// CHECK: fence release
// CHECK: call void @llvm.memset{{.*}} i8 1,
void copy(long i, long count)
{
    memmove(&table[i], &table[i + 1], (size_t)count * sizeof table[0]);
}

// CHECK-LABEL: @others(
// CHECK: store atomic i8 1
// CHECK: store atomic i8 1
// CHECK-NOT: store atomic
// CHECK: ret
struct node GW **others(long i, struct node GW *node)
{
    only_written[i] = node;
    of_thread[i] = node;
    small[i] = node;
    exported[i] = node;
    escaping[i] = node;
    listed[i] = node;
    (i & 1 ? one : other)[i] = node;
    return escaping;
}

struct node GW *get(long i)
{
    return i & 1 ? of_thread[i] : i & 2 ? small[i] : i & 4 ? one[i] : i & 8 ? other[i] : table[i];
}
