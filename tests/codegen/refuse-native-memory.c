// References stored in memory from the allocation functions of C, POSIX, Linux and C++ are refused at every level.
// RUN: for level in -O0 -O1 -O2 -O3; do refused %gwcc $level -gline-tables-only -ferror-limit=0 -c %s -o %t 2>&1 | %check || exit 1; done
// RUN: for level in -O0 -O2; do refused %gwcc $level -fno-builtin -gline-tables-only -ferror-limit=0 -c %s -o %t 2>&1 | %check || exit 1; done
// RUN: for level in -O0 -O1 -O2 -O3; do refused %gwcc $level -x c++ -std=gnu++17 -gline-tables-only -ferror-limit=0 -c %s -o %t 2>&1 | %filecheck --check-prefix=CXX %s || exit 1; done
#ifndef __cplusplus
#define _GNU_SOURCE
#endif
#include <greywave/greywave.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>
#include <wchar.h>
#ifdef __cplusplus
#include <memory>
#include <new>
#endif

struct node {
    struct node GW *next;
};

#ifndef __cplusplus
void by_functions_of_c(struct node GW *n, const char *text, void *page)
{
    struct node GW **place, **aligned;
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from malloc, where the collector does not look
    *(place = (struct node GW **)(void *)malloc(8)) = n;
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from calloc, where the collector does not look
    *(place = (struct node GW **)(void *)calloc(1, 8)) = n;
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from realloc, where the collector does not look
    *(place = (struct node GW **)(void *)realloc(NULL, 8)) = n;
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from reallocarray, where the collector does not look
    *(place = (struct node GW **)(void *)reallocarray(NULL, 1, 8)) = n;
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from aligned_alloc, where the collector does not look
    *(place = (struct node GW **)(void *)aligned_alloc(64, 64)) = n;
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from memalign, where the collector does not look
    *(place = (struct node GW **)(void *)memalign(64, 64)) = n;
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from valloc, where the collector does not look
    *(place = (struct node GW **)(void *)valloc(8)) = n;
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from pvalloc, where the collector does not look
    *(place = (struct node GW **)(void *)pvalloc(8)) = n;
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from strdup, where the collector does not look
    *(place = (struct node GW **)(void *)strdup(text)) = n;
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from strndup, where the collector does not look
    *(place = (struct node GW **)(void *)strndup(text, 8)) = n;
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from wcsdup, where the collector does not look
    *(place = (struct node GW **)(void *)wcsdup(L"")) = n;
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from mmap, where the collector does not look
    *(place = (struct node GW **)(void *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) = n;
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from mremap, where the collector does not look
    *(place = (struct node GW **)(void *)mremap(page, 4096, 8192, MREMAP_MAYMOVE)) = n;
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from sbrk, where the collector does not look
    *(place = (struct node GW **)(void *)sbrk(4096)) = n;
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from shmat, where the collector does not look
    *(place = (struct node GW **)(void *)shmat(3, NULL, 0)) = n;
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from posix_memalign, where the collector does not look
    if (posix_memalign((void **)(void *)&aligned, 64, 64) == 0) *aligned = n;
}

// What is read there was stored as a number.
long read_back(struct node GW *n)
{
    uintptr_t *word = malloc(sizeof *word);
    *word = (uintptr_t)n;
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is read from memory from malloc, where the collector does not look, so that none can be kept there; allocate it with gw_new, or keep a handle
    return (*(struct node GW **)word)->next != NULL;
}

// Attributes say so of others.
void *pool_take(size_t bytes) __attribute__((malloc));
void by_attribute(struct node GW *n)
{
    struct node GW **place = pool_take(64);
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from pool_take, where the collector does not look
    place[3] = n;
}

// An exchange stores, too.
struct node GW *exchanged(struct node GW *n)
{
    struct node GW **place = calloc(1, 8);
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from calloc, where the collector does not look
    return __atomic_exchange_n(place, n, __ATOMIC_SEQ_CST);
}

// A function that returns nothing else; a variable that holds nothing else; what was searched in one.
static struct node GW **table;
static struct node GW **new_table(size_t size)
{
    return size ? (struct node GW **)calloc(size, sizeof *table) : NULL;
}
static struct node GW **find(size_t from)
{
    while (table[from]) from++;
    return &table[from];
}
void insert(struct node GW *n)
{
    if (!table) table = new_table(64);
    // CHECK: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from calloc, where the collector does not look
    *find(3) = n;
}
#else
void by_operators_of_cpp(struct node GW *n)
{
    struct node GW **place;
    // CXX: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from operator new, where the collector does not look
    *(place = new struct node GW *) = n;
    // CXX: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from operator new, where the collector does not look
    place = new struct node GW *(n);
    // CXX: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from operator new[], where the collector does not look
    *(place = new struct node GW *[8]) = n;
    // CXX: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from operator new, where the collector does not look
    *(place = new (std::nothrow) struct node GW *) = n;
    // CXX: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from operator new[], where the collector does not look
    *(place = new (std::nothrow) struct node GW *[8]) = n;
    // CXX: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from operator new, where the collector does not look
    *(place = new (std::align_val_t(64)) struct node GW *) = n;
    // CXX: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from operator new[], where the collector does not look
    *(place = new (std::align_val_t(64)) struct node GW *[8]) = n;
    // CXX: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from operator new, where the collector does not look
    *(place = new (std::align_val_t(64), std::nothrow) struct node GW *) = n;
    // CXX: [[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from operator new, where the collector does not look
    *(place = static_cast<struct node GW **>(::operator new(8))) = n;
    // CXX: {{.*}}: error: greywave: a reference is stored in memory from operator new, where the collector does not look
    auto owner = std::make_unique<struct node GW *>(n);
}
#endif
