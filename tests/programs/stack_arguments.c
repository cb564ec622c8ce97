/* Calls with arguments on the stack. RSP at such a call is not where the rest of the function has it: the arguments
 * were pushed or moved below it, in frames of constant size, of variable size and realigned ones (llvm #75162). Roots
 * must be found at the right offsets all the same, and the walker must find the caller. `minsize` makes the compiler
 * push. */
#include "check.h"

#define PUSHING __attribute__((noinline, minsize))
#define MOVING __attribute__((noinline))

struct three {
    int64_t a, b, c;
};
struct twenty {
    int64_t at[20];
};

static struct node GW *make(int64_t value)
{
    return node_make(value, NULL);
}

MOVING static int64_t seven(struct node GW *a, struct node GW *b, struct node GW *c, struct node GW *d, struct node GW *e,
                            struct node GW *f, struct node GW *g)
{
    churn();
    return a->value + b->value + c->value + d->value + e->value + f->value + g->value;
}

MOVING static struct node GW *eleven(struct node GW *a, struct node GW *b, struct node GW *c, struct node GW *d, struct node GW *e,
                                     struct node GW *f, struct node GW *g, int64_t h, struct node GW *i, struct node GW *j, int64_t k)
{
    churn();
    struct node GW *sum = make(h + k);
    sum->value += seven(a, b, c, d, e, f, g) + i->value + j->value;
    churn();
    sum->next = j;
    sum->value += a->value;
    return sum;
}

MOVING static int64_t by_value(struct three three, struct node GW *node)
{
    churn();
    return three.a + three.b + three.c + node->value;
}

MOVING static int64_t large_by_value(struct twenty twenty, struct node GW *node)
{
    churn();
    return twenty.at[0] + twenty.at[19] + node->value;
}

MOVING static int64_t mixed(int a, int b, int c, int d, int e, int f, double g, int h, struct node GW *node)
{
    churn();
    return a + b + c + d + e + f + (int64_t)g + h + node->value;
}

/* The body of every caller below: ten references live across calls with up to five arguments on the stack. */
#define CALLS(x)                                                                                                                           \
    struct node GW *a = make(1), *b = make(2), *c = make(3), *d = make(4), *e = make(5);                                                   \
    struct node GW *f = make(6), *g = make(7), *i = make(9), *j = make(10);                                                                \
    struct three three = {(x)->value, 2, 3};                                                                                               \
    struct twenty twenty = {{a->value, [19] = 19}};                                                                                        \
    struct node GW *sum = eleven(a, b, c, d, e, f, g, 8, i, j, 11);                                                                        \
    CHECK(sum->value == 67 && sum->next->value == 10);                                                                                     \
    CHECK(seven(a, b, c, d, e, f, eleven(a, b, c, d, e, f, g, 8, i, j, 11)) == 21 + 67);                                                   \
    CHECK(by_value(three, (x)) == 2 * (x)->value + 5);                                                                                     \
    CHECK(large_by_value(twenty, b) == 1 + 19 + 2);                                                                                        \
    CHECK(mixed(1, 2, 3, 4, 5, 6, 7.5, 8, c) == 36 + 3);                                                                                   \
    CHECK(a->value + b->value + c->value + d->value + e->value + f->value + g->value + i->value + j->value == 47)

PUSHING static int64_t pushing(struct node GW *x)
{
    CALLS(x);
    return x->value;
}

MOVING static int64_t moving(struct node GW *x)
{
    CALLS(x);
    return x->value;
}

PUSHING static int64_t pushing_dynamic(struct node GW *x, size_t size)
{
    volatile char *bytes = __builtin_alloca(size);
    bytes[size - 1] = 1;
    CALLS(x);
    CHECK(bytes[size - 1] == 1);
    return size > 16 ? pushing_dynamic(x, size / 2) : x->value;
}

MOVING static int64_t moving_dynamic(struct node GW *x, size_t size)
{
    volatile char *bytes = __builtin_alloca(size);
    bytes[size - 1] = 1;
    CALLS(x);
    CHECK(bytes[size - 1] == 1);
    return size > 16 ? moving_dynamic(x, size / 2) : x->value;
}

PUSHING static int64_t pushing_realigned(struct node GW *x)
{
    _Alignas(64) volatile char aligned[64];
    aligned[0] = 1;
    CALLS(x);
    CHECK((uintptr_t)aligned % 64 == 0 && aligned[0] == 1);
    return x->value;
}

/* Both: LLVM addresses the frame through rbx. */
PUSHING static int64_t pushing_realigned_dynamic(struct node GW *x, size_t size)
{
    _Alignas(64) volatile char aligned[64];
    volatile char *bytes = __builtin_alloca(size);
    aligned[0] = 1;
    bytes[size - 1] = 1;
    CALLS(x);
    CHECK((uintptr_t)aligned % 64 == 0 && aligned[0] == 1 && bytes[size - 1] == 1);
    return x->value;
}

int main(void)
{
    start(NULL);
    for (int round = 0; round < 3; round++) {
        struct node GW *x = make(42);
        CHECK(pushing(x) == 42);
        CHECK(moving(x) == 42);
        CHECK(pushing_dynamic(x, 100) == 42);
        CHECK(moving_dynamic(x, 100) == 42);
        CHECK(pushing_realigned(x) == 42);
        CHECK(pushing_realigned_dynamic(x, 100) == 42);
    }
    puts("stack arguments: ok");
}
