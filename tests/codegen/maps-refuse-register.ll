; A reference that code generation leaves in a register across a call is refused where nobody has weighed whether it may be there.
; RUN: refused %llc -O2 -max-registers-for-gc-values=8 -fixup-allow-gcptr-in-csr -use-registers-for-gc-values-in-landing-pad %s -o %t.s 2> %t.err
; RUN: grep 'greywave: no frame map for function in_register: a reference is in register ' %t.err
; RUN: grep ' across a call; compile without -max-registers-for-gc-values' %t.err

target triple = "x86_64-pc-linux-gnu"

declare token @llvm.experimental.gc.statepoint.p0(i64 immarg, i32 immarg, ptr, i32 immarg, i32 immarg, ...)
declare ptr addrspace(1) @llvm.experimental.gc.relocate.p1(token, i32 immarg, i32 immarg)
declare void @collect()

define ptr addrspace(1) @in_register(ptr addrspace(1) %a) gc "greywave" {
  %t = call token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 0, i32 0, ptr elementtype(void ()) @collect, i32 0, i32 0, i32 0, i32 0) ["gc-live"(ptr addrspace(1) %a)]
  %a1 = call ptr addrspace(1) @llvm.experimental.gc.relocate.p1(token %t, i32 0, i32 0)
  ret ptr addrspace(1) %a1
}
!greywave.lowered = !{} ; as the last pass leaves it
