; LLVM 22's ptrtoaddr: the address of that moment, taken anew in each round, on its side of every safepoint.
; RUN: %bin/opt --version | grep -q 'version 22' || exit 0
; RUN: %gwcc -O1 -I %S/../programs -c %S/Inputs/addresses.c -o %t.main.o
; RUN: for level in 0 2; do %opt -passes="default<O$level>" %s -o %t.ll; %llc -relocation-model=pic -filetype=obj %t.ll -o %t.o; %gwcc %t.main.o %t.o -o %t; GREYWAVE=stress=alloc+move,poison=1,verify=1 %t; done
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
declare void @collect()

; How often the two ways to an address agree behind a collection, out of five.
define i64 @agreements(ptr addrspace(1) %a) {
entry:
  br label %loop
loop:
  %i = phi i64 [0, %entry], [%next, %loop]
  %agreed = phi i64 [0, %entry], [%sum, %loop]
  %before = ptrtoaddr ptr addrspace(1) %a to i64
  call void @collect()
  %cast = ptrtoint ptr addrspace(1) %a to i64
  %address = ptrtoaddr ptr addrspace(1) %a to i64
  %equal = icmp eq i64 %cast, %address
  %one = zext i1 %equal to i64
  %sum = add i64 %agreed, %one
  %next = add i64 %i, 1
  %end = icmp eq i64 %next, 5
  br i1 %end, label %done, label %loop
done:
  ret i64 %sum
}

; By a plain address of the object, and how far the object has moved since: not 0 when every collection moves it.
define i64 @moved(ptr addrspace(1) %a) {
  %plain = addrspacecast ptr addrspace(1) %a to ptr
  %before = ptrtoaddr ptr %plain to i64
  call void @collect()
  %after = ptrtoaddr ptr addrspace(1) %a to i64
  %distance = sub i64 %after, %before
  ret i64 %distance
}
