; What another frontend may use beside references: calling conventions, attributes of references, data layouts that say more than
; clang's, vectors inside structs, variables anywhere in the entry block. A program of C calls all of it while every object moves at every allocation.
; RUN: sed '/^; Begin/,/^; End/d' %s >%t.parts.ll
; RUN: for cc in ccc fastcc coldcc tailcc preserve_mostcc preserve_allcc preserve_nonecc swiftcc swifttailcc win64cc x86_64_sysvcc x86_vectorcallcc x86_regcallcc x86_stdcallcc x86_fastcallcc x86_thiscallcc intel_ocl_bicc; do sed -n '/^; Begin/,/^; End/p' %s | sed "s/CONVENTION/$cc/g" >>%t.parts.ll; done
; RUN: %gwcc -O1 -I %S/../programs -c %S/Inputs/known.c -o %t.main.o
; RUN: for rest in "" -ni:1 -ni:10:11:12:13 -ni:1:2 -ni:2:1 -ni:3:1-ni:4; do sed "s/-S128/-S128$rest/" %t.parts.ll >%t.ll; for level in 0 2; do [ $level = 0 ] || [ -z "$rest" ] || continue; %opt -passes="default<O$level>" %t.ll -o %t.out.ll; grep -q "S128$rest\"" %t.out.ll; %llc -O$level -relocation-model=pic -filetype=obj %t.out.ll -o %t.o; %gwcc %t.main.o %t.o -o %t.program; GREYWAVE=stress=alloc+move,poison=1,verify=1,verify-walk=1 %t.program; done; done
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
%cell = type { i64, ptr addrspace(1) }

declare ptr addrspace(1) @make(i64, ptr addrspace(1))
declare void @collect()

; Begin
define CONVENTION ptr addrspace(1) @callee.CONVENTION(ptr addrspace(1) %a, i64 %x, ptr addrspace(1) %b) noinline {
  call void @collect()
  %v = load i64, ptr addrspace(1) %a
  %sum = add i64 %v, %x
  %n = call ptr addrspace(1) @make(i64 %sum, ptr addrspace(1) %b)
  call void @collect()
  ret ptr addrspace(1) %n
}

define i64 @call_CONVENTION(ptr addrspace(1) %a, ptr addrspace(1) %b) {
  %n = call CONVENTION ptr addrspace(1) @callee.CONVENTION(ptr addrspace(1) %a, i64 40, ptr addrspace(1) %b)
  %r = call i64 @sum(ptr addrspace(1) %n, ptr addrspace(1) %a, ptr addrspace(1) %b)
  ret i64 %r
}
; End

; The values of three cells, as digits.
define i64 @sum(ptr addrspace(1) %n, ptr addrspace(1) %a, ptr addrspace(1) %b) {
  %u = load i64, ptr addrspace(1) %n
  %v = load i64, ptr addrspace(1) %a
  %w = load i64, ptr addrspace(1) %b
  %u100 = mul i64 %u, 100
  %v10 = mul i64 %v, 10
  %uv = add i64 %u100, %v10
  %r = add i64 %uv, %w
  ret i64 %r
}

; Attributes of references, at the definition and at the call.
define ptr addrspace(1) @same(i64 %x, ptr addrspace(1) returned noalias nonnull dereferenceable(16) align 8 %a, ptr addrspace(1) inreg nofree %b) noinline {
  call void @collect()
  %next = getelementptr %cell, ptr addrspace(1) %a, i64 0, i32 1
  store ptr addrspace(1) %b, ptr addrspace(1) %next
  ret ptr addrspace(1) %a
}
define i64 @attributes(ptr addrspace(1) %a, ptr addrspace(1) %b) {
  %n = call ptr addrspace(1) @make(i64 7, ptr addrspace(1) null)
  %s = call ptr addrspace(1) @same(i64 0, ptr addrspace(1) returned noalias nonnull dereferenceable(16) align 8 %n, ptr addrspace(1) inreg nofree %b)
  call void @collect()
  %next = getelementptr %cell, ptr addrspace(1) %s, i64 0, i32 1
  %c = load ptr addrspace(1), ptr addrspace(1) %next
  %r = call i64 @sum(ptr addrspace(1) %n, ptr addrspace(1) %a, ptr addrspace(1) %c)
  ret i64 %r
}

