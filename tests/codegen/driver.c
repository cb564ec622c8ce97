// gwcc: what it passes on, what it adds, what it refuses.
// RUN: %gwcc --help | %filecheck %s --check-prefix=HELP
// HELP: usage: gwcc [--roots=statepoint
// RUN: %gwcc --print-command -O2 -c %s -o %t.o | %filecheck %s --check-prefix=COMPILE
// COMPILE: clang '-std=gnu17' '-O2' '-c' {{.*}}'-fpass-plugin={{.*}}/libgreywave-llvm{{22|19}}.so' {{('-mllvm' '-fixup-allow-gcptr-in-csr' '-mllvm' '-max-registers-for-gc-values=1' )?}}'-D__GREYWAVE__=1' '-Rpass=greywave-locations' '-I{{.*}}/include'
// COMPILE-NOT: -lgreywave
// RUN: %gwcc --print-command %s -o %t | %filecheck %s --check-prefix=LINK
// LINK: '-Wl,-rpath,{{.*}}' '-lgreywave'
// RUN: %gwcc --print-command -static %s -o %t | %filecheck %s --check-prefix=STATIC
// STATIC: /libgreywave.a' '-lpthread'
// What is linked again, and what names its libraries itself, does not get the runtime: there would be two.
// RUN: for each in -r -Wl,-r -Wl,--relocatable "-r -nostdlib" "-static -r" -nostdlib -nodefaultlibs "-static -nostdlib"; do %gwcc --print-command $each %s -o %t | %filecheck %s --check-prefix=NO-RUNTIME --implicit-check-not=-lgreywave --implicit-check-not=libgreywave.; done
// NO-RUNTIME: clang {{.*}}'-fpass-plugin=
// RUN: %gwcc -r %s -o %t.r.o && echo 'int main(void) { return 0; }' > %t.main.c && %gwcc %t.r.o %t.main.c -o %t.linked && %t.linked
// RUN: for each in "" -flto; do %gwc++ --print-command $each -x c++ %s -o %t | %filecheck %s --check-prefix=PLUS --implicit-check-not=lstdc; done
// PLUS: clang++ {{.*}}'-fpass-plugin=
// RUN: %gwc++ --print-command %t.o -o %t | %filecheck %s --check-prefix=PLUS
// RUN: %gwc++ --roots=shadow --gcc --print-command %t.o -o %t | %filecheck %s --check-prefix=PLUS-GCC
// PLUS-GCC: g++ {{.*}}'-lstdc++' '-lm'
// RUN: refused %gwcc --roots=conservative %s 2>&1 | %filecheck %s --check-prefix=ROOTS
// ROOTS: gwcc: --roots=conservative: roots are found by statepoint, shadow, asm or none; see gwcc --help
// RUN: %gwcc --print-command --roots=shadow %s -o %t | %filecheck %s --check-prefix=SHADOW
// SHADOW: '-mllvm' '-greywave-roots=shadow' '-fplugin={{.*}}.so'
// RUN: refused %gwcc --gcc %s 2>&1 | %filecheck %s --check-prefix=GCC
// GCC: gwcc: --gcc: GCC finds roots by asm or shadow; say --roots=asm, or --roots=shadow
// RUN: %gwcc --print-command --roots=asm --gcc=gcc-12 -O2 -c %s -o %t.o | %filecheck %s --check-prefix=ASM
// ASM: gcc-12 {{.*}}'-D__GREYWAVE_ASM__=1' '-fasynchronous-unwind-tables' '-fdwarf2-cfi-asm' '-dA' '-fstack-reuse=none' '-fno-ipa-modref' '-fno-lifetime-dse' '-B{{.*}}/greywave/'
// RUN: for each in --target=riscv64-linux-gnu "-target riscv64-linux-gnu"; do refused %gwcc $each -c %s -o %t.o 2>&1 | %filecheck %s --check-prefix=MACHINE; done
// MACHINE: gwcc: --target=riscv64-linux-gnu: Greywave compiles for x86-64 and AArch64
// RUN: refused %gwcc --roots=asm --target=aarch64-linux-gnu -c %s -o %t.o 2>&1 | %filecheck %s --check-prefix=MACHINE-ASM
// MACHINE-ASM: gwcc: --roots=asm: gw-asmgcroot reads assembler for x86-64 alone; with GCC say --roots=shadow for other machines
// RUN: %gwcc --print-command --target=aarch64-linux-gnu -c %s -o %t.o | %filecheck %s --check-prefix=FOR-MACHINE
// FOR-MACHINE: '--target=aarch64-linux-gnu'
// RUN: refused %gwcc --colour %s 2>&1 | %filecheck %s --check-prefix=OPTION
// OPTION: gwcc: unknown option '--colour'; see gwcc --help
// RUN: refused %gwcc --llvm=7 %s 2>&1 | %filecheck %s --check-prefix=VERSION
// VERSION: gwcc: --llvm=7: LLVM 22 and 19 are supported
// RUN: for option in '-Xclang -disable-llvm-passes' '-Xclang=-disable-llvm-optzns' -cc1 -cc1as; do refused %gwcc $option -c %s -o %t.o 2>&1 | %filecheck %s --check-prefix=PASSES; done
// PASSES: gwcc: -{{.*}}: the collector's passes would not run; leave it out
// RUN: %gwcc -flto -c %s -o %t.o
// RUN: refused %gwcc %t.o -o %t 2>&1 | %filecheck %s --check-prefix=BITCODE
// BITCODE: gwcc: {{.*}}.o is bitcode, compiled for link-time optimisation; link with -flto or -flto=thin
// RUN: echo 'struct node { struct node __attribute__((address_space(1))) *left, __attribute__((address_space(1))) *right; };' > %t.c
// RUN: refused %gwcc -c %t.c -o %t.o 2>&1 | %filecheck %s --check-prefix=QUALIFIER
// QUALIFIER: error: field may not be qualified with an address space
// QUALIFIER: gwcc: note: GW belongs to what is pointed to, and is said once for all variables of a declaration: write struct node GW *a, *b
// RUN: refused %gwcc -O2 2>&1 | %filecheck %s --check-prefix=EMPTY
// EMPTY: gwcc: no input files
// RUN: %gwcc -mllvm -greywave-omit-barrier=1 -O1 -S -emit-llvm %s -o - | %filecheck %s --check-prefix=OMIT --implicit-check-not="gw_barrier_slow"
// OMIT: define {{.*}}@set(
void set(void __attribute__((address_space(1))) *__attribute__((address_space(1))) *slot, void __attribute__((address_space(1))) *value)
{
    *slot = value;
}
