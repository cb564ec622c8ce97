// An address that becomes a hash is warned of, at every level alike, where the hash is made; what only compares, measures, tests
// alignment, or takes immediates apart is not.
// RUN: for level in 0 1 2; do %gwcc -O$level -c %s -o %t.o 2> %t.err; %filecheck %s < %t.err; test "$(grep -c warning: %t.err)" = 4; done
#include <greywave/greywave.h>
struct node {
    struct node GW *next;
    long value;
};
GW_TYPE(node, struct node);
static uintptr_t mixed(uintptr_t word)
{
    // CHECK-DAG: hashed-addresses.c:[[#@LINE+1]]:{{[0-9]+}}: warning: greywave: the address of a collected object is hashed, and objects move; use gw_identity_hash, or write (uintptr_t)(void *)reference where the address of this moment is meant
    return word * 0x9e3779b97f4a7c15u;
}
unsigned long by_remainder(struct node GW *key, unsigned long count)
{
    // CHECK-DAG: [[#@LINE+1]]:{{[0-9]+}}: warning: greywave: the address of a collected object is hashed
    return ((uintptr_t)key >> 4) % count;
}
unsigned long by_mask(struct node GW *key, unsigned long mask)
{
    uintptr_t address = (uintptr_t)key;
    unsigned short_one = (unsigned)(address / 16);
    // CHECK-DAG: [[#@LINE+1]]:{{[0-9]+}}: warning: greywave: the address of a collected object is hashed
    return short_one & mask;
}
unsigned long by_function(struct node GW *key)
{
    return mixed((uintptr_t)key);
}
static uintptr_t address_of(struct node GW *key)
{
    return (uintptr_t)key;
}
unsigned long by_exclusive_or(struct node GW *a, struct node GW *b)
{
    // CHECK-DAG: [[#@LINE+1]]:{{[0-9]+}}: warning: greywave: the address of a collected object is hashed
    return address_of(a) ^ 31 ^ address_of(b);
}

unsigned long identity(struct node GW *key, unsigned long count)
{
    return gw_identity_hash(key) % count;
}
unsigned long meant(struct node GW *key, unsigned long count)
{
    return (uintptr_t)(void *)key % count;
}
int compared(struct node GW *a, struct node GW *b)
{
    return (uintptr_t)a < (uintptr_t)b || (uintptr_t)a % 16 == 0;
}
long measured(char GW *begin, char GW *end)
{
    return ((uintptr_t)end - (uintptr_t)begin) * 3 % 7;
}
long product_of_integers(void GW *a, void GW *b)
{
    return gw_small_integer_value(a) * gw_small_integer_value(b);
}
unsigned long unsigned_word(void GW *word)
{
    return gw_is_immediate(word) ? ((uintptr_t)word >> 3) * 10 : 0;
}

// Are both numbers? No hash, in whatever order the two questions are put.
int are_numbers(void GW *a, void GW *b) { return (int)((uintptr_t)a & (uintptr_t)b & 1); }
int are_alike(void GW *a, void GW *b) { return (((uintptr_t)a ^ (uintptr_t)b) & 7) == 0; }
