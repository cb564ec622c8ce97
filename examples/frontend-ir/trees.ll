; A whole program in IR written by hand: makes binary trees, drops them, and keeps one in a global variable.
;
; The three things that make it collected code: references are `ptr addrspace(1)`, objects come from gw_alloc with a
; constant gw_type, and everything else is as in any other program. build.sh beside this file compiles it.
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

; struct tree { reference left, right; i64 value; }, described to the collector: struct gw_type of greywave/abi.h.
%tree = type { ptr addrspace(1), ptr addrspace(1), i64 }
%gw_type = type { ptr, i32, i32, i32, i32, i32, i32, ptr, ptr, ptr, ptr }
@tree.name = private constant [5 x i8] c"tree\00"
@tree.offsets = private constant [2 x i32] [i32 0, i32 8]
@tree.type = private constant %gw_type {
  ptr @tree.name,
  i32 24, i32 0,           ; size in bytes, flags
  i32 2,                   ; reference fields, at @tree.offsets
  i32 0, i32 0, i32 0,     ; for arrays: references in an element, its size, where the length is
  ptr @tree.offsets,
  ptr null, ptr null, ptr null }, align 16

declare ptr addrspace(1) @gw_alloc(ptr)
declare i32 @gw_init(ptr)
declare i32 @printf(ptr, ...)
declare void @abort() noreturn

@kept = internal global ptr addrspace(1) null ; a root: the passes see its type
@message = private constant [21 x i8] c"tree %ld, kept %ld\0A\00\00"

define internal ptr addrspace(1) @make(i64 %depth) {
entry:
  %tree = call ptr addrspace(1) @gw_alloc(ptr @tree.type)
  %none = icmp eq ptr addrspace(1) %tree, null
  br i1 %none, label %exhausted, label %made
exhausted:
  call void @abort()
  unreachable
made:
  %value = getelementptr %tree, ptr addrspace(1) %tree, i64 0, i32 2
  store i64 1, ptr addrspace(1) %value
  %leaf = icmp eq i64 %depth, 0
  br i1 %leaf, label %done, label %inner
inner:
  %below = sub i64 %depth, 1
  ; %tree lives across both calls, and the collector may move it each time.
  %left = call ptr addrspace(1) @make(i64 %below)
  store ptr addrspace(1) %left, ptr addrspace(1) %tree
  %right = call ptr addrspace(1) @make(i64 %below)
  %slot = getelementptr %tree, ptr addrspace(1) %tree, i64 0, i32 1
  store ptr addrspace(1) %right, ptr addrspace(1) %slot
  br label %done
done:
  ret ptr addrspace(1) %tree
}

define internal i64 @sum(ptr addrspace(1) %tree) {
entry:
  %none = icmp eq ptr addrspace(1) %tree, null
  br i1 %none, label %empty, label %some
empty:
  ret i64 0
some:
  %at.right = getelementptr %tree, ptr addrspace(1) %tree, i64 0, i32 1
  %at.value = getelementptr %tree, ptr addrspace(1) %tree, i64 0, i32 2
  %left = load ptr addrspace(1), ptr addrspace(1) %tree
  %right = load ptr addrspace(1), ptr addrspace(1) %at.right
  %value = load i64, ptr addrspace(1) %at.value
  %a = call i64 @sum(ptr addrspace(1) %left)
  %b = call i64 @sum(ptr addrspace(1) %right)
  %ab = add i64 %a, %b
  %all = add i64 %ab, %value
  ret i64 %all
}

define i32 @main() {
entry:
  %status = call i32 @gw_init(ptr null)
  %failed = icmp ne i32 %status, 0
  br i1 %failed, label %give.up, label %start
give.up:
  ret i32 2
start:
  %first = call ptr addrspace(1) @make(i64 6)
  store ptr addrspace(1) %first, ptr @kept
  br label %loop
loop:
  %i = phi i64 [ 0, %start ], [ %next, %loop ]
  %tree = call ptr addrspace(1) @make(i64 5)
  %next = add i64 %i, 1
  %again = icmp ult i64 %next, 10
  br i1 %again, label %loop, label %end
end:
  %nodes = call i64 @sum(ptr addrspace(1) %tree)
  %old = load ptr addrspace(1), ptr @kept
  %kept.nodes = call i64 @sum(ptr addrspace(1) %old)
  call i32 (ptr, ...) @printf(ptr @message, i64 %nodes, i64 %kept.nodes)
  ret i32 0
}
