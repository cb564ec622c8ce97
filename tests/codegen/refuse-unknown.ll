; Intrinsics, attributes, operand bundles and calling conventions that are not known to be precise beside references: one of each kind
; and category, with the words that it gets. What is known is shown in known.ll and in tests/programs.
; RUN: for level in 0 2; do refused %gwcc -O$level -ferror-limit=0 -S -emit-llvm %s -o %t.ll 2>&1 | %check; done
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
%pair = type { i64, ptr addrspace(1) }
declare void @may_collect()
declare ptr addrspace(1) @make()
declare i32 @personality(...)

; CHECK: greywave: a call brings the state or the roots of another runtime (deopt, gc-live, gc-transition), for which frame maps have no place; keep what it names in variables, and leave the bundle away [in function 'deopt']
define i64 @deopt(ptr addrspace(1) %a) {
  %slot = alloca [2 x ptr addrspace(1)]
  call void asm sideeffect "", "r"(ptr %slot)
  store ptr addrspace(1) %a, ptr %slot
  call void @may_collect() [ "deopt"(i32 100) ]
  %x = load volatile ptr addrspace(1), ptr %slot
  %v = load i64, ptr addrspace(1) %x
  ret i64 %v
}

; CHECK: greywave: a call brings the state or the roots of another runtime{{.*}}[in function 'gc_live']
define ptr addrspace(1) @gc_live(ptr addrspace(1) %a) {
  call void @may_collect() [ "gc-live"(ptr addrspace(1) %a) ]
  ret ptr addrspace(1) %a
}

; CHECK: greywave: a call brings the state or the roots of another runtime{{.*}}[in function 'deopt_invoke']
define i64 @deopt_invoke(ptr addrspace(1) %a) personality ptr @personality {
  invoke void @may_collect() [ "deopt"(i32 100) ] to label %ok unwind label %bad
ok:
  %v = load i64, ptr addrspace(1) %a
  ret i64 %v
bad:
  %pad = landingpad { ptr, i32 } cleanup
  resume { ptr, i32 } %pad
}

; CHECK: greywave: a call brings the state or the roots of another runtime{{.*}}[in function 'deopt_result']
define ptr addrspace(1) @deopt_result() {
  %slot = alloca [2 x ptr addrspace(1)]
  call void asm sideeffect "", "r"(ptr %slot)
  %n = call ptr addrspace(1) @make() [ "deopt"(i32 100) ]
  %x = load volatile ptr addrspace(1), ptr %slot
  ret ptr addrspace(1) %n
}

; CHECK: greywave: a call by pointer that may collect cannot go through a thunk (-mretpoline, -mlvi-hardening, -mseses); compile functions that hold references and make such calls without [in function 'by_a_thunk']
define ptr addrspace(1) @by_a_thunk(ptr addrspace(1) %a, ptr %callee) "target-features"="+retpoline-indirect-calls" {
  call void %callee()
  ret ptr addrspace(1) %a
}

; CHECK: greywave: -fsanitize=kcfi would not check this call, which may collect; compile functions that hold references without it [in function 'kcfi']
define ptr addrspace(1) @kcfi(ptr addrspace(1) %a, ptr %callee) {
  call void %callee() [ "kcfi"(i32 7) ]
  ret ptr addrspace(1) %a
}

declare token @llvm.experimental.gc.statepoint.p0(i64 immarg, i32 immarg, ptr, i32 immarg, i32 immarg, ...)
; CHECK: greywave: statepoints, patchpoints, deoptimisation or roots of another collector in a function that holds references; leave all calls as calls: greywave makes them safepoints [in function 'statepoint']
define i64 @statepoint(ptr addrspace(1) %a) gc "greywave" {
  %t = call token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 0, i32 0, ptr elementtype(void ()) @may_collect, i32 0, i32 0, i32 0, i32 0)
  %v = load i64, ptr addrspace(1) %a
  ret i64 %v
}

declare void @llvm.experimental.patchpoint.void(i64 immarg, i32 immarg, ptr, i32 immarg, ...)
; CHECK: greywave: statepoints, patchpoints{{.*}}[in function 'patchpoint']
define ptr addrspace(1) @patchpoint(ptr addrspace(1) %a) {
  call void (i64, i32, ptr, i32, ...) @llvm.experimental.patchpoint.void(i64 0, i32 16, ptr @may_collect, i32 0)
  ret ptr addrspace(1) %a
}

