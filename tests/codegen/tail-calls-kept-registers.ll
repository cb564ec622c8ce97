; Conventions whose callees keep the registers of their arguments: LLVM restores over the arguments of a musttail call. So such calls are
; refused, and those that are marked tail stay calls, with maps.
; RUN: for bad in cold most all self pointer; do (sed '/^;BAD/,$d' %s; sed -n "/^;BAD $bad/,/^;END/p" %s | sed 's/^;| //') >%t.ll; refused %opt -passes=greywave-prepare %t.ll -o /dev/null; done 2>&1 | %check
; RUN: %opt -passes=greywave-prepare,greywave -S %s -o - | %filecheck --check-prefix=GOOD %s
; RUN: for level in 0 2; do %opt -passes="default<O$level>" %s -o %t.ll; %llc -relocation-model=pic -filetype=obj %t.ll -o %t.o; %gwcc %t.o -o %t; GREYWAVE=stress=alloc+move,poison=1,verify=1 %t; done
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
%type = type { ptr, i32, i32, i32, i32, i32, i32, ptr, ptr, ptr, ptr }
@name = private constant [5 x i8] c"cell\00"
@offsets = private constant [1 x i32] [i32 0]
@cell.type = private constant %type { ptr @name, i32 16, i32 0, i32 1, i32 0, i32 0, i32 0, ptr @offsets, ptr null, ptr null, ptr null }, align 16
declare ptr addrspace(1) @gw_alloc(ptr)
declare i32 @gw_init(ptr)

define ptr addrspace(1) @cell(ptr addrspace(1) %next, i64 %n) noinline {
  %cell = call ptr addrspace(1) @gw_alloc(ptr @cell.type)
  store ptr addrspace(1) %next, ptr addrspace(1) %cell
  %field = getelementptr i8, ptr addrspace(1) %cell, i64 8
  store i64 %n, ptr addrspace(1) %field
  ret ptr addrspace(1) %cell
}

