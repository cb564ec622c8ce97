// Loops with barriers are neither vectorised nor unrolled, unless the source asks for it or they have few turns.
// RUN: %gwcc -O2 -S -emit-llvm %s -o - | %check
#include <greywave/greywave.h>
struct slots {
    uint64_t length;
    void GW *at[];
};
GW_TYPE_ARRAY(slots, struct slots, length, at);

// CHECK-LABEL: define {{.*}}@copy(
// CHECK-COUNT-1: gw_barrier_slow_slot
// CHECK-NOT: gw_barrier_slow
// CHECK: {{^}}}
void copy(struct slots GW *to, const struct slots GW *from, long count)
{
    for (long i = 0; i < count; i++) to->at[i] = from->at[i];
}

// CHECK-LABEL: define {{.*}}@copy_by_two(
// CHECK-COUNT-2: gw_barrier_slow_slot
// CHECK: {{^}}}
void copy_by_two(struct slots GW *to, const struct slots GW *from, long count)
{
#pragma clang loop unroll_count(2)
    for (long i = 0; i < count; i++) to->at[i] = from->at[i];
}

// One barrier for all three.
// CHECK-LABEL: define {{.*}}@copy_three(
// CHECK-COUNT-1: gw_barrier_slow_$
// CHECK-NOT: gw_barrier_slow
// CHECK-COUNT-3: store ptr addrspace(1)
// CHECK: {{^}}}
void copy_three(struct slots GW *to, const struct slots GW *from)
{
    for (long i = 0; i < 3; i++) to->at[i] = from->at[i];
}

// Without references loops are what they were.
// CHECK-LABEL: define {{.*}}@sum(
// CHECK: <{{[0-9]+}} x i64>
// CHECK: {{^}}}
long sum(const long *numbers, long count)
{
    long sum = 0;
    for (long i = 0; i < count; i++) sum += numbers[i];
    return sum;
}