declare void @llvm.experimental.stackmap(i64 immarg, i32 immarg, ...)
; CHECK: greywave: statepoints, patchpoints{{.*}}[in function 'stackmap']
define ptr addrspace(1) @stackmap(ptr addrspace(1) %a) {
  call void (i64, i32, ...) @llvm.experimental.stackmap(i64 0, i32 0, ptr addrspace(1) %a)
  ret ptr addrspace(1) %a
}

declare ptr addrspace(1) @llvm.experimental.deoptimize.p1(...)
; CHECK: greywave: a call brings the state or the roots of another runtime{{.*}}[in function 'deoptimize']
define ptr addrspace(1) @deoptimize() {
  %r = call ptr addrspace(1) (...) @llvm.experimental.deoptimize.p1() [ "deopt"() ]
  ret ptr addrspace(1) %r
}

declare ptr addrspace(1) @llvm.experimental.gc.get.pointer.base.p1.p1(ptr addrspace(1))
; CHECK: greywave: statepoints, patchpoints{{.*}}[in function 'other_base']
define ptr addrspace(1) @other_base(ptr addrspace(1) %a) {
  %p = getelementptr i8, ptr addrspace(1) %a, i64 8
  %b = call ptr addrspace(1) @llvm.experimental.gc.get.pointer.base.p1.p1(ptr addrspace(1) %p)
  ret ptr addrspace(1) %b
}

declare void @llvm.gcwrite(ptr, ptr, ptr)
; CHECK: greywave: statepoints, patchpoints{{.*}}[in function 'other_root']
define ptr addrspace(1) @other_root(ptr addrspace(1) %a, ptr %p) gc "greywave" {
  call void @llvm.gcwrite(ptr %p, ptr %p, ptr %p)
  ret ptr addrspace(1) %a
}

; CHECK: greywave: a function called by pointer returns twice, and is called in a function that holds references: only setjmp{{.*}}[in function 'twice_by_pointer']
define ptr addrspace(1) @twice_by_pointer(ptr addrspace(1) %a, ptr %save, ptr %buffer) {
  %r = call i32 %save(ptr %buffer) returns_twice
  ret ptr addrspace(1) %a
}

declare void @llvm.eh.sjlj.callsite(i32 immarg)
; CHECK: greywave: exceptions by setjmp and longjmp (SjLj) in a function that holds references; compile for landing pads with tables [in function 'sjlj_exceptions']
define ptr addrspace(1) @sjlj_exceptions(ptr addrspace(1) %a) {
  call void @llvm.eh.sjlj.callsite(i32 1)
  ret ptr addrspace(1) %a
}

declare void @llvm.localescape(...)
; CHECK: greywave: 'llvm.localescape' is not known to leave frames and references as they are; use it in a function of its own that holds no references [in function 'unlisted']
define ptr addrspace(1) @unlisted(ptr addrspace(1) %a) {
  %v = alloca i64
  call void (...) @llvm.localescape(ptr %v)
  ret ptr addrspace(1) %a
}

declare void @llvm.x86.sse2.maskmov.dqu(<16 x i8>, <16 x i8>, ptr)
; CHECK: greywave: 'llvm.x86.sse2.maskmov.dqu' is given a reference or an address inside an object, and is not known to keep it precise; load the value first, or copy it to a variable [in function 'masked_view']
define void @masked_view(ptr addrspace(1) %a, <16 x i8> %v) {
  %p = addrspacecast ptr addrspace(1) %a to ptr
  call void @llvm.x86.sse2.maskmov.dqu(<16 x i8> %v, <16 x i8> %v, ptr %p)
  ret void
}

