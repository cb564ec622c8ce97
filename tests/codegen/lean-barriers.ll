; Barriers that one barrier stands for, and barriers outside of loops.
; RUN: %opt -passes=greywave-prepare,greywave %s | %check
%struct.gw_type = type { ptr, i32, i32, i32, i32, i32, i32, ptr, ptr, ptr, ptr }
@gw_type_cell = internal constant %struct.gw_type { ptr null, i32 16, i32 0, i32 0, i32 0, i32 0, i32 0, ptr null, ptr null, ptr null, ptr null }, align 16
declare void @may_collect()
declare ptr addrspace(1) @gw_alloc(ptr)

; Two slots at the object's front: one test, and one record.
; CHECK-LABEL: define void @neighbours(
; CHECK: %[[TRACKED:.*]] = icmp ne i8
; CHECK: br i1 %[[TRACKED]], label %[[SLOW:.*]], label %[[STORE:[0-9]+]], !prof
; CHECK: [[SLOW]]:
; CHECK-NEXT: call void asm {{.*}}gw_barrier_slow_${0:V}@{{.*}}(ptr addrspace(1) %o)
; CHECK-NEXT: br label
; CHECK: store ptr addrspace(1) %v, ptr addrspace(1) %o
; CHECK-NOT: gw_barrier_slow
; CHECK: ret void
define void @neighbours(ptr addrspace(1) %o, ptr addrspace(1) %v) {
  store ptr addrspace(1) %v, ptr addrspace(1) %o
  %right = getelementptr i8, ptr addrspace(1) %o, i64 8
  store ptr addrspace(1) %v, ptr addrspace(1) %right
  ret void
}

; Two neighbours elsewhere: one test, and both are recorded, since they may lie in two cards.
; CHECK-LABEL: define void @neighbours_behind(
; CHECK: %[[TRACKED:.*]] = icmp ne i8
; CHECK: br i1 %[[TRACKED]], label %[[SLOW:.*]], label %[[STORE:[0-9]+]], !prof
; CHECK: [[SLOW]]:
; CHECK: call void asm {{.*}}gw_barrier_slow_slot_${0:V}@{{.*}}(ptr addrspace(1) %o, ptr addrspace(1) %[[LEFT:.*]])
; CHECK-NOT: icmp
; CHECK: call void asm {{.*}}gw_barrier_slow_slot_${0:V}@{{.*}}(ptr addrspace(1) %o, ptr addrspace(1) %
; CHECK: store ptr addrspace(1) %v, ptr addrspace(1) %left
; CHECK-NOT: gw_barrier_slow
; CHECK: ret void
define void @neighbours_behind(ptr addrspace(1) %o, ptr addrspace(1) %v) {
  %left = getelementptr i8, ptr addrspace(1) %o, i64 504
  store ptr addrspace(1) %v, ptr addrspace(1) %left
  %right = getelementptr i8, ptr addrspace(1) %o, i64 512
  store ptr addrspace(1) %v, ptr addrspace(1) %right
  ret void
}

; The same with a safepoint between: two tests.
; CHECK-LABEL: define void @neighbours_apart(
; CHECK: icmp ne i8
; CHECK: @may_collect
; CHECK: icmp ne i8
; CHECK: ret void
define void @neighbours_apart(ptr addrspace(1) %o, ptr addrspace(1) %v) {
  store ptr addrspace(1) %v, ptr addrspace(1) %o
  call void @may_collect()
  %right = getelementptr i8, ptr addrspace(1) %o, i64 8
  store ptr addrspace(1) %v, ptr addrspace(1) %right
  ret void
}

; One of two fresh objects is fresh, and so is one or null.
; CHECK-LABEL: define void @fresh_choice(
; CHECK-NOT: gw_barrier_slow
; CHECK: ret void
define void @fresh_choice(ptr addrspace(1) %v, i1 %c) {
  br i1 %c, label %left, label %right
left:
  %a = call ptr addrspace(1) @gw_alloc(ptr @gw_type_cell)
  br label %join
right:
  %b = call ptr addrspace(1) @gw_alloc(ptr @gw_type_cell)
  br label %join
join:
  %o = phi ptr addrspace(1) [ %a, %left ], [ %b, %right ]
  store ptr addrspace(1) %v, ptr addrspace(1) %o
  ret void
}

; The slot stays the same: the barrier stands before the loop.
; CHECK-LABEL: define void @same_slot(
; CHECK: call void asm {{.*}}gw_barrier_slow_${0:V}@{{.*}}(ptr addrspace(1) %o)
; CHECK: {{^}}loop:
; CHECK-NOT: gw_barrier_slow
; CHECK-NOT: load i8
; CHECK: ret void
define void @same_slot(ptr addrspace(1) %o, ptr addrspace(1) %from, i64 %n) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %j, %loop ]
  %p = getelementptr ptr addrspace(1), ptr addrspace(1) %from, i64 %i
  %v = load ptr addrspace(1), ptr addrspace(1) %p
  store ptr addrspace(1) %v, ptr addrspace(1) %o
  %j = add i64 %i, 1
  %more = icmp ult i64 %j, %n
  br i1 %more, label %loop, label %done
done:
  ret void
}

; The slot changes, the object does not: its flags are read before the loop, and again on the slow path only.
; CHECK-LABEL: define void @fill(
; CHECK: load i8
; CHECK: %tracked = icmp ne i8
; CHECK: {{^}}loop:
; CHECK: br i1 %tracked
; CHECK: load i8
; CHECK: call void asm {{.*}}gw_barrier_slow_slot_${0:V}@{{.*}}(ptr addrspace(1) %o, ptr addrspace(1) %p)
; CHECK: ret void
define void @fill(ptr addrspace(1) %o, ptr addrspace(1) %v, i64 %n) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %j, %loop ]
  %p = getelementptr ptr addrspace(1), ptr addrspace(1) %o, i64 %i
  store ptr addrspace(1) %v, ptr addrspace(1) %p
  %j = add i64 %i, 1
  %more = icmp ult i64 %j, %n
  br i1 %more, label %loop, label %done
done:
  ret void
}

; In a loop that collects, every turn needs its own.
; CHECK-LABEL: define void @collecting_loop(
; CHECK: {{^}}loop:
; CHECK: load i8
; CHECK: gw_barrier_slow
; CHECK: @may_collect
; CHECK: ret void
define void @collecting_loop(ptr addrspace(1) %o, ptr addrspace(1) %v, i64 %n) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %j, %loop ]
  store ptr addrspace(1) %v, ptr addrspace(1) %o
  call void @may_collect()
  %j = add i64 %i, 1
  %more = icmp ult i64 %j, %n
  br i1 %more, label %loop, label %done
done:
  ret void
}

; A store that may never run says nothing about the object, which may be null: its header is not read before the loop.
; CHECK-LABEL: define void @perhaps_null(
; CHECK-NOT: load i8
; CHECK: {{^}}loop:
; CHECK: {{^}}write:
; CHECK: load i8
; CHECK: ret void
define void @perhaps_null(ptr addrspace(1) %o, ptr addrspace(1) %v, i64 %n) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %j, %next ]
  %there = icmp ne ptr addrspace(1) %o, null
  br i1 %there, label %write, label %next
write:
  store ptr addrspace(1) %v, ptr addrspace(1) %o
  br label %next
next:
  %j = add i64 %i, 1
  %more = icmp ult i64 %j, %n
  br i1 %more, label %loop, label %done
done:
  ret void
}

; What the loop's entry holds comes before the flags are read there, though another barrier splits the entry.
; CHECK-LABEL: define void @object_from_entry(
; CHECK: gw_barrier_slow
; CHECK: %inner = load ptr addrspace(1)
; CHECK: %[[HEADER:.*]] = getelementptr i8, ptr addrspace(1) %inner, i64 -8
; CHECK-NEXT: load i8, ptr addrspace(1) %[[HEADER]]
; CHECK: {{^}}loop:
; CHECK: @may_collect
define void @object_from_entry(ptr addrspace(1) %o, ptr addrspace(1) %v, i64 %n) {
entry:
  store ptr addrspace(1) %v, ptr addrspace(1) %o
  %field = getelementptr i8, ptr addrspace(1) %o, i64 8
  %inner = load ptr addrspace(1), ptr addrspace(1) %field
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %j, %loop ]
  %p = getelementptr ptr addrspace(1), ptr addrspace(1) %inner, i64 %i
  store ptr addrspace(1) %v, ptr addrspace(1) %p
  %j = add i64 %i, 1
  %more = icmp ult i64 %j, %n
  br i1 %more, label %loop, label %done
done:
  call void @may_collect()
  store ptr addrspace(1) %inner, ptr addrspace(1) %v
  ret void
}

; An immediate, or null, or one of both.
; CHECK-LABEL: define void @immediates(
; CHECK-NOT: gw_barrier_slow
; CHECK: ret void
define void @immediates(ptr addrspace(1) %o, i64 %word, i1 %c) {
entry:
  %tagged = or i64 %word, 1
  %v = call ptr addrspace(1) @gw_immediate_word(i64 %tagged)
  br i1 %c, label %join, label %right
right:
  br label %join
join:
  %choice = phi ptr addrspace(1) [ %v, %entry ], [ null, %right ]
  store ptr addrspace(1) %choice, ptr addrspace(1) %o
  ret void
}
declare ptr addrspace(1) @gw_immediate_word(i64)

; CHECK-LABEL: define void @immediate_or_not(
; CHECK: gw_barrier_slow
; CHECK: ret void
define void @immediate_or_not(ptr addrspace(1) %o, ptr addrspace(1) %w, i64 %word, i1 %c) {
  %tagged = or i64 %word, 1
  %v = call ptr addrspace(1) @gw_immediate_word(i64 %tagged)
  %choice = select i1 %c, ptr addrspace(1) %v, ptr addrspace(1) %w
  store ptr addrspace(1) %choice, ptr addrspace(1) %o
  ret void
}
