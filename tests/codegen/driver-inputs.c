// gwcc looks at what it is given before compiler and linker do: nothing becomes code without the passes.
//
// Words in response files are options and inputs like any others.
// RUN: echo "-Xclang -disable-llvm-passes" > %t.passes; printf -- '-O1\n"-c" @%t.passes -w' > %t.nested
// RUN: refused %gwcc @%t.nested %s -o %t.o 2>&1 | %filecheck --check-prefix=PASSES %s
// PASSES: gwcc: -disable-llvm-passes: the collector's passes would not run; leave it out
// RUN: printf -- "-DNAME='two words' -DOTHER=a\\\\ b -DFULL=\"'\" -c @nowhere %s\n-o %t.o" > %t.quotes
// RUN: %gwcc --print-command @%t.quotes | %filecheck --check-prefix=QUOTES %s
// QUOTES: '-DNAME=two words' '-DOTHER=a b' '-DFULL='' '-c' '@nowhere' '{{.*}}driver-inputs.c' '-o' '{{.*}}.o'
// QUOTES-NOT: -lgreywave
// RUN: echo @%t.self > %t.self; refused %gwcc @%t.self 2>&1 | %filecheck --check-prefix=SELF %s
// SELF: gwcc: @{{.*}}: there is no memory for its words, or it names itself
//
// Several files, the standard input and LLVM's own languages are compiled with the passes.
// RUN: mkdir %t.d; cd %t.d; cp %s one.c; cp %s two.c; %gwcc -c one.c two.c -DNAME=one; %gwcc -x c - -c -o three.o < %s
// RUN: %bin/clang -O1 -c -emit-llvm %s -o plain.bc; cp plain.bc plain; %gwcc -x ir plain -c -o four.o; %gwcc -c plain.bc -o five.o
// RUN: for each in one two three four five; do %bin/llvm-nm $each.o | %filecheck --check-prefix=MAPS %s; done
// MAPS-DAG: U {{gw|greywave}}_barrier_slow
// MAPS-DAG: gw_module_record_{{[0-9]+}}
// RUN: echo 'int main() { throw 1; }' | %gwcc -std=gnu++17 -x c++ - -o %t
//
// What gwcc has made of a file, as bitcode or text, is compiled to the end: clang reads it when it knows the collector.
// RUN: cd %t.d; %gwcc -O1 -c -emit-llvm %s -o halfway.bc; %gwcc -O1 -S -emit-llvm %s -o halfway.ll
// RUN: cd %t.d; for each in halfway.bc halfway.ll "-x ir halfway.bc"; do %gwcc -c $each -o six.o; %bin/llvm-nm six.o | %filecheck --check-prefix=MAPS %s; done
//
// IR as text, beside C: both compiled, one program. GCC takes it for a word of its linker's, or leaves it alone.
// RUN: cd %t.d; %bin/llvm-dis plain.bc -o plain.ll; echo 'int main(void) { return 0; }' > main.c; %gwcc plain.ll main.c -o program; ./program
// RUN: %bin/llvm-nm program | %filecheck --check-prefix=MAPS-OF %s
// MAPS-OF: gw_module_record_{{[0-9]+}}
// RUN: for each in "plain.ll main.c -o program" "-c plain.bc" "-c -x ir plain"; do refused %gwcc --roots=asm $each 2>&1 | %filecheck --check-prefix=IR-GCC %s; done
// IR-GCC: gwcc: plain{{.*}} is LLVM IR, which GCC does not compile; leave out --gcc and --roots=asm
//
// Bitcode for the linker, which would make code of it without the plug-in: by any name, in archives, as a library, among the
// linker's words.
// RUN: cd %t.d; rm -f *.a; %bin/llvm-ar rc libmixed.a one.o plain; cp plain a_rather_long_name.o
// RUN: %bin/llvm-ar rc long.a one.o a_rather_long_name.o; %bin/llvm-ar rcT thin.a one.o plain; echo plain > words
// RUN: for each in plain -Wl,plain "-Xlinker plain" -Wl,@words; do refused %gwcc one.o $each -fuse-ld=lld -o %t 2>&1 | %filecheck --check-prefix=PLAIN %s; done
// PLAIN: gwcc: plain is bitcode, compiled for link-time optimisation; link with -flto or -flto=thin
// RUN: for each in libmixed.a -Wl,--whole-archive,libmixed.a "-L. -lmixed" "-lmixed -L ." "-L. -l:libmixed.a"; do refused %gwcc one.o $each -fuse-ld=lld -o %t 2>&1 | %filecheck --check-prefix=MEMBER %s; done
// RUN: LIBRARY_PATH=. refused %gwcc one.o -lmixed -fuse-ld=lld -o %t 2>&1 | %filecheck --check-prefix=MEMBER %s
// MEMBER: gwcc: {{(./)?}}libmixed.a(plain) is bitcode, compiled for link-time optimisation; link with -flto or -flto=thin
// RUN: refused %gwcc long.a -o %t 2>&1 | %filecheck --check-prefix=LONG %s
// LONG: gwcc: long.a(a_rather_long_name.o) is bitcode
// RUN: cd %S; refused %gwcc %t.d/thin.a -o %t 2>&1 | %filecheck --check-prefix=THIN %s
// THIN: gwcc: {{.*}}thin.a(plain) is bitcode
// RUN: cd %t.d; refused %gwcc -flto -shared -fPIC -Wl,--whole-archive,libmixed.a,--no-whole-archive -o %t 2>&1 | %filecheck --check-prefix=UNPREPARED %s
// UNPREPARED: greywave: this function has not seen greywave-prepare
// RUN: %bin/llvm-ar rc libgood.a one.o; %gwcc -shared libgood.a -L. -lgood -o %t.so
//
// With GCC nothing is compiled at the link either.
// RUN: refused %gwcc --roots=asm --gcc=gcc-12 plain -o %t 2>&1 | %filecheck --check-prefix=FOREIGN %s
// FOREIGN: gwcc: plain is bitcode, of which GCC's linker would make code without maps; compile it without -flto
// RUN: echo 'int three(void) { return 3; }' > three.c; gcc-12 -flto -c three.c -o three.o; %bin/llvm-ar rc three.a three.o
// RUN: for each in three.o three.a; do refused %gwcc --roots=asm --gcc=gcc-12 $each -o %t 2>&1 | %filecheck --check-prefix=GIMPLE %s; done
// GIMPLE: gwcc: three.{{.*}} was compiled by GCC with -flto: gw-asmgcroot reads the assembler output of each file, and link-time optimisation has none; compile it without
#define GW __attribute__((address_space(1)))
#ifndef NAME
#define NAME set
#endif
void NAME(void GW *GW *slot, void GW *value)
{
    *slot = value;
}
