/* setjmp and its kin in functions that hold references. What was not changed between the two returns is what it was, wherever the objects
 * are by then; what was changed is one of its values, or the last one if it is volatile. */
#include "check.h"

#include <setjmp.h>
#include <signal.h>
#include <stdnoreturn.h>
#include <ucontext.h>

#define APART __attribute__((noinline))

static jmp_buf way_back;
static sigjmp_buf way_back_with_signals;
static void *way_back_in_words[5];

APART static noreturn void jump(int value)
{
    churn();
    longjmp(way_back, value);
}

/* ---- Each form ------------------------------------------------------------------------------------------- */

APART static noreturn void jump_with_signals(void)
{
    churn();
    siglongjmp(way_back_with_signals, 1);
}

APART static noreturn void jump_by_words(void)
{
    churn();
    __builtin_longjmp(way_back_in_words, 1);
}

static void leave_by_signal(int number)
{
    (void)number;
    siglongjmp(way_back_with_signals, 1);
}

APART static void raise_signal(void)
{
    signal(SIGUSR1, leave_by_signal);
    churn();
    raise(SIGUSR1);
}

#define FORM(name, save, leave)                                                                                                            \
    APART static int64_t name(struct node GW *given)                                                                                       \
    {                                                                                                                                      \
        struct node GW *mine = node_make(7, given);                                                                                        \
        if (save) return mine->value * 1000 + mine->next->value * 100 + given->value;                                                      \
        leave;                                                                                                                             \
        return 0;                                                                                                                          \
    }
FORM(by_setjmp, setjmp(way_back), jump(1))
FORM(by_bsd_setjmp, _setjmp(way_back), jump(1))
FORM(by_sigsetjmp, sigsetjmp(way_back_with_signals, 1), jump_with_signals())
FORM(by_signal, sigsetjmp(way_back_with_signals, 1), raise_signal())
FORM(by_builtin, __builtin_setjmp(way_back_in_words), jump_by_words())

static void forms(void)
{
    CHECK(by_setjmp(node_make(3, NULL)) == 7303);
    CHECK(by_bsd_setjmp(node_make(3, NULL)) == 7303);
    CHECK(by_sigsetjmp(node_make(3, NULL)) == 7303);
    CHECK(by_signal(node_make(3, NULL)) == 7303);
    CHECK(by_builtin(node_make(3, NULL)) == 7303);
    struct node GW *mine = node_make(5, NULL);
    ucontext_t context;
    CHECK(getcontext(&context) == 0);
    churn();
    CHECK(mine->value == 5);
}

/* ---- What is live ---------------------------------------------------------------------------------------- */

/* More than there are registers. */
APART static int64_t many(int64_t first)
{
    struct node GW *a = node_make(first, NULL), *b = node_make(first + 1, a), *c = node_make(first + 2, b), *d = node_make(first + 3, c);
    struct node GW *e = node_make(first + 4, d), *f = node_make(first + 5, a), *g = node_make(first + 6, b),
                   *h = node_make(first + 7, NULL);
    struct node GW *i = node_make(first + 8, h), *j = node_make(first + 9, i), *k = node_make(first + 10, j), *l = node_make(first + 11, k);
    if (setjmp(way_back) == 0) jump(1);
    return a->value + b->value * 2 + c->value * 3 + d->value * 4 + e->value * 5 + f->value * 6 + g->value * 7 + h->value * 8 +
           i->value * 9 + j->value * 10 + k->value * 11 + l->value * 12 + (e->next->next->next->next == a) + (l->next->next == j) +
           (f->next == a);
}

struct numbers {
    int64_t length;
    int64_t at[];
};
GW_TYPE_ARRAY(numbers, struct numbers, length, at);

/* Pointers into objects, and one that is one of two. */
APART static int64_t cursors(int64_t length, bool back)
{
    struct numbers GW *numbers = gw_new_array(numbers, (size_t)length), *others = gw_new_array(numbers, (size_t)length);
    for (int64_t i = 0; i < length; i++) numbers->at[i] = i, others->at[i] = 100 + i;
    int64_t GW *cursor = &numbers->at[length / 2], *chosen = back ? cursor - 1 : &others->at[1];
    bool before = chosen < cursor, same = (void GW *)numbers == (void GW *)others;
    if (setjmp(way_back) == 0) jump(1);
    return *cursor * 10000 + *chosen * 10 + (back && before) + same;
}

static void live(void)
{
    CHECK(many(0) == 0 + 2 + 6 + 12 + 20 + 30 + 42 + 56 + 72 + 90 + 110 + 132 + 3);
    CHECK(cursors(8, true) == 4 * 10000 + 3 * 10 + 1);
    CHECK(cursors(8, false) == 4 * 10000 + 101 * 10);
}

/* ---- What changes in between ------------------------------------------------------------------------------- */

APART static void put(struct node GW **place, struct node GW *value)
{
    churn();
    *place = value;
}

