; A stack variable among the references has no layout in the map: refused, as are deopt operands that are not a layout.
; RUN: refused %llc -O2 %s -o %t.s 2> %t.err
; RUN: grep 'greywave: no frame map for function listed: a stack variable is listed among the references: its layout is unknown' %t.err
; RUN: sed 's/"gc-live"(ptr %v)/"deopt"(i64 1)/' %s > %t.ll
; RUN: refused %llc -O2 %t.ll -o %t.s 2> %t.err
; RUN: grep 'function listed: a tracked stack variable is not on the stack' %t.err
; RUN: sed 's/"gc-live"(ptr %v)/"deopt"(ptr %v, i64 2, i64 8)/' %s > %t.ll
; RUN: refused %llc -O2 %t.ll -o %t.s 2> %t.err
; RUN: grep 'function listed: a constant operand is missing or does not fit 31 bits: not a statepoint of the greywave pass' %t.err
; RUN: sed 's/"gc-live"(ptr %v)/"deopt"(ptr %v, i64 2, i64 12, i64 1, i64 0)/' %s > %t.ll
; RUN: refused %llc -O2 %t.ll -o %t.s 2> %t.err
; RUN: grep 'function listed: a tracked stack variable has an odd stride' %t.err
; RUN: sed 's/"gc-live"(ptr %v)/"deopt"(ptr %v, i64 1, i64 16, i64 1, i64 4)/' %s > %t.ll
; RUN: refused %llc -O2 %t.ll -o %t.s 2> %t.err
; RUN: grep 'function listed: a reference in a stack variable is not aligned' %t.err
; RUN: sed 's/"gc-live"(ptr %v)/"deopt"(ptr %v, i64 2, i64 8, i64 2, i64 0, i64 16)/' %s > %t.ll
; RUN: refused %llc -O2 %t.ll -o %t.s 2> %t.err
; RUN: grep 'function listed: a reference in a stack variable is not in its block' %t.err

target triple = "x86_64-pc-linux-gnu"

declare token @llvm.experimental.gc.statepoint.p0(i64 immarg, i32 immarg, ptr, i32 immarg, i32 immarg, ...)
declare void @collect()

define void @listed() gc "greywave" {
  %v = alloca ptr addrspace(1)
  store ptr addrspace(1) null, ptr %v
  %t = call token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 0, i32 0, ptr elementtype(void ()) @collect, i32 0, i32 0, i32 0, i32 0) ["gc-live"(ptr %v)]
  ret void
}
!greywave.lowered = !{} ; as the last pass leaves it
