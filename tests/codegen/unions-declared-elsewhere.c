// A union in an object whose type another file declares: its number may be a reference by what that file says, so that a copy of it has a
// barrier; a field that is a number and no union has none.
// RUN: for level in -O0 -O1 -O2 -O3; do %gwcc $level -S -emit-llvm %s -o - | %check; done
#include <greywave/greywave.h>

struct node {
    struct node GW *next;
    long value;
};
union value {
    long number;
    struct node GW *node;
};
struct cell {
    long tag;
    union value value;
};
GW_TYPE_EXTERN(cell, struct cell);

// CHECK-LABEL: @copy_number(
// CHECK: call void @greywave_barrier_range(
// CHECK: ret void
void copy_number(struct cell GW *cell, const struct cell GW *from)
{
    cell->value.number = from->value.number;
}

// CHECK-LABEL: @copy_tag(
// CHECK-NOT: greywave_barrier
// CHECK: ret void
void copy_tag(struct cell GW *cell, const struct cell GW *from)
{
    cell->tag = from->tag;
}
