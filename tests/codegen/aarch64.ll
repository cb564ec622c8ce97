; What is AArch64's own: the calls of slow paths, frames and maps.
; RUN: %opt -passes=greywave-prepare,greywave %s -o %t.ll; %filecheck %s --check-prefix=IR <%t.ll
; RUN: %llc -O2 -mtriple=aarch64-linux-gnu %t.ll -o - | %check
; RUN: %llc -O2 -filetype=obj %t.ll -o %t.o; %gw-maps -d %t.o | %filecheck %s --check-prefix=MAPS
target datalayout = "e-m:e-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32"
target triple = "aarch64-unknown-linux-gnu"
declare void @may_collect()
declare void @fill(ptr)

; The link register is saved before a slow path changes it: LLVM must be told of it by its own name.
; IR-LABEL: define void @front(
; IR: call void asm sideeffect alignstack "adrp x30, :got:gw_barrier_slow_x17{{.*}}blr x30", "{x17},~{lr},~{memory},~{cc}"(ptr addrspace(1) %o)
; IR: attributes {{.*}}"nooutline"
; CHECK-LABEL: front:
; CHECK: {{st[pr].* x30, \[sp}}
; CHECK: ldurb [[FLAGS:w[0-9]+]], [x0, #-8]
; CHECK: tbnz [[FLAGS]], #0,
; CHECK: bl may_collect
define void @front(ptr addrspace(1) %o, ptr addrspace(1) %v) #0 {
  store ptr addrspace(1) %v, ptr addrspace(1) %o
  call void @may_collect()
  %w = load ptr addrspace(1), ptr addrspace(1) %o
  store ptr addrspace(1) %v, ptr addrspace(1) %w
  ret void
}

; CHECK-LABEL: behind:
; CHECK: mov x17, x0
; CHECK: adrp x30, :got:gw_barrier_slow_slot_x17
; CHECK-NEXT: ldr x30, [x30, :got_lo12:gw_barrier_slow_slot_x17]
; CHECK-NEXT: blr x30
define void @behind(ptr addrspace(1) %o, ptr addrspace(1) %v, i64 %i) {
  %slot = getelementptr ptr addrspace(1), ptr addrspace(1) %o, i64 %i
  store ptr addrspace(1) %v, ptr addrspace(1) %slot
  ret void
}

; CHECK-LABEL: checked:
; CHECK: mrs {{x[0-9]+}}, TPIDR_EL0
; CHECK: adrp x30, :got:greywave_check_store
define void @checked(ptr %place, ptr addrspace(1) %v) {
  store ptr addrspace(1) %v, ptr %place, align 8
  ret void
}

; A frame of varying size, found from its frame pointer.
; MAPS: varying+{{.*}} [x29{{[+-][0-9]+}}]
define ptr addrspace(1) @varying(ptr addrspace(1) %o, i64 %n) {
  %room = alloca i8, i64 %n
  call void @fill(ptr %room)
  call void @may_collect()
  ret ptr addrspace(1) %o
}

; MAPS: plain+{{.*}} [sp+{{[0-9]+}}]
define ptr addrspace(1) @plain(ptr addrspace(1) %o) {
  call void @may_collect()
  ret ptr addrspace(1) %o
}

attributes #0 = { nounwind }
