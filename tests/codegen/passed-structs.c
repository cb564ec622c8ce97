// Structs that clang passes as numbers: the type of the function stays, references are numbers between its edge and the next instruction.
// RUN: %bin/clang --target=aarch64-linux-gnu -O1 -Xclang -disable-llvm-passes -S -emit-llvm %s -o %t.ll
// RUN: %opt -passes=greywave-prepare %t.ll -o - | %check
// RUN: %bin/clang -O1 -Xclang -disable-llvm-passes -S -emit-llvm %s -o %t.ll
// RUN: %opt -passes=greywave-prepare %t.ll -o - | %filecheck %s --check-prefix=X86
// RUN: refused %gwcc --target=aarch64-linux-gnu -DVARIADIC -c %s -o %t.o 2>&1 | %filecheck %s --check-prefix=VARIADIC
// RUN: refused %gwcc -DVARIADIC -c %s -o %t.o 2>&1 | %filecheck %s --check-prefix=VARIADIC
#define GW __attribute__((address_space(1))) // headers of the C library for AArch64 are not needed for this

struct node;
struct one {
    struct node GW *a;
};
struct pair {
    struct node GW *a, *b;
};
struct first {
    struct node GW *node;
    int number;
};
void may_collect(void);
struct pair other(struct pair p);

// CHECK-LABEL: define {{.*}}[2 x i64] @both([2 x i64] %
// CHECK: call ptr addrspace(1) @gw.received(i64
// CHECK: call ptr addrspace(1) @gw.received(i64
// CHECK: call void @may_collect()
// CHECK: call i64 @gw.passed(ptr addrspace(1)
// CHECK: call i64 @gw.passed(ptr addrspace(1)
// CHECK: ret [2 x i64]
struct pair both(struct pair p)
{
    may_collect();
    return (struct pair){p.b, p.a};
}

// Its number stays one.
// CHECK-LABEL: define {{.*}} @number_beside(
// CHECK: call ptr addrspace(1) @gw.received(i64
// CHECK-NOT: @gw.received(
// CHECK: }
int number_beside(struct first f)
{
    may_collect();
    return f.node ? f.number : 0;
}

// Nothing says what the pointer leads to: it is read where it is passed.
// CHECK-LABEL: define {{.*}} @out_of_memory(
// CHECK: load volatile i64
// CHECK: load volatile i64
// CHECK: call [2 x i64] @other(
void out_of_memory(struct pair *p)
{
    other(*p);
}

// X86-LABEL: define {{.*}} @seventh(
// X86: call ptr addrspace(1) @gw.received(i64
// X86: call void @may_collect()
int seventh(long a, long b, long c, long d, long e, long f, struct one one)
{
    may_collect();
    return one.a != 0;
}

#ifdef VARIADIC
void list(int count, ...);
void listed(struct one one, struct pair pair)
{
    // VARIADIC: passed-structs.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is passed as a variadic argument to a function that may collect
    list(8, 1, 2, 3, 4, 5, 6, 7, one);
    // VARIADIC: passed-structs.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a {{reference|struct with references}} is passed as a variadic argument to a function that may collect
    list(2, pair);
}
#endif
