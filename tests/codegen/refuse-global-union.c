// A global whose union hides references: found when the roots are written out.
// RUN: refused %gwcc -O0 -g -c %s -o %t 2>&1 | %check
#include <greywave/greywave.h>
struct node {
    struct node GW *next;
};
// CHECK: error: greywave: global variable holds references that cannot be found: its type contains a union with a member as large as a reference, of which the compiler's code shows one member alone; declare it with GW_UNION_OF_REFERENCES if all members are references, else use a struct in place of the union, or words (gw_immediate_word) [{{.*}}refuse-global-union.c:[[@LINE+4]]: variable 'slot']
union {
    struct node GW *reference;
    long word;
} slot;
struct node GW *get(void) { return slot.reference; }
