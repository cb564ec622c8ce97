/* Structs of at most 16 bytes with references, passed and returned by value: as two words on x86-64, and on AArch64 as numbers. Those of
 * one reference are numbers on x86-64, too, where the registers are used up and by Windows' convention. */
#include "check.h"
#include <stdarg.h>

#define APART __attribute__((noinline))

struct one {
    struct node GW *a;
};
struct pair {
    struct node GW *a, *b;
};
struct first {
    struct node GW *node;
    int32_t number;
};
struct last {
    float x, y;
    struct node GW *node;
};
struct array {
    struct node GW *at[2];
};
struct aligned {
    _Alignas(16) struct node GW *a;
    struct node GW *b;
};
struct __attribute__((packed)) odd {
    struct node GW *a;
    char letter;
};
struct nested {
    struct one inner;
    struct {
        char c;
        int16_t s;
    } rest;
};

static struct node GW *node(int64_t value)
{
    return node_make(value, NULL);
}

/* ---- Each kind ------------------------------------------------------------------------------------- */

#define DEFINE_KIND(KIND, SPOIL)                                                                                                           \
    APART static struct KIND given_##KIND(struct KIND s) {                                                                                 \
        struct KIND copy = s;                                                                                                              \
        churn();                                                                                                                           \
        SPOIL;                                                                                                                             \
        churn();                                                                                                                           \
        return copy;                                                                                                                       \
    } static struct KIND (*volatile pointer_##KIND)(struct KIND) = given_##KIND;                                                           \
    static struct KIND inlined_##KIND(struct KIND s) {                                                                                     \
        churn();                                                                                                                           \
        struct KIND result = given_##KIND(given_##KIND(s));                                                                                \
        churn();                                                                                                                           \
        return result;                                                                                                                     \
    } APART static struct KIND through_##KIND(const struct KIND *s) {                                                                      \
        struct KIND once = given_##KIND(*s);                                                                                               \
        churn();                                                                                                                           \
        given_##KIND(*s);                                                                                                                  \
        return pointer_##KIND(*s).REST_##KIND == once.REST_##KIND ? inlined_##KIND(*s) : (struct KIND){0};                                 \
    }
#define REST_one a
#define REST_pair b
#define REST_first number
#define REST_last y
#define REST_array at[1]
#define REST_aligned b
#define REST_nested rest.s
#define REST_odd letter

DEFINE_KIND(one, s.a = NULL)
DEFINE_KIND(pair, s.a = s.b)
DEFINE_KIND(first, s.number = 0)
DEFINE_KIND(last, s.y = 0)
DEFINE_KIND(array, s.at[0] = s.at[1])
DEFINE_KIND(aligned, s.b = s.a)
DEFINE_KIND(nested, s.inner.a = NULL)
DEFINE_KIND(odd, s.letter = 0)

static void each_kind(void)
{
    struct one one = through_one(&(struct one){node(1)});
    struct pair pair = through_pair(&(struct pair){node(2), node(3)});
    struct first first = through_first(&(struct first){node(4), 5});
    struct last last = through_last(&(struct last){6.5f, 7.5f, node(8)});
    struct array array = through_array(&(struct array){{node(9), node(10)}});
    struct aligned aligned = through_aligned(&(struct aligned){node(11), node(12)});
    struct nested nested = through_nested(&(struct nested){{node(13)}, {14, 15}});
    struct odd odd = through_odd(&(struct odd){node(16), 17});
    churn();
    CHECK(one.a->value == 1 && pair.a->value == 2 && pair.b->value == 3 && first.node->value == 4 && first.number == 5);
    CHECK(last.x == 6.5f && last.y == 7.5f && last.node->value == 8 && array.at[0]->value == 9 && array.at[1]->value == 10);
    CHECK(aligned.a->value == 11 && aligned.b->value == 12);
    CHECK(odd.a->value == 16 && odd.letter == 17);
    CHECK(nested.inner.a->value == 13 && nested.rest.c == 14 && nested.rest.s == 15);
}

/* ---- Places ---------------------------------------------------------------------------------------- */

/* One register is left, or none. */
APART static int64_t behind_seven(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f, int64_t g, struct pair p, struct one o,
                                  int64_t last, struct first q)
{
    churn();
    struct node GW *kept = p.a;
    churn();
    return a + b + c + d + e + f + g + last + kept->value * 100 + p.b->value * 1000 + o.a->value * 10000 + q.node->value * 100000 +
           q.number * 1000000;
}

static int64_t (*volatile behind_any)(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, struct pair, struct one, int64_t,
                                      struct first) = behind_seven;

struct holder {
    int64_t before;
    struct pair pair;
    struct one one;
    struct first first;
};
static struct pair global_pair;

static int64_t from_objects(void)
{
    GW_TYPE(holder, struct holder);
    struct holder GW *holder = gw_new(holder);
    holder->pair = given_pair((struct pair){node(2), node(3)});
    churn();
    gw_collect(GW_FULL);
    holder->one = given_one((struct one){node(4)});
    holder->first = given_first((struct first){holder->one.a, 6});
    churn();
    global_pair = given_pair(holder->pair);
    struct pair GW *inside = &holder->pair;
    CHECK(given_pair(*inside).b == global_pair.b);
    int64_t sum = behind_seven(1, 1, 1, 1, 1, 1, 1, holder->pair, holder->one, 1, holder->first);
    CHECK(sum == behind_any(1, 1, 1, 1, 1, 1, 1, global_pair, holder->one, 1, given_first(holder->first)));
    return sum;
}

