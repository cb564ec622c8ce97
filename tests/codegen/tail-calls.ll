; Tail calls: jumps that the frontend demands, and those that LLVM would perhaps make.
; RUN: %opt -passes=greywave-prepare,greywave %s -o %t.ll
; RUN: %check --input-file %t.ll
; RUN: %llc %t.ll -o - | %filecheck --check-prefix=CODE %s
; RUN: %llc -O0 %t.ll -o - | %filecheck --check-prefix=CODE %s
; RUN: %opt -passes=greywave-prepare,greywave -greywave-polls %s | %filecheck --check-prefix=POLLS %s
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
declare void @may_collect()
declare ptr addrspace(1) @elsewhere(ptr addrspace(1), i64)
declare ptr addrspace(1) @narrow(ptr addrspace(1))
declare fastcc ptr addrspace(1) @fast(ptr addrspace(1), i64)
declare [5 x ptr addrspace(1)] @five(ptr addrspace(1))
declare i256 @broad(ptr addrspace(1))
declare <16 x i64> @lanes(ptr addrspace(1))
declare x86_fp80 @real(ptr addrspace(1))
declare tailcc ptr addrspace(1) @wide(ptr addrspace(1), ptr addrspace(1), i64)

; Demanded: no safepoint, so nothing is spilled for it.
; CHECK-LABEL: define ptr addrspace(1) @demanded(
; CHECK-NOT: statepoint
; CHECK: musttail call ptr addrspace(1) @elsewhere
; CODE-LABEL: demanded:
; CODE: jmp elsewhere
; POLLS-LABEL: define ptr addrspace(1) @demanded(
; POLLS: @greywave_poll_slow
; POLLS: musttail call ptr addrspace(1) @elsewhere
define ptr addrspace(1) @demanded(ptr addrspace(1) %a, i64 %n) {
  %r = musttail call ptr addrspace(1) @elsewhere(ptr addrspace(1) %a, i64 %n)
  ret ptr addrspace(1) %r
}

; Only allowed, and with its return in a block of several: a jump all the same.
; CHECK-LABEL: define ptr addrspace(1) @allowed(
; CHECK: musttail call ptr addrspace(1) @elsewhere
; CHECK-NEXT: ret
; CODE-LABEL: allowed:
; CODE: jmp elsewhere
define ptr addrspace(1) @allowed(ptr addrspace(1) %a, i64 %n) {
  %z = icmp eq i64 %n, 0
  br i1 %z, label %done, label %more
more:
  call void @may_collect()
  %r = tail call ptr addrspace(1) @elsewhere(ptr addrspace(1) %a, i64 %n)
  br label %done
done:
  %result = phi ptr addrspace(1) [ %a, %0 ], [ %r, %more ]
  ret ptr addrspace(1) %result
}

; By another prototype musttail may not be said, and by nothing less a frame is known to be gone.
; CHECK-LABEL: define ptr addrspace(1) @otherwise(
; CHECK: statepoint{{.*}}@narrow
define ptr addrspace(1) @otherwise(ptr addrspace(1) %a, i64 %n) {
  %r = tail call ptr addrspace(1) @narrow(ptr addrspace(1) %a)
  ret ptr addrspace(1) %r
}

; CHECK-LABEL: define ptr addrspace(1) @forbidden(
; CHECK: statepoint{{.*}}@elsewhere
define ptr addrspace(1) @forbidden(ptr addrspace(1) %a, i64 %n) "disable-tail-calls"="true" {
  %r = tail call ptr addrspace(1) @elsewhere(ptr addrspace(1) %a, i64 %n)
  ret ptr addrspace(1) %r
}

; A result that code generation puts into the caller's frame needs that frame; one on the x87 stack does not.
; CHECK-LABEL: define [5 x ptr addrspace(1)] @result_in_frame(
; CHECK: statepoint{{.*}}@gw.thunk
; CODE-LABEL: result_in_frame:
; CODE: call{{.*}}gw.thunk
define [5 x ptr addrspace(1)] @result_in_frame(ptr addrspace(1) %a) {
  %r = tail call [5 x ptr addrspace(1)] @five(ptr addrspace(1) %a)
  ret [5 x ptr addrspace(1)] %r
}
; CODE-LABEL: numbers_in_frame:
; CODE: call{{.*}}gw.thunk
define i256 @numbers_in_frame(ptr addrspace(1) %a) {
  %r = tail call i256 @broad(ptr addrspace(1) %a)
  ret i256 %r
}
; CODE-LABEL: vector_in_frame:
; CODE: call{{.*}}gw.thunk
define <16 x i64> @vector_in_frame(ptr addrspace(1) %a) {
  %r = tail call <16 x i64> @lanes(ptr addrspace(1) %a)
  ret <16 x i64> %r
}
; CODE-LABEL: result_in_x87:
; CODE: jmp real
define x86_fp80 @result_in_x87(ptr addrspace(1) %a) {
  %r = tail call x86_fp80 @real(ptr addrspace(1) %a)
  ret x86_fp80 %r
}

; Other conventions; tailcc between any prototypes.
; CODE-LABEL: by_fastcc:
; CODE: jmp fast
define fastcc ptr addrspace(1) @by_fastcc(ptr addrspace(1) %a, i64 %n) {
  %r = tail call fastcc ptr addrspace(1) @fast(ptr addrspace(1) %a, i64 %n)
  ret ptr addrspace(1) %r
}
; CODE-LABEL: by_tailcc:
; CODE: jmp wide
define tailcc ptr addrspace(1) @by_tailcc(ptr addrspace(1) %a) {
  %r = musttail call tailcc ptr addrspace(1) @wide(ptr addrspace(1) %a, ptr addrspace(1) %a, i64 1)
  ret ptr addrspace(1) %r
}

; Who only jumps to what may collect may collect: here there is something to keep.
; CHECK-LABEL: define void @jumps(
define void @jumps(i64 %n) noinline {
  musttail call void @jumps_on(i64 %n)
  ret void
}
define void @jumps_on(i64 %n) noinline {
  call void @may_collect()
  ret void
}
; CHECK-LABEL: define ptr addrspace(1) @keeps(
; CHECK: statepoint{{.*}}@jumps,
define ptr addrspace(1) @keeps(ptr addrspace(1) %a) {
  call void @jumps(i64 1)
  ret ptr addrspace(1) %a
}
