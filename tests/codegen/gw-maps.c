// The gw-maps tool: counts and call sites of objects, executables and shared libraries; damage is an error in words.
//
// RUN: %gwcc -O1 -g -fPIC -c %s -o %t.o && %gwcc %t.o -o %t && %gwcc -shared %t.o -o %t.so
// RUN: %gw-maps %t.o %t %t.so | %check
// RUN: for f in %t.o %t %t.so; do %gw-maps -d $f | %filecheck --check-prefix=DUMP %s; done
// RUN: refused %gw-maps %s 2>&1 | %filecheck --check-prefix=NOTELF %s
// RUN: objcopy --dump-section gw_maps=%t.maps %t && printf h | dd of=%t.maps conv=notrunc status=none
// RUN: objcopy --update-section gw_maps=%t.maps %t %t.damaged
// RUN: refused %gw-maps %t.damaged 2>&1 | %filecheck --check-prefix=DAMAGED %s
// RUN: { %t.damaged || true; } 2>&1 | grep 'fatal: the module of .* is refused: frame maps are corrupt at byte'
// RUN: %gw-maps --help | grep -q 'usage: gw-maps'
#include <greywave/greywave.h>

struct node {
    struct node GW *next;
    long value;
};
GW_TYPE(node, struct node);

// CHECK: module  functions  sites  roots  bytes  bytes/site  share of text
// CHECK-NEXT: t.o 2 [[SITES:[0-9]+]] [[ROOTS:[0-9]+]] [[BYTES:[0-9]+]] {{.*}}%
// CHECK-NEXT: /t 2 [[SITES]] [[ROOTS]] [[BYTES]] {{.*}}%
// CHECK-NEXT: t.so 2 [[SITES]] [[ROOTS]] [[BYTES]] {{.*}}%
// DUMP: 0x{{[0-9a-f]+}} keep+0x{{[0-9a-f]+}} gw-maps.c:[[#@LINE + 6]] [rsp+{{[0-9]+}}]
// DUMP: main+0x{{[0-9a-f]+}} gw-maps.c:
// NOTELF: gw-maps.c: cannot be read
// DAMAGED: its frame maps are corrupt: a function record does not start with 'g'
__attribute__((noinline)) long keep(struct node GW *node)
{
    gw_collect(GW_MINOR);
    return node->value;
}

int main(void)
{
    if (gw_init(NULL) != GW_OK) return 2;
    return (int)keep(gw_new(node));
}
