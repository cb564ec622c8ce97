; Calls that a statepoint cannot carry go through functions that hold no reference.
; RUN: %opt -passes=greywave-prepare,greywave %s | %check
declare i32 @variadic(ptr, ...)
declare void @nothing(ptr, ...)
declare i32 @leaf(ptr, ...) "gc-leaf-function"
declare x86_fp80 @long_double(ptr addrspace(1))
declare i32 @__gxx_personality_v0(...)

; CHECK-LABEL: define i32 @direct(
; CHECK: @llvm.experimental.gc.statepoint{{.*}}ptr elementtype(i32 (ptr, i32, double)) @gw.thunk, i32 3
; CHECK-NOT: @variadic
; CHECK: ret i32
define i32 @direct(ptr addrspace(1) %o, ptr %text) {
  %n = call i32 (ptr, ...) @variadic(ptr %text, i32 1, double 2.0)
  %m = load i32, ptr addrspace(1) %o
  %sum = add i32 %n, %m
  ret i32 %sum
}

; Void and leaf calls need none.
; CHECK-LABEL: define i32 @plain(
; CHECK: @llvm.experimental.gc.statepoint{{.*}} @nothing, i32 2
; CHECK: call i32 (ptr, ...) @leaf
; CHECK: ret i32
define i32 @plain(ptr addrspace(1) %o, ptr %text) {
  call void (ptr, ...) @nothing(ptr %text, i32 1)
  %n = call i32 (ptr, ...) @leaf(ptr %text, i32 1)
  %m = load i32, ptr addrspace(1) %o
  %sum = add i32 %n, %m
  ret i32 %sum
}

; CHECK-LABEL: define x86_fp80 @in_memory(
; CHECK: %[[RESULT:.*]] = alloca x86_fp80
; CHECK: @llvm.experimental.gc.statepoint{{.*}}ptr elementtype(void (ptr, ptr, ptr addrspace(1))) @[[THUNK:gw.thunk[.0-9]*]], i32 3, i32 0, ptr %[[RESULT]], ptr %f
; CHECK: load x86_fp80, ptr %[[RESULT]]
; CHECK: ret x86_fp80
define x86_fp80 @in_memory(ptr addrspace(1) %o, ptr %f, ptr %out) {
  %r = call x86_fp80 %f(ptr addrspace(1) %o)
  store ptr addrspace(1) %o, ptr %out
  ret x86_fp80 %r
}

; CHECK-LABEL: define i32 @thrown(
; CHECK: invoke token {{.*}}@llvm.experimental.gc.statepoint{{.*}} @gw.thunk
define i32 @thrown(ptr addrspace(1) %o, ptr %text) personality ptr @__gxx_personality_v0 {
  %n = invoke i32 (ptr, ...) @variadic(ptr %text, i32 1) to label %next unwind label %pad
next:
  ret i32 %n
pad:
  %caught = landingpad { ptr, i32 } cleanup
  resume { ptr, i32 } %caught
}

; So do results for which there are not enough registers; code generation would return them in memory.
declare {i64, i64, i64, i64} @words(ptr addrspace(1))
declare {i64, i64, i64} @fewer_words(ptr addrspace(1))
declare {float, float, float} @scalars(ptr addrspace(1))
declare {double, <4 x float>} @few_of_both(ptr addrspace(1))
declare i200 @odd_integer(ptr addrspace(1))
declare [3 x ptr addrspace(1)] @references(ptr addrspace(1))
; CHECK-LABEL: define i64 @too_large(
; CHECK: statepoint{{.*}} @gw.thunk.{{[0-9]+}}, i32 2
; CHECK: statepoint{{.*}} @fewer_words, i32 1
; CHECK: statepoint{{.*}} @gw.thunk.{{[0-9]+}}, i32 2
; CHECK: statepoint{{.*}} @few_of_both, i32 1
; CHECK: statepoint{{.*}} @gw.thunk.{{[0-9]+}}, i32 2
; CHECK: statepoint{{.*}} @references, i32 1
; CHECK: ret i64
define i64 @too_large(ptr addrspace(1) %o) {
  %a = call {i64, i64, i64, i64} @words(ptr addrspace(1) %o)
  %b = call {i64, i64, i64} @fewer_words(ptr addrspace(1) %o)
  %c = call {float, float, float} @scalars(ptr addrspace(1) %o)
  %d = call {double, <4 x float>} @few_of_both(ptr addrspace(1) %o)
  %e = call i200 @odd_integer(ptr addrspace(1) %o)
  %f = call [3 x ptr addrspace(1)] @references(ptr addrspace(1) %o)
  %g = extractvalue {i64, i64, i64, i64} %a, 3
  ret i64 %g
}

; The thunks: with the call's own types, and unwind tables.
; CHECK: define internal i32 @gw.thunk(ptr %0, i32 %1, double %2) #[[ATTRIBUTES:[0-9]+]] {
; CHECK-NEXT: call i32 (ptr, ...) @variadic(ptr %0, i32 %1, double %2)
; CHECK: define internal void @[[THUNK]](ptr %0, ptr %1, ptr addrspace(1) %2)
; CHECK-NEXT: call x86_fp80 %1(ptr addrspace(1) %2)
; CHECK-NEXT: store x86_fp80 %{{.*}}, ptr %0
; CHECK: attributes #[[ATTRIBUTES]] = { noinline uwtable