declare <4 x ptr addrspace(1)> @llvm.vector.insert.v4p1.v2p1(<4 x ptr addrspace(1)>, <2 x ptr addrspace(1)>, i64 immarg)
; CHECK: greywave: 'llvm.vector.insert' is given a reference{{.*}}[in function 'lanes']
define void @lanes(<4 x ptr addrspace(1)> %v, <2 x ptr addrspace(1)> %w, ptr addrspace(1) %to) {
  %r = call <4 x ptr addrspace(1)> @llvm.vector.insert.v4p1.v2p1(<4 x ptr addrspace(1)> %v, <2 x ptr addrspace(1)> %w, i64 2)
  store <4 x ptr addrspace(1)> %r, ptr addrspace(1) %to
  ret void
}

declare void @llvm.masked.compressstore.v2p1(<2 x ptr addrspace(1)>, ptr, <2 x i1>)
; CHECK: greywave: 'llvm.masked.compressstore' is given a reference{{.*}}[in function 'vector_stored']
define void @vector_stored(<2 x ptr addrspace(1)> %v, <2 x i1> %m, ptr %to) {
  call void @llvm.masked.compressstore.v2p1(<2 x ptr addrspace(1)> %v, ptr %to, <2 x i1> %m)
  ret void
}

declare swiftcc void @throws(ptr swifterror)
; CHECK: greywave: an error result of Swift's calling convention (swifterror) where references are held: a safepoint loses it; return the error, or store it through a pointer [in function 'swift_error']
define ptr addrspace(1) @swift_error(ptr addrspace(1) %a) {
  %error = alloca swifterror ptr
  store ptr null, ptr %error
  call swiftcc void @throws(ptr swifterror %error)
  ret ptr addrspace(1) %a
}

declare token @llvm.call.preallocated.setup(i32)
declare ptr @llvm.call.preallocated.arg(token, i32)
declare void @takes_preallocated(ptr preallocated(i64))
; CHECK: greywave: 'llvm.call.preallocated.setup' is not known to leave frames and references as they are{{.*}}[in function 'pre_allocated']
define ptr addrspace(1) @pre_allocated(ptr addrspace(1) %a) {
  %t = call token @llvm.call.preallocated.setup(i32 1)
  %p = call ptr @llvm.call.preallocated.arg(token %t, i32 0) preallocated(i64)
  call void @takes_preallocated(ptr preallocated(i64) %p) [ "preallocated"(token %t) ]
  ret ptr addrspace(1) %a
}

declare i64 @takes_copy(ptr addrspace(1) byval(%pair))
; CHECK: greywave: a struct is passed or returned by the address of a collected object (byval, byref, sret), which moves; copy it from or to a variable [in function 'byval_object']
define i64 @byval_object(ptr addrspace(1) %a) {
  %v = call i64 @takes_copy(ptr addrspace(1) byval(%pair) %a)
  ret i64 %v
}

; CHECK: greywave: a struct is passed or returned by the address of a collected object{{.*}}[function 'byval_parameter']
define i64 @byval_parameter(ptr addrspace(1) byval(%pair) %p) {
  %v = load i64, ptr addrspace(1) %p
  ret i64 %v
}

declare void @returns_pair(ptr addrspace(1) byref(%pair))
; CHECK: greywave: a struct is passed or returned by the address of a collected object{{.*}}[in function 'byref_object']
define void @byref_object(ptr addrspace(1) %a) {
  call void @returns_pair(ptr addrspace(1) byref(%pair) %a)
  ret void
}

declare void @variadic(i32, ...)
; CHECK: greywave: a struct with references is passed as a variadic argument to a function that may collect; declare the parameter, or pass a pointer to it [in function 'variadic_struct']
define void @variadic_struct(ptr addrspace(1) %a) {
  %p = alloca %pair
  %f = getelementptr %pair, ptr %p, i32 0, i32 1
  store ptr addrspace(1) %a, ptr %f
  call void (i32, ...) @variadic(i32 1, ptr byval(%pair) %p)
  ret void
}

; CHECK: greywave: a call says how another collector's statepoint is to be made (statepoint-id, deopt-lowering and the like); leave that to greywave [in function 'statepoint_id']
define ptr addrspace(1) @statepoint_id(ptr addrspace(1) %a) {
  call void @may_collect() "statepoint-id"="7"
  ret ptr addrspace(1) %a
}

; CHECK: greywave: a call says how another collector's statepoint is to be made{{.*}}[in function 'patch_bytes']
define ptr addrspace(1) @patch_bytes(ptr addrspace(1) %a) {
  call void @may_collect() "statepoint-num-patch-bytes"="8"
  ret ptr addrspace(1) %a
}

