// The bytes of an object may be used in place, as long as nobody keeps their address; taken again after a safepoint.
// RUN: %gwcc -O0 -S -emit-llvm %s -o - | %check
// RUN: %gwcc -O2 -S -emit-llvm %s -o - | %check
#include <greywave/greywave.h>
#include <string.h>
struct text {
    uint64_t length;
    char bytes[];
};
void may_collect(void);
// CHECK-LABEL: define {{.*}}@twice(
// CHECK: statepoint{{.*}}@may_collect
// CHECK: %[[AFTER:.*]] = call {{.*}}gc.relocate
// CHECK: %[[BYTES:.*]] = getelementptr {{.*}}ptr addrspace(1) %[[AFTER]]
// CHECK: addrspacecast ptr addrspace(1) {{.*}} to ptr
// CHECK: @strlen
size_t twice(struct text GW *t)
{
    const char *bytes = (const char *)t->bytes;
    size_t n = strlen(bytes);
    may_collect();
    return n + strlen(bytes);
}
