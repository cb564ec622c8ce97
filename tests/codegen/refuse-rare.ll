; Messages that C does not provoke, whole.
; RUN: for level in 0 2; do refused %gwcc -O$level -ferror-limit=0 -S -emit-llvm %s -o %t.ll 2>&1 | %check || exit 1; done
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
%pair = type { i64, ptr addrspace(1) }
declare void @may_collect()

; CHECK-DAG: greywave: the plain address of a collected object is used in a way that hides it; the object may move: keep the GW pointer, copy the bytes, or call only GW_NOCOLLECT functions with it [in function 'hidden']
define i64 @hidden(ptr addrspace(1) %a) {
  %view = addrspacecast ptr addrspace(1) %a to ptr
  %in = insertvalue { ptr, i64 } poison, ptr %view, 0
  %out = extractvalue { ptr, i64 } %in, 0
  %v = load i64, ptr %out
  ret i64 %v
}

declare { ptr addrspace(1), x86_fp80 } @both()
; CHECK-DAG: greywave: a function that may collect returns references together with a long double; return it through a pointer [in function 'long_double']
define x86_fp80 @long_double() {
  %r = call { ptr addrspace(1), x86_fp80 } @both()
  %d = extractvalue { ptr addrspace(1), x86_fp80 } %r, 1
  ret x86_fp80 %d
}

; CHECK-DAG: greywave: a reference is stored in memory from a function that returns fresh memory, where the collector does not look; allocate it with gw_new, or store a handle [in function 'fresh']
define void @fresh(ptr addrspace(1) %a, ptr %allocate) {
  %place = call noalias ptr %allocate(i64 8)
  store ptr addrspace(1) %a, ptr %place
  ret void
}

declare void @llvm.memset.element.unordered.atomic.p1.i64(ptr addrspace(1), i8, i64, i32)
; CHECK-DAG: greywave: element-wise atomic copies are not supported where references are held; use plain memcpy [in function 'set_elements']
define void @set_elements(ptr addrspace(1) %a) {
  call void @llvm.memset.element.unordered.atomic.p1.i64(ptr addrspace(1) align 8 %a, i8 0, i64 16, i32 8)
  ret void
}

; CHECK-DAG: greywave: the operand bundle 'ptrauth' is not known to survive at a call that may collect; leave it away where references are held [in function 'authenticated']
define ptr addrspace(1) @authenticated(ptr addrspace(1) %a, ptr %callee) {
  call void %callee() [ "ptrauth"(i32 0, i64 0) ]
  ret ptr addrspace(1) %a
}

declare void @takes_prepared(ptr)
; CHECK-DAG: greywave: a struct is passed in memory that the caller allocates for the call (inalloca, preallocated) where references are held; pass a pointer to it [in function 'prepared']
define ptr addrspace(1) @prepared(ptr addrspace(1) %a) {
  %place = alloca inalloca i64
  call void @takes_prepared(ptr inalloca(i64) %place)
  ret ptr addrspace(1) %a
}

; CHECK-DAG: greywave: the attribute 'hybrid_patchable' is not known to leave frames and references as they are; leave it away where references are held [function 'patched']
define ptr addrspace(1) @patched(ptr addrspace(1) %a) hybrid_patchable {
  ret ptr addrspace(1) %a
}

; CHECK-DAG: greywave: local variable holds references that cannot be found: it holds a scalable vector of references; use a plain struct [in function 'variable']
define void @variable(ptr addrspace(1) %a) {
  %v = alloca <vscale x 2 x ptr addrspace(1)>
  store ptr addrspace(1) %a, ptr %v
  call void @may_collect()
  ret void
}