; CHECK: greywave: speculative load hardening puts code between a call and the address that its frame map names; compile functions that hold references without -mspeculative-load-hardening [function 'hardened']
define ptr addrspace(1) @hardened(ptr addrspace(1) %a) speculative_load_hardening {
  ret ptr addrspace(1) %a
}

declare i32 @comes_back() returns_twice
; CHECK: greywave: 'comes_back' returns twice, and is called in a function that holds references{{.*}}[in function 'twice']
define ptr addrspace(1) @twice(ptr addrspace(1) %a) {
  %r = call i32 @comes_back()
  ret ptr addrspace(1) %a
}

; CHECK: greywave: the sanitizer keeps marks in the bits of pointers or beside them, which do not move with an object; compile files that hold references without it [function 'tagged']
define ptr addrspace(1) @tagged(ptr addrspace(1) %a) sanitize_hwaddress {
  ret ptr addrspace(1) %a
}

; CHECK: greywave: stacks in pieces (-fsplit-stack) cannot be walked; compile without them [function 'in_pieces']
define ptr addrspace(1) @in_pieces(ptr addrspace(1) %a) "split-stack" {
  ret ptr addrspace(1) %a
}

; CHECK: greywave: a calling convention that is not known to leave references where a frame map can tell (number 10); use another where references are held [function 'register_args']
define ghccc ptr addrspace(1) @register_args(ptr addrspace(1) %a) {
  ret ptr addrspace(1) %a
}

; CHECK: greywave: a calling convention that is not known{{.*}}(number 13){{.*}}[in function 'patch_args']
define ptr addrspace(1) @patch_args(ptr addrspace(1) %a, ptr %callee) {
  call anyregcc void %callee()
  ret ptr addrspace(1) %a
}

; Without a result it is as any function.
; CHECK: greywave: a function that keeps its caller's registers (no_caller_saved_registers) returns a result, over which LLVM restores what was in its register where it does not optimise; give the result back through a pointer{{.*}}'kept_result'
; CHECK-NOT: kept_nothing
define ptr addrspace(1) @kept_result(ptr addrspace(1) %a) "no_caller_saved_registers" {
  call void @may_collect()
  ret ptr addrspace(1) %a
}
define void @kept_nothing(ptr addrspace(1) %a, ptr %to) "no_caller_saved_registers" {
  call void @may_collect()
  ret void
}

; What LLVM loses of a coldcc function's result: the second register, a register of vectors. One word is precise (known.ll).
; CHECK: greywave: a coldcc function returns more than a word, or what is no integer and no pointer, over which LLVM restores what was in its registers; give the result back through a pointer, or use preserve_mostcc{{.*}}'cold_pair'
; CHECK: greywave: a coldcc function returns more than a word{{.*}}'cold_float'
; CHECK: greywave: a coldcc function returns more than a word{{.*}}[in function 'calls_cold']
; CHECK-NOT: cold_word
define coldcc { ptr addrspace(1), i64 } @cold_pair(ptr addrspace(1) %a, i64 %n) {
  call void @may_collect()
  %r = insertvalue { ptr addrspace(1), i64 } undef, ptr addrspace(1) %a, 0
  %s = insertvalue { ptr addrspace(1), i64 } %r, i64 %n, 1
  ret { ptr addrspace(1), i64 } %s
}
define coldcc double @cold_float(ptr addrspace(1) %a) {
  call void @may_collect()
  %v = load double, ptr addrspace(1) %a
  ret double %v
}
declare coldcc i128 @cold_elsewhere(i64)
define i64 @calls_cold(ptr addrspace(1) %a) {
  %r = call coldcc i128 @cold_elsewhere(i64 1)
  %l = trunc i128 %r to i64
  %v = load i64, ptr addrspace(1) %a
  %s = add i64 %v, %l
  ret i64 %s
}
define coldcc { ptr addrspace(1) } @cold_word(ptr addrspace(1) %a) {
  call void @may_collect()
  %r = insertvalue { ptr addrspace(1) } undef, ptr addrspace(1) %a, 0
  ret { ptr addrspace(1) } %r
}
