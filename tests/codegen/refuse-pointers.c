// Pointers that the collector could not follow are refused, at the line where they are made.
// RUN: refused %gwcc -O0 -gline-tables-only -ferror-limit=0 -c %s -o %t 2>&1 | %check
// RUN: refused %gwcc -O2 -gline-tables-only -ferror-limit=0 -c %s -o %t 2>&1 | %check
#include <greywave/greywave.h>
#include <stdlib.h>

struct node {
    struct node GW *left, *right;
    char bytes[16];
};
void may_collect(void);
void use(const char *);
void use_slot(struct node GW *GW *);
GW_NOCOLLECT void look(const char *);

struct node GW *from_integer(uintptr_t word)
{
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: an integer becomes a reference, which the collector would follow; use gw_immediate_word for words, and keep references in GW pointers
    return (struct node GW *)word;
}

struct node GW *from_native(struct node *native)
{
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer becomes a reference, which has no header for the collector to read; allocate the object with gw_new, or use a handle
    return (struct node GW *)native;
}

void view_outlives(struct node GW *n)
{
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: the plain address of a collected object is passed to a function that may collect; the object may move: keep the GW pointer, copy the bytes, or call only GW_NOCOLLECT functions with it
    use((const char *)n->bytes);
}

static const char *exchanged;
static uintptr_t number;
void view_exchanged(struct node GW *n)
{
    number = 0;
    __sync_lock_test_and_set(&number, (uintptr_t)n->bytes);
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: the plain address of a collected object is exchanged; the object may move
    __sync_bool_compare_and_swap(&exchanged, NULL, (const char *)n->bytes);
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: the plain address of a collected object is exchanged; the object may move
    __sync_lock_test_and_set(&exchanged, (const char *)n->bytes);
}

char view_masked(struct node GW *n)
{
    const char *inside = (const char *)n->bytes + 3;
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: an intrinsic makes a new pointer out of a reference; keep the reference and mask its bits as an integer
    const char *aligned = __builtin_align_down(inside, 4);
    return aligned[inside - aligned];
}

static const char *kept;
void view_stored(struct node GW *n)
{
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: the plain address of a collected object is stored; the object may move
    kept = (const char *)n->bytes;
}

const char *view_returned(struct node GW *n)
{
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: the plain address of a collected object is returned; the object may move
    return (const char *)n->bytes;
}

// Here the address is mixed with another one, so that it cannot be taken again from the object.
void view_across(struct node GW *n, const char *other, int which)
{
    const char *p = which ? (const char *)n->bytes : other;
    // CHECK: error: greywave: the plain address of a collected object is used after a call that may collect; the object may move: take the address again after the call
    may_collect();
    look(p);
}

void interior_argument(struct node GW *n)
{
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a pointer into an object is passed to a function, where only a reference to a whole object can be followed; keep the object and the field or index
    use_slot(&n->right);
}

struct node GW *GW *interior_returned(struct node GW *n)
{
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a pointer into an object is returned
    return &n->right;
}

static struct node GW *GW *cursor;
void interior_stored(struct node GW *n)
{
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a pointer into an object is stored
    cursor = &n->right;
}

void in_malloc(struct node GW *n)
{
    struct node GW **cell = malloc(sizeof *cell);
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from malloc, where the collector does not look; allocate it with gw_new, or store a handle
    *cell = n;
    may_collect();
}

struct node GW *from_assembler(void)
{
    struct node GW *n;
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: inline assembler produces a reference, which may point anywhere into an object; produce an index or an integer instead
    __asm__("xor %0, %0" : "=r"(n));
    return n;
}

struct node GW *from_assembler_in_memory(void)
{
    struct node GW *n;
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: inline assembler produces a reference, which may point anywhere into an object
    __asm__("movq $0, %0" : "=m"(n));
    may_collect();
    return n;
}

void *without_its_type(struct node GW *n)
{
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: 'from_assembler' is called by a type that does not show its references; call it by the type it is defined with
    void *plain = ((void *(*)(void))from_assembler)();
    return plain;
}

// A pointer that can only lead to such functions.
typedef void *(*plain_function)(void);
struct node GW *nothing(void) { return NULL; }
void *by_a_variable(int choice)
{
    plain_function called = choice ? (plain_function)from_assembler : (plain_function)nothing;
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: 'from_assembler' is called by a type that does not show its references
    return called();
}
static const struct {
    long kind;
    plain_function made_by;
} entry = {1, (plain_function)nothing};
static plain_function hook;
void *by_a_table_and_a_static_variable(void)
{
    hook = (plain_function)from_assembler;
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: 'nothing' is called by a type that does not show its references
    if (entry.made_by()) return NULL;
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: 'from_assembler' is called by a type that does not show its references
    return hook();
}

// Tables that are filled, read by whatever index or behind a parameter.
struct makers {
    long kind;
    plain_function first, second;
};
static void *by_the_second(const struct makers *makers);
void *no_reference(void);
void *by_filled_tables(int which)
{
    static plain_function filled[2] = {(plain_function)from_assembler};
    static const struct makers makers = {1, no_reference, (plain_function)nothing};
    plain_function local[2], copied[] = {no_reference, (plain_function)nothing, (plain_function)from_assembler};
    filled[which] = (plain_function)nothing;
    local[0] = (plain_function)nothing, local[1] = (plain_function)from_assembler;
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: 'from_assembler' is called by a type that does not show its references
    if (filled[which]()) return by_the_second(&makers);
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: 'from_assembler' is called by a type that does not show its references
    if (local[which]()) return makers.first();
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: 'nothing' is called by a type that does not show its references
    return copied[1]();
}
static void *by_the_second(const struct makers *makers)
{
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: 'nothing' is called by a type that does not show its references
    return makers->second();
}

__attribute__((noinline)) static void use_plain(void *p) { use(p); }
void in_a_plain_function(void)
{
    // CHECK: refuse-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: 'interior_argument' is called by a type that does not show its references
    ((void (*)(void *))interior_argument)(NULL);
    use_plain(NULL);
}
