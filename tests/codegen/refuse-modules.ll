; What a module may not be, or have beside its functions.
; RUN: refused %opt -passes=greywave-prepare %s -o /dev/null 2>&1 | %check
; RUN: sed 's/^@in_heap.*//' %s >%t.ll; refused %opt -passes=greywave-prepare %t.ll -o /dev/null 2>&1 | %filecheck %s --check-prefix=DECLARED
; RUN: sed 's/^@in_.*//; s/-S128/-S128-p1:32:32/' %s >%t.ll; refused %opt -passes=greywave-prepare %t.ll -o /dev/null 2>&1 | %filecheck %s --check-prefix=NARROW
; RUN: sed 's/^@in_.*//; s/-S128/-S128-p1:64:64:64:32/' %s >%t.ll; refused %opt -passes=greywave-prepare %t.ll -o /dev/null 2>&1 | %filecheck %s --check-prefix=NARROW
; RUN: sed 's/^@in_.*//; s/linux-gnu/windows-msvc/' %s >%t.ll; refused %opt -passes=greywave-prepare %t.ll -o /dev/null 2>&1 | %filecheck %s --check-prefix=TARGET
; RUN: sed 's/^@in_.*//; s/^target triple.*//' %s >%t.ll; %opt -passes=greywave-prepare %t.ll -o /dev/null
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

; CHECK: greywave: 'in_heap' cannot itself live in the collected address space, where every address leads to an object with a header; define it in address space 0, and static objects as the guide says
@in_heap = addrspace(1) global i64 7
; DECLARED: greywave: 'in_other_heap' cannot itself live in the collected address space
@in_other_heap = external addrspace(1) global i64
; NARROW: greywave: the data layout does not make references little-endian words of 64 bits; leave address space 1 as x86-64 and AArch64 have it
; TARGET: greywave: frame maps are made for x86-64, AArch64 and ELF, not for 'x86_64-pc-windows-msvc'; set another target triple

define i64 @read(ptr addrspace(1) %a) {
  %v = load i64, ptr addrspace(1) %a
  ret i64 %v
}
