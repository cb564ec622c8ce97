; A type that another module defines and this one repeats: allocation is inline, and no second type comes of it.
; RUN: %opt -passes=greywave-prepare,greywave -S %s -o - | %check
; RUN: %opt -passes='greywave-prepare,default<O2>,greywave' -S %s -o - | %check
; RUN: %opt -passes='greywave-prepare,default<O2>,greywave' %s -o %t.bc; %llc -relocation-model=pic -filetype=obj %t.bc -o %t.o; %bin/llvm-nm %t.o | %filecheck --check-prefix=NAMES %s
; Without the fields nothing can be inline.
; RUN: sed 's/available_externally constant %gw_type {.*/external constant %gw_type, align 16/; /^    ptr null/d' %s >%t.ll; %opt -passes='greywave-prepare,default<O2>,greywave' -S %t.ll -o - | %filecheck --check-prefix=DECLARED %s
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
%gw_type = type { ptr, i32, i32, i32, i32, i32, i32, ptr, ptr, ptr, ptr }
%pair = type { ptr addrspace(1), ptr addrspace(1), i64 }
@pair.layout = private constant %pair zeroinitializer
@pair.name = private constant [5 x i8] c"pair\00"
@pair.type = available_externally constant %gw_type { ptr @pair.name, i32 24, i32 1, i32 0, i32 0, i32 0, i32 0, ptr null, ptr null, ptr null, ptr @pair.layout }, align 16
declare ptr addrspace(1) @gw_alloc(ptr)

; CHECK-NOT: pair.name
; CHECK-NOT: greywave.imported
; CHECK: @pair.type = external constant
; CHECK-NOT: greywave.imported
; CHECK-LABEL: define {{.*}}@make(
; CHECK: greywave_alloc
; CHECK: store ptr @pair.type, ptr
; DECLARED-NOT: store ptr @pair.type
; NAMES-NOT: pair.name
; NAMES: U pair.type
define ptr addrspace(1) @make(ptr addrspace(1) %a) {
  %o = call ptr addrspace(1) @gw_alloc(ptr @pair.type)
  store ptr addrspace(1) %a, ptr addrspace(1) %o
  ret ptr addrspace(1) %o
}
