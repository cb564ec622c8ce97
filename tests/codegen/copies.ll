; Copies that may carry references: typed where the type is known, opaque to the optimiser otherwise, with a barrier.
; RUN: %opt -passes=greywave-prepare %s | %filecheck %s --check-prefix=EARLY
; RUN: %opt -passes=greywave-prepare,instcombine,greywave %s | %check
%pair = type { ptr addrspace(1), i32 }
declare void @use(ptr)
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
declare void @llvm.memcpy.p1.p1.i64(ptr addrspace(1), ptr addrspace(1), i64, i1)
declare void @llvm.memmove.p1.p1.i64(ptr addrspace(1), ptr addrspace(1), i64, i1)
declare void @llvm.memcpy.p0.p1.i64(ptr, ptr addrspace(1), i64, i1)
declare void @llvm.memset.p1.i64(ptr addrspace(1), i8, i64, i1)

; EARLY-LABEL: define void @to_variable(
; EARLY: load ptr addrspace(1), ptr addrspace(1)
; EARLY: load i64, ptr addrspace(1)
; EARLY-NOT: memcpy
; EARLY: ret void
define void @to_variable(ptr addrspace(1) %o) {
  %local = alloca %pair
  call void @llvm.memcpy.p0.p1.i64(ptr %local, ptr addrspace(1) %o, i64 16, i1 false)
  call void @use(ptr %local)
  ret void
}

; One word between objects would become an integer in instcombine.
; EARLY-LABEL: define void @one_word(
; EARLY: call void @gw.copy.p1.p1(
; CHECK-LABEL: define void @one_word(
; CHECK-NOT: load i64
; CHECK: call void @greywave_barrier_range(ptr addrspace(1) %a, ptr addrspace(1) %a, i64 8)
; CHECK: call void @llvm.memcpy.p1.p1.i64(ptr addrspace(1) {{.*}}%a, ptr addrspace(1) {{.*}}%b, i64 8, i1 false)
define void @one_word(ptr addrspace(1) %a, ptr addrspace(1) %b) {
  call void @llvm.memcpy.p1.p1.i64(ptr addrspace(1) align 8 %a, ptr addrspace(1) align 8 %b, i64 8, i1 false)
  ret void
}

; CHECK-LABEL: define void @inside(
; CHECK: call void @greywave_barrier_range(ptr addrspace(1) %a, ptr addrspace(1) %to, i64 %n)
; CHECK: call void @llvm.memmove.p1.p1.i64(ptr addrspace(1) align 8 %to
define void @inside(ptr addrspace(1) %a, i64 %n) {
  %to = getelementptr i8, ptr addrspace(1) %a, i64 8
  %from = getelementptr i8, ptr addrspace(1) %a, i64 16
  call void @llvm.memmove.p1.p1.i64(ptr addrspace(1) align 8 %to, ptr addrspace(1) align 8 %from, i64 %n, i1 false)
  ret void
}

; CHECK-LABEL: define void @clear(
; CHECK-NOT: {{gw|greywave}}_barrier
; CHECK: ret void
define void @clear(ptr addrspace(1) %a) {
  call void @llvm.memset.p1.i64(ptr addrspace(1) align 8 %a, i8 0, i64 64, i1 false)
  ret void
}

; One word of unknown content between plain places may be a reference of a caller's: no integer either, and no barrier.
; EARLY-LABEL: define void @plain_word(
; EARLY: call void @gw.copy.p0.p0(
; CHECK-LABEL: define void @plain_word(
; CHECK-NOT: load i64
; CHECK-NOT: {{gw|greywave}}_barrier
; CHECK: call void @llvm.memcpy.p0.p0.i64(
; CHECK: ret void
define void @plain_word(ptr %a, ptr %b) {
  call void @llvm.memcpy.p0.p0.i64(ptr align 8 %a, ptr align 8 %b, i64 8, i1 false)
  ret void
}
