; A struct without references, by value in memory, to a musttail call: LLVM 19 writes over the return address (llvm #56891), so it is refused there.
; RUN: if [ $(basename $(dirname %bin)) = llvm-19 ]; then refused %opt -passes=greywave-prepare %s -o /dev/null 2>&1 | %check; else %opt -passes=greywave-prepare,greywave %s | %check; fi
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
%big = type { i64, i64, i64 }

declare void @collect()
declare ptr addrspace(1) @next(ptr byval(%big), ptr addrspace(1))
; LLVM19: greywave: a struct is passed by value, in memory, to a musttail call, for which this release of LLVM writes over the return address (llvm #56891); pass its members [in function 'first']
; LLVM22: musttail call ptr addrspace(1) @next(
define ptr addrspace(1) @first(ptr byval(%big) %s, ptr addrspace(1) %a) {
  call void @collect()
  %r = musttail call ptr addrspace(1) @next(ptr byval(%big) %s, ptr addrspace(1) %a)
  ret ptr addrspace(1) %r
}
