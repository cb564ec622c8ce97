; Functions of a frontend that uses LLVM's own strategy and section: their .llvm_stackmaps, registered by hand, serve the
; walker as well as gw_maps do, in one stack with frames of C compiled by gwcc. Derived pointers are kept as such.
; RUN: %opt -passes=rewrite-statepoints-for-gc -spp-rematerialization-threshold=0 %s -o %t.ll
; RUN: for level in 0 1 2; do for pic in static pic; do %llc -O$level -relocation-model=$pic -filetype=obj %t.ll -o %t.o && objcopy --rename-section .llvm_stackmaps=stock_maps,alloc,load,data,contents %t.o && %gwcc -O2 -c %S/Inputs/stock_stackmaps.c -o %tc.o && %gwcc -no-pie %t.o %tc.o -o %t && GREYWAVE=stress=alloc+move,poison=1,verify=1,verify-walk=1 %t; done; done

target triple = "x86_64-pc-linux-gnu"

declare ptr addrspace(1) @make(i64)
declare i64 @between(i64, ptr addrspace(1))
declare void @churn_at_bottom()

; Adds the node's own value, read through an interior pointer made before the calls, and the outer one's.
define i64 @down(i64 %depth, ptr addrspace(1) %outer, i64 %value_offset) uwtable gc "statepoint-example" {
  %own = call ptr addrspace(1) @make(i64 %depth)
  %field = getelementptr i8, ptr addrspace(1) %own, i64 %value_offset
  %more = icmp ne i64 %depth, 0
  br i1 %more, label %deeper, label %bottom

deeper:
  %less = sub i64 %depth, 1
  %from_below = call i64 @between(i64 %less, ptr addrspace(1) %own)
  br label %join

bottom:
  call void @churn_at_bottom()
  br label %join

join:
  %below = phi i64 [ %from_below, %deeper ], [ 0, %bottom ]
  %value = load i64, ptr addrspace(1) %field
  %outer_field = getelementptr i8, ptr addrspace(1) %outer, i64 %value_offset
  %outer_value = load i64, ptr addrspace(1) %outer_field
  %sum = add i64 %value, %outer_value
  %all = add i64 %sum, %below
  ret i64 %all
}

; A frame of variable size: slots off rbp.
define i64 @down_dynamic(i64 %depth, ptr addrspace(1) %outer, i64 %value_offset) uwtable gc "statepoint-example" {
  %size = mul i64 %depth, 24
  %block = alloca i8, i64 %size
  %below = call i64 @down(i64 %depth, ptr addrspace(1) %outer, i64 %value_offset)
  store volatile i8 1, ptr %block
  %outer_field = getelementptr i8, ptr addrspace(1) %outer, i64 %value_offset
  %outer_value = load i64, ptr addrspace(1) %outer_field
  %all = add i64 %below, %outer_value
  ret i64 %all
}
