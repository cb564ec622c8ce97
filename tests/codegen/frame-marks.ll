; Which functions have a frame mark, where it is cleared, at which calls it is listed, and what the map says.
; RUN: %opt -greywave-frame-marks -passes=greywave-prepare,greywave -greywave-verify-safepoints %s | %check
; RUN: %opt -passes=greywave-prepare,greywave %s | %filecheck %s --check-prefix=WITHOUT
; WITHOUT-NOT: frame.mark
; RUN: %opt -greywave-frame-marks -passes=greywave-prepare,greywave %s | %llc | %filecheck %s --check-prefix=MAP
declare ptr addrspace(1) @gw_alloc(ptr)
declare void @unknown()
declare void @takes_address(ptr)
@type = external constant [64 x i8]

; Cleared where the first call that may lead back is, not where an activation may end without one.
; CHECK-LABEL: define ptr addrspace(1) @recursive(
; CHECK: %frame.mark = alloca i64
; CHECK: end:
; CHECK-NOT: store volatile
; CHECK: on:
; CHECK-NOT: deopt
; CHECK: store volatile i64 0, ptr %frame.mark
; CHECK: gc.statepoint{{.*}}@recursive{{.*}}"deopt"(ptr %frame.mark, i64 0)
; CHECK: gc.statepoint{{.*}}@recursive{{.*}}"deopt"(ptr %frame.mark, i64 0)
; CHECK-NOT: store volatile
; MAP: frame maps of recursive
; MAP: .byte 3 # 2 entries
define ptr addrspace(1) @recursive(ptr addrspace(1) %a, i1 %stop) {
  br i1 %stop, label %end, label %on
end:
  ret ptr addrspace(1) %a
on:
  %new = call ptr addrspace(1) @gw_alloc(ptr @type)
  %b = call ptr addrspace(1) @recursive(ptr addrspace(1) %a, i1 %stop)
  %c = call ptr addrspace(1) @recursive(ptr addrspace(1) %b, i1 %stop)
  ret ptr addrspace(1) %a
}

; Nothing here can call it again.
; CHECK-LABEL: define ptr addrspace(1) @shallow(
; CHECK-NOT: frame.mark
; CHECK-LABEL: define ptr addrspace(1) @calls_shallow(
; CHECK-NOT: frame.mark
define ptr addrspace(1) @shallow(ptr addrspace(1) %a) {
  %new = call ptr addrspace(1) @gw_alloc(ptr @type)
  ret ptr addrspace(1) %a
}
define ptr addrspace(1) @calls_shallow(ptr addrspace(1) %a) {
  %b = call ptr addrspace(1) @shallow(ptr addrspace(1) %a)
  ret ptr addrspace(1) %a
}

; Code elsewhere may call anything.
; CHECK-LABEL: define ptr addrspace(1) @calls_unknown(
; CHECK: store volatile i64 0, ptr %frame.mark
; CHECK: gc.statepoint{{.*}}@unknown{{.*}}"deopt"(ptr %frame.mark, i64 0)
; CHECK-LABEL: define ptr addrspace(1) @calls_address(
; CHECK: store volatile i64 0, ptr %frame.mark
define ptr addrspace(1) @calls_unknown(ptr addrspace(1) %a) {
  call void @unknown()
  ret ptr addrspace(1) %a
}
define ptr addrspace(1) @calls_address(ptr addrspace(1) %a, ptr %f) {
  call void %f()
  ret ptr addrspace(1) %a
}

; Somebody else may write to the variable while the frame waits.
; CHECK-LABEL: define ptr addrspace(1) @has_open_variable(
; CHECK-NOT: frame.mark
; CHECK-LABEL: define ptr addrspace(1) @has_variable_of_its_own(
; CHECK: store volatile i64 0, ptr %frame.mark
; CHECK: "deopt"(ptr %v, i64 2, i64 8, i64 1, i64 0, ptr %frame.mark, i64 0)
define ptr addrspace(1) @has_open_variable(ptr addrspace(1) %a) {
  %v = alloca ptr addrspace(1)
  store ptr addrspace(1) %a, ptr %v
  call void @takes_address(ptr %v)
  %b = load ptr addrspace(1), ptr %v
  ret ptr addrspace(1) %b
}
define ptr addrspace(1) @has_variable_of_its_own(ptr addrspace(1) %a, i64 %i) {
  %v = alloca [2 x ptr addrspace(1)]
  %p = getelementptr [2 x ptr addrspace(1)], ptr %v, i64 0, i64 %i
  store ptr addrspace(1) %a, ptr %p
  call void @unknown()
  %b = load ptr addrspace(1), ptr %v
  ret ptr addrspace(1) %b
}

; CHECK-LABEL: define void @end_of_this_test(
define void @end_of_this_test() {
  ret void
}
