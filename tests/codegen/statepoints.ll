; What is live at safepoints, and which calls are safepoints.
; RUN: %opt -passes=greywave-prepare,greywave -greywave-no-check -greywave-verify-safepoints %s | %check
declare void @may_collect()
declare void @use_slots(ptr)
declare i64 @strlen(ptr)
declare void @qsort(ptr, i64, i64, ptr)
declare void @native_leaf() "gc-leaf-function"
declare { ptr addrspace(1), ptr addrspace(1) } @make_pair()
declare i32 @compare(ptr, ptr)
declare i32 @compare_leaf(ptr, ptr) "gc-leaf-function"

; CHECK-LABEL: define ptr addrspace(1) @across({{.*}}) {{.*}}gc "greywave"
; CHECK: gc.statepoint{{.*}}@may_collect{{.*}}"gc-live"(ptr addrspace(1) %a)
; CHECK: ret ptr addrspace(1) %a.relocated
define ptr addrspace(1) @across(ptr addrspace(1) %a) {
  call void @may_collect()
  ret ptr addrspace(1) %a
}

; Library functions that TargetLibraryInfo knows are not leaves for that: qsort calls back.
; CHECK-LABEL: define ptr addrspace(1) @leaves(
; CHECK-NOT: gc.statepoint{{.*}}@strlen
; CHECK: gc.statepoint{{.*}}@qsort
; CHECK-NOT: gc.statepoint
; CHECK: call void @native_leaf()
; CHECK: call i32 @inferred_leaf(
define ptr addrspace(1) @leaves(ptr addrspace(1) %a, ptr %n) {
  %l = call i64 @strlen(ptr %n)
  call void @qsort(ptr %n, i64 %l, i64 8, ptr @compare_leaf)
  call void @native_leaf()
  %r = call i32 @inferred_leaf(i32 1)
  ret ptr addrspace(1) %a
}

; The C library's sort keeps references where the collector does not look, unless nothing collects meanwhile or the array is
; known to hold none.
; CHECK-LABEL: define void @sorts(
; CHECK: gc.statepoint{{.*}}@greywave_sort,
; CHECK: gc.statepoint{{.*}}@qsort,
define void @sorts(ptr addrspace(1) %a, ptr %n) {
  %numbers = alloca [4 x i64]
  call void @qsort(ptr %n, i64 4, i64 8, ptr @compare)
  call void @qsort(ptr %numbers, i64 4, i64 8, ptr @compare)
  ret void
}

define internal i32 @inferred_leaf(i32 %n) noinline {
  %m = mul i32 %n, 3
  ret i32 %m
}

; A struct of references across a call is taken apart.
; CHECK-LABEL: define { ptr addrspace(1), ptr addrspace(1) } @pair_across(
; CHECK: gc.statepoint{{.*}}@may_collect{{.*}}"gc-live"(ptr addrspace(1) %{{.*}}, ptr addrspace(1) %{{.*}})
; CHECK: insertvalue { ptr addrspace(1), ptr addrspace(1) }
define { ptr addrspace(1), ptr addrspace(1) } @pair_across() {
  %p = call { ptr addrspace(1), ptr addrspace(1) } @make_pair()
  call void @may_collect()
  ret { ptr addrspace(1), ptr addrspace(1) } %p
}

; A phi of structs, and one of vectors.
; CHECK-LABEL: define ptr addrspace(1) @composite_phis(
; CHECK-NOT: phi {{[{<]}}
; CHECK: ret ptr addrspace(1)
define ptr addrspace(1) @composite_phis(ptr addrspace(1) %a, i1 %c) {
entry:
  %p = call { ptr addrspace(1), ptr addrspace(1) } @make_pair()
  %v0 = insertelement <2 x ptr addrspace(1)> poison, ptr addrspace(1) %a, i32 0
  %v1 = insertelement <2 x ptr addrspace(1)> %v0, ptr addrspace(1) %a, i32 1
  br i1 %c, label %other, label %join
other:
  %q = call { ptr addrspace(1), ptr addrspace(1) } @make_pair()
  br label %join
join:
  %s = phi { ptr addrspace(1), ptr addrspace(1) } [ %p, %entry ], [ %q, %other ]
  %v = phi <2 x ptr addrspace(1)> [ %v1, %entry ], [ zeroinitializer, %other ]
  call void @may_collect()
  %x = extractvalue { ptr addrspace(1), ptr addrspace(1) } %s, 1
  %y = extractelement <2 x ptr addrspace(1)> %v, i32 1
  %z = select i1 %c, ptr addrspace(1) %x, ptr addrspace(1) %y
  ret ptr addrspace(1) %z
}

; A variable in memory: cleared on entry, listed at every safepoint, its lifetime the whole function.
; CHECK-LABEL: define void @tracked(
; CHECK: %slots = alloca [2 x { i64, ptr addrspace(1) }]
; CHECK-NEXT: getelementptr inbounds i8, ptr %slots, i64 8
; CHECK-NEXT: store ptr addrspace(1) null
; CHECK-NEXT: getelementptr inbounds i8, ptr %slots, i64 24
; CHECK-NEXT: store ptr addrspace(1) null
; CHECK-NOT: llvm.lifetime
; CHECK: @use_slots{{.*}}"deopt"(ptr %slots, i64 2, i64 16, i64 1, i64 8)
; CHECK: @may_collect{{.*}}"deopt"(ptr %slots, i64 2, i64 16, i64 1, i64 8)
define void @tracked() {
  %slots = alloca [2 x { i64, ptr addrspace(1) }]
  call void @use_slots(ptr %slots)
  call void @may_collect()
  ret void
}

; An integer view of a reference may be kept; the reference itself is reloaded.
; CHECK-LABEL: define ptr addrspace(1) @derived(
; CHECK: gc.statepoint{{.*}}@may_collect{{.*}}"gc-live"(ptr addrspace(1) %a)
; CHECK: getelementptr{{.*}} %a.relocated
define ptr addrspace(1) @derived(ptr addrspace(1) %a) {
  %p = getelementptr i8, ptr addrspace(1) %a, i64 8
  call void @may_collect()
  %v = load ptr addrspace(1), ptr addrspace(1) %p
  ret ptr addrspace(1) %v
}

; The callee from a struct goes through freeze (llvm #207508).
; CHECK-LABEL: define void @callee_in_struct(
; CHECK: %callee = freeze ptr
; CHECK: gc.statepoint{{.*}}ptr elementtype(void (ptr addrspace(1))) %callee
declare { ptr, ptr } @closure()
define void @callee_in_struct(ptr addrspace(1) %a) {
  %c = call { ptr, ptr } @closure()
  %f = extractvalue { ptr, ptr } %c, 1
  call void %f(ptr addrspace(1) %a)
  ret void
}

; Undefined references become null: code generation would take any register for them.
; CHECK-LABEL: define ptr addrspace(1) @undefined_member(
; CHECK-NOT: undef
; CHECK: gc.statepoint
define ptr addrspace(1) @undefined_member(ptr addrspace(1) %a, i1 %set) {
entry:
  br i1 %set, label %then, label %join
then:
  br label %join
join:
  %member = phi ptr addrspace(1) [ %a, %then ], [ undef, %entry ]
  call void @may_collect()
  ret ptr addrspace(1) %member
}

; CHECK-LABEL: define { ptr addrspace(1), ptr addrspace(1) } @undefined_half(
; CHECK-NOT: undef
; CHECK-NOT: poison
; CHECK: ret
define { ptr addrspace(1), ptr addrspace(1) } @undefined_half(ptr addrspace(1) %a) {
  %pair = insertvalue { ptr addrspace(1), ptr addrspace(1) } undef, ptr addrspace(1) %a, 0
  ret { ptr addrspace(1), ptr addrspace(1) } %pair
}
