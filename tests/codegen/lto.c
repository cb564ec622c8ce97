// With link-time optimisation the first pass runs when the file is compiled and the second at the link. Code that would
// come out of the linker without the second has no maps, and is refused.
// RUN: %gwcc -flto -O2 -c %s -o %t.bc
// RUN: %bin/opt -S %t.bc | %filecheck --check-prefix=COMPILED %s
// COMPILED: define {{.*}}@keep{{.*}} gc "greywave"
// COMPILED-NOT: gc.statepoint
// RUN: %gwcc -flto -O2 -shared -fPIC %t.bc -o %t.so
// RUN: %gw-maps %t.so | %filecheck --check-prefix=MAPS %s
// MAPS: module {{ *}}functions
// RUN: %gwcc -flto=thin -O0 -c %s -o %t.thin.bc
// RUN: refused %bin/clang -flto=thin -O0 -shared -fPIC -fuse-ld=lld -Wl,--load-pass-plugin=%plugin %t.thin.bc -o %t.so 2>&1 | %filecheck --check-prefix=UNLOWERED %s
// UNLOWERED: greywave: no frame map for function keep: the linker did not run the pass 'greywave'; link with gwcc, or with lld, --load-pass-plugin and at least --lto-O1
// RUN: refused %bin/clang -flto -O2 -shared -fPIC -fuse-ld=lld %t.bc -o %t.so 2>&1 | %filecheck --check-prefix=NO-PLUGIN %s
// NO-PLUGIN: unsupported GC: greywave
// RUN: refused %gwcc -ffat-lto-objects -flto -c %s -o %t 2>&1 | %filecheck --check-prefix=DRIVER %s
// DRIVER: gwcc: -ffat-lto-objects: of link-time optimisation -flto and -flto=thin are supported
// RUN: refused %gwcc --roots=shadow -flto %s -o %t 2>&1 | %filecheck --check-prefix=SHADOW %s
// SHADOW: gwcc: --roots=shadow does not go together with link-time optimisation
#include <greywave/greywave.h>
void other(void);
void GW *keep(void GW *reference)
{
    other();
    return reference;
}
