// Messages about what hardly anybody writes, at every level alike, each with its remedy, which is compiled below.
// RUN: for level in -O0 -O2; do refused %gwcc $level -g -c %s -o %t 2>&1 | %check && %gwcc $level -DREMEDIES -c %s -o %t || exit 1; done
// RUN: for level in -O0 -O2; do refused %gwcc $level -x c++ -std=gnu++17 -g -c %s -o %t 2>&1 | %filecheck --check-prefix=CXX %s || exit 1; done
// RUN: for level in -O0 -O2; do %gwcc $level -x c++ -std=gnu++17 -DREMEDIES -c %s -o %t || exit 1; done
// RUN: for level in -O0 -O2; do refused %gwcc $level -x c++ -std=gnu++20 -DCOROUTINE -g -c %s -o %t 2>&1 | %filecheck --check-prefix=COROUTINE %s || exit 1; done
// RUN: for level in -O0 -O2; do %gwcc $level -x c++ -std=gnu++20 -DCOROUTINE -DREMEDIES -c %s -o %t || exit 1; done
// RUN: for level in -O0 -O2; do refused %gwcc $level -mgeneral-regs-only -DINTERRUPT -g -c %s -o %t 2>&1 | %filecheck --check-prefix=INTERRUPT %s || exit 1; done
// RUN: refused %clang -O1 -fbasic-block-sections=all -DREMEDIES -c %s -o %t 2>&1 | %filecheck --check-prefix=SPLIT %s
// SPLIT: greywave: no frame map for function {{.*}}: it is split over several sections
#include <greywave/greywave.h>
#ifdef __cplusplus
#include <utility>
#endif

struct node {
    struct node GW *next;
    long value;
    struct node GW *last;
};
GW_TYPE(node, struct node);
struct nodes {
    uint64_t length;
    struct node GW *at[];
};
GW_TYPE_ARRAY(nodes, struct nodes, length, at);
struct one {
    struct node GW *node;
};

#if defined INTERRUPT
struct frame;
static struct node GW *current;
// INTERRUPT: refuse-rare.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: an interrupt handler holds references; use plain pointers there [function 'handler']
__attribute__((interrupt)) void handler(struct frame *frame) { current = current->next; }

#elif defined COROUTINE
#include <coroutine>
struct generator {
    struct promise_type {
        long yielded;
        generator get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        std::suspend_always yield_value(long value)
        {
            yielded = value;
            return {};
        }
        void return_void() {}
        void unhandled_exception() {}
    };
    std::coroutine_handle<promise_type> handle;
};
#ifndef REMEDIES
// COROUTINE-NOT: error:
// COROUTINE: refuse-rare.c:[[#@LINE+3]]:{{[0-9]+}}: error: greywave: coroutines cannot hold references yet; use an ordinary function [function '{{.*}}values{{.*}}']
// COROUTINE-NOT: error:
generator values(struct node GW *n)
{
    for (; n; n = n->next) {
        gw_collect(GW_MINOR);
        co_yield n->value;
    }
}
#else
// A coroutine that holds none may stand in the file, and be driven by what holds some.
generator numbers(long count)
{
    for (long i = 0; i < count; i++) co_yield i;
}
long driven(struct node GW *n)
{
    generator all = numbers(3);
    long sum = 0;
    for (all.handle.resume(); !all.handle.done(); all.handle.resume()) {
        gw_collect(GW_MINOR);
        sum += n->value * all.handle.promise().yielded;
    }
    all.handle.destroy();
    return sum;
}
#endif

#elif defined __cplusplus
#ifndef REMEDIES
void by_exception(struct node GW *n)
{
    // CXX-DAG: refuse-rare.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is thrown, or part of what is thrown, and the collector does not look where exceptions lie; throw a struct with a handle in it
    throw one{n};
}
one *by_new(struct node GW *n)
{
    // CXX-DAG: refuse-rare.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is stored in memory from operator new, where the collector does not look; allocate it with gw_new, or store a handle
    return new one{n};
}
std::pair<struct node GW *, long> bound(struct node GW *n)
{
    // CXX-DAG: refuse-rare.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a pointer into an object is passed to a function, where only a reference to a whole object can be followed; copy the field to a variable, and pass that by C++ reference
    return std::pair<struct node GW *, long>(n->last, 3);
}
#else
struct held {
    gw_handle handle;
};
void by_exception(struct node GW *n) { throw held{gw_handle_new(n)}; }
gw_handle *by_new(struct node GW *n) { return new gw_handle{gw_handle_new(n)}; }
std::pair<struct node GW *, long> bound(struct node GW *n)
{
    struct node GW *last = n->last;
    return std::pair<struct node GW *, long>(last, 3);
}
#endif

