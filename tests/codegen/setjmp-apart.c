// A function that calls setjmp and holds no references stays free of them: what it calls is not inlined into it, at any
// level, though it would be elsewhere.
// RUN: %gwcc -O3 -S -emit-llvm %s -o - | %check
#include <greywave/greywave.h>
#include <setjmp.h>

struct node {
    struct node GW *next;
    long value;
};
GW_TYPE(node, struct node);
static struct node GW *kept;
static jmp_buf way_out;

static inline void keep(long value)
{
    struct node GW *node = gw_new(node);
    node->value = value;
    kept = node;
}

static inline __attribute__((always_inline)) void keep_always(long value) { keep(value + 1); }

// CHECK-LABEL: define {{.*}}@escapes(
// CHECK-NOT: gc "greywave"
// CHECK: call {{.*}}@_setjmp(
// CHECK: call {{.*}}@keep(
// CHECK: call {{.*}}@keep{{(_always)?}}(
// CHECK: ret i32
int escapes(void)
{
    if (setjmp(way_out)) return 1;
    keep(1);
    keep_always(2);
    return 0;
}

// CHECK-LABEL: define {{.*}}@elsewhere(
// CHECK-NOT: @keep(
// CHECK: ret void
void elsewhere(void) { keep(3); }
