// Structs in objects that are read and written by the library's functions for atomic accesses: leaves, with a barrier where references may come.
// RUN: for level in -O0 -O1 -O2 -O3; do %gwcc $level -Wno-atomic-alignment -S -emit-llvm %s -o - | %check; done
#include <greywave/greywave.h>

struct node {
    struct node GW *next;
    long value;
};
struct both {
    struct node GW *node;
    long number, more;
};
struct numbers {
    long at[3];
};
struct holder {
    _Atomic struct both both;
};
struct counted {
    _Atomic struct numbers numbers;
};
GW_TYPE(holder, struct holder);
GW_TYPE(counted, struct counted);

// CHECK-LABEL: @set_both(
// CHECK: call void @greywave_barrier_range(
// CHECK: call {{.*}}@__atomic_store(
// CHECK-NOT: gc.statepoint
// CHECK: ret void
void set_both(struct holder GW *holder, struct node GW *node)
{
    struct both both = {node, 1, 2};
    holder->both = both;
}

// CHECK-LABEL: @set_numbers(
// CHECK-NOT: call void @greywave_barrier_range(
// CHECK: call {{.*}}@__atomic_store(
// CHECK: ret void
void set_numbers(struct counted GW *counted, const struct numbers *numbers)
{
    counted->numbers = *numbers;
}

// CHECK-LABEL: @sum(
// CHECK: call {{.*}}@__atomic_load(
// CHECK-NOT: gc.statepoint
// CHECK: ret i64
long sum(struct counted GW *counted)
{
    struct numbers numbers = counted->numbers;
    return numbers.at[0] + numbers.at[1];
}
