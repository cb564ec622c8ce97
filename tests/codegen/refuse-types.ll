; Types that a frontend wrote by hand and got wrong. They are found by what they are used for, or by what they are, under any name. Those
; behind the last line are right.
; RUN: for level in 0 2; do refused %gwcc -O$level -ferror-limit=0 -S -emit-llvm %s -o %t.ll 2>&1 | %check --implicit-check-not="error:"; done
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
; name, size, flags; references, references in an element, element's size, where the length is; offsets, trace, destroy, layout
%type = type { ptr, i32, i32, i32, i32, i32, i32, ptr, ptr, ptr, ptr }
%node = type { i64, ptr addrspace(1), i32, ptr addrspace(1) }
@at.0.8 = private constant [2 x i32] [i32 0, i32 8]
@at.8.0 = private constant [2 x i32] [i32 8, i32 0]
@at.0.0 = private constant [2 x i32] [i32 0, i32 0]
@at.4.12 = private constant [2 x i32] [i32 4, i32 12]
@at.elsewhere = external constant [2 x i32]

; CHECK-DAG: error: {{.*}}greywave: type 'beyond' lists offset 8 of the object, which has 8 bytes; list fields inside it
@beyond = constant %type { ptr null, i32 8, i32 0, i32 2, i32 0, i32 0, i32 0, ptr @at.0.8, ptr null, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'askew' lists offset 4 of the object, which is not a multiple of 8; references are aligned
@askew = constant %type { ptr null, i32 20, i32 0, i32 2, i32 0, i32 0, i32 0, ptr @at.4.12, ptr null, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'backwards' lists offset 0 of the object behind a greater one; list fields in ascending order
@backwards = constant %type { ptr null, i32 16, i32 0, i32 2, i32 0, i32 0, i32 0, ptr @at.8.0, ptr null, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'twice' lists offset 0 of the object twice; list each field once
@twice = constant %type { ptr null, i32 16, i32 0, i32 2, i32 0, i32 0, i32 0, ptr @at.0.0, ptr null, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'short' lists references in an array that cannot be read here, or that is too short; define it as a constant array of i32 beside the type
@short = constant %type { ptr null, i32 32, i32 0, i32 3, i32 0, i32 0, i32 0, ptr @at.0.8, ptr null, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'unseen' lists references in an array that cannot be read here
@unseen = constant %type { ptr null, i32 32, i32 0, i32 2, i32 0, i32 0, i32 0, ptr @at.elsewhere, ptr null, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'flagged' has flags that are not known (1024); see GW_TYPE_… in greywave/abi.h
@flagged = constant %type { ptr null, i32 16, i32 1024, i32 0, i32 0, i32 0, i32 0, ptr null, ptr null, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'unnumbered' has a field that is no number at byte 8; write the number
@unnumbered = constant %type { ptr null, i32 ptrtoint (ptr @flagged to i32), i32 0, i32 0, i32 0, i32 0, i32 0, ptr null, ptr null, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'odd_array' has a fixed part of 12 bytes; an array's is a multiple of 8
@odd_array = constant %type { ptr null, i32 12, i32 0, i32 0, i32 0, i32 4, i32 0, ptr null, ptr null, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'lengthless' has its length at offset 8; it is a 64-bit number inside the fixed part of 8 bytes, aligned to 8
@lengthless = constant %type { ptr null, i32 8, i32 0, i32 0, i32 0, i32 4, i32 8, ptr null, ptr null, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'overlaid' has its length where it lists a reference; give the length a field of its own
@overlaid = constant %type { ptr null, i32 16, i32 0, i32 1, i32 0, i32 8, i32 0, ptr @at.0.8, ptr null, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'uneven' has elements of 12 bytes that hold references; their size is a multiple of 8
@uneven = constant %type { ptr null, i32 8, i32 0, i32 0, i32 1, i32 12, i32 0, ptr @at.0.8, ptr null, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'spilling' lists offset 8 of the element, which has 8 bytes
@spilling = constant %type { ptr null, i32 8, i32 0, i32 0, i32 2, i32 8, i32 0, ptr @at.0.8, ptr null, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'elementless' lists references of elements but has none; give element_size
@elementless = constant %type { ptr null, i32 8, i32 0, i32 0, i32 1, i32 0, i32 0, ptr @at.0.8, ptr null, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'underived' has no layout variable; define it with GW_TYPE, or let `layout` point at a variable of the object's IR type
@underived = constant %type { ptr null, i32 32, i32 1, i32 0, i32 0, i32 0, i32 0, ptr null, ptr null, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'smaller': its layout has 32 bytes and its size is 24; they must agree
@smaller = constant %type { ptr null, i32 24, i32 1, i32 0, i32 0, i32 0, i32 0, ptr null, ptr null, ptr null, ptr @node.layout }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'forgets' misses the reference at offset 24 of the object; list every GW field
@forgets = constant %type { ptr null, i32 32, i32 0, i32 1, i32 0, i32 0, i32 0, ptr getelementptr ([2 x i32], ptr @at.0.8, i32 0, i32 1), ptr null, ptr null, ptr @node.layout }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'wide': its objects are to be aligned to 32 bytes, and the collector aligns them to 16 at most
@wide = constant %type { ptr null, i32 32, i32 0, i32 0, i32 0, i32 0, i32 0, ptr null, ptr null, ptr null, ptr @wide.layout }, align 16
@node.layout = private constant %node zeroinitializer
@wide.layout = private constant { <4 x double> } zeroinitializer

; Not of the type's fields, and handed out by choice, through a variable, out of a table.
; CHECK-DAG: error: {{.*}}greywave: type 'tiny' is not a struct gw_type; give it the eleven fields of greywave/abi.h
@tiny = private constant { ptr, i32 } { ptr null, i32 8 }
; CHECK-DAG: error: {{.*}}greywave: type 'words' lists offset 8 of the object, which has 8 bytes
@words = private constant { ptr, [6 x i32], [4 x ptr] } { ptr null, [6 x i32] [i32 8, i32 0, i32 2, i32 0, i32 0, i32 0], [4 x ptr] [ptr @at.0.8, ptr null, ptr null, ptr null] }
; CHECK-DAG: error: {{.*}}greywave: type 'chosen' lists offset 8 of the object, which has 8 bytes
@chosen = private constant { ptr, [6 x i32], [4 x ptr] } { ptr null, [6 x i32] [i32 8, i32 0, i32 2, i32 0, i32 0, i32 0], [4 x ptr] [ptr @at.0.8, ptr null, ptr null, ptr null] }
; CHECK-DAG: error: {{.*}}greywave: type 'tabled' lists offset 8 of the object, which has 8 bytes
@tabled = private constant { ptr, [6 x i32], [4 x ptr] } { ptr null, [6 x i32] [i32 8, i32 0, i32 2, i32 0, i32 0, i32 0], [4 x ptr] [ptr @at.0.8, ptr null, ptr null, ptr null] }
@table = private constant [2 x ptr] [ptr @tabled, ptr @right]

; Runs: how many of the fixed part and of an element; start, count, stride of each.
@run.of.none = private constant [5 x i32] [i32 1, i32 0, i32 8, i32 0, i32 8]
@run.unaligned = private constant [5 x i32] [i32 1, i32 0, i32 0, i32 4, i32 12]
@run.right = private constant [5 x i32] [i32 1, i32 0, i32 0, i32 4, i32 8]
; CHECK-DAG: error: {{.*}}greywave: type 'untraced' has runs (GW_TYPE_RUNS) and no trace function; let `trace` point at gw_trace_runs
@untraced = constant %type { ptr null, i32 64, i32 4, i32 0, i32 0, i32 0, i32 0, ptr @run.right, ptr null, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'both' has runs (GW_TYPE_RUNS) and offsets; list all references as runs
@both = constant %type { ptr null, i32 64, i32 4, i32 1, i32 0, i32 0, i32 0, ptr @run.right, ptr @gw_trace_runs, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'none' lists a run of no references at offset 8 of the object
@none = constant %type { ptr null, i32 64, i32 4, i32 0, i32 0, i32 0, i32 0, ptr @run.of.none, ptr @gw_trace_runs, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'unaligned' lists a run with a stride of 12 bytes at offset 0 of the object; strides are multiples of 8
@unaligned = constant %type { ptr null, i32 64, i32 4, i32 0, i32 0, i32 0, i32 0, ptr @run.unaligned, ptr @gw_trace_runs, ptr null, ptr null }, align 16

; With tags: start, count, stride; the tag's offset and bytes, mask, low, span.
@tag.right = private constant [18 x i32] [i32 2, i32 0, i32 8, i32 1, i32 8, i32 0, i32 4, i32 -1, i32 3, i32 0, i32 8, i32 1, i32 8, i32 0, i32 4, i32 -1, i32 5, i32 2]
@tag.wide = private constant [10 x i32] [i32 1, i32 0, i32 8, i32 1, i32 8, i32 0, i32 8, i32 -1, i32 3, i32 0]
@tag.beyond = private constant [10 x i32] [i32 1, i32 0, i32 8, i32 2, i32 16, i32 20, i32 4, i32 -1, i32 3, i32 0]
@tag.inside = private constant [10 x i32] [i32 1, i32 0, i32 8, i32 1, i32 8, i32 12, i32 4, i32 -1, i32 3, i32 0]
; CHECK-DAG: error: {{.*}}greywave: type 'runless' has tags (GW_TYPE_TAGS) and no runs; set GW_TYPE_RUNS, too
@runless = constant %type { ptr null, i32 16, i32 8, i32 0, i32 0, i32 0, i32 0, ptr @tag.right, ptr @gw_trace_tagged, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'tag_wide' has a tag of 8 bytes at offset 0 of the object; tags have 1, 2 or 4 bytes
@tag_wide = constant %type { ptr null, i32 16, i32 12, i32 0, i32 0, i32 0, i32 0, ptr @tag.wide, ptr @gw_trace_tagged, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'far' has a tag of 4 bytes at offset 20 of the object, which has 32 bytes; tags are aligned and lie inside it
@far = constant %type { ptr null, i32 32, i32 12, i32 0, i32 0, i32 0, i32 0, ptr @tag.beyond, ptr @gw_trace_tagged, ptr null, ptr null }, align 16
; CHECK-DAG: error: {{.*}}greywave: type 'inside' has a tag of 4 bytes at offset 12 of the object, where a reference is listed; give the tag a field of its own
@inside = constant %type { ptr null, i32 16, i32 12, i32 0, i32 0, i32 0, i32 0, ptr @tag.inside, ptr @gw_trace_tagged, ptr null, ptr null }, align 16

; CHECK-DAG: error: {{.*}}greywave: type 'right' is no array's (element_size is 0); use gw_alloc [in function 'mistaken']
; CHECK-DAG: error: {{.*}}greywave: type 'right_array' is an array's; use gw_alloc_array [in function 'mistaken']
; ---- right
@tagged = constant %type { ptr null, i32 16, i32 12, i32 0, i32 0, i32 0, i32 0, ptr @tag.right, ptr @gw_trace_tagged, ptr null, ptr null }, align 16
@right = constant %type { ptr null, i32 16, i32 0, i32 2, i32 0, i32 0, i32 0, ptr @at.0.8, ptr null, ptr null, ptr null }, align 16
@right_array = constant %type { ptr null, i32 16, i32 2, i32 1, i32 1, i32 16, i32 8, ptr @at.0.0, ptr null, ptr null, ptr null }, align 16
@sized = constant %type { ptr null, i32 ptrtoint (ptr getelementptr (%node, ptr null, i32 1) to i32), i32 1, i32 0, i32 0, i32 0, i32 0, ptr null, ptr null, ptr null, ptr @node.layout }, align 16
@filled_in_later = global %type zeroinitializer, align 16
@resembling = private constant %type { ptr null, i32 3, i32 1, i32 4, i32 1, i32 5, i32 9, ptr null, ptr null, ptr null, ptr null }, align 8
@elsewhere = external constant %type

declare void @gw_trace_runs(ptr addrspace(1), ptr)
declare void @gw_trace_tagged(ptr, ptr)
declare ptr addrspace(1) @gw_alloc(ptr)
declare ptr addrspace(1) @gw_alloc_array(ptr, i64)

define void @used(i1 %c, i64 %i) {
  %place = alloca ptr
  store ptr @words, ptr %place
  %through = load ptr, ptr %place
  %a = call ptr addrspace(1) @gw_alloc(ptr %through)
  %choice = select i1 %c, ptr @chosen, ptr @tiny
  %b = call ptr addrspace(1) @gw_alloc(ptr %choice)
  %entry = getelementptr [2 x ptr], ptr @table, i64 0, i64 %i
  %listed = load ptr, ptr %entry
  %d = call ptr addrspace(1) @gw_alloc(ptr %listed)
  %e = call ptr addrspace(1) @gw_alloc(ptr @elsewhere)
  %f = call ptr addrspace(1) @gw_alloc(ptr @filled_in_later)
  ret void
}

define void @mistaken() {
  %a = call ptr addrspace(1) @gw_alloc_array(ptr @right, i64 2)
  %b = call ptr addrspace(1) @gw_alloc(ptr @right_array)
  ret void
}
