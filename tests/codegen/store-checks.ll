; Which stores of references are checked at run time, and which variables are marked for it.
; RUN: %opt -passes=greywave-prepare,greywave %s | %check
; RUN: %opt -passes=greywave-prepare,greywave -greywave-no-check %s | %filecheck --check-prefix=UNCHECKED %s
%two = type { i64, ptr addrspace(1) }
@known = global ptr addrspace(1) null
@elsewhere = external global ptr addrspace(1)
declare void @may_collect()
declare void @fill(ptr)

; UNCHECKED-NOT: _check_
; UNCHECKED-NOT: _mark_
; UNCHECKED-NOT: greywave-marks

; CHECK-LABEL: define void @unknown(
; CHECK: sub i64 %{{.*}}, %[[FROM:.*]]
; CHECK: icmp uge i64 %{{.*}}
; CHECK: call void asm sideeffect "call *greywave_check_store@GOTPCREL(%rip)", {{.*}}(ptr %place, ptr addrspace(1) %r)
; CHECK: store ptr addrspace(1) %r, ptr %place
define void @unknown(ptr %place, ptr addrspace(1) %r) {
  store ptr addrspace(1) %r, ptr %place, align 8
  ret void
}

; A leaf is one still, and checked.
; CHECK-LABEL: define void @leaf(
; CHECK: call void asm sideeffect "call *greywave_check_store@
; CHECK-LABEL: define void @calls_leaf(
; CHECK-NOT: gc.statepoint
; CHECK: ret void
define void @leaf(ptr %place, ptr addrspace(1) %r) "gc-leaf-function" {
  store ptr addrspace(1) %r, ptr %place, align 8
  ret void
}
define void @calls_leaf(ptr %place, ptr addrspace(1) %r) {
  call void @leaf(ptr %place, ptr addrspace(1) %r)
  ret void
}

; CHECK-LABEL: define void @into_known_places(
; CHECK-NOT: _check_store
; CHECK: ret void
define void @into_known_places(i1 %which, ptr addrspace(1) %object, ptr addrspace(1) %r) {
  %slot = alloca [4 x ptr addrspace(1)]
  %element = getelementptr [4 x ptr addrspace(1)], ptr %slot, i64 0, i64 2
  store ptr addrspace(1) %r, ptr %element, align 8
  store ptr addrspace(1) %r, ptr @known, align 8
  store ptr addrspace(1) %r, ptr addrspace(1) %object, align 8
  %either = select i1 %which, ptr %element, ptr @known
  store ptr addrspace(1) %r, ptr %either, align 8
  call void @may_collect()
  ret void
}

; CHECK-LABEL: define void @null_and_elsewhere(
; CHECK-NOT: greywave_check_store{{.*}}(ptr %place
; CHECK: call void asm sideeffect "call *greywave_check_store{{.*}}(ptr @elsewhere, ptr addrspace(1) %r)
define void @null_and_elsewhere(ptr %place, ptr addrspace(1) %r) {
  store ptr addrspace(1) null, ptr %place, align 8
  store ptr addrspace(1) %r, ptr @elsewhere, align 8
  ret void
}

; Only called from here, with places that are known.
; CHECK-LABEL: define internal void @given_known_places(
; CHECK-NOT: _check_store
; CHECK: ret void
define internal void @given_known_places(ptr %place, ptr addrspace(1) %r) noinline {
  store ptr addrspace(1) %r, ptr %place, align 8
  ret void
}
define void @gives(ptr addrspace(1) %r) {
  call void @given_known_places(ptr @known, ptr addrspace(1) %r)
  ret void
}

; A static function may be given a word of such a variable that is no reference, and other memory by others.
; CHECK-LABEL: define internal void @given_another_place(
; CHECK: greywave_check_store
; CHECK-LABEL: define void @gives_any_place(
; CHECK-LABEL: define internal void @given_that_place(
; CHECK-NOT: greywave_check_store
; CHECK-LABEL: define void @gives_words(
define internal void @given_another_place(ptr %place, ptr addrspace(1) %r) noinline {
  store ptr addrspace(1) %r, ptr %place, align 8
  ret void
}
define void @gives_any_place(ptr %place, ptr addrspace(1) %r) {
  call void @given_another_place(ptr %place, ptr addrspace(1) %r)
  ret void
}
define internal void @given_that_place(ptr %place, ptr addrspace(1) %r) noinline {
  %second = getelementptr i8, ptr %place, i64 8
  store ptr addrspace(1) %r, ptr %second, align 8
  ret void
}
define void @gives_words(ptr addrspace(1) %r) {
  %slot = alloca %two
  call void @given_another_place(ptr %slot, ptr addrspace(1) %r)
  call void @given_that_place(ptr %slot, ptr addrspace(1) %r)
  ret void
}

; An index shows which word of a struct it is.
; CHECK-LABEL: define void @by_index(
; CHECK-NOT: greywave_check_store
; CHECK: store ptr addrspace(1) %r, ptr %reference
; CHECK: greywave_check_store{{.*}}(ptr %either, ptr addrspace(1) %r)
@table = internal global [100 x %two] zeroinitializer
define void @by_index(i64 %i, ptr addrspace(1) %r) {
  %reference = getelementptr [100 x %two], ptr @table, i64 0, i64 %i, i32 1
  store ptr addrspace(1) %r, ptr %reference, align 8
  %either = getelementptr i64, ptr @table, i64 %i
  store ptr addrspace(1) %r, ptr %either, align 8
  ret void
}

; The variable's address is known to others: marked at the entry, where its reference is, and unmarked at the end.
; CHECK-LABEL: define void @marks(
; CHECK: call ptr @greywave_mark_variable(ptr %slot, ptr @gw.marks.layout
; CHECK: call {{.*}}@fill
; CHECK: store i8 0, ptr
; CHECK: ret void
define void @marks() {
  %slot = alloca %two
  call void @fill(ptr %slot)
  ret void
}

; CHECK-LABEL: define void @keeps_to_itself(
; CHECK-NOT: _mark_variable
; CHECK: ret void
define void @keeps_to_itself(i64 %i, ptr addrspace(1) %r) {
  %slot = alloca [4 x ptr addrspace(1)]
  %element = getelementptr [4 x ptr addrspace(1)], ptr %slot, i64 0, i64 %i
  store ptr addrspace(1) %r, ptr %element, align 8
  call void @may_collect()
  ret void
}

; CHECK: attributes {{.*}}"greywave-marks"
