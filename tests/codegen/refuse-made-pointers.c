// Plain pointers made of the number that an object's address was, wherever the file shows that it goes.
// RUN: refused %gwcc -O0 -gline-tables-only -ferror-limit=0 -c %s -o %t 2>&1 | %check
// RUN: refused %gwcc -O2 -gline-tables-only -ferror-limit=0 -c %s -o %t 2>&1 | %check
#include <greywave/greywave.h>
#include <string.h>

struct node {
    struct node GW *left, *right;
    char bytes[16];
};
void may_collect(void);
GW_NOCOLLECT void look(const char *);

#define ALIGNED(pointer) ((char *)(((uintptr_t)(pointer) + 15) & ~(uintptr_t)15))
char made_of_a_number(struct node GW *n)
{
    char *bytes = ALIGNED(n->bytes);
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number that a collected object's address was before a call that may collect; the object may move: take the address again after the call
    return *bytes;
}
static void fill_late(char *bytes)
{
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    *bytes = 1;
}
void made_by_a_caller(struct node GW *n) { fill_late((char *)(uintptr_t)n->bytes); }
static char *bytes_of(struct node GW *n) { return (char *)(uintptr_t)n->bytes; }
char made_by_a_callee(struct node GW *n)
{
    char *bytes = bytes_of(n);
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    return *bytes;
}
void changed_atomically(struct node GW *n)
{
    long *counter = (long *)(uintptr_t)n->bytes, expected = 0;
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    __atomic_compare_exchange_n(counter, &expected, 1, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}
struct pair_of_numbers {
    uintptr_t address;
    int more;
};
void kept_in_a_struct(struct node GW *n)
{
    struct pair_of_numbers pair = {(uintptr_t)n, 1};
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    look(((struct node *)pair.address)->bytes);
}

// ---- Ways a number goes ------------------------------------------------------------------------------------------------

#define NUMBER(n) ((uintptr_t)(n)->bytes)
char by_checked_addition(struct node GW *n)
{
    uintptr_t end;
    if (__builtin_add_overflow(NUMBER(n), 16, &end)) return 0;
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    return *(char *)(end - 16);
}
char as_another_type(struct node GW *n)
{
    char *bytes;
    *(uintptr_t *)&bytes = NUMBER(n);
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    return *bytes;
}
struct in_memory {
    long first;
    uintptr_t address;
    long last;
};
static uintptr_t address_in(struct in_memory parts) { return parts.address; }
char in_a_struct_in_memory(struct node GW *n)
{
    uintptr_t address = address_in((struct in_memory){1, NUMBER(n), 2});
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    return *(char *)address;
}
static void copy_word(void *to, const void *from) { memcpy(to, from, 8); }
char copied(struct node GW *n)
{
    uintptr_t address, number = NUMBER(n);
    copy_word(&address, &number);
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    return *(char *)address;
}
static uintptr_t same(uintptr_t number) { return number; }
static uintptr_t next(uintptr_t number) { return number + 1; }
static uintptr_t apply(uintptr_t (*function)(uintptr_t), uintptr_t number) { return function(number); }
char by_a_function_that_is_passed(struct node GW *n)
{
    uintptr_t address = apply(same, NUMBER(n));
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    return *(char *)address;
}
static uintptr_t (*const table[])(uintptr_t) = {same, next};
char by_a_table(struct node GW *n, int which)
{
    uintptr_t address = table[which](NUMBER(n));
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    return *(char *)address;
}
uintptr_t same_by_another_name(uintptr_t number) __attribute__((alias("same")));
char by_an_alias(struct node GW *n)
{
    uintptr_t address = same_by_another_name(NUMBER(n));
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    return *(char *)address;
}
__attribute__((weak)) uintptr_t same_unless_replaced(uintptr_t number) { return number; }
char by_a_weak_function(struct node GW *n)
{
    uintptr_t address = same_unless_replaced(NUMBER(n));
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    return *(char *)address;
}

// An address is its own absolute value.
char by_an_absolute_value(struct node GW *n)
{
    long first = __builtin_labs((long)NUMBER(n)), second = __builtin_elementwise_abs((long)NUMBER(n));
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    if (*(char *)first) return 1;
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    return *(char *)second;
}

// Passed by calls that do not name the function.
static char none(uintptr_t number) { return number == 0; }
static char late(uintptr_t number)
{
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    return *(char *)number;
}
char (*const constant_table[])(uintptr_t) = {none, late};
char given_by_a_constant_table(struct node GW *n, int which) { return constant_table[which](NUMBER(n)); }
static char late_by_a_static_table(uintptr_t number)
{
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    return *(char *)number;
}
static char (*static_table[2])(uintptr_t) = {none};
char given_by_a_static_table(struct node GW *n, int which)
{
    static_table[which] = late_by_a_static_table;
    return static_table[1](NUMBER(n));
}
static char late_by_a_local_table(uintptr_t number)
{
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    return *(char *)number;
}
char given_by_a_local_table(struct node GW *n, int which)
{
    char (*const local_table[])(uintptr_t) = {none, late_by_a_local_table};
    return local_table[which](NUMBER(n));
}
struct functions {
    long kind;
    char (*first)(uintptr_t), (*second)(uintptr_t);
};
static char late_by_a_struct(uintptr_t number)
{
    may_collect();
    // CHECK: refuse-made-pointers.c:[[@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer is made of the number
    return *(char *)number;
}
static char late_but_never_given(uintptr_t number)
{
    may_collect();
    return *(char *)number;
}
static const struct functions functions = {1, late_but_never_given, late_by_a_struct};
static char second_of(const struct functions *of, uintptr_t number) { return of->second(number); }
char given_by_a_struct_that_is_passed(struct node GW *n) { return second_of(&functions, NUMBER(n)) + functions.first(0); }

// ---- Others ------------------------------------------------------------------------------------------------------------

static char buckets[16];
static uintptr_t hash_of(uintptr_t number) { return number >> 4; }
static uintptr_t (*const hashes[])(uintptr_t) = {hash_of, next};
// CHECK-NOT: error:
char as_an_index(struct node GW *n, int which)
{
    uintptr_t bucket = hashes[which]((uintptr_t)(void *)n) % 16;
    may_collect();
    return buckets[bucket];
}
