; Static objects that are written to. One whose variable's type shows its references is a root by that; of others the header says
; GW_HEADER_TRACK, whatever the frontend wrote, or what is stored in them would be lost.
; RUN: %opt -passes='default<O0>' -S %s -o - | %check
; RUN: sed /elsewhere/d %s >%t.in.ll; for level in 0 2; do %opt -passes="default<O$level>" %t.in.ll -o %t.ll; %llc -relocation-model=pic -filetype=obj %t.ll -o %t.o; %gwcc %t.o -o %t; GREYWAVE=poison=1,verify=1 %t; GREYWAVE=stress=alloc+move,poison=1,verify=1 %t; done
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
%type = type { ptr, i32, i32, i32, i32, i32, i32, ptr, ptr, ptr, ptr }

@name = private constant [5 x i8] c"cell\00"
@cell.offsets = private constant [1 x i32] [i32 0]
@cell.type = private constant %type { ptr @name, i32 16, i32 0, i32 1, i32 0, i32 0, i32 0, ptr @cell.offsets, ptr null, ptr null, ptr null }, align 16
@list.offsets = private constant [1 x i32] zeroinitializer
@list.type = private constant %type { ptr @name, i32 8, i32 0, i32 0, i32 1, i32 8, i32 0, ptr @list.offsets, ptr null, ptr null, ptr null }, align 16
@text.type = private constant %type { ptr @name, i32 16, i32 0, i32 0, i32 0, i32 0, i32 0, ptr null, ptr null, ptr null, ptr null }, align 16
@elsewhere.type = external constant %type, align 16

; CHECK-DAG: @words = internal global { i64, i64, i64 } { i64 add (i64 ptrtoint (ptr @cell.type to i64), i64 9), i64 0, i64 7 }
@words = internal global { i64, i64, i64 } { i64 add (i64 ptrtoint (ptr @cell.type to i64), i64 8), i64 0, i64 7 }, align 16
; CHECK-DAG: @by_address = internal global { ptr, [2 x i64] } { ptr getelementptr (i8, ptr @cell.type, i64 9), [2 x i64] [i64 0, i64 7] }
@by_address = internal global { ptr, [2 x i64] } { ptr getelementptr (i8, ptr @cell.type, i64 8), [2 x i64] [i64 0, i64 7] }, align 16
; CHECK-DAG: @table = internal global [2 x { i64, i64, i64 }] [{ i64, i64, i64 } { i64 add (i64 ptrtoint (ptr @cell.type to i64), i64 9), i64 0, i64 7 }, { i64, i64, i64 } { i64 add (i64 ptrtoint (ptr @cell.type to i64), i64 9), i64 0, i64 7 }]
@table = internal global [2 x { i64, i64, i64 }] [{ i64, i64, i64 } { i64 add (i64 ptrtoint (ptr @cell.type to i64), i64 8), i64 0, i64 7 }, { i64, i64, i64 } { i64 add (i64 ptrtoint (ptr @cell.type to i64), i64 9), i64 0, i64 7 }], align 16
; Only the first of three elements is shown.
; CHECK-DAG: @partly = internal global { i64, i64, ptr addrspace(1), i64, i64 } { i64 add (i64 ptrtoint (ptr @list.type to i64), i64 9), i64 3, ptr addrspace(1) null, i64 0, i64 0 }
@partly = internal global { i64, i64, ptr addrspace(1), i64, i64 } { i64 add (i64 ptrtoint (ptr @list.type to i64), i64 8), i64 3, ptr addrspace(1) null, i64 0, i64 0 }, align 16
; CHECK-DAG: @of_other_type = internal global { i64, i64, i64 } { i64 add (i64 ptrtoint (ptr @elsewhere.type to i64), i64 9), i64 0, i64 7 }
@of_other_type = internal global { i64, i64, i64 } { i64 add (i64 ptrtoint (ptr @elsewhere.type to i64), i64 8), i64 0, i64 7 }, align 16

