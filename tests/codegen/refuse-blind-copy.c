// A reference copied through a variable whose type holds none would go stale there.
// RUN: refused %gwcc -O0 -c %s -o %t 2>&1 | %check
// RUN: refused %gwcc -O2 -c %s -o %t 2>&1 | %check
#include <greywave/greywave.h>
#include <string.h>

struct node {
    struct node GW *next;
};
struct row {
    uint64_t length;
    struct node GW *at[];
};
void may_collect(void);

void swap(struct row GW *row, long i, long j)
{
    char kept[8];
    // CHECK: refuse-blind-copy.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable whose type holds none
    memcpy(kept, (void *)&row->at[i], 8);
    may_collect();
    // CHECK: refuse-blind-copy.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable
    memcpy((void *)&row->at[j], kept, 8);
}
