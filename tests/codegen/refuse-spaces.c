// References by pointers of other address spaces than that of references and the ordinary one.
// RUN: for level in -O0 -O1 -O2 -O3; do refused %gwcc $level -ferror-limit=0 -c %s -o %t 2>&1 | %check; done
// RUN: for level in -O0 -O1 -O2 -O3; do %gwcc $level -DALLOWED -Werror -c %s -o %t; done
#include <greywave/greywave.h>

struct node {
    struct node GW *next;
    long value;
};
typedef struct node GW *node;
struct shown {
    long number;
    node node;
    long last;
};
struct numbers {
    long at[3];
};
void may_collect(void);

#ifndef ALLOWED
void stored(node __seg_fs *place, node n)
{
    // CHECK-DAG: refuse-spaces.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored by a pointer of another address space (__seg_fs, __seg_gs, __ptr32), of which nobody can tell whether the collector looks there; name the variable, or take a plain pointer to it
    *place = n;
    // CHECK-DAG: refuse-spaces.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored by a pointer of another address space
    __atomic_store_n(place, n, __ATOMIC_RELEASE);
    // CHECK-DAG: refuse-spaces.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored by a pointer of another address space
    __atomic_exchange_n(place, n, __ATOMIC_RELEASE);
}

void assigned(struct shown __seg_gs *place, node n)
{
    struct shown shown = {1, n, 2};
    // CHECK-DAG: refuse-spaces.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored by a pointer of another address space
    *place = shown;
}

void copied(struct shown __seg_fs *from, struct shown *to, struct shown __seg_gs *there)
{
    // CHECK-DAG: refuse-spaces.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: what may be a reference is copied by a pointer of another address space
    *to = *from;
    // CHECK-DAG: refuse-spaces.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: what may be a reference is copied by a pointer of another address space
    *there = *to;
}

void words(long __seg_fs *to, const long *from, struct numbers __seg_fs *all)
{
    long word = *from;
    struct numbers copy = {{from[0], from[1], from[2]}};
    may_collect();
    // CHECK-DAG: refuse-spaces.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a word that may be a reference of before a call that may collect is written by a pointer of another address space
    *to = word;
    // CHECK-DAG: refuse-spaces.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a word that may be a reference of before a call that may collect is written by a pointer of another address space
    *all = copy;
}
#else
// What is read, null, and numbers.
static _Thread_local node of_the_thread;
long fine(node __seg_fs *place, long __seg_fs *number, struct numbers __seg_fs *from, node n)
{
    long at = *number;
    may_collect();
    *number = at + 1;
    *place = NULL;
    struct numbers copy = *from;
    of_the_thread = n;
    return (*place)->value + copy.at[1];
}
#endif
