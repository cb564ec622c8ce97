; What of AArch64 may not stand where references are held.
; RUN: refused %gwcc --target=aarch64-linux-gnu -O2 -ferror-limit=0 -S -emit-llvm %s -o %t.ll 2>&1 | %check
; RUN: sed -n '/^target/p; /^declare void @may/p; /^; scalable/,$p' %s >%t.ll; %opt -passes=greywave-prepare,greywave %t.ll -o %t2.ll; refused %llc -O2 %t2.ll -o /dev/null 2>&1 | %filecheck %s --check-prefix=SCALABLE
target datalayout = "e-m:e-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32"
target triple = "aarch64-unknown-linux-gnu"
declare void @may_collect()
declare ptr @llvm.aarch64.irg(ptr, i64)
declare void @llvm.aarch64.sme.zero(i32)

; CHECK: greywave: a call by pointer that may collect cannot go through a thunk (-mharden-sls=blr); compile functions that hold references and make such calls without [in function 'by_a_thunk']
define ptr addrspace(1) @by_a_thunk(ptr addrspace(1) %o, ptr %f) "target-features"="+harden-sls-blr" {
  call void %f()
  ret ptr addrspace(1) %o
}

; What comes in as numbers is understood where it comes in (passed-structs.c).
; CHECK: greywave: an integer is stored where a reference belongs, which the collector would follow; store references as GW pointers, and words by gw_immediate_word [in function 'out_of_memory']
%pair = type { ptr addrspace(1), ptr addrspace(1) }
define ptr addrspace(1) @out_of_memory(ptr %from) {
  %variable = alloca %pair
  %numbers = load [2 x i64], ptr %from
  store [2 x i64] %numbers, ptr %variable
  call void @may_collect()
  %r = load ptr addrspace(1), ptr %variable
  ret ptr addrspace(1) %r
}

; CHECK: greywave: memory tags in a function that holds references, which objects do not have; use them in a function of its own [in function 'tagged']
define ptr addrspace(1) @tagged(ptr addrspace(1) %o, ptr %p) {
  %t = call ptr @llvm.aarch64.irg(ptr %p, i64 0)
  store i64 0, ptr %t
  ret ptr addrspace(1) %o
}

; CHECK: greywave: SME's modes and matrices in a function that holds references; use them in a function of its own [in function 'with_matrix']
define ptr addrspace(1) @with_matrix(ptr addrspace(1) %o) {
  call void @llvm.aarch64.sme.zero(i32 1)
  ret ptr addrspace(1) %o
}

; CHECK: greywave: SME's modes and matrices in a function that holds references; use them in a function of its own [function 'streaming']
define ptr addrspace(1) @streaming(ptr addrspace(1) %o) "aarch64_pstate_sm_enabled" {
  ret ptr addrspace(1) %o
}

; scalable: of the frame, only its printer knows.
; SCALABLE: greywave: no frame map for function scalable: vectors whose size only the processor knows lie in its frame; compile it for a processor without SVE and SME (-march=...+nosve), or without vectorizing
define ptr addrspace(1) @scalable(ptr addrspace(1) %o, ptr %from) "target-features"="+sve" {
  %v = load <vscale x 2 x i64>, ptr %from
  call void @may_collect()
  store <vscale x 2 x i64> %v, ptr %from
  ret ptr addrspace(1) %o
}
