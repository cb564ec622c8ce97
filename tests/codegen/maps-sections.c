// The map section lives and dies with its code, in every linker: link order, COMDAT group, no text relocations, and no
// folding of functions whose code is the same.
//
// RUN: %gwcc -O2 -ffunction-sections -S %s -o - | %check
// RUN: %gwcc -O2 -ffunction-sections -fPIC -c %s -o %t.o && %readelf -r %t.o | %filecheck --check-prefix=RELOCATIONS %s
// RUN: for ld in bfd gold lld; do for f in "" -static -no-pie -Wl,--gc-sections "-Wl,-z,text"; do %gwcc -O2 -fuse-ld=$ld -ffunction-sections $f %s -o %t && GREYWAVE=stress=alloc+move,verify-walk=1 %t; done; done
// RUN: for ld in gold lld; do %gwcc -O2 -fuse-ld=$ld -ffunction-sections -Wl,--icf=all %s -o %t && GREYWAVE=stress=alloc+move,verify-walk=1 %t; done
#include <greywave/greywave.h>

struct node {
    struct node GW *next;
    long value;
};
GW_TYPE(node, struct node);

// CHECK: .section gw_maps,"ao",@progbits,one,unique,1
// CHECK: .reloc .Lgw_begin{{[0-9]+}}, BFD_RELOC_NONE, .Lgw_address
// CHECK: .section gw_maps,"ao",@progbits,two,unique,2
// RELOCATIONS: R_X86_64_NONE
// RELOCATIONS: section '.relagw_maps'
// RELOCATIONS-NOT: R_X86_64_64
// RELOCATIONS: R_X86_64_PC32 {{.*}} .text.one
__attribute__((noinline)) long one(struct node GW *node)
{
    struct node GW *other = gw_new(node);
    other->value = 1;
    gw_collect(GW_MINOR);
    return node->value + other->value;
}

__attribute__((noinline)) long two(struct node GW *node)
{
    struct node GW *other = gw_new(node);
    other->value = 1;
    gw_collect(GW_MINOR);
    return node->value + other->value;
}

// Dropped by --gc-sections, its maps too.
long unused(struct node GW *node)
{
    gw_collect(GW_MINOR);
    return node->value * 17;
}

int main(void)
{
    if (gw_init(NULL) != GW_OK) return 2;
    struct node GW *node = gw_new(node);
    node->value = 5;
    return one(node) + two(node) + node->value != 17;
}