; Roots by their types, without references, constants, numbers: as they were.
; CHECK-DAG: @shown = internal global { i64, ptr addrspace(1), i64 } { i64 add (i64 ptrtoint (ptr @cell.type to i64), i64 8), ptr addrspace(1) null, i64 7 }
@shown = internal global { i64, ptr addrspace(1), i64 } { i64 add (i64 ptrtoint (ptr @cell.type to i64), i64 8), ptr addrspace(1) null, i64 7 }, align 16
; CHECK-DAG: @whole = internal global { i64, i64, [2 x ptr addrspace(1)] } { i64 add (i64 ptrtoint (ptr @list.type to i64), i64 8), i64 2, [2 x ptr addrspace(1)] zeroinitializer }
@whole = internal global { i64, i64, [2 x ptr addrspace(1)] } { i64 add (i64 ptrtoint (ptr @list.type to i64), i64 8), i64 2, [2 x ptr addrspace(1)] zeroinitializer }, align 16
; CHECK-DAG: @text = internal global { i64, i64, i64 } { i64 add (i64 ptrtoint (ptr @text.type to i64), i64 8), i64 1, i64 2 }
@text = internal global { i64, i64, i64 } { i64 add (i64 ptrtoint (ptr @text.type to i64), i64 8), i64 1, i64 2 }, align 16
; CHECK-DAG: @fixed = internal constant { i64, i64, i64 } { i64 add (i64 ptrtoint (ptr @cell.type to i64), i64 8), i64 0, i64 7 }
@fixed = internal constant { i64, i64, i64 } { i64 add (i64 ptrtoint (ptr @cell.type to i64), i64 8), i64 0, i64 7 }, align 16
; CHECK-DAG: @numbers = global { i64, ptr } { i64 add (i64 ptrtoint (ptr @name to i64), i64 8), ptr @cell.type }
@numbers = global { i64, ptr } { i64 add (i64 ptrtoint (ptr @name to i64), i64 8), ptr @cell.type }

declare ptr addrspace(1) @gw_alloc(ptr)
declare i32 @gw_init(ptr)
declare void @gw_collect(i32)

define ptr addrspace(1) @cell(i64 %n) noinline {
  %cell = call ptr addrspace(1) @gw_alloc(ptr @cell.type)
  %field = getelementptr i8, ptr addrspace(1) %cell, i64 8
  store i64 %n, ptr addrspace(1) %field
  ret ptr addrspace(1) %cell
}

; Through addresses that show a static object, and through one that shows nothing.
define void @store(ptr addrspace(1) %object, i64 %n) noinline {
  %cell = call ptr addrspace(1) @cell(i64 %n)
  store ptr addrspace(1) %cell, ptr addrspace(1) %object
  ret void
}

define i64 @number(ptr addrspace(1) %object) noinline {
  %cell = load ptr addrspace(1), ptr addrspace(1) %object
  %field = getelementptr i8, ptr addrspace(1) %cell, i64 8
  %n = load i64, ptr addrspace(1) %field
  ret i64 %n
}

define void @fill() noinline {
  %first = call ptr addrspace(1) @cell(i64 1)
  store ptr addrspace(1) %first, ptr addrspace(1) addrspacecast (ptr getelementptr (i8, ptr @words, i64 8) to ptr addrspace(1))
  call void @store(ptr addrspace(1) addrspacecast (ptr getelementptr (i8, ptr @by_address, i64 8) to ptr addrspace(1)), i64 10)
  call void @store(ptr addrspace(1) addrspacecast (ptr getelementptr (i8, ptr @table, i64 8) to ptr addrspace(1)), i64 100)
  %third = call ptr addrspace(1) @cell(i64 1000)
  store ptr addrspace(1) %third, ptr addrspace(1) getelementptr (i8, ptr addrspace(1) addrspacecast (ptr getelementptr (i8, ptr @partly, i64 8) to ptr addrspace(1)), i64 24)
  call void @store(ptr addrspace(1) addrspacecast (ptr getelementptr (i8, ptr @shown, i64 8) to ptr addrspace(1)), i64 10000)
  ret void
}

; 0 when all that was stored is there after collections.
define i32 @main() {
  %ok = call i32 @gw_init(ptr null)
  call void @fill()
  call void @gw_collect(i32 1)
  call void @store(ptr addrspace(1) addrspacecast (ptr getelementptr (i8, ptr @whole, i64 16) to ptr addrspace(1)), i64 0)
  call void @gw_collect(i32 0)
  call void @gw_collect(i32 1)
  %a = call i64 @number(ptr addrspace(1) addrspacecast (ptr getelementptr (i8, ptr @words, i64 8) to ptr addrspace(1)))
  %b = call i64 @number(ptr addrspace(1) addrspacecast (ptr getelementptr (i8, ptr @by_address, i64 8) to ptr addrspace(1)))
  %c = call i64 @number(ptr addrspace(1) addrspacecast (ptr getelementptr (i8, ptr @table, i64 8) to ptr addrspace(1)))
  %third = load ptr addrspace(1), ptr addrspace(1) getelementptr (i8, ptr addrspace(1) addrspacecast (ptr getelementptr (i8, ptr @partly, i64 8) to ptr addrspace(1)), i64 24)
  %field = getelementptr i8, ptr addrspace(1) %third, i64 8
  %d = load i64, ptr addrspace(1) %field
  %e = call i64 @number(ptr addrspace(1) addrspacecast (ptr getelementptr (i8, ptr @shown, i64 8) to ptr addrspace(1)))
  %ab = add i64 %a, %b
  %abc = add i64 %ab, %c
  %abcd = add i64 %abc, %d
  %sum = add i64 %abcd, %e
  %right = icmp ne i64 %sum, 11111
  %r = zext i1 %right to i32
  ret i32 %r
}
