// A refusal names file and line without any debugging option, and the object file carries no debug information for it.
// RUN: refused %gwcc -O2 -c %s -DBAD -o %t.o 2>&1 | %check --implicit-check-not=fatal
// RUN: %gwcc -O2 -c %s -o %t.o
// RUN: %readelf -S %t.o | %filecheck %s --check-prefix=SECTIONS
// SECTIONS-NOT: .debug_
#include <greywave/greywave.h>

struct node {
    struct node GW *next;
    long value;
};
GW_TYPE(node, struct node);

long read(long GW *place);
long whole(struct node GW *node);

long f(struct node GW *node)
{
#ifdef BAD
    // CHECK: refuse-line.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a pointer into an object is passed to a function
    return read(&node->value);
#else
    return whole(node);
#endif
}
