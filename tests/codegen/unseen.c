// Code that the passes have not seen does not become a program: calls of the runtime have a name in source and IR, another in
// object code; a file that calls nothing refers to a name that nobody defines; bitcode is refused at the link.
// RUN: %bin/llvm-nm -D --defined-only --format=just-symbols %runtime | sort > %t.exported
// RUN: %bin/clang -E -P -include greywave/names.h -I%include -x c /dev/null | sed -n 's/^#pragma redefine_extname gw_[a-z_]* //p' > %t.named
// RUN: echo gw_current_thread gw_current_thread_offset gw_module_load gw_module_unload gw_module_without_roots | tr ' ' '\n' >> %t.named
// RUN: grep -v '^gw_barrier_slow_' %t.exported | diff - <(sort %t.named)
//
// Compiled without the passes, by an option or without the plug-in.
// RUN: %clang -DCALLS -Xclang -disable-llvm-passes -O2 -c %s -o %t.o
// RUN: refused %gwcc %t.o -o %t 2>&1 | %filecheck --check-prefixes=CALLS,WISH %s
// RUN: %bin/clang -DCALLS -D__GREYWAVE__=1 -I%include -O2 -c %s -o %t.o
// RUN: refused %gwcc %t.o -o %t 2>&1 | %filecheck --check-prefixes=CALLS,WISH %s
// RUN: %bin/clang -x c++ -D__GREYWAVE__=1 -I%include -O2 -c %s -o %t.o
// RUN: %gwcc -DMAIN -c %s -o %t.main.o
// RUN: refused %gwcc %t.main.o %t.o -o %t 2>&1 | %filecheck --check-prefixes=WISH %s
// CALLS-DAG: undefined {{.*}}gw_alloc
// CALLS-DAG: undefined {{.*}}gw_init
// WISH: undefined {{.*}}gw_this_code_has_not_seen_the_greywave_passes
//
// In a shared library the dynamic linker asks for it.
// RUN: %bin/clang -D__GREYWAVE__=1 -I%include -O2 -fPIC -shared %s -o %t.so
// RUN: %gwcc -DMAIN %s -o %t
// RUN: LD_PRELOAD=%t.so refused %t 2>&1 | %filecheck --check-prefix=WISH-LOADED %s
// WISH-LOADED: undefined symbol: gw_this_code_has_not_seen_the_greywave_passes
//
// IR without a header.
// RUN: %gwcc -DCALLS -O1 -emit-llvm -c %s -o %t.seen.bc
// RUN: %bin/llc -load=%plugin -filetype=obj -relocation-model=pic %t.seen.bc -o %t.o && %gwcc %t.o -o %t
// RUN: sed -n 's/^IR: //p' %s > %t.ll
// RUN: %bin/llc -filetype=obj -relocation-model=pic %t.ll -o %t.o
// RUN: refused %gwcc %t.main.o %t.o -o %t 2>&1 | %filecheck --check-prefix=IR-CALLS %s
// IR-CALLS: undefined reference to `gw_collect'
//
// One of the passes alone.
// RUN: refused %opt -passes=greywave %t.ll 2>&1 | %filecheck --check-prefix=ONE %s
// ONE: greywave: this function has not seen greywave-prepare: compile it with the plug-in too, or name that pass in front of greywave [function 'kept']
// RUN: %opt -passes=greywave-prepare %t.ll -o %t.prepared.ll
// RUN: refused %bin/llc -load=%plugin -filetype=obj %t.prepared.ll -o %t.o 2>&1 | %filecheck --check-prefix=OTHER %s
// OTHER: greywave: no frame map for function kept: the module has not seen the pass 'greywave'; run it before code generation
//
// Bitcode that was compiled without the plug-in, beside bitcode that was compiled with it.
// RUN: %bin/llvm-as %t.ll -o %t.o
// RUN: for lto in -flto -flto=thin; do %gwcc -DMAIN -O2 -fPIC $lto -c %s -o %t.main.o; refused %gwcc -O2 $lto -shared %t.main.o %t.o -o %t.so 2>&1 | %filecheck --check-prefix=ONE %s; done
// RUN: %bin/clang -D__GREYWAVE__=1 -I%include -O2 -fPIC -flto -c %s -o %t.o
// RUN: %gwcc -DMAIN -O2 -fPIC -flto -c %s -o %t.main.o
// RUN: refused %gwcc -O2 -flto -shared %t.main.o %t.o -o %t.so 2>&1 | %filecheck --check-prefix=FILE %s
// FILE: greywave: a file that includes greywave.h has not seen greywave-prepare: compile it with the plug-in too
//
// Native code calls by the other name, and needs no passes.
// RUN: %bin/clang -DNATIVE -I%include -c %s -o %t.native.o
// RUN: %gwcc %t.native.o -o %t && %t
#include <greywave/greywave.h>
#if defined(NATIVE) || defined(MAIN)
int main(void)
{
    return gw_init(NULL);
}
#elif defined(CALLS)
GW_TYPE_LEAF(number, uint64_t);
int main(void)
{
    return gw_init(NULL) != GW_OK || !gw_new(number);
}
#else
void GW *kept;
#endif
#if 0
IR: target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
IR: target triple = "x86_64-pc-linux-gnu"
IR: declare void @gw_collect(i32)
IR: define ptr addrspace(1) @kept(ptr addrspace(1) %reference) {
IR:   call void @gw_collect(i32 1)
IR:   ret ptr addrspace(1) %reference
IR: }
#endif
