// Bodies that another module defines for good, which clang makes from -O1 only, are not judged: one that would be refused is dropped.
// RUN: %gwcc -O0 -S -emit-llvm %s -o - | %check
// RUN: %gwcc -O2 -S -emit-llvm %s -o - | %check
// RUN: %gwcc -O2 -S -emit-llvm %s -o - | %filecheck --check-prefix=INLINED %s
// RUN: refused %gwcc -O0 -DDEFINED -c %s -o %t.o 2>&1 | %filecheck --check-prefix=DEFINED %s
// RUN: refused %gwcc -O2 -DDEFINED -c %s -o %t.o 2>&1 | %filecheck --check-prefix=DEFINED %s
#include <greywave/greywave.h>
struct node {
    struct node GW *next;
    uint64_t value;
};
#ifdef DEFINED
#define ELSEWHERE
#else
#define ELSEWHERE extern inline __attribute__((gnu_inline))
#endif

// DEFINED: bodies-elsewhere.c:[[#@LINE+3]]:{{.*}}an integer becomes a reference
ELSEWHERE struct node GW *refused(uint64_t word)
{
    return (struct node GW *)word;
}

extern inline __attribute__((gnu_inline)) uint64_t good(struct node GW *node)
{
    return node->value * 3;
}

// CHECK-LABEL: define {{.*}}@caller(
// CHECK: call {{.*}}@refused
uint64_t caller(uint64_t word)
{
    return refused(word)->value;
}

// INLINED-LABEL: define {{.*}}@other(
// INLINED-NOT: @good
// INLINED: ret i64
uint64_t other(struct node GW *node)
{
    return good(node);
}
// CHECK-NOT: define {{.*}}@refused(
