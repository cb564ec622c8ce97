; A module without references passes through both passes unchanged.
; RUN: %opt -passes=verify %s -o %t.before
; RUN: %opt -passes=greywave-prepare,greywave %s -o %t.after
; RUN: cmp %t.before %t.after
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
declare void @other(ptr)
define i32 @plain(ptr %p) {
  %slot = alloca ptr
  store ptr %p, ptr %slot
  call void @other(ptr %slot)
  ret i32 0
}
