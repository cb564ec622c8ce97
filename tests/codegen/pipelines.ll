; The passes stand in LLVM's default pipelines by themselves once the plug-in is loaded; naming them there as well does
; nothing twice. A module for a JIT gets no constructor and no thread-local symbol.
; RUN: %opt -passes='default<O2>' %s -o %t.once
; RUN: %opt -passes='greywave-prepare,default<O2>,greywave' %s -o %t.twice
; RUN: cmp %t.once %t.twice
; RUN: %check < %t.once
; CHECK: @gw_current_thread = external thread_local
; CHECK: @llvm.global_ctors = {{.*}}@gw_module_enter_{{[0-9]+}}
; CHECK: define {{.*}}@keep
; CHECK: gc.statepoint
; RUN: sed 's/;JIT //' %s > %t.ll
; RUN: %opt -passes='default<O2>' %t.ll | %filecheck --check-prefix=JIT %s
; JIT-NOT: global_ctors
; JIT-NOT: thread_local
; JIT: @gw.native.native = private constant {{.*}}section "gw_maps"
; JIT-NOT: llvm.thread.pointer
; JIT: load i64, ptr @gw_current_thread_offset
; JIT: load i64, ptr addrspace(257)
; JIT: gc.statepoint
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"
;JIT !llvm.module.flags = !{!0}
;JIT !0 = !{i32 2, !"greywave-jit", i32 1}
@type = private constant { ptr, i32, i32, i32, i32, i32, i32, ptr, ptr, ptr, ptr } { ptr null, i32 16, i32 0, i32 0, i32 0, i32 0, i32 0, ptr null, ptr null, ptr null, ptr null }, align 16
declare ptr addrspace(1) @gw_alloc(ptr)
declare void @other()
define ptr addrspace(1) @keep() {
  %object = call ptr addrspace(1) @gw_alloc(ptr @type)
  call void @other()
  ret ptr addrspace(1) %object
}
define void @native() {
  call void @other()
  ret void
}
