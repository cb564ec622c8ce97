/* What a program leaves undefined, or reads before it writes: struct members that are copied along without having been
 * set, and words of a fresh object, which are zero. */
#include "check.h"

#define APART __attribute__((noinline))

/* Leaves words on the stack and in registers that look like references to where no object is. */
APART static int64_t litter(uintptr_t word)
{
    volatile uintptr_t stack[64];
    for (int i = 0; i < 64; i++) stack[i] = word;
#if defined(__x86_64__)
    __asm__ volatile("mov %0, %%rax; mov %0, %%rcx; mov %0, %%rdx; mov %0, %%rsi; mov %0, %%r8; mov %0, %%r9" ::"r"(word)
                     : "rax", "rcx", "rdx", "rsi", "r8", "r9", "memory");
#else
    __asm__ volatile("mov x1, %0; mov x2, %0; mov x3, %0; mov x4, %0; mov x8, %0; mov x9, %0" ::"r"(word)
                     : "x1", "x2", "x3", "x4", "x8", "x9", "memory");
#endif
    return (int64_t)stack[0];
}
struct pair {
    struct node GW *first, *second;
};
struct box {
    struct pair pair;
};
GW_TYPE(box, struct box);

APART static struct pair half(struct node GW *first)
{
    struct pair pair;
    pair.first = first;
    return pair;
}
static struct pair (*volatile half_here)(struct node GW *) = half;

APART static int64_t first_of(struct pair *pair)
{
    churn();
    return pair->first->value;
}
/* The member that was never set is copied along, but nobody looks at it. */
APART static int64_t half_returned(struct node GW *node)
{
    struct pair pair = half_here(node);
    return first_of(&pair);
}
APART static int64_t half_stored(struct node GW *node, int set)
{
    struct pair pair;
    struct box GW *box = gw_new(box);
    pair.first = node;
    if (set) pair.second = node_make(2, NULL);
    box->pair = pair;
    churn();
    return box->pair.first->value + (set ? box->pair.second->value : 0);
}

/* The zero is read through a pointer that may lead elsewhere, before the word is written. */
APART static int64_t read_by_choice(struct node GW *other, int fresh)
{
    struct node GW *node = gw_new(node);
    int64_t GW *place = fresh ? &node->value : &other->value;
    int64_t before = *place;
    node->value = 7;
    return before + node->value;
}

static struct node GW *shown;

APART static int64_t read_by_global(struct node GW *other, int fresh)
{
    struct node GW *node = gw_new(node);
    shown = fresh ? node : other;
    int64_t before = shown->value;
    node->value = 7;
    return before + node->value;
}

/* Memory that is handed out a second time. */
static void use_up_nursery(void)
{
    gw_collect(GW_MINOR);
    for (int i = 0; i < 100; i++) node_make(0x77, NULL);
    gw_collect(GW_MINOR);
}

static void check_round(int i)
{
    struct node GW *node = node_make(i, NULL);
    litter((uintptr_t)node + 8);
    CHECK(half_returned(node) == i);
    litter((uintptr_t)node + 8);
    CHECK(half_stored(node, i & 1) == i + (i & 1 ? 2 : 0));
    use_up_nursery();
    CHECK(read_by_choice(node, i & 1) == 7 + (i & 1 ? 0 : i));
    CHECK(read_by_global(node, i & 1) == 7 + (i & 1 ? 0 : i));
}

int main(void)
{
    start(NULL);
    for (int i = 0; i < 8; i++) check_round(i);
    puts("undefined: nothing seen of it");
    return 0;
}