; GOOD-LABEL: define {{.*}}@cold(
; GOOD-NOT: musttail
; GOOD: call coldcc token
define coldcc ptr addrspace(1) @cold(ptr addrspace(1) %list, i64 %n) noinline {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %done, label %more
more:
  %next = call ptr addrspace(1) @cell(ptr addrspace(1) %list, i64 %n)
  %m = sub i64 %n, 1
  %r = tail call coldcc ptr addrspace(1) @cold(ptr addrspace(1) %next, i64 %m)
  ret ptr addrspace(1) %r
done:
  ret ptr addrspace(1) %list
}

; GOOD-LABEL: define {{.*}}@most(
; GOOD-NOT: musttail
; GOOD: call preserve_mostcc token
define preserve_mostcc ptr addrspace(1) @most(ptr addrspace(1) %list, i64 %n) noinline {
  %next = call ptr addrspace(1) @cell(ptr addrspace(1) %list, i64 %n)
  %none = icmp eq i64 %n, 0
  br i1 %none, label %done, label %more
more:
  %m = sub i64 %n, 1
  %r = tail call preserve_mostcc ptr addrspace(1) @most(ptr addrspace(1) %next, i64 %m)
  ret ptr addrspace(1) %r
done:
  ret ptr addrspace(1) %next
}

; Handed on as it came, or with no argument in such a register: a jump.
; GOOD-LABEL: define {{.*}}@handed_on(
; GOOD: musttail call coldcc ptr addrspace(1) @made(i64 %n)
define coldcc ptr addrspace(1) @handed_on(i64 %n) {
  %r = musttail call coldcc ptr addrspace(1) @made(i64 %n)
  ret ptr addrspace(1) %r
}
define coldcc ptr addrspace(1) @made(i64 %n) noinline {
  %r = call ptr addrspace(1) @cell(ptr addrspace(1) null, i64 %n)
  ret ptr addrspace(1) %r
}
; GOOD-LABEL: define {{.*}}@swift(
; GOOD: musttail call swiftcc ptr addrspace(1) @swift(ptr swiftself %self,
define swiftcc ptr addrspace(1) @swift(ptr swiftself %self, ptr addrspace(1) %list, i64 %n) noinline {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %done, label %more
more:
  %next = call ptr addrspace(1) @cell(ptr addrspace(1) %list, i64 %n)
  %m = sub i64 %n, 1
  %r = musttail call swiftcc ptr addrspace(1) @swift(ptr swiftself %self, ptr addrspace(1) %next, i64 %m)
  ret ptr addrspace(1) %r
done:
  ret ptr addrspace(1) %list
}

define i64 @sum(ptr addrspace(1) %list) noinline {
entry:
  br label %turn
turn:
  %at = phi ptr addrspace(1) [ %list, %entry ], [ %next, %more ]
  %sum = phi i64 [ 0, %entry ], [ %with, %more ]
  %end = icmp eq ptr addrspace(1) %at, null
  br i1 %end, label %done, label %more
more:
  %field = getelementptr i8, ptr addrspace(1) %at, i64 8
  %n = load i64, ptr addrspace(1) %field
  %with = add i64 %sum, %n
  %next = load ptr addrspace(1), ptr addrspace(1) %at
  br label %turn
done:
  ret i64 %sum
}

; Three times 1 to 100, and 7.
define i32 @main() {
  %ok = call i32 @gw_init(ptr null)
  %a = call coldcc ptr addrspace(1) @handed_on(i64 7)
  %b = call coldcc ptr addrspace(1) @cold(ptr addrspace(1) %a, i64 100)
  %c = call preserve_mostcc ptr addrspace(1) @most(ptr addrspace(1) %b, i64 100)
  %d = call swiftcc ptr addrspace(1) @swift(ptr swiftself @name, ptr addrspace(1) %c, i64 100)
  %sum = call i64 @sum(ptr addrspace(1) %d)
  %wrong = icmp ne i64 %sum, 15157
  %r = zext i1 %wrong to i32
  ret i32 %r
}

; CHECK: greywave: a musttail call passes arguments in registers that its calling convention keeps, over which LLVM restores what was there; use another convention for functions that end in jumps, such as tailcc [in function 'jumps_cold']
;BAD cold
;| define coldcc ptr addrspace(1) @jumps_cold(ptr addrspace(1) %a, i64 %n) {
;|   %r = musttail call coldcc ptr addrspace(1) @jumps_cold(ptr addrspace(1) %a, i64 %n)
;|   ret ptr addrspace(1) %r
;| }
;END
; CHECK: a musttail call passes arguments in registers that its calling convention keeps{{.*}}[in function 'jumps_most']
;BAD most
;| define preserve_mostcc ptr addrspace(1) @jumps_most(i64 %n, i64 %m) {
;|   %r = musttail call preserve_mostcc ptr addrspace(1) @jumps_most(i64 %m, i64 %n)
;|   ret ptr addrspace(1) %r
;| }
;END
; CHECK: a musttail call passes arguments in registers that its calling convention keeps{{.*}}[in function 'jumps_all']
;BAD all
;| define preserve_allcc ptr addrspace(1) @jumps_all(double %n) {
;|   %m = fadd double %n, 1.0
;|   %r = musttail call preserve_allcc ptr addrspace(1) @jumps_all(double %m)
;|   ret ptr addrspace(1) %r
;| }
;END
; CHECK: a musttail call passes arguments in registers that its calling convention keeps{{.*}}[in function 'jumps_self']
;BAD self
;| define swiftcc ptr addrspace(1) @jumps_self(ptr swiftself %s, ptr %t) {
;|   %r = musttail call swiftcc ptr addrspace(1) @jumps_self(ptr swiftself %t, ptr %s)
;|   ret ptr addrspace(1) %r
;| }
;END
; CHECK: a musttail call passes arguments in registers that its calling convention keeps{{.*}}[in function 'jumps_by_pointer']
;BAD pointer
;| define preserve_mostcc ptr addrspace(1) @jumps_by_pointer() {
;|   %f = load ptr, ptr @callee
;|   %r = musttail call preserve_mostcc ptr addrspace(1) %f()
;|   ret ptr addrspace(1) %r
;| }
;| @callee = global ptr null
;END
