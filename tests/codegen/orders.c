// What compiled code promises other threads, in the assembler of both machines (docs/threads.md).
// RUN: %bin/clang --target=aarch64-linux-gnu -O1 -Xclang -disable-llvm-passes -S -emit-llvm %s -o %t.ll
// RUN: %opt -passes='greywave-prepare,default<O2>,greywave' %t.ll -o %t.o.ll; %llc -O2 %t.o.ll -o - | %check
// RUN: %bin/clang -O1 -Xclang -disable-llvm-passes -S -emit-llvm %s -o %t.ll
// RUN: %opt -passes='greywave-prepare,default<O2>,greywave' %t.ll -o %t.o.ll; %llc -O2 %t.o.ll -o - | %filecheck %s --check-prefix=X86
#define GW __attribute__((address_space(1))) // headers of the C library for AArch64 are not needed for this

struct node {
    struct node GW *_Atomic next;
};
static struct node GW *table[128];

// The word, and then its card.
// CHECK-LABEL: put:
// CHECK: str x
// CHECK: stlrb w
// X86-LABEL: put:
// X86: movq %r{{.*}}, table(
// X86: movb $1,
void put(long i, struct node GW *node)
{
    table[i] = node;
}

struct node GW *get(long i)
{
    return table[i];
}

// Behind the barrier, what was filled in before is seen with the reference.
// CHECK-LABEL: publish:
// CHECK: tbnz
// CHECK: stlr x
// X86-LABEL: publish:
// X86: testb $1, -8(
// X86: movq %rsi, (%rdi)
void publish(struct node GW *to, struct node GW *node)
{
    __c11_atomic_store(&to->next, node, __ATOMIC_RELEASE);
}

// CHECK-LABEL: find:
// CHECK: lda{{p?}}r x
// X86-LABEL: find:
// X86: movq (%rdi), %rax
struct node GW *find(struct node GW *from)
{
    return __c11_atomic_load(&from->next, __ATOMIC_ACQUIRE);
}

// CHECK-LABEL: exchange:
// CHECK: {{ldaxr|swpal|__aarch64_swp8_acq_rel}}
// X86-LABEL: exchange:
// X86: xchgq
struct node GW *exchange(struct node GW *to, struct node GW *node)
{
    return __c11_atomic_exchange(&to->next, node, __ATOMIC_ACQ_REL);
}
