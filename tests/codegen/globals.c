// Variables that hold references are recorded as roots; the module is registered once per image.
// RUN: %gwcc -O1 -S -emit-llvm %s -o - | %check --implicit-check-not=@gw.root.nothing --implicit-check-not=@gw.root.elsewhere --implicit-check-not=@gw.root.fixed
// RUN: %gwcc -O1 -fPIC -c %s -o %t.o
// RUN: %readelf -S -W %t.o | %filecheck %s --check-prefix=ELF
// ELF-DAG: gw_globals PROGBITS {{.*}} AL
// ELF-DAG: gw_maps PROGBITS {{.*}} AL
// ELF-DAG: .init_array.100 INIT_ARRAY {{.*}} WAG
#include <greywave/greywave.h>
struct node {
    struct node GW *left, *right;
};
struct mixed {
    long before;
    struct node GW *reference;
};
// No record: no reference inside, or defined elsewhere, or none that is followed. Without addresses a constant may be merged with others, and
// lld takes no section that is link-order to such.
int nothing;
const struct mixed fixed[2] = {{3, NULL}, {4, (struct node GW *)9}};
// CHECK-DAG: @gw.root.table = private constant {{.*}} [5 x i32] [i32 0, i32 6, i32 16, i32 1, i32 0] }>, section "gw_globals", align 4, !associated
struct mixed table[2][3];
// CHECK-DAG: @gw.root.here = private constant {{.*}}ptrtoint (ptr @gw.address.here to i64){{.*}} [5 x i32] [i32 1, i32 1, i32 8, i32 1, i32 0] }>, section "gw_globals"
_Thread_local struct node GW *here;
extern struct node GW *elsewhere;
// CHECK-DAG: @gw_module_record_{{[0-9]+}} = linkonce_odr hidden constant { i32, i32, ptr, ptr, ptr, ptr } {{.*}}ptr @__start_gw_maps, ptr @__stop_gw_maps, ptr @__start_gw_globals, ptr @__stop_gw_globals }, comdat
// CHECK-DAG: @llvm.global_ctors = appending global {{.*}} { i32 100, ptr @gw_module_enter_{{[0-9]+}}, ptr @gw_module_enter_{{[0-9]+}} }
// CHECK-DAG: @llvm.global_dtors = appending global {{.*}} { i32 100, ptr @gw_module_leave_{{[0-9]+}}, ptr @gw_module_leave_{{[0-9]+}} }
struct node GW *next(struct node GW *n)
{
    // CHECK-DAG: @gw.root.next.last = private constant
    static struct node GW *last;
    struct node GW *before = last;
    last = n;
    here = n;
    table[1][2].reference = elsewhere;
    return before;
}
