// What -Rpass and -Rpass-missed say of allocations and barriers, in full.
// RUN: %gwcc -O2 -gline-tables-only -c -Rpass=greywave -Rpass-missed=greywave %s -o %t.o 2>&1 | %check
#include <greywave/greywave.h>
struct node {
    struct node GW *left, *right;
};
GW_TYPE(node, struct node);
struct counted {
    uint64_t length;
    struct node GW *items[];
};
GW_TYPE_ARRAY(counted, struct counted, length, items);
struct vast {
    long numbers[100000];
};
GW_TYPE(vast, struct vast);
extern const struct gw_type elsewhere;
void may_collect(void);

struct node GW *inlined(void)
{
    // CHECK-DAG: remarks.c:[[#@LINE+1]]:{{[0-9]+}}: remark: allocation inlined, 24 bytes
    return gw_new(node);
}
struct counted GW *large_array(void)
{
    // CHECK-DAG: remarks.c:[[#@LINE+1]]:{{[0-9]+}}: remark: allocation is a call: the array is large
    return gw_new_array(counted, 1000000);
}
struct counted GW *some_array(size_t length)
{
    // CHECK-DAG: remarks.c:[[#@LINE+1]]:{{[0-9]+}}: remark: allocation inlined, up to 62 elements
    return gw_new_array(counted, length);
}
struct vast GW *large(void)
{
    // CHECK-DAG: remarks.c:[[#@LINE+1]]:{{[0-9]+}}: remark: allocation is a call: the object is large
    return gw_new(vast);
}
void GW *unknown(void)
{
    // CHECK-DAG: remarks.c:[[#@LINE+1]]:{{[0-9]+}}: remark: allocation is a call: the type is not a visible constant, has a destructor, or asks for 16-byte alignment
    return gw_alloc(&elsewhere);
}

static void GW *of_any_type(const struct gw_type *const *type)
{
    // CHECK-DAG: remarks.c:[[#@LINE+1]]:{{[0-9]+}}: remark: allocation is a call: the type is an array's
    return gw_alloc(*type);
}
void GW *of_an_array(void)
{
    const struct gw_type *type = &gw_type_counted;
    return of_any_type(&type);
}

void stores(struct node GW *n, struct node GW *m)
{
    // CHECK-DAG: remarks.c:[[#@LINE+1]]:{{[0-9]+}}: remark: barrier: the object was not allocated here
    n->left = m;
    // CHECK-DAG: remarks.c:[[#@LINE+1]]:{{[0-9]+}}: remark: no barrier: the object had one for this slot since the last safepoint
    n->right = m;
    may_collect();
    // CHECK-DAG: remarks.c:[[#@LINE+1]]:{{[0-9]+}}: remark: no barrier: what is stored is a constant or an immediate
    n->left = NULL;
}
struct node GW *fresh(struct node GW *n)
{
    struct node GW *made = gw_new(node);
    // CHECK-DAG: remarks.c:[[#@LINE+1]]:{{[0-9]+}}: remark: no barrier: the object was allocated since the last safepoint
    made->left = n;
    may_collect();
    // CHECK-DAG: remarks.c:[[#@LINE+1]]:{{[0-9]+}}: remark: barrier: a call that may collect, or the object's size, lies between its allocation and this store
    made->right = n;
    return made;
}
void same_slot(struct counted GW *from, struct node GW *to, int count)
{
    // CHECK-DAG: remarks.c:[[#@LINE+1]]:{{[0-9]+}}: remark: barrier stands before the loop
    for (int i = 0; i < count; i++) to->left = from->items[i];
}
void other_slots(struct node GW *volatile *from, struct counted GW *to, int count)
{
    // CHECK-DAG: remarks.c:[[#@LINE+1]]:{{[0-9]+}}: remark: barrier's flags are read before the loop
    for (int i = 0; i < count; i++) to->items[i] = *from;
}

// CHECK-DAG: remarks.c:[[#@LINE+2]]:{{[0-9]+}}: remark: never collects: calls of it need no safepoint
__attribute__((noinline)) static struct node GW *leftmost(struct node GW *n)
{
    while (n->left) n = n->left;
    return n;
}
struct node GW *of_both(struct node GW *n)
{
    struct node GW *left = leftmost(n);
    may_collect();
    return leftmost(left);
}
