// What is refused of copies and fills is refused whichever function of the library makes them, and whatever form its header gives it:
// checked ones, calls without builtins, wide characters, up to a byte that is looked for.
// RUN: for level in -O0 -O1 -O2 -O3; do refused %gwcc $level -gline-tables-only -ferror-limit=0 -c %s -o %t 2>&1 | %check || exit 1; done
// RUN: for level in -O1 -O2 -O3; do refused %gwcc $level -D_FORTIFY_SOURCE=2 -gline-tables-only -ferror-limit=0 -c %s -o %t 2>&1 | %check || exit 1; done
// RUN: for level in -O0 -O2; do refused %gwcc $level -fno-builtin -gline-tables-only -ferror-limit=0 -c %s -o %t 2>&1 | %check || exit 1; done
// RUN: refused %gwcc -O2 -ffreestanding -D_FORTIFY_SOURCE=3 -gline-tables-only -ferror-limit=0 -c %s -o %t 2>&1 | %check
#define _GNU_SOURCE
#include <greywave/greywave.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

struct node {
    struct node GW *next;
    long value;
};
typedef struct node GW *node;
struct text {
    uint64_t length;
    char bytes[];
};
GW_TYPE(node, struct node);
GW_TYPE_ARRAY(text, struct text, length, bytes);
void may_collect(void);
long use(const void *);

// ---- Kept across a call that may collect, and written back ------------------------------------------------------------

#define KEPT(name, copy_out, copy_back)                                                                                                    \
    __attribute__((noinline)) static void name(void *to)                                                                                   \
    {                                                                                                                                      \
        char kept[8];                                                                                                                      \
        copy_out;                                                                                                                          \
        may_collect();                                                                                                                     \
        copy_back;                                                                                                                         \
    }
// CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
KEPT(by_memcpy, memcpy(kept, to, 8), memcpy(to, kept, 8))
// CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
KEPT(by_memmove, memmove(kept, to, 8), memmove(to, kept, 8))
// CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
KEPT(by_mempcpy, mempcpy(kept, to, 8), mempcpy(to, kept, 8))
// CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
KEPT(by_bcopy, bcopy(to, kept, 8), bcopy(kept, to, 8))
// CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
KEPT(by_memccpy, memccpy(kept, to, 1, 8), memccpy(to, kept, 1, 8))
// CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
KEPT(by_wmemcpy, wmemcpy((wchar_t *)(void *)kept, to, 2), wmemcpy(to, (wchar_t *)(void *)kept, 2))
// CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
KEPT(by_wmemmove, wmemmove((wchar_t *)(void *)kept, to, 2), wmemmove(to, (wchar_t *)(void *)kept, 2))
// CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
KEPT(by_wmempcpy, wmempcpy((wchar_t *)(void *)kept, to, 2), wmempcpy(to, (wchar_t *)(void *)kept, 2))

void all_kept(node n)
{
    by_memcpy(&n);
    by_memmove(&n);
    by_mempcpy(&n);
    by_bcopy(&n);
    by_memccpy(&n);
    by_wmemcpy(&n);
    by_wmemmove(&n);
    by_wmempcpy(&n);
    use(&n);
}

// ---- Into variables of numbers, over lengths, into pointers, over references ------------------------------------------

long numbers_by_memcpy(void GW *object)
{
    long number;
    node whole = object;
    // CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable whose type holds none
    memcpy(&number, (void *)&whole->next, sizeof number);
    may_collect();
    return number;
}
long numbers_by_memccpy(node n)
{
    long number;
    // CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable whose type holds none
    memccpy(&number, (void *)&n->next, 0, sizeof number);
    may_collect();
    return number;
}

struct text GW *cleared(uint64_t n)
{
    struct text GW *text = gw_new_array(text, n);
    // CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: the length of a collected array is written to
    memset((void *)text, 0, sizeof *text);
    // CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: the length of a collected array is written to
    bzero((void *)text, sizeof *text);
    // CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: the length of a collected array is written to
    explicit_bzero((void *)text, sizeof *text);
    // CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: the length of a collected array is written to
    wmemset((wchar_t *)(void *)text, 0, 2);
    return text;
}

char made_pointer(struct text GW *text)
{
    uintptr_t number = (uintptr_t)text->bytes;
    char *copy;
    memcpy(&copy, &number, sizeof copy);
    may_collect();
    // CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number that a collected object's address was
    return copy[1];
}

void filled(node n)
{
    node variable = n, others[2] = {n, n};
    // CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: an integer is stored where a reference belongs
    memset(&variable, ' ', sizeof variable);
    // CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: an integer is stored where a reference belongs
    memset(others, 0x10, sizeof others);
    // CHECK-DAG: refuse-by-library.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: an integer is stored where a reference belongs
    *(uint64_t *)&others[1] = 64;
    memset(&variable, 0xff, sizeof variable); // immediates, as words of their own are
    memset(others, 0, sizeof others);
    use(&variable);
    use(others);
}
