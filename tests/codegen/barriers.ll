; Where write barriers go, and where none is needed.
; RUN: %opt -passes=greywave-prepare,greywave %s | %check
%struct.gw_type = type { ptr, i32, i32, i32, i32, i32, i32, ptr, ptr, ptr, ptr }
@cell_offsets = internal constant [2 x i32] [i32 0, i32 8]
@gw_type_cell = internal constant %struct.gw_type { ptr null, i32 16, i32 0, i32 2, i32 0, i32 0, i32 0, ptr @cell_offsets, ptr null, ptr null, ptr null }, align 16
declare void @may_collect()
declare ptr addrspace(1) @gw_alloc(ptr)

; CHECK-LABEL: define void @plain(
; CHECK: %[[H:.*]] = getelementptr i8, ptr addrspace(1) %o, i64 -8
; CHECK: load i8, ptr addrspace(1) %[[H]]
; CHECK: call void asm {{.*}}gw_barrier_slow_${0:V}@{{.*}}(ptr addrspace(1) %o)
; CHECK: store ptr addrspace(1) %v, ptr addrspace(1) %slot
define void @plain(ptr addrspace(1) %o, ptr addrspace(1) %v) {
  %slot = getelementptr i8, ptr addrspace(1) %o, i64 16
  store ptr addrspace(1) %v, ptr addrspace(1) %slot
  ret void
}

; CHECK-LABEL: define void @constants(
; CHECK-NOT: gw_barrier_slow
; CHECK: ret void
define void @constants(ptr addrspace(1) %o) {
  store ptr addrspace(1) null, ptr addrspace(1) %o
  store ptr addrspace(1) inttoptr (i64 9 to ptr addrspace(1)), ptr addrspace(1) %o
  ret void
}

; A fresh object of a small type needs none until the first safepoint.
; CHECK-LABEL: define void @fresh(
; CHECK-NOT: gw_barrier_slow
; CHECK: @may_collect
; CHECK: call void asm {{.*}}gw_barrier_slow_
; CHECK-NOT: gw_barrier_slow
; CHECK: ret void
define void @fresh(ptr addrspace(1) %v) {
  %o = call ptr addrspace(1) @gw_alloc(ptr @gw_type_cell)
  store ptr addrspace(1) %v, ptr addrspace(1) %o
  call void @may_collect()
  store ptr addrspace(1) %v, ptr addrspace(1) %o
  ret void
}

; Fresh on one path only.
; CHECK-LABEL: define void @fresh_on_one_path(
; CHECK: call void asm {{.*}}gw_barrier_slow_
define void @fresh_on_one_path(ptr addrspace(1) %v, i1 %c) {
  %o = call ptr addrspace(1) @gw_alloc(ptr @gw_type_cell)
  br i1 %c, label %collect, label %store
collect:
  call void @may_collect()
  br label %store
store:
  store ptr addrspace(1) %v, ptr addrspace(1) %o
  ret void
}

; One slot twice: one barrier. Two slots far apart: two, since arrays are recorded card by card.
; CHECK-LABEL: define void @repeated(
; CHECK-COUNT-2: call void asm {{.*}}gw_barrier_slow_
; CHECK-NOT: gw_barrier_slow
; CHECK: ret void
define void @repeated(ptr addrspace(1) %o, ptr addrspace(1) %v, ptr addrspace(1) %w) {
  store ptr addrspace(1) %v, ptr addrspace(1) %o
  store ptr addrspace(1) %w, ptr addrspace(1) %o
  %other = getelementptr i8, ptr addrspace(1) %o, i64 4096
  store ptr addrspace(1) %w, ptr addrspace(1) %other
  ret void
}

; An address that comes from two objects: the base is found by a phi of its own.
; CHECK-LABEL: define void @base_of_phi(
; CHECK: %p.base = phi ptr addrspace(1) [ %a, %entry ], [ %b, %right ]
; CHECK: call void asm {{.*}}gw_barrier_slow_slot_${0:V}@{{.*}}(ptr addrspace(1) %p.base, ptr addrspace(1) %p)
define void @base_of_phi(ptr addrspace(1) %a, ptr addrspace(1) %b, ptr addrspace(1) %v, i1 %c) {
entry:
  %pa = getelementptr i8, ptr addrspace(1) %a, i64 8
  br i1 %c, label %right, label %join
right:
  %pb = getelementptr i8, ptr addrspace(1) %b, i64 24
  br label %join
join:
  %p = phi ptr addrspace(1) [ %pa, %entry ], [ %pb, %right ]
  store ptr addrspace(1) %v, ptr addrspace(1) %p
  ret void
}

; An address that walks through one object: its base is that object.
; CHECK-LABEL: define void @base_of_loop(
; CHECK-NOT: .base
; CHECK: call void asm {{.*}}gw_barrier_slow_slot_${0:V}@{{.*}}(ptr addrspace(1) %o, ptr addrspace(1) %p)
define void @base_of_loop(ptr addrspace(1) %o, ptr addrspace(1) %v, i64 %n) {
entry:
  br label %loop
loop:
  %p = phi ptr addrspace(1) [ %o, %entry ], [ %q, %loop ]
  %i = phi i64 [ 0, %entry ], [ %j, %loop ]
  store ptr addrspace(1) %v, ptr addrspace(1) %p
  %q = getelementptr i8, ptr addrspace(1) %p, i64 8
  %j = add i64 %i, 1
  %more = icmp ult i64 %j, %n
  br i1 %more, label %loop, label %done
done:
  ret void
}

; Two at once: one test.
; CHECK-LABEL: define void @vector(
; CHECK: call void asm {{.*}}gw_barrier_slow_${0:V}@{{.*}}(ptr addrspace(1) %o)
; CHECK-NOT: gw_barrier_slow
; CHECK-NOT: <2 x ptr addrspace(1)>
; CHECK: ret void
define void @vector(ptr addrspace(1) %o, ptr addrspace(1) %from) {
  %pair = load <2 x ptr addrspace(1)>, ptr addrspace(1) %from
  store <2 x ptr addrspace(1)> %pair, ptr addrspace(1) %o
  ret void
}

; CHECK-LABEL: define i1 @atomics(
; CHECK: call void asm {{.*}}gw_barrier_slow_${0:V}@{{.*}}(ptr addrspace(1) %o)
; CHECK: atomicrmw xchg ptr addrspace(1) %o, i64
; CHECK: call void asm {{.*}}gw_barrier_slow_${0:V}@{{.*}}(ptr addrspace(1) %p)
; CHECK: cmpxchg ptr addrspace(1) %p
define i1 @atomics(ptr addrspace(1) %o, ptr addrspace(1) %p, ptr addrspace(1) %v) {
  %old = atomicrmw xchg ptr addrspace(1) %o, ptr addrspace(1) %v seq_cst
  %pair = cmpxchg ptr addrspace(1) %p, ptr addrspace(1) %old, ptr addrspace(1) %v seq_cst seq_cst
  %ok = extractvalue { ptr addrspace(1), i1 } %pair, 1
  ret i1 %ok
}
