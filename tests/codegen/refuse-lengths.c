// The length of a collected array is the allocator's: the collector goes by it. Stores to it are refused at every level where the type shows.
// RUN: refused %gwcc -O0 -gline-tables-only -c %s -o %t 2>&1 | %check
// RUN: refused %gwcc -O2 -gline-tables-only -c %s -o %t 2>&1 | %check
// RUN: refused %gwcc -DSHORT -c %s -o %t 2>&1 | %filecheck --check-prefix=SHORT %s
#include <greywave/greywave.h>
#include <string.h>

#ifdef SHORT
struct narrow {
    uint32_t length, capacity;
    char bytes[];
};
// SHORT: refuse-lengths.c:[[#@LINE+1]]:{{.*}}the allocator writes an array's length as a uint64_t: declare 'length' of struct narrow so
GW_TYPE_ARRAY(narrow, struct narrow, length, bytes);
#endif

struct text {
    uint64_t length;
    char bytes[];
};
struct rows {
    struct text GW *name;
    uint64_t count, used;
    struct text GW *at[];
};
GW_TYPE_ARRAY(text, struct text, length, bytes);
GW_TYPE_ARRAY(rows, struct rows, count, at);

struct text GW *made_smaller(const char *s)
{
    size_t n = strlen(s);
    struct text GW *text = gw_new_array(text, n + 1);
    // CHECK: refuse-lengths.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: the length of a collected array is written to, which the collector goes by: allocate the array with the length that is meant, and keep another number in a field of its own
    text->length = n;
    return text;
}

void given(struct rows GW *rows)
{
    rows->used = 3;
    // CHECK: refuse-lengths.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: the length of a collected array is written to
    rows->count--;
}

void a_part(struct rows GW *rows)
{
    // CHECK: refuse-lengths.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: the length of a collected array is written to
    ((char GW *)&rows->count)[1] = 0;
}

void exchanged(struct rows GW *rows)
{
    // CHECK: refuse-lengths.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: the length of a collected array is written to
    __atomic_fetch_add(&rows->count, 1, __ATOMIC_RELAXED);
}

struct rows GW *cleared(size_t n)
{
    struct rows GW *rows = gw_new_array(rows, n);
    // CHECK: refuse-lengths.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: the length of a collected array is written to
    memset((void *)rows, 0, sizeof *rows);
    return rows;
}

// The number that it was allocated with.
// CHECK-NOT: refuse-lengths.c:
struct rows GW *the_same(size_t n)
{
    struct rows GW *rows = gw_new_array(rows, n);
    rows->count = n;
    return rows;
}
