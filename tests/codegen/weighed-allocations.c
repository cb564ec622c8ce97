// The inliner takes an allocation for what it will be: not for a call.
// RUN: %gwcc -O2 -S -emit-llvm %s -o - | %check
#include <greywave/greywave.h>
struct pair {
    struct pair GW *rest;
    long value;
};
GW_TYPE(pair, struct pair);

static struct pair GW *push(struct pair GW *rest, long value)
{
    struct pair GW *p = gw_new(pair);
    p->rest = rest;
    p->value = value;
    return p;
}

struct pair GW *four(struct pair GW *rest, long value)
{
    return push(push(push(push(rest, value), -value), 2 * value), 3 * value);
}

// CHECK-LABEL: define {{.*}}@several(
// CHECK-COUNT-2: @four
// CHECK: {{^}}}
struct pair GW *several(struct pair GW *rest, long value)
{
    return four(four(rest, value), -value);
}