APART static struct pair deep(struct pair p, int depth)
{
    if (depth == 0) return p;
    struct pair below = deep((struct pair){p.b, node(depth)}, depth - 1);
    churn();
    CHECK(p.b->value >= depth);
    return (struct pair){below.b, p.b};
}

/* Nobody gives the second member a value, nor reads it. */
APART static struct pair half_given(int which)
{
    struct pair half;
    if (which) half.a = node(which);
    else half.b = node(5);
    return half;
}

APART static int64_t half_read(struct pair half, int which)
{
    churn();
    return which ? half.a->value : half.b->value;
}

/* The results are needed together, and each argument is evaluated before the next call. */
static struct pair crossed(struct pair p, struct pair q)
{
    return (struct pair){p.a, q.b};
}

static int64_t side_by_side(void)
{
    struct pair p = {node(1), node(2)}, q = {node(3), node(4)};
    struct pair r = crossed(given_pair(p), given_pair(crossed(given_pair(q), p)));
    churn();
    for (int i = 0; i < 3; i++) {
        p = given_pair(crossed(p, q));
        q = crossed(given_pair(q), p);
    }
    return r.a->value + r.b->value * 10 + p.b->value * 100 + q.a->value * 1000;
}

/* Declared to access no memory: calls of it stay on their side of a collection all the same. */
__attribute__((const)) APART static int64_t same(struct pair p)
{
    return p.a == p.b;
}

__attribute__((const)) APART static struct pair swapped(struct pair p)
{
    return (struct pair){p.b, p.a};
}

static int64_t without_memory(void)
{
    struct pair p = {node(5), node(6)};
    struct pair first = swapped(p);
    int64_t differ = same(p);
    churn();
    struct pair second = swapped(p), third = swapped(second);
    CHECK(second.a == first.a && second.b == first.b && third.a == p.a && !same(p) && !differ);
    p.b = p.a;
    churn();
    return same(p) * 100 + first.a->value * 10 + second.b->value;
}

static struct pair last_call(struct pair p, int n);
static struct pair next_call(struct pair p, int n)
{
    churn();
    if (n == 0) return p;
    __attribute__((musttail)) return last_call((struct pair){p.b, node(n)}, n - 1);
}

static struct pair last_call(struct pair p, int n)
{
    churn();
    __attribute__((musttail)) return next_call((struct pair){p.b, p.a}, n);
}

/* A function that never collects may find them in its list. */
GW_NOCOLLECT APART static int64_t listed(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, ...)
{
    va_list list;
    va_start(list, e);
    struct pair p = va_arg(list, struct pair);
    struct one o = va_arg(list, struct one);
    struct first f = va_arg(list, struct first);
    struct pair q = va_arg(list, struct pair);
    va_end(list);
    return a + b + c + d + e + p.a->value * 10 + p.b->value * 100 + o.a->value * 1000 + f.node->value * 10000 + f.number * 100000 +
           q.b->value * 1000000;
}

static int64_t in_a_list(void)
{
    struct pair p = {node(2), node(3)}, q = {p.b, node(6)};
    struct one o = {node(4)};
    churn();
    return listed(1, 1, 1, 1, 1, p, o, (struct first){o.a, 5}, q);
}

/* ---- Other code ------------------------------------------------------------------------------------- */

/* native.c has them with plain pointers. */
struct pair exchanged_by_native(struct pair pair, struct pair (*visit)(struct pair)) __asm__("native_exchanged");
struct one handed_by_native(long a, long b, long c, long d, long e, long f, long g, struct one one,
                            struct one (*visit)(struct one)) __asm__("native_handed");

static int64_t through_native_code(void)
{
    struct pair p = exchanged_by_native((struct pair){node(7), node(8)}, given_pair);
    churn();
    struct one o = handed_by_native(1, 2, 3, 4, 5, 6, 7, (struct one){p.a}, given_one);
    churn();
    return o.a->value * 10 + p.b->value;
}

#if defined(__x86_64__)
#define OF_WINDOWS __attribute__((ms_abi))
#else
#define OF_WINDOWS
#endif

OF_WINDOWS APART static struct one of_windows(struct one o, struct pair p)
{
    churn();
    return o.a->value == 3 ? (struct one){p.b} : o;
}

int main(void)
{
    start(NULL);
    for (int turn = 0; turn < 3; turn++) {
        each_kind();
        CHECK(from_objects() == 8 + 200 + 3000 + 40000 + 400000 + 6000000);
        struct pair d = deep((struct pair){node(30), node(31)}, 9);
        CHECK(d.a->value == 9 && d.b->value == 31);
        CHECK(half_read(half_given(3), 3) == 3 && half_read(half_given(0), 0) == 5);
        CHECK(side_by_side() == 1 + 20 + 400 + 3000);
        CHECK(without_memory() == 100 + 60 + 5);
        struct pair t = next_call((struct pair){node(40), node(41)}, 6);
        CHECK(t.a->value == 1 && t.b->value == 41);
        CHECK(in_a_list() == 5 + 20 + 300 + 4000 + 40000 + 500000 + 6000000);
        CHECK(through_native_code() == 87);
        CHECK(of_windows((struct one){node(3)}, (struct pair){node(4), node(5)}).a->value == 5);
    }
    puts("small_structs: all found");
    return 0;
}