APART static void changed(void)
{
    struct node GW *kept = node_make(1, NULL), *either = kept;
    struct node GW *volatile last = kept;
    struct node GW *in_memory[2] = {kept, kept};
    volatile int round = 0;
    int returned = setjmp(way_back);
    CHECK(returned == round && kept->value == 1);
    CHECK(last->value == 1 + round && in_memory[0]->value == 1);
    CHECK(either->value >= 1 && either->value <= 1 + round && in_memory[1]->value >= 1 && in_memory[1]->value <= 1 + round);
    if (round == 5) return;
    round++;
    either = node_make(1 + round, NULL);
    last = either;
    put(&in_memory[1], either);
    jump(round);
}

/* `first` is not changed while `walker` goes on, though they are one value when setjmp is called; and it is called in one turn of a loop
 * only. */
APART static int64_t taken_in_one_turn(struct node GW *list)
{
    struct node GW *first = NULL;
    int64_t GW *cursor = NULL;
    int64_t turns = 0;
    for (struct node GW *walker = list; walker; walker = walker->next) {
        if (turns == 3) jump(1);
        struct node GW *made = node_make(walker->value * 10, walker);
        if (turns == 0) {
            first = made;
            cursor = &made->value;
            if (setjmp(way_back)) return first->value * 1000 + *cursor + (first->next == list);
        }
        turns++;
        churn();
    }
    return 0;
}

/* Called in each turn of a loop that is tried again now and then: an object, a pointer into it that was made in front of the loop, by the
 * program or by the optimiser, and elements. */
static int tries;
APART static void perhaps_jump(void)
{
    churn();
    if (++tries % 3) longjmp(way_back, 1);
}

APART static int64_t tried_again(struct numbers GW *numbers, int64_t length)
{
    int64_t GW *at = numbers->at;
    for (volatile int64_t turn = 0; turn < length; turn++) {
        setjmp(way_back);
        if (at[turn] != turn || numbers->at[length - 1] != length - 1) return turn;
        perhaps_jump();
    }
    return -1;
}

struct nodes {
    uint64_t length;
    struct node GW *at[];
};
GW_TYPE_ARRAY(nodes, struct nodes, length, at);

APART static int64_t elements_tried_again(struct nodes GW *nodes, int64_t length)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < length; i++) {
        struct node GW *element = nodes->at[i];
        setjmp(way_back);
        if (nodes->at[i] != element) return -1;
        perhaps_jump();
        sum += element->value;
    }
    return sum;
}

APART static void loops(void)
{
    struct numbers GW *numbers = gw_new_array(numbers, 12);
    struct nodes GW *nodes = gw_new_array(nodes, 12);
    for (int64_t i = 0; i < 12; i++) {
        numbers->at[i] = i;
        nodes->at[i] = node_make(i, NULL);
    }
    CHECK(tried_again(numbers, 12) == -1);
    CHECK(elements_tried_again(nodes, 12) == 66);
}

/* The object was young at the first return and is old at the second. */
APART static void grown_old(void)
{
    struct node GW *old = node_make(1, NULL);
    if (setjmp(way_back) == 0) jump(1);
    old->next = node_make(2, NULL);
    churn();
    CHECK(old->next->value == 2);
}

static void changes(void)
{
    changed();
    CHECK(taken_in_one_turn(node_make(4, node_make(5, node_make(6, node_make(7, NULL))))) == 40 * 1000 + 40 + 1);
    grown_old();
    loops();
}

/* ---- Errors as a language has them ------------------------------------------------------------------------- */

struct handler {
    jmp_buf out;
    struct handler *outer;
};
static struct handler *handlers;
static struct node GW *error;

APART static noreturn void raise_error(struct node GW *value)
{
    struct handler *handler = handlers;
    error = value;
    churn();
    handlers = handler->outer;
    longjmp(handler->out, 1);
}

/* The innermost level raises an error, the one around it catches that and raises its own object, the next one ends it. */
APART static int64_t protected(int64_t depth, struct node GW *given)
{
    struct node GW *mine = node_make(depth, given);
    struct handler handler = {.outer = handlers};
    volatile int64_t levels = 0;
    if (depth == 0) raise_error(mine);
    if (setjmp(handler.out) == 0) {
        handlers = &handler;
        levels = protected(depth - 1, mine);
        handlers = handler.outer;
    } else {
        CHECK(error->value == depth - 1 && error->next == mine);
        if (depth == 1) raise_error(mine);
    }
    churn();
    CHECK(mine->value == depth && mine->next == given);
    return levels + 1;
}

static void errors(void)
{
    struct node GW *given = node_make(7, NULL);
    for (int i = 0; i < 3; i++) CHECK(protected(6, given) == 5);
    CHECK(given->value == 7 && !handlers);
}

int main(void)
{
    start(NULL);
    forms();
    live();
    changes();
    errors();
    puts("references across second returns");
    return 0;
}