define swiftcc ptr addrspace(1) @of_context(ptr addrspace(1) swiftself %a) noinline {
  call void @collect()
  ret ptr addrspace(1) %a
}
define ptr addrspace(1) @of_chain(ptr addrspace(1) nest %a, ptr addrspace(1) %b) noinline {
  call void @collect()
  ret ptr addrspace(1) %a
}
define i64 @contexts(ptr addrspace(1) %a, ptr addrspace(1) %b) {
  %x = call swiftcc ptr addrspace(1) @of_context(ptr addrspace(1) swiftself %b)
  %y = call ptr addrspace(1) @of_chain(ptr addrspace(1) nest %x, ptr addrspace(1) %a)
  %r = call i64 @sum(ptr addrspace(1) %x, ptr addrspace(1) %a, ptr addrspace(1) %y)
  ret i64 %r
}

; Lanes of vectors that are members of what a call returns and of what a function is given.
define { [2 x <2 x ptr addrspace(1)>], i64 } @lanes_of({ <2 x ptr addrspace(1)>, i64 } %given) noinline {
  call void @collect()
  %v = extractvalue { <2 x ptr addrspace(1)>, i64 } %given, 0
  %r = insertvalue { [2 x <2 x ptr addrspace(1)>], i64 } zeroinitializer, <2 x ptr addrspace(1)> %v, 0, 1
  ret { [2 x <2 x ptr addrspace(1)>], i64 } %r
}
define i64 @lanes(ptr addrspace(1) %a, ptr addrspace(1) %b) {
  %v0 = insertelement <2 x ptr addrspace(1)> zeroinitializer, ptr addrspace(1) %a, i32 0
  %v1 = insertelement <2 x ptr addrspace(1)> %v0, ptr addrspace(1) %b, i32 1
  %given = insertvalue { <2 x ptr addrspace(1)>, i64 } zeroinitializer, <2 x ptr addrspace(1)> %v1, 0
  %got = call { [2 x <2 x ptr addrspace(1)>], i64 } @lanes_of({ <2 x ptr addrspace(1)>, i64 } %given)
  call void @collect()
  %w = extractvalue { [2 x <2 x ptr addrspace(1)>], i64 } %got, 0, 1
  %x = extractelement <2 x ptr addrspace(1)> %w, i32 0
  %y = extractelement <2 x ptr addrspace(1)> %w, i32 1
  %r = call i64 @sum(ptr addrspace(1) %y, ptr addrspace(1) %x, ptr addrspace(1) %b)
  ret i64 %r
}

; Variables that stand behind what branches once it has a barrier, or is inlined: in the entry block all the same.
define void @leave(ptr %pointer) noinline {
  call void @collect()
  ret void
}
define void @two_ways(i64 %n) alwaysinline {
  %zero = icmp eq i64 %n, 0
  br i1 %zero, label %done, label %more
more:
  call void @collect()
  br label %done
done:
  ret void
}
define i64 @variables(ptr addrspace(1) %a, ptr addrspace(1) %b) {
  %next = getelementptr %cell, ptr addrspace(1) %b, i64 0, i32 1
  store ptr addrspace(1) %a, ptr addrspace(1) %next
  %array = alloca [3 x ptr addrspace(1)]
  %second = getelementptr i8, ptr %array, i64 8
  store ptr addrspace(1) %b, ptr %second
  call void @two_ways(i64 1)
  %single = alloca ptr addrspace(1)
  store ptr addrspace(1) %a, ptr %single
  call void @leave(ptr %array)
  call void @leave(ptr %single)
  %x = load ptr addrspace(1), ptr %second
  %y = load ptr addrspace(1), ptr %single
  %r = call i64 @sum(ptr addrspace(1) %x, ptr addrspace(1) %y, ptr addrspace(1) %b)
  ret i64 %r
}

; Far beyond an object and back, in a layout where references are no integers.
define i64 @distances(ptr addrspace(1) %a, ptr addrspace(1) %b) {
  %far = getelementptr %cell, ptr addrspace(1) %b, i64 1000
  %before = getelementptr i8, ptr addrspace(1) %a, i64 -4096
  call void @collect()
  %x = getelementptr %cell, ptr addrspace(1) %far, i64 -1000, i32 0
  %y = getelementptr i8, ptr addrspace(1) %before, i64 4096
  %r = call i64 @values(i64 0, ptr addrspace(1) %x, ptr addrspace(1) %y)
  ret i64 %r
}
define i64 @values(i64 %z, ptr addrspace(1) %x, ptr addrspace(1) %y) alwaysinline {
  %v = load i64, ptr addrspace(1) %x
  %w = load i64, ptr addrspace(1) %y
  %v10 = mul i64 %v, 10
  %r = add i64 %v10, %w
  ret i64 %r
}
