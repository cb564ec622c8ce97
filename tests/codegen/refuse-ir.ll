; What C cannot write, but another frontend could.
; opt ends at the first error, so each function is taken alone.
; RUN: for f in masked laundered elements throws jumps variable_in_heap in_struct reads_variadic other_collector in_allocated coroutine naked scalable kept_words exchanged masked_words vector_store; do %bin/llvm-extract -S -func=$f %s -o %t.ll; refused %opt -passes=greywave-prepare %t.ll -o /dev/null; done 2>&1 | %check
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
declare void @may_collect()
declare i32 @personality(...)
declare ptr addrspace(1) @llvm.ptrmask.p1.i64(ptr addrspace(1), i64)
declare ptr addrspace(1) @llvm.launder.invariant.group.p1(ptr addrspace(1))
declare void @llvm.memcpy.element.unordered.atomic.p1.p1.i64(ptr addrspace(1), ptr addrspace(1), i64, i32)

; CHECK: greywave: an intrinsic makes a new pointer out of a reference; keep the reference and mask its bits as an integer [in function 'masked']
define ptr addrspace(1) @masked(ptr addrspace(1) %a) {
  %b = call ptr addrspace(1) @llvm.ptrmask.p1.i64(ptr addrspace(1) %a, i64 -16)
  ret ptr addrspace(1) %b
}

; CHECK: greywave: an intrinsic makes a new pointer out of a reference{{.*}}[in function 'laundered']
define ptr addrspace(1) @laundered(ptr addrspace(1) %a) {
  %b = call ptr addrspace(1) @llvm.launder.invariant.group.p1(ptr addrspace(1) %a)
  ret ptr addrspace(1) %b
}

; CHECK: greywave: element-wise atomic copies are not supported where references may be held; use plain memcpy
define void @elements(ptr addrspace(1) %a, ptr addrspace(1) %b) {
  call void @llvm.memcpy.element.unordered.atomic.p1.p1.i64(ptr addrspace(1) align 8 %a, ptr addrspace(1) align 8 %b, i64 16, i32 8)
  ret void
}

; CHECK: greywave: exception handling by funclets in a function that holds references; use landing pads [in function 'throws']
define ptr addrspace(1) @throws(ptr addrspace(1) %a) personality ptr @personality {
  invoke void @may_collect() to label %ok unwind label %bad
ok:
  ret ptr addrspace(1) %a
bad:
  %pad = cleanuppad within none []
  cleanupret from %pad unwind to caller
}

; CHECK: greywave: `asm goto` in a function that holds references; move it out
define ptr addrspace(1) @jumps(ptr addrspace(1) %a) {
  callbr void asm sideeffect "", "!i"() to label %next [label %other]
next:
  ret ptr addrspace(1) %a
other:
  ret ptr addrspace(1) null
}

; CHECK: greywave: a local variable cannot itself live in the collected address space; declare the pointer GW, not the variable
define void @variable_in_heap() {
  %v = alloca i64, addrspace(1)
  store i64 0, ptr addrspace(1) %v
  ret void
}

; CHECK: greywave: a pointer into an object is put into a struct
define { ptr addrspace(1), i64 } @in_struct(ptr addrspace(1) %a) {
  %p = getelementptr i8, ptr addrspace(1) %a, i64 8
  %s = insertvalue { ptr addrspace(1), i64 } zeroinitializer, ptr addrspace(1) %p, 0
  ret { ptr addrspace(1), i64 } %s
}

; CHECK: greywave: a reference is read from variadic arguments; declare the parameter
define ptr addrspace(1) @reads_variadic(ptr %list) {
  %a = va_arg ptr %list, ptr addrspace(1)
  ret ptr addrspace(1) %a
}

; CHECK: greywave: holds references but names another collector [function 'other_collector']
define ptr addrspace(1) @other_collector(ptr addrspace(1) %a) gc "statepoint-example" {
  ret ptr addrspace(1) %a
}

%pair = type { ptr addrspace(1), ptr addrspace(1) }
declare void @takes_allocated(ptr inalloca(%pair))
; The argument's memory is no variable of the frame.
; CHECK: greywave: a variable-length array or alloca holds references; use an array of constant size or a collected array [in function 'in_allocated']
define void @in_allocated(ptr addrspace(1) %a) {
  %p = alloca inalloca %pair
  store ptr addrspace(1) %a, ptr %p
  call void @takes_allocated(ptr inalloca(%pair) %p)
  ret void
}

; CHECK: greywave: coroutines cannot hold references yet; use an ordinary function [function 'coroutine']
define ptr addrspace(1) @coroutine(ptr addrspace(1) %a) presplitcoroutine {
  ret ptr addrspace(1) %a
}

; CHECK: greywave: a naked function holds references; use plain pointers there [function 'naked']
define ptr addrspace(1) @naked(ptr addrspace(1) %a) naked {
  call void asm sideeffect "ret", ""()
  unreachable
}

; CHECK: greywave: scalable vectors cannot hold references; compile without scalable vector extensions [in function 'scalable']
define void @scalable(ptr %p) {
  %v = load <vscale x 2 x ptr addrspace(1)>, ptr %p
  store <vscale x 2 x ptr addrspace(1)> %v, ptr %p
  ret void
}

; CHECK: greywave: bits that may be those of a reference are written into an object after a call that may collect{{.*}}[in function 'kept_words']
define void @kept_words(ptr addrspace(1) %to, ptr addrspace(1) %from) {
  %words = load i128, ptr addrspace(1) %from, align 8
  call void @may_collect()
  store i128 %words, ptr addrspace(1) %to, align 8
  ret void
}

; CHECK: greywave: an integer is exchanged where a reference belongs, without its barrier; exchange references as GW pointers [in function 'exchanged']
define i64 @exchanged(ptr addrspace(1) %to, i64 %word) {
  %place = getelementptr { i64, ptr addrspace(1) }, ptr addrspace(1) %to, i64 0, i32 1
  %old = atomicrmw xchg ptr addrspace(1) %place, i64 %word seq_cst
  ret i64 %old
}

; CHECK: greywave: a masked store of numbers into an object may be that of references, without its barrier; store them as GW pointers, or through a struct whose type shows that they are numbers [in function 'masked_words']
declare void @llvm.masked.store.v2i64.p1(<2 x i64>, ptr addrspace(1), i32, <2 x i1>)
define void @masked_words(ptr addrspace(1) %to, ptr addrspace(1) %from, <2 x i1> %mask) {
  %words = load <2 x i64>, ptr addrspace(1) %from
  call void @llvm.masked.store.v2i64.p1(<2 x i64> %words, ptr addrspace(1) %to, i32 8, <2 x i1> %mask)
  ret void
}

; CHECK: greywave: 'llvm.vp.store' is given a reference or an address inside an object{{.*}}[in function 'vector_store']
declare void @llvm.vp.store.v2p1.p1(<2 x ptr addrspace(1)>, ptr addrspace(1), <2 x i1>, i32)
define void @vector_store(<2 x ptr addrspace(1)> %values, ptr addrspace(1) %to, <2 x i1> %mask) {
  call void @llvm.vp.store.v2p1.p1(<2 x ptr addrspace(1)> %values, ptr addrspace(1) align 8 %to, <2 x i1> %mask, i32 2)
  ret void
}
