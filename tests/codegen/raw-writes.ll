; Numbers written into objects: a barrier where they may be the bits of a reference, none where types show numbers.
; RUN: %opt -passes=greywave-prepare,instcombine,greywave %s | %check
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
%text = type { i64, [0 x i8] }

; CHECK-LABEL: define void @bytes(
; CHECK: call void @greywave_barrier_range(ptr addrspace(1) %to, ptr addrspace(1) %{{.*}}, i64 1)
; CHECK: store i8
define void @bytes(ptr addrspace(1) %to, ptr addrspace(1) %from, i64 %i) {
  %source = getelementptr i8, ptr addrspace(1) %from, i64 %i
  %target = getelementptr i8, ptr addrspace(1) %to, i64 %i
  %byte = load i8, ptr addrspace(1) %source
  store i8 %byte, ptr addrspace(1) %target
  ret void
}

; CHECK-LABEL: define void @two_words(
; CHECK: call void @greywave_barrier_range(ptr addrspace(1) %to, ptr addrspace(1) %to, i64 16)
; CHECK: store i128
define void @two_words(ptr addrspace(1) %to, ptr addrspace(1) %from) {
  %words = load i128, ptr addrspace(1) %from, align 8
  store i128 %words, ptr addrspace(1) %to, align 8
  ret void
}

; CHECK-LABEL: define void @lanes(
; CHECK: call void @greywave_barrier_range(ptr addrspace(1) %to, ptr addrspace(1) %to, i64 16)
; CHECK: store <2 x i64>
define void @lanes(ptr addrspace(1) %to, ptr addrspace(1) %from) {
  %word = load i64, ptr addrspace(1) %from
  %lanes = insertelement <2 x i64> zeroinitializer, i64 %word, i32 1
  store <2 x i64> %lanes, ptr addrspace(1) %to
  ret void
}

; CHECK-LABEL: define i64 @exchange(
; CHECK: call void @greywave_barrier_range(ptr addrspace(1) %to, ptr addrspace(1) %to, i64 8)
; CHECK: atomicrmw xchg
define i64 @exchange(ptr addrspace(1) %to, ptr addrspace(1) %from) {
  %word = load i64, ptr addrspace(1) %from
  %old = atomicrmw xchg ptr addrspace(1) %to, i64 %word seq_cst
  ret i64 %old
}

; CHECK-LABEL: define void @text(
; CHECK-NOT: barrier
; CHECK: ret void
define void @text(ptr addrspace(1) %to, ptr addrspace(1) %from, i64 %i) {
  %source = getelementptr %text, ptr addrspace(1) %from, i64 0, i32 1, i64 %i
  %target = getelementptr %text, ptr addrspace(1) %to, i64 0, i32 1, i64 %i
  %byte = load i8, ptr addrspace(1) %source
  store i8 %byte, ptr addrspace(1) %target
  ret void
}

; What is calculated may be calculated back.
; CHECK-LABEL: define void @sum(
; CHECK: call void @greywave_barrier_range(ptr addrspace(1) %to, ptr addrspace(1) %to, i64 8)
; CHECK: ret void
define void @sum(ptr addrspace(1) %to, ptr addrspace(1) %from) {
  %word = load i64, ptr addrspace(1) %from
  %more = add i64 %word, 1
  store i64 %more, ptr addrspace(1) %to
  ret void
}

; Fields by bytes alone: the type that the object is allocated with says that there is a number, which may be kept across a call.
; CHECK-LABEL: define void @by_bytes(
; CHECK: call {{.*}}@may_collect
; CHECK-NOT: barrier
; CHECK: store i64
; CHECK: ret void
%gw_type = type { ptr, i32, i32, i32, i32, i32, i32, ptr, ptr, ptr, ptr }
@offsets = internal constant [1 x i32] [i32 8]
@pair = constant %gw_type { ptr null, i32 24, i32 0, i32 1, i32 0, i32 0, i32 0, ptr @offsets, ptr null, ptr null, ptr null }, align 16
declare ptr addrspace(1) @gw_alloc(ptr)
declare void @may_collect()
define void @by_bytes(ptr addrspace(1) %from) {
  %made = call ptr addrspace(1) @gw_alloc(ptr @pair)
  %source = getelementptr i8, ptr addrspace(1) %from, i64 16
  %number = load i64, ptr addrspace(1) %source
  call void @may_collect()
  %target = getelementptr i8, ptr addrspace(1) %made, i64 16
  store i64 %number, ptr addrspace(1) %target
  ret void
}

; A copy of unknown length that begins at a number may write what is behind it; one of a word does not.
; CHECK-LABEL: define void @some_words(
; CHECK: call void @greywave_barrier_range(ptr addrspace(1) %to, ptr addrspace(1) %second, i64 %bytes)
; CHECK: ret void
; CHECK-LABEL: define void @one_word(
; CHECK-NOT: barrier
; CHECK: ret void
%two = type { i64, i64 }
%mixed = type { i64, %two, ptr addrspace(1) }
declare void @llvm.memcpy.p1.p0.i64(ptr addrspace(1), ptr, i64, i1)
define void @some_words(ptr addrspace(1) %to, ptr addrspace(1) %from, i64 %bytes) {
  %words = alloca [2 x i64], align 8
  %word = load i64, ptr addrspace(1) %from
  store i64 %word, ptr %words
  %numbers = getelementptr %mixed, ptr addrspace(1) %to, i64 0, i32 1
  %second = getelementptr i8, ptr addrspace(1) %numbers, i64 8
  call void @llvm.memcpy.p1.p0.i64(ptr addrspace(1) %second, ptr %words, i64 %bytes, i1 false)
  ret void
}
define void @one_word(ptr addrspace(1) %to, ptr addrspace(1) %from) {
  %words = alloca [2 x i64], align 8
  %word = load i64, ptr addrspace(1) %from
  store i64 %word, ptr %words
  %numbers = getelementptr %mixed, ptr addrspace(1) %to, i64 0, i32 1
  %second = getelementptr i8, ptr addrspace(1) %numbers, i64 8
  call void @llvm.memcpy.p1.p0.i64(ptr addrspace(1) %second, ptr %words, i64 8, i1 false)
  ret void
}
