/* Tail calls: the frame is gone when the callee begins, so millions of them need no stack; nothing of it is a root any more,
 * and what is passed on is one of the callee's. Every result is computed a second time by a loop. */
#include "check.h"

#define APART __attribute__((noinline))
#define TAIL __attribute__((musttail)) return

enum { HOPS = 10000000, RARE = 100000, FEW = 60 };

/* ---- Two functions that call each other ------------------------------------------------------------- */

APART static struct node GW *odd(struct node GW *list, int64_t n);

static struct node GW *longer(struct node GW *list, int64_t n)
{
    return n % RARE ? list : node_make(n, list);
}

APART static struct node GW *even(struct node GW *list, int64_t n)
{
    if (!n) return list;
    TAIL odd(longer(list, n), n - 1);
}

APART static struct node GW *odd(struct node GW *list, int64_t n)
{
    if (!n) return NULL;
    TAIL even(longer(list, n), n - 1);
}

static void mutual(void)
{
    struct node GW *list = even(NULL, HOPS);
    for (int64_t n = RARE; n <= HOPS; n += RARE, list = list->next) CHECK(list->value == n);
    CHECK(!list);
}

/* ---- Variables of the frame, that are roots until it goes -------------------------------------------- */

APART static int64_t sum_on(struct node GW *one, struct node GW *other, int64_t n, int64_t sum);

APART static int64_t sum(struct node GW *one, struct node GW *other, int64_t n, int64_t so_far)
{
    if (!n) return so_far;
    struct node GW *kept[3] = {one, other, node_make(n, NULL)};
    churn();
    so_far += kept[n % 3]->value;
    TAIL sum_on(kept[2], kept[0], n - 1, so_far);
}

APART static int64_t sum_on(struct node GW *one, struct node GW *other, int64_t n, int64_t so_far)
{
    struct node GW *fresh = node_make(one->value + 1, other);
    TAIL sum(fresh, one, n, so_far);
}

static int64_t sum_by_loop(int64_t one, int64_t other, int64_t n)
{
    int64_t so_far = 0;
    for (; n; n--) {
        int64_t kept[3] = {one, other, n};
        so_far += kept[n % 3];
        one = n + 1, other = n;
    }
    return so_far;
}

static void variables(void)
{
    int64_t got = sum(node_make(7, NULL), node_make(8, NULL), FEW, 0);
    CHECK(got == sum_by_loop(7, 8, FEW));
}

/* ---- Results in two registers, and in the memory of whoever asked first -------------------------------- */

struct pair {
    struct node GW *first, *second;
};
struct big {
    struct node GW *first, *second;
    int64_t count, hops;
};

APART static struct pair swapped(struct node GW *a, struct node GW *b, int64_t n);

APART static struct pair pair_of(struct node GW *a, struct node GW *b, int64_t n)
{
    if (!n) return (struct pair){a, b};
    struct node GW *fresh = node_make(a->value + 1, NULL);
    TAIL swapped(fresh, b, n - 1);
}

APART static struct pair swapped(struct node GW *a, struct node GW *b, int64_t n)
{
    churn();
    TAIL pair_of(b, a, n);
}

APART static struct big big_on(struct node GW *a, int64_t n);

APART static struct big big_of(struct node GW *a, int64_t n)
{
    if (!n) return (struct big){a, node_make(5, a), 2, a->value};
    TAIL big_on(node_make(a->value + 1, NULL), n - 1);
}

APART static struct big big_on(struct node GW *a, int64_t n)
{
    churn();
    TAIL big_of(a, n);
}

static void results(void)
{
    struct pair pair = pair_of(node_make(100, NULL), node_make(200, NULL), FEW);
    churn();
    CHECK(pair.first->value == 100 + FEW / 2 && pair.second->value == 200 + FEW / 2);
    struct big big = big_of(node_make(1, NULL), FEW);
    churn();
    CHECK(big.first->value == 1 + FEW && big.second->next == big.first && big.count == 2 && big.hops == 1 + FEW);
}

/* ---- Arguments on the stack ------------------------------------------------------------------------------ */

APART static int64_t turned(int64_t n, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, struct node GW *x, struct node GW *y);

APART static int64_t turn(int64_t n, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, struct node GW *x, struct node GW *y)
{
    if (!n) return a * 10000 + b * 1000 + c * 100 + d * 10 + e + x->value * 100000 + y->value * 100000000;
    struct node GW *fresh = node_make(x->value, NULL);
    TAIL turned(n - 1, b, c, d, e, a, y, fresh);
}

APART static int64_t turned(int64_t n, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, struct node GW *x, struct node GW *y)
{
    churn();
    TAIL turn(n, a, b, c, d, e, x, y);
}

static void stack_arguments(void)
{
    CHECK(turn(5, 1, 2, 3, 4, 5, node_make(6, NULL), node_make(7, NULL)) == 600712345);
    CHECK(turn(6, 1, 2, 3, 4, 5, node_make(6, NULL), node_make(7, NULL)) == 700623451);
}

/* ---- A threaded interpreter -------------------------------------------------------------------------------- */

#define CODE __attribute__((preserve_none))

struct step;
typedef CODE int64_t operation(const struct step *at, struct node GW *stack, int64_t turns);
struct step {
    operation *run;
    int64_t number;
};

CODE static int64_t push(const struct step *at, struct node GW *stack, int64_t turns)
{
    struct node GW *top = node_make(at->number, stack);
    at++;
    TAIL at->run(at, top, turns);
}

CODE static int64_t add(const struct step *at, struct node GW *stack, int64_t turns)
{
    struct node GW *top = node_make(stack->value + stack->next->value, stack->next->next);
    at++;
    TAIL at->run(at, top, turns);
}

CODE static int64_t repeat(const struct step *at, struct node GW *stack, int64_t turns)
{
    at += turns > 1 ? at->number : 1;
    TAIL at->run(at, stack, turns - 1);
}

CODE static int64_t finish(const struct step *at, struct node GW *stack, int64_t turns)
{
    (void)at;
    CHECK(!stack->next && !turns);
    return stack->value;
}

static void interpreter(void)
{
    static const struct step program[] = {{push, 4}, {push, 3}, {add, 0}, {repeat, -2}, {finish, 0}};
    CHECK(program->run(program, NULL, FEW) == 4 + 3 * FEW);
}

int main(void)
{
    start(NULL);
    mutual();
    variables();
    results();
    stack_arguments();
    interpreter();
    puts("ok");
    return 0;
}