#elif !defined REMEDIES
// CHECK-DAG: error: greywave: global variable holds references that cannot be found: it is larger than 4 GiB; keep them in a collected array [{{.*}}refuse-rare.c:[[#@LINE+1]]: variable 'huge']
struct node GW *huge[1UL << 30];

struct counted {
    struct node GW *length;
    struct node GW *at[];
};
// CHECK-DAG: error: greywave: type 'gw_type_counted': has its length where its layout holds a reference; give the length a field of its own [{{.*}}refuse-rare.c:[[#@LINE+1]]: variable 'gw_type_counted']
GW_TYPE_ARRAY(counted, struct counted, length, at);
struct counted GW *make_counted(void) { return gw_new_array(counted, 4); }

struct early {
    uint64_t length;
    struct node GW *at[0];
    long behind;
};
// CHECK-DAG: error: greywave: type 'gw_type_early': its tail is not a flexible array at the end of the struct; make it the last member [{{.*}}refuse-rare.c:[[#@LINE+1]]: variable 'gw_type_early']
GW_TYPE_ARRAY(early, struct early, length, at);
struct early GW *make_early(void) { return gw_new_array(early, 4); }

// CHECK-DAG: error: greywave: type 'table' has a layout but is part of something else; give it a variable of its own, of the eleven fields of greywave/abi.h [{{.*}}refuse-rare.c:[[#@LINE+2]]: variable 'table']
static const struct node shape;
static const struct gw_type table[1] = {{.size = sizeof(struct node), .name = "node", .layout = &shape}};
void GW *make_from_table(void) { return gw_alloc(&table[0]); }

// CHECK-DAG: refuse-rare.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a function that returns twice, as setjmp does, holds references: its saved roots would not be updated; use plain pointers there [function 'twice']
__attribute__((returns_twice)) long twice(struct node GW *n) { return n->value; }

void store_by_choice(struct node GW *n, struct node GW *m, struct node *other, int which)
{
    struct node *place = which ? (struct node *)n : other;
    // CHECK-DAG: refuse-rare.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: the plain address of a collected object is used to store a reference; the object may move: keep the GW pointer, copy the bytes, or call only GW_NOCOLLECT functions with it
    place->next = m;
}

// CHECK-DAG: error: greywave: assembler that loads the stack pointer switches stacks, and references on a stack that is switched away from are not found; {{.*}} [assembler outside of functions]
__asm__(".text\nswitch_stacks: movq %rdi, %rsp\nret\n");

// One message: what is stored in the array is none of its own.
// CHECK-DAG: refuse-rare.c:[[#@LINE+4]]:{{[0-9]+}}: error: greywave: a variable-length array or alloca holds references; use an array of constant size or a collected array
// CHECK-NOT: refuse-rare.c:[[#@LINE+4]]:
long of_length(struct node GW *n, int length)
{
    struct node GW *many[length];
    many[1] = n;
    gw_collect(GW_MINOR);
    return many[1]->value;
}

#else
struct board {
    struct nodes GW *cells;
    long turn;
};
struct board boards[2];
struct nodes GW *huge;
void make_cells(void)
{
    boards[0].cells = gw_new_array(nodes, 100000);
    huge = gw_new_array(nodes, 1UL << 30);
}

struct counted {
    uint64_t length;
    struct node GW *first;
    struct node GW *at[];
};
GW_TYPE_ARRAY(counted, struct counted, length, at);
struct counted GW *make_counted(void) { return gw_new_array(counted, 4); }

__attribute__((returns_twice)) long twice(long *n) { return *n; }

void store_by_choice(struct node GW *n, struct node GW *m, struct node GW *other, int which)
{
    struct node GW *place = which ? n : other;
    place->next = m;
}

long in_memory(int a, int b, int c, int d, int e, int f, struct node GW *n) { return n->value; }
__attribute__((ms_abi)) long of_windows(struct node GW *n) { return n->value; }

long of_length(struct node GW *n, int length)
{
    struct nodes GW *many = gw_new_array(nodes, (uint64_t)length);
    many->at[1] = n;
    gw_collect(GW_MINOR);
    return many->at[1]->value;
}
#endif
