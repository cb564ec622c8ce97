; Arguments on the stack of a musttail call by tailcc: LLVM 22 loses them (llvm #199224), so it is refused there.
; RUN: if [ $(basename $(dirname %bin)) = llvm-22 ]; then refused %opt -passes=greywave-prepare %s -o /dev/null 2>&1 | %check; else %opt -passes=greywave-prepare,greywave %s | %check; fi
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

; LLVM22: greywave: a musttail call passes arguments on the stack, which this release of LLVM loses (llvm #199224); pass at most 6 integers and references, or use another calling convention [in function 'seven']
; LLVM19: musttail call tailcc ptr addrspace(1) @seven(
define tailcc ptr addrspace(1) @seven(ptr addrspace(1) %a, i64 %b, i64 %c, i64 %d, i64 %e, i64 %f, i64 %g) {
  %r = musttail call tailcc ptr addrspace(1) @seven(ptr addrspace(1) %a, i64 %c, i64 %b, i64 %d, i64 %e, i64 %g, i64 %f)
  ret ptr addrspace(1) %r
}
