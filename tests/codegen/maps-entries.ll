; What the statepoints of a function become in section gw_maps: entry bytes as docs/abi.md has them.
; RUN: %llc -O2 %s -o %t.s
; RUN: %check < %t.s
; RUN: sed 's/statepoint-example/greywave/' %s > %t.ll
; RUN: %llc -O2 %t.ll -o %t.s
; RUN: if grep llvm_stackmaps %t.s; then exit 1; fi

target triple = "x86_64-pc-linux-gnu"

declare token @llvm.experimental.gc.statepoint.p0(i64 immarg, i32 immarg, ptr, i32 immarg, i32 immarg, ...)
declare ptr addrspace(1) @llvm.experimental.gc.relocate.p1(token, i32 immarg, i32 immarg)
declare <2 x ptr addrspace(1)> @llvm.experimental.gc.relocate.v2p1(token, i32 immarg, i32 immarg)
declare void @collect()
declare void @use(ptr addrspace(1))

; Another strategy's functions are not ours; for them LLVM writes its own section as well.
; CHECK-NOT: frame maps of other
define void @other() gc "statepoint-example" {
  ret void
}

; CHECK: .section gw_maps,"ao",@progbits,no_sites
; CHECK: frame maps of no_sites
; CHECK: .long .Lgw_begin{{[0-9]+}}-.Lgw_address
; CHECK: .uleb128 .Lfunc_end{{[0-9]+}}-.Lgw_begin{{[0-9]+}} # code size
; CHECK: .byte 0 # flags
; CHECK-NEXT: .byte 0 # sites
define i32 @no_sites(i32 %x) gc "greywave" {
  ret i32 %x
}

; One root at [rsp]; the second call has the same, the third none.
; CHECK: frame maps of repeated
; CHECK: .byte 3 # sites
; CHECK-NEXT: .uleb128 .Ltmp{{[0-9]+}}-.Lgw_begin
; CHECK-NEXT: .byte 2 # 1 entries
; CHECK-NEXT: {{.byte|.ascii}} {{0x00|"\\000"|0$}}
; CHECK-NEXT: .uleb128 .Ltmp{{[0-9]+}}-.Ltmp
; CHECK-NEXT: .byte 0
; CHECK-NEXT: .uleb128 .Ltmp{{[0-9]+}}-.Ltmp
; CHECK-NEXT: .byte 1 # 0 entries
define void @repeated(ptr addrspace(1) %a) gc "greywave" {
  %t1 = call token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 0, i32 0, ptr elementtype(void ()) @collect, i32 0, i32 0, i32 0, i32 0) ["gc-live"(ptr addrspace(1) %a)]
  %a1 = call ptr addrspace(1) @llvm.experimental.gc.relocate.p1(token %t1, i32 0, i32 0)
  %t2 = call token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 0, i32 0, ptr elementtype(void ()) @collect, i32 0, i32 0, i32 0, i32 0) ["gc-live"(ptr addrspace(1) %a1)]
  %a2 = call ptr addrspace(1) @llvm.experimental.gc.relocate.p1(token %t2, i32 0, i32 0)
  %t3 = call token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 0, i32 0, ptr elementtype(void (ptr addrspace(1))) @use, i32 1, i32 0, ptr addrspace(1) %a2, i32 0, i32 0)
  ret void
}

; A derived pointer: base entry 0, derived entry of it (7 = subkind 1), its slot. null is no root.
; CHECK: frame maps of derived
; CHECK: .byte 3 # 2 entries
; CHECK-NEXT: .byte 0x{{0[048]}}, 0x07, 0x00, 0x{{0[048]}}
define ptr addrspace(1) @derived(ptr addrspace(1) %a, i64 %i) gc "greywave" {
  %d = getelementptr i8, ptr addrspace(1) %a, i64 %i
  %t = call token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 0, i32 0, ptr elementtype(void ()) @collect, i32 0, i32 0, i32 0, i32 0) ["gc-live"(ptr addrspace(1) %a, ptr addrspace(1) %d, ptr addrspace(1) null)]
  %a1 = call ptr addrspace(1) @llvm.experimental.gc.relocate.p1(token %t, i32 0, i32 0)
  %d1 = call ptr addrspace(1) @llvm.experimental.gc.relocate.p1(token %t, i32 0, i32 1)
  %n1 = call ptr addrspace(1) @llvm.experimental.gc.relocate.p1(token %t, i32 2, i32 2)
  store ptr addrspace(1) %a1, ptr addrspace(1) %n1
  ret ptr addrspace(1) %d1
}

; A vector of references is a slot each.
; CHECK: frame maps of vector
; CHECK: .byte 3 # 2 entries
; CHECK-NEXT: .byte 0x00, 0x04
define <2 x ptr addrspace(1)> @vector(<2 x ptr addrspace(1)> %v) gc "greywave" {
  %t = call token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 0, i32 0, ptr elementtype(void ()) @collect, i32 0, i32 0, i32 0, i32 0) ["gc-live"(<2 x ptr addrspace(1)> %v)]
  %v1 = call <2 x ptr addrspace(1)> @llvm.experimental.gc.relocate.v2p1(token %t, i32 0, i32 0)
  ret <2 x ptr addrspace(1)> %v1
}

; Stack variables, described by deopt operands: a small one becomes slots, a large one a region (11 = subkind 2) of 100
; blocks, two words from one to the next, with a reference in the second word, where the run begins.
; CHECK: frame maps of regions
; CHECK: .byte 0 # flags
; CHECK: .byte 4 # 3 entries
; CHECK-NEXT: .byte 0x{{..}}, 0x{{..}}, 0x0b, 0x07
; CHECK-NEXT: .byte 0x{{..}}, 0x64, 0x02, 0x01
; CHECK-NEXT: .byte 0x00
define void @regions() gc "greywave" {
  %small = alloca [2 x ptr addrspace(1)]
  %large = alloca [200 x i64]
  store ptr addrspace(1) null, ptr %small
  store i64 0, ptr %large
  %t = call token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 0, i32 0, ptr elementtype(void ()) @collect, i32 0, i32 0, i32 0, i32 0) ["deopt"(ptr %small, i64 2, i64 8, i64 1, i64 0, ptr %large, i64 100, i64 16, i64 1, i64 8)]
  ret void
}

; A frame of variable size: flag 1, slots off rbp.
; CHECK: frame maps of dynamic
; CHECK: .byte 1 # flags
; CHECK: .byte 2 # 1 entries
; CHECK-NEXT: .byte 0x{{.[159d]$}}
define ptr addrspace(1) @dynamic(ptr addrspace(1) %a, i64 %n) gc "greywave" {
  %block = alloca i8, i64 %n
  store volatile i8 0, ptr %block
  %t = call token (i64, i32, ptr, i32, i32, ...) @llvm.experimental.gc.statepoint.p0(i64 0, i32 0, ptr elementtype(void ()) @collect, i32 0, i32 0, i32 0, i32 0) ["gc-live"(ptr addrspace(1) %a)]
  %a1 = call ptr addrspace(1) @llvm.experimental.gc.relocate.p1(token %t, i32 0, i32 0)
  ret ptr addrspace(1) %a1
}
!greywave.lowered = !{} ; as the last pass leaves it
