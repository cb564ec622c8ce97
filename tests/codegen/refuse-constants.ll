; Numbers that an IRBuilder makes references of without an instruction. Immediates pass, at any level; what could be an object's address does not.
; opt ends at the first error, so each function is taken alone, and each variable.
; RUN: %opt -passes=greywave-prepare,greywave -S %s -o - | %filecheck --check-prefix=GOOD %s
; RUN: %opt -passes='greywave-prepare,default<O2>,greywave' -S %s -o - | %filecheck --check-prefix=GOOD %s
; RUN: for bad in aligned chosen in_struct address tagged_wrong by_instruction; do (sed '/^;BAD/,$d' %s; sed -n "/^;BAD $bad/,/^;END/p" %s | sed 's/^;| //') >%t.ll; refused %opt -passes=greywave-prepare %t.ll -o /dev/null; done 2>&1 | %check
; RUN: (sed '/^;BAD/,$d' %s; sed -n "/^;BAD variable/,/^;END/p" %s | sed 's/^;| //') >%t.ll; refused %opt -passes=greywave-prepare %t.ll -o /dev/null 2>&1 | %filecheck --check-prefix=VARIABLE %s
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
declare void @take(ptr addrspace(1))
@aligned_data = global [2 x i64] zeroinitializer, align 16
@kept = global ptr addrspace(1) inttoptr (i64 17 to ptr addrspace(1))

; GOOD-LABEL: define {{.*}}@immediate(
; GOOD: ret ptr addrspace(1) inttoptr (i64 9 to ptr addrspace(1))
define ptr addrspace(1) @immediate() {
  ret ptr addrspace(1) inttoptr (i64 9 to ptr addrspace(1))
}
; GOOD-LABEL: define {{.*}}@tagged(
define ptr addrspace(1) @tagged(i1 %c) {
  call void @take(ptr addrspace(1) inttoptr (i64 -2 to ptr addrspace(1)))
  %r = select i1 %c, ptr addrspace(1) inttoptr (i64 add (i64 ptrtoint (ptr @aligned_data to i64), i64 2) to ptr addrspace(1)), ptr addrspace(1) null
  ret ptr addrspace(1) %r
}
; GOOD-LABEL: define {{.*}}@instruction(
define ptr addrspace(1) @instruction() {
  %r = inttoptr i64 9 to ptr addrspace(1)
  ret ptr addrspace(1) %r
}

; VARIABLE: greywave: a constant number becomes a reference, which the collector would follow; give an immediate one of its low three bits, and refer to a static object by addrspacecast
;BAD variable
;| @number = global { i64, ptr addrspace(1) } { i64 1, ptr addrspace(1) inttoptr (i64 4096 to ptr addrspace(1)) }
;| define ptr addrspace(1) @used(ptr addrspace(1) %a) {
;|   ret ptr addrspace(1) %a
;| }
;END
; CHECK: a constant number becomes a reference{{.*}}[in function 'aligned']
;BAD aligned
;| define ptr addrspace(1) @aligned() {
;|   ret ptr addrspace(1) inttoptr (i64 4096 to ptr addrspace(1))
;| }
;END
; CHECK: a constant number becomes a reference{{.*}}[in function 'chosen']
;BAD chosen
;| define ptr addrspace(1) @chosen(i1 %c) {
;|   %r = select i1 %c, ptr addrspace(1) inttoptr (i64 9 to ptr addrspace(1)), ptr addrspace(1) inttoptr (i64 16 to ptr addrspace(1))
;|   ret ptr addrspace(1) %r
;| }
;END
; CHECK: a constant number becomes a reference{{.*}}[in function 'in_struct']
;BAD in_struct
;| define { i64, ptr addrspace(1) } @in_struct() {
;|   ret { i64, ptr addrspace(1) } { i64 1, ptr addrspace(1) inttoptr (i64 64 to ptr addrspace(1)) }
;| }
;END
; CHECK: a constant number becomes a reference{{.*}}[in function 'address']
;BAD address
;| define ptr addrspace(1) @address() {
;|   ret ptr addrspace(1) inttoptr (i64 ptrtoint (ptr @aligned_data to i64) to ptr addrspace(1))
;| }
;END
; CHECK: a constant number becomes a reference{{.*}}[in function 'tagged_wrong']
;BAD tagged_wrong
;| define ptr addrspace(1) @tagged_wrong() {
;|   ret ptr addrspace(1) inttoptr (i64 add (i64 ptrtoint (ptr @aligned_data to i64), i64 8) to ptr addrspace(1))
;| }
;END
; CHECK: an integer becomes a reference{{.*}}[in function 'by_instruction']
;BAD by_instruction
;| define ptr addrspace(1) @by_instruction() {
;|   %r = inttoptr i64 4096 to ptr addrspace(1)
;|   ret ptr addrspace(1) %r
;| }
;END
