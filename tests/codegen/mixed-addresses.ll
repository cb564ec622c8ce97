; Plain addresses that lie in an object or not, by choice, and live across a safepoint: so they can arrive behind the optimiser.
; RUN: %opt -passes=greywave %s | %check
; What cannot be mended ends as an internal error, with the file.
; RUN: sed -e 's/;BAD //' %s > %t.ll
; RUN: refused %opt -passes=greywave %t.ll 2>&1 | %filecheck --check-prefix=INTERNAL %s
; INTERNAL: greywave: internal error: after the program was accepted, the optimiser brought about what code cannot be made for: an integer becomes a reference{{.*}} [in 'mixed-addresses.ll'; please report this, and compile that file with -O0 until it is mended]
source_filename = "mixed-addresses.ll"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
declare void @may_collect()
declare i64 @look(ptr) "gc-leaf-function"

; CHECK-LABEL: define i64 @chosen(
; CHECK: %[[IN:.*]] = select i1 %c, i1 true, i1 false
; CHECK: %[[REFERENCE:.*]] = select i1 %c, ptr addrspace(1) %{{.*}}, ptr addrspace(1) null
; CHECK: statepoint{{.*}}@may_collect{{.*}}"gc-live"(
; CHECK: call {{.*}}gc.relocate
; CHECK: addrspacecast ptr addrspace(1)
; CHECK: select i1
; CHECK: call i64 @look(
define i64 @chosen(ptr addrspace(1) %object, ptr %native, i1 %c) "greywave-prepared" gc "greywave" {
  %bytes = getelementptr i8, ptr addrspace(1) %object, i64 8
  %view = addrspacecast ptr addrspace(1) %bytes to ptr
  %address = select i1 %c, ptr %view, ptr %native
  call void @may_collect()
  %n = call i64 @look(ptr %address)
  ret i64 %n
}

; One loop goes over the bytes of either.
; CHECK-LABEL: define i64 @walked(
; CHECK: loop:
; CHECK: phi i1
; CHECK: phi ptr addrspace(1)
; CHECK: phi ptr
; CHECK: addrspacecast ptr addrspace(1)
; CHECK: call i64 @look(
; CHECK: statepoint{{.*}}@may_collect
; CHECK: gc.relocate
define i64 @walked(ptr addrspace(1) %object, ptr %native, i1 %c) "greywave-prepared" gc "greywave" {
entry:
  br i1 %c, label %in, label %loop
in:
  %view = addrspacecast ptr addrspace(1) %object to ptr
  br label %loop
loop:
  %at = phi ptr [ %view, %in ], [ %native, %entry ], [ %next, %loop ]
  %n = call i64 @look(ptr %at)
  %next = getelementptr i8, ptr %at, i64 1
  call void @may_collect()
  %more = icmp ne i64 %n, 0
  br i1 %more, label %loop, label %out
out:
  ret i64 %n
}

; The store into the object has its barrier.
; CHECK-LABEL: define void @stored(
; CHECK: br i1
; CHECK: gw_barrier_slow
; CHECK: store ptr addrspace(1) %new, ptr addrspace(1)
; CHECK: store ptr addrspace(1) %new, ptr %
define void @stored(ptr addrspace(1) %object, ptr %native, ptr addrspace(1) %new, i1 %c) "greywave-prepared" "greywave-unchecked" gc "greywave" {
  %view = addrspacecast ptr addrspace(1) %object to ptr
  %address = select i1 %c, ptr %view, ptr %native
  store ptr addrspace(1) %new, ptr %address
  ret void
}

;BAD define ptr addrspace(1) @made(i64 %n) "greywave-prepared" gc "greywave" {
;BAD   %r = inttoptr i64 %n to ptr addrspace(1)
;BAD   ret ptr addrspace(1) %r
;BAD }
