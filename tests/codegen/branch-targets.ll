; What the passes add to a file for AArch64 is marked as a branch's target, and signs its return address, where the file's own functions do:
; it is called by pointer. Without that nothing would be seen before a C library that has its pages guarded.
; RUN: %gwcc --target=aarch64-linux-gnu -O2 -S %s -o %t.s
; RUN: %filecheck %s --check-prefix=ENTER <%t.s
; RUN: %filecheck %s --check-prefix=ADDRESS <%t.s
target datalayout = "e-m:e-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32"
target triple = "aarch64-unknown-linux-gnu"
@t = thread_local global ptr addrspace(1) null
declare void @may_collect()
define ptr addrspace(1) @own() "branch-target-enforcement" "sign-return-address"="non-leaf" {
  call void @may_collect()
  %r = load ptr addrspace(1), ptr @t
  ret ptr addrspace(1) %r
}
; ENTER-LABEL: {{^}}gw_module_enter_{{[0-9]+}}:
; ENTER: {{paciasp|hint[[:space:]]+#25}}
; ADDRESS-LABEL: {{^"?}}gw.address.t{{"?}}:
; ADDRESS: {{bti[[:space:]]+c|hint[[:space:]]+#34|paciasp|hint[[:space:]]+#25}}
!llvm.module.flags = !{!0, !1}
!0 = !{i32 8, !"branch-target-enforcement", i32 2}
!1 = !{i32 8, !"sign-return-address", i32 2}
