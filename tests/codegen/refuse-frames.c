// Frames whose references could not be listed precisely are refused.
// RUN: refused %gwcc -O0 -gline-tables-only -c %s -o %t 2>&1 | %check
// RUN: refused %gwcc -O2 -gline-tables-only -c %s -o %t 2>&1 | %check
#include <greywave/greywave.h>
#include <setjmp.h>

struct node {
    struct node GW *left, *right;
};
union hidden {
    struct node GW *reference;
    long word[2];
};
struct __attribute__((packed)) packed {
    char tag;
    struct node GW *reference;
};
void may_collect(void);
void fill(void *);
void many(int count, ...);

__attribute__((returns_twice)) int save(void *);
void calls_what_returns_twice(struct node GW *n, struct node GW *GW *out)
{
    // CHECK: refuse-frames.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: 'save' returns twice, and is called in a function that holds references: only setjmp, its kin of the C library and getcontext are known not to collect themselves; call it in a function of its own that holds none
    if (save(&may_collect)) *out = n;
    may_collect();
}

jmp_buf escape;
GW_NOCOLLECT const char *first_of(const char *);
char address_over_setjmp(struct node GW *n)
{
    // CHECK: refuse-frames.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: the plain address of a collected object is used after a call that may collect; the object may move: take the address again after the call
    const char *first = first_of((const char *)n);
    if (setjmp(escape)) return *first;
    may_collect();
    return 0;
}

void variable_length(int n)
{
    // CHECK: refuse-frames.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a variable-length array or alloca holds references; use an array of constant size or a collected array
    struct node GW *nodes[n];
    fill(nodes);
}

void by_alloca(int n, struct node GW *first)
{
    struct node GW **nodes = __builtin_alloca(n * sizeof *nodes);
    // CHECK: refuse-frames.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a variable-length array or alloca holds references; use an array of constant size or a collected array
    nodes[0] = first;
    fill(nodes);
}

void packed_local(struct node GW *n)
{
    // CHECK: error: greywave: local variable holds references that cannot be found: a reference field is not aligned to 8 bytes (packed struct?); use a plain struct
    struct packed p = {1, n};
    fill(&p);
}

struct __attribute__((packed)) nine {
    struct node GW *reference;
    char tag;
};
void packed_array(struct node GW *n)
{
    // CHECK: error: greywave: local variable holds references that cannot be found: it is an array of elements that are not aligned to 8 bytes (packed struct?)
    struct nine nines[3] = {{n, 1}, {n, 2}, {n, 3}};
    fill(nines);
}

void byte_buffer(struct node GW *n)
{
    _Alignas(8) char buffer[64];
    // CHECK: refuse-frames.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is kept in a variable whose type does not show one there; declare the variable with the type of what it holds (no union but one of GW_UNION_OF_REFERENCES, no byte buffer)
    *(struct node GW **)(buffer + 8) = n;
    fill(buffer);
}

void hidden_in_union(struct node GW *n)
{
    union hidden u;
    u.word[1] = 1;
    // CHECK: refuse-frames.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is kept in a variable whose type does not show one there
    u.reference = n;
    fill(&u);
}

void variadic(struct node GW *n)
{
    // CHECK: refuse-frames.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is passed as a variadic argument to a function that may collect; declare the parameter, or pass a handle
    many(1, n);
}

struct pair {
    struct node GW *left, *right;
    long weight;
};
void variadic_struct(struct node GW *n)
{
    struct pair pair = {n, n, 1};
    // CHECK: refuse-frames.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a struct with references is passed as a variadic argument to a function that may collect; declare the parameter, or pass a pointer to it
    many(1, pair);
}

__attribute__((swiftcall)) long fails(long x, __attribute__((swift_context)) void *context, __attribute__((swift_error_result)) void **error);
long swift_error(struct node GW *n)
{
    void *error = 0;
    // CHECK: refuse-frames.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: an error result of Swift's calling convention (swifterror) where references are held: a safepoint loses it
    long result = fails(3, 0, &error);
    return result + (n->left != 0);
}

struct node GW *tail(struct node GW *n);
struct node GW *last(struct node GW *n) { return tail(n); }

// RUN: refused %gwcc -O1 -fsanitize=safe-stack -ferror-limit=0 -c %s -DSAFE_STACK -o %t 2>&1 | %filecheck --check-prefix=SAFE %s
// SAFE: error: greywave: -fsanitize=safe-stack moves variables with references to a second stack, where the collector does not look; compile without it [function 'last']
// RUN: refused %gwcc -O1 -mspeculative-load-hardening -ferror-limit=0 -c %s -DSAFE_STACK -o %t 2>&1 | %filecheck --check-prefix=HARDENED %s
// HARDENED: error: greywave: speculative load hardening puts code between a call and the address that its frame map names; compile functions that hold references without -mspeculative-load-hardening [function 'last']
// RUN: refused %gwcc -O1 -fbasic-block-sections=all -c %s -o %t 2>&1 | %filecheck --check-prefix=SECTIONS %s
// SECTIONS: gwcc: -fbasic-block-sections=all: the frame maps describe functions in one piece
