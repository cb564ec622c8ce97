; --roots=shadow: what is pushed, where, and what need not be.
; RUN: %opt -greywave-roots=shadow -greywave-no-check -passes=greywave-prepare,greywave %s | %check
%struct.gw_type = type { ptr, i32, i32, i32, i32, i32, i32, ptr, ptr, ptr, ptr }
@cell_offsets = internal constant [2 x i32] [i32 0, i32 8]
@gw_type_cell = internal constant %struct.gw_type { ptr null, i32 16, i32 0, i32 2, i32 0, i32 0, i32 0, ptr @cell_offsets, ptr null, ptr null, ptr null }, align 16
declare void @may_collect()
declare i64 @use(ptr addrspace(1))
declare ptr addrspace(1) @gw_alloc(ptr)
declare void @fill(ptr)

; The layout of @variable's pair: one block of 24 bytes, references at 0 and 16.
; CHECK: @gw.shadow.layout = private constant [5 x i32] [i32 1, i32 24, i32 2, i32 0, i32 16]

; Test for room, store, top, call, load, top back. No statepoint and no collector's name is left.
; CHECK-LABEL: define ptr addrspace(1) @once(
; CHECK: %[[TOP:.*]] = load ptr, ptr %{{.*}}, align 8
; CHECK: %[[END:.*]] = getelementptr ptr, ptr %[[TOP]], i64 1
; CHECK: icmp ugt ptr %[[END]],
; CHECK: call void @greywave_shadow_reserve(i64 1)
; CHECK: %[[FRAME:.*]] = phi ptr
; CHECK-NEXT: store ptr addrspace(1) %o, ptr %[[FRAME]], align 8
; CHECK: %[[NEW:.*]] = getelementptr inbounds ptr, ptr %[[FRAME]], i64 1
; CHECK: store ptr %[[NEW]],
; CHECK: call void @may_collect()
; CHECK-NEXT: %[[BACK:.*]] = load ptr addrspace(1), ptr %[[FRAME]], align 8
; CHECK: store ptr %[[FRAME]],
; CHECK: ret ptr addrspace(1) %[[BACK]]
define ptr addrspace(1) @once(ptr addrspace(1) %o) {
  call void @may_collect()
  ret ptr addrspace(1) %o
}

; Stored once, loaded once: the first call's reload would have no use.
; CHECK-LABEL: define ptr addrspace(1) @twice(
; CHECK: store ptr addrspace(1) %o
; CHECK-NOT: store ptr addrspace(1)
; CHECK: call void @may_collect()
; CHECK-NOT: load ptr addrspace(1)
; CHECK: call void @may_collect()
; CHECK: load ptr addrspace(1)
; CHECK: ret
define ptr addrspace(1) @twice(ptr addrspace(1) %o) {
  call void @may_collect()
  call void @may_collect()
  ret ptr addrspace(1) %o
}

; The path without a call pays nothing.
; CHECK-LABEL: define ptr addrspace(1) @early_return(
; CHECK: br i1 %c, label %done, label %work
; CHECK: work:
; CHECK: store ptr addrspace(1) %o
; CHECK: done:
; CHECK-NOT: store
; CHECK: ret
define ptr addrspace(1) @early_return(ptr addrspace(1) %o, i1 %c) {
  br i1 %c, label %done, label %work
work:
  call void @may_collect()
  br label %done
done:
  ret ptr addrspace(1) %o
}

; What the loop does not change is stored before it, and the top is set there.
; CHECK-LABEL: define i64 @invariant(
; CHECK: store ptr addrspace(1) %o
; CHECK: store ptr %{{.*}}, ptr %{{.*}}, align 8
; CHECK: loop:
; CHECK-NOT: store
; CHECK: call i64 @use(
; CHECK-NOT: store
; CHECK: done:
; CHECK: store ptr %
; CHECK: ret
define i64 @invariant(ptr addrspace(1) %o, i64 %n) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %j, %loop ]
  %r = call i64 @use(ptr addrspace(1) %o)
  %j = add i64 %i, %r
  %more = icmp ult i64 %j, %n
  br i1 %more, label %loop, label %done
done:
  ret i64 %j
}

; A reference that the loop does change is stored in it, each time anew.
; CHECK-LABEL: define i64 @walk(
; CHECK: loop:
; CHECK: store ptr addrspace(1) %p
; CHECK: call i64 @use(
; CHECK-NEXT: load ptr addrspace(1)
; CHECK: ret
define i64 @walk(ptr addrspace(1) %o) {
entry:
  br label %loop
loop:
  %p = phi ptr addrspace(1) [ %o, %entry ], [ %next, %loop ]
  %r = call i64 @use(ptr addrspace(1) %p)
  %next = load ptr addrspace(1), ptr addrspace(1) %p
  %more = icmp ne ptr addrspace(1) %next, null
  br i1 %more, label %loop, label %done
done:
  ret i64 %r
}

; Dead at the second call: its word is null or above the top.
; CHECK-LABEL: define i64 @dies(
; CHECK: store ptr addrspace(1) %a, ptr %[[FRAME:[0-9a-z.]+]],
; CHECK: call i64 @use(
; CHECK: %[[A:.*]] = load ptr addrspace(1), ptr %[[FRAME]]
; CHECK: store ptr %[[FRAME]], ptr
; CHECK-NEXT: call i64 @use(ptr addrspace(1) %[[A]])
; CHECK-NEXT: ret
define i64 @dies(ptr addrspace(1) %a, ptr addrspace(1) %b) {
  %r = call i64 @use(ptr addrspace(1) %b)
  %s = call i64 @use(ptr addrspace(1) %a)
  ret i64 %s
}

; Allocation's slow path pushes and pops for itself; the fast path does neither.
; CHECK-LABEL: define ptr addrspace(1) @allocate(
; CHECK: %full = icmp
; CHECK: br i1 %full, label %[[SLOW:[0-9]+]], label %[[FAST:[0-9]+]]
; CHECK: [[SLOW]]:
; CHECK: store ptr addrspace(1) %v,
; CHECK: call ptr addrspace(1) @greywave_alloc(
; CHECK: load ptr addrspace(1),
; CHECK: [[FAST]]:
; CHECK-NOT: addrspace(1) %v, ptr %
; CHECK: ret
define ptr addrspace(1) @allocate(ptr addrspace(1) %v) {
  %o = call ptr addrspace(1) @gw_alloc(ptr @gw_type_cell)
  store ptr addrspace(1) %v, ptr addrspace(1) %o
  ret ptr addrspace(1) %o
}

; A variable in memory is pushed by its address and its layout, both marked.
; CHECK-LABEL: define void @variable(
; CHECK: %[[V:.*]] = ptrtoint ptr %slot to i64
; CHECK: %[[W:.*]] = or i64 %[[V]], -9223372036854775808
; CHECK: store i64 %[[W]], ptr %[[FRAME:[0-9a-z.]+]],
; CHECK: getelementptr inbounds ptr, ptr %[[FRAME]], i64 1
; CHECK: getelementptr inbounds ptr, ptr %[[FRAME]], i64 2
; CHECK: call void @fill(
define void @variable() {
  %slot = alloca { ptr addrspace(1), i64, ptr addrspace(1) }
  call void @fill(ptr %slot)
  call void @may_collect()
  ret void
}
