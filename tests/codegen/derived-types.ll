; Types whose layouts are derived in IR, under names of their own: an object, an array, one that needs 16-byte alignment. They move at
; every allocation, so what the lists lack would be lost.
; RUN: %opt -passes='default<O0>' %s -o %t.ll && %check <%t.ll
; RUN: for level in 0 2; do %opt -passes="default<O$level>" %s -o %t.ll; %llc -relocation-model=pic -filetype=obj %t.ll -o %t.o; %gwcc %t.o -o %t; GREYWAVE=stress=alloc+move,poison=1,verify=1 %t; done
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
%type = type { ptr, i32, i32, i32, i32, i32, i32, ptr, ptr, ptr, ptr }
%node = type { i64, ptr addrspace(1), i32, ptr addrspace(1) }
%item = type { ptr addrspace(1), i64 }
%list = type { ptr addrspace(1), i64, [0 x %item] }
%vector = type { ptr addrspace(1), <2 x i64> }

@name = private constant [5 x i8] c"name\00"
@node.layout = private constant %node zeroinitializer
@list.layout = private constant %list zeroinitializer
@vector.layout = internal constant %vector zeroinitializer

; CHECK-DAG: @node.type.offsets = private unnamed_addr constant [2 x i32] [i32 8, i32 24]
; CHECK-DAG: @node.type = private constant %type { ptr @name, i32 32, i32 0, i32 2, i32 0, i32 0, i32 0, ptr @node.type.offsets, ptr null, ptr null, ptr null }, align 16
@node.type = private constant %type { ptr @name, i32 ptrtoint (ptr getelementptr (%node, ptr null, i32 1) to i32), i32 1, i32 0, i32 0, i32 0, i32 0, ptr null, ptr null, ptr null, ptr @node.layout }
; CHECK-DAG: @list.type.offsets = private unnamed_addr constant [2 x i32] zeroinitializer
; CHECK-DAG: @list.type = private constant %type { ptr @name, i32 16, i32 0, i32 1, i32 1, i32 16, i32 8, ptr @list.type.offsets, ptr null, ptr null, ptr null }, align 16
@list.type = private constant %type { ptr @name, i32 16, i32 1, i32 0, i32 0, i32 16, i32 8, ptr null, ptr null, ptr null, ptr @list.layout }
; The flag for 16-byte alignment, which nobody set.
; CHECK-DAG: @vector.type = constant %type { ptr @name, i32 32, i32 2, i32 1, i32 0, i32 0, i32 0, ptr @{{.*}}, ptr null, ptr null, ptr null }, align 16
@vector.type = constant %type { ptr @name, i32 32, i32 1, i32 0, i32 0, i32 0, i32 0, ptr null, ptr null, ptr null, ptr @vector.layout }
; CHECK-NOT: .layout =

declare ptr addrspace(1) @gw_alloc(ptr)
declare ptr addrspace(1) @gw_alloc_array(ptr, i64)
declare ptr addrspace(1) @gw_immediate_word(i64)
declare i32 @gw_init(ptr)

define ptr addrspace(1) @leaf(i64 %n) {
  %object = call ptr addrspace(1) @gw_alloc(ptr @node.type)
  store i64 %n, ptr addrspace(1) %object
  ret ptr addrspace(1) %object
}

; An aligned store at the vector: the object must be aligned to 16.
define ptr addrspace(1) @with_vector(i64 %n) noinline {
  %object = call ptr addrspace(1) @gw_alloc(ptr @vector.type)
  %field = getelementptr %vector, ptr addrspace(1) %object, i64 0, i32 1
  store <2 x i64> <i64 1, i64 2>, ptr addrspace(1) %field, align 16
  %leaf = call ptr addrspace(1) @leaf(i64 %n)
  store ptr addrspace(1) %leaf, ptr addrspace(1) %object
  ret ptr addrspace(1) %object
}

; 0 when every reference is found: in the object, the fixed part and an element.
define i32 @main() {
  %ok = call i32 @gw_init(ptr null)
  %odd = call ptr addrspace(1) @leaf(i64 0)
  %node = call ptr addrspace(1) @leaf(i64 0)
  %list = call ptr addrspace(1) @gw_alloc_array(ptr @list.type, i64 3)
  %a = call ptr addrspace(1) @leaf(i64 40)
  %right = getelementptr %node, ptr addrspace(1) %node, i64 0, i32 3
  store ptr addrspace(1) %a, ptr addrspace(1) %right
  store ptr addrspace(1) %node, ptr addrspace(1) %list
  %b = call ptr addrspace(1) @with_vector(i64 2)
  %at = getelementptr %list, ptr addrspace(1) %list, i64 0, i32 2, i64 2, i32 0
  store ptr addrspace(1) %b, ptr addrspace(1) %at
  %c = call ptr addrspace(1) @with_vector(i64 0)
  %n = load ptr addrspace(1), ptr addrspace(1) %list
  %r = getelementptr %node, ptr addrspace(1) %n, i64 0, i32 3
  %x = load ptr addrspace(1), ptr addrspace(1) %r
  %v = load i64, ptr addrspace(1) %x
  %y = load ptr addrspace(1), ptr addrspace(1) %at
  %z = load ptr addrspace(1), ptr addrspace(1) %y
  %w = load i64, ptr addrspace(1) %z
  %sum = add i64 %v, %w
  %wrong = icmp ne i64 %sum, 42
  %status = zext i1 %wrong to i32
  ret i32 %status
}
