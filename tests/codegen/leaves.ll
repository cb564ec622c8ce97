; What may touch references and is no safepoint; masked accesses, which are spelled out.
; RUN: %opt -passes='greywave-prepare,greywave' %s | %check
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
declare i32 @printf(ptr, ...)
declare void @may_collect()
declare <2 x ptr addrspace(1)> @llvm.masked.load.v2p1.p0(ptr, i32, <2 x i1>, <2 x ptr addrspace(1)>)
@format = constant [4 x i8] c"%p\0A\00"

; CHECK-LABEL: define void @printed(
; CHECK-NOT: gc.statepoint
; CHECK: call i32 (ptr, ...) @printf(ptr @format, ptr addrspace(1) %a)
define void @printed(ptr addrspace(1) %a) {
  %n = call i32 (ptr, ...) @printf(ptr @format, ptr addrspace(1) %a)
  ret void
}

; CHECK-LABEL: define void @assembled(
; CHECK-NOT: gc.statepoint
; CHECK: call void asm sideeffect "# $0", "r"(ptr addrspace(1) %a)
define void @assembled(ptr addrspace(1) %a) {
  call void asm sideeffect "# $0", "r"(ptr addrspace(1) %a)
  ret void
}

; CHECK-LABEL: define <2 x ptr addrspace(1)> @masked(
; CHECK-NOT: llvm.masked.load
; CHECK: gc.statepoint{{.*}}"gc-live"(ptr addrspace(1) %{{[^ ]*}}, ptr addrspace(1) %{{[^ ]*}})
define <2 x ptr addrspace(1)> @masked(ptr %p, <2 x i1> %m) {
  %v = call <2 x ptr addrspace(1)> @llvm.masked.load.v2p1.p0(ptr %p, i32 8, <2 x i1> %m, <2 x ptr addrspace(1)> zeroinitializer)
  call void @may_collect()
  ret <2 x ptr addrspace(1)> %v
}
