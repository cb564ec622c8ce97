// References that pass through memory or integers where the collector could not see them.
// RUN: refused %gwcc -O0 -c %s -o %t 2>&1 | %check
// RUN: refused %gwcc -O2 -c %s -o %t 2>&1 | %check
#include <greywave/greywave.h>
#include <stdatomic.h>
#include <string.h>

struct node {
    struct node GW *next;
    long value;
};
struct pair {
    struct node GW *first, *second;
};
struct plain {
    long a, b;
};
void may_collect(void);
void fill(void *);

#ifndef ALLOWED
struct node GW *through_integer(struct node GW *n)
{
    uint64_t word;
    // CHECK: refuse-punning.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable whose type holds none, where they would not be followed; declare it with a type that shows them, or copy the field that is meant, and of a tagged union its tag and one member
    memcpy(&word, &n, 8);
    may_collect();
    // CHECK: refuse-punning.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable whose type holds none
    memcpy(&n, &word, 8);
    return n;
}

void through_buffer(struct node GW *from, struct node GW *to)
{
    char buffer[sizeof(struct node)];
    // CHECK: refuse-punning.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable whose type holds none
    memcpy(buffer, (void *)from, sizeof buffer);
    may_collect();
    // CHECK: refuse-punning.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable whose type holds none
    memcpy((void *)to, buffer, sizeof buffer);
}

long integer_as_reference(struct node GW *n, uintptr_t word)
{
    // CHECK: refuse-punning.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: an integer is stored where a reference belongs, which the collector would follow; store references as GW pointers, and words by gw_immediate_word
    *(volatile uintptr_t *)&n = word;
    may_collect();
    return n->value;
}

void integer_in_array(struct pair *pairs, long i, uintptr_t word)
{
    // CHECK: refuse-punning.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: an integer is stored where a reference belongs
    *(uintptr_t *)&pairs[i].second = word;
}

_Atomic(struct pair) shared;
void atomic_struct(struct pair *pair)
{
    // CHECK: refuse-punning.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: an integer is stored where a reference belongs
    *pair = __c11_atomic_exchange(&shared, *pair, memory_order_acq_rel);
}

// The program's own loops: where one side shows nothing, the buffer may hold a reference, and a call lies between.
void by_bytes(char GW *to, char GW *from)
{
    char buffer[16];
    for (int i = 0; i < 16; i++) buffer[i] = from[i];
    may_collect();
    // CHECK: refuse-punning.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written into an object after a call that may collect
    for (int i = 0; i < 16; i++) to[i] = buffer[i];
}

void by_a_volatile_word(long GW *to, long GW *from)
{
    volatile long word = from[1];
    may_collect();
    // CHECK: refuse-punning.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written into an object after a call that may collect
    to[1] = word;
}

__attribute__((noinline)) static void put(long GW *to, long word)
{
    may_collect();
    // CHECK: refuse-punning.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written into an object after a call that may collect
    to[1] = word;
}
void by_an_argument(long GW *to, long GW *from) { put(to, from[1]); }

#else
// What is no reference may be copied and stored as bytes.
// RUN: %gwcc -O0 -DALLOWED -c %s -o %t
// RUN: %gwcc -O2 -DALLOWED -c %s -o %t
struct message {
    long length;
    char text[32];
};
long bytes_of_a_field(struct message GW *message)
{
    char text[32];
    memcpy(text, (void *)message->text, sizeof text);
    may_collect();
    return text[0];
}

// Each round fills the buffer anew.
void exchange_all(long GW *GW *to, long GW *GW *from, long count)
{
    for (long at = 0; at < count; at++) {
        long buffer[2];
        for (int i = 0; i < 2; i++) buffer[i] = from[at][i];
        for (int i = 0; i < 2; i++) to[at][i] = buffer[i];
        may_collect();
    }
}

// Numbers stay numbers.
static long counter;
__attribute__((noinline)) static void count_in(long GW *to, long more)
{
    may_collect();
    to[1] = more;
}
void count(long GW *to, struct plain GW *plain)
{
    count_in(to, plain->b);
    count_in(to, ++counter);
}

long struct_without_references(struct plain GW *plain)
{
    struct plain copy = *plain;
    may_collect();
    *plain = copy;
    return copy.a;
}

long field_beside_a_reference(struct node GW *n, long value)
{
    struct node local = *n;
    memcpy(&local.value, &value, sizeof value);
    memset(&local.next, 0, sizeof local.next);
    fill(&local);
    return local.value;
}
#endif
