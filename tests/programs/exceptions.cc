// C++ exceptions thrown through frames that hold references, caught where references have moved in the meantime.
#include "check.h"
#include "native.h"

#include <csetjmp>

#define APART __attribute__((noinline))

struct pair {
    struct node GW *first, *second;
};
struct numbers {
    uint64_t length;
    int64_t at[];
};
GW_TYPE_ARRAY(numbers, struct numbers, length, at);

struct trouble {
    int64_t number;
    explicit trouble(int64_t number) : number(number) {}
    ~trouble() { churn(); }
};

// Its destructor runs while the exception passes by, and collects.
struct guard {
    struct node GW **place;
    explicit guard(struct node GW **place) : place(place) {}
    ~guard()
    {
        churn();
        (*place)->value += 1000;
    }
};

APART static void throw_deep(int depth, struct node GW *node)
{
    struct node GW *mine = node_make(depth, node);
    churn();
    if (depth == 0) throw 42;
    if (depth == 1) throw trouble(mine->value + 6);
    throw_deep(depth - 1, mine);
    CHECK(mine->value == depth);
}

APART static struct pair pair_or_throw(int64_t value)
{
    struct node GW *made = node_make(value, NULL);
    if (value == 3) throw trouble(value);
    return pair{made, node_make(value + 1, made)};
}

// An object, a pointer into it, and a guarded local live across the call, on both edges.
APART static int64_t both_edges(int depth, struct node GW *kept)
{
    struct node GW *mine = node_make(5, kept);
    int64_t GW *inner = &mine->value;
    int64_t sum = 0;
    for (int i = 0; i < 4; i++) {
        struct node GW *held = node_make(i, mine);
        try {
            guard g(&held);
            throw_deep(depth - i, held);
        } catch (int number) {
            churn();
            sum += number + *inner + mine->next->value + held->value;
            mine = node_make(mine->value + 1, kept);
            inner = &mine->value;
        } catch (const trouble &t) {
            sum += t.number + *inner + held->value;
        }
        churn();
        CHECK(held->next->next == kept);
    }
    return sum + mine->value + kept->value;
}

APART static int64_t results_of_invokes()
{
    int64_t sum = 0;
    struct pair last = {};
    for (int64_t i = 0; i < 6; i++) {
        try {
            struct pair pair = pair_or_throw(i);
            churn();
            last = pair_or_throw(i + 10);
            sum += pair.first->value + pair.second->value + last.second->next->value;
            CHECK(pair.second->next == pair.first && last.second->next == last.first);
        } catch (const trouble &t) {
            churn();
            sum += 100 * t.number + last.first->value;
        }
    }
    return sum;
}

APART static int64_t rethrown(struct node GW *node)
{
    try {
        try {
            throw_deep(2, node);
        } catch (...) {
            struct node GW *note = node_make(9, node);
            churn();
            CHECK(note->next == node);
            throw;
        }
    } catch (const trouble &t) {
        churn();
        return node->value + t.number;
    }
    return 0;
}

// A cursor that is moved on either edge: it comes from two places in the same object.
APART static int64_t cursor_over(struct numbers GW *numbers)
{
    int64_t GW *at = &numbers->at[0];
    int64_t GW *end = &numbers->at[numbers->length];
    int64_t sum = 0;
    while (at < end) {
        try {
            churn();
            if (*at % 3 == 0) throw_deep(0, NULL);
            sum += *at++;
        } catch (int) {
            churn();
            sum += 100 * *at;
            at += 2;
        }
    }
    return sum + (end - &numbers->at[0]);
}

// Compared once before the loop, where it decides; nothing else reads it. RewriteStatepointsForGC brings the comparison into the
// loop. An immediate word is made in a try block.
APART static int64_t compared_before(struct node GW *maybe)
{
    static volatile int64_t looked;
    bool none = maybe == NULL;
    for (int64_t caught = 0;; caught++) {
        if (none) looked = looked + 1;
        try {
            void GW *word = gw_small_integer(caught);
            churn();
            CHECK(gw_is_immediate(word) && gw_small_integer_value(word) == caught);
            if (caught < 3) throw_deep(0, NULL);
            return caught * 10 + looked;
        } catch (int) {
        }
    }
}

static long visit(void *data, long i)
{
    struct pair *pair = static_cast<struct pair *>(data);
    pair->second = node_make(i, pair->second);
    churn();
    if (i == 4) throw trouble(i);
    return 1;
}

// Through frames of native code that knows of neither exceptions nor collections.
APART static int64_t through_native_code(struct node GW *kept)
{
    struct pair pair = {kept, kept};
    struct node GW *mine = node_make(8, kept);
    try {
        native_each(10, visit, &pair);
    } catch (const trouble &t) {
        churn();
        CHECK(pair.first == kept && pair.second->next->value == 3 && mine->next == kept);
        return t.number + pair.second->value + mine->value;
    }
    return 0;
}

APART static long double scaled_or_throw(int64_t value, ...)
{
    churn();
    if (value == 3) throw trouble(value);
    return (long double)value / 2;
}

// A result that no statepoint carries: the call goes through a frame of its own.
APART static int64_t from_thunks(struct node GW *kept)
{
    struct node GW *mine = node_make(8, kept);
    long double sum = 0;
    for (int64_t i = 0; i < 5; i++) {
        try {
            sum += scaled_or_throw(i, 1);
        } catch (const trouble &t) {
            churn();
            CHECK(mine->next == kept);
            sum += 100 * t.number;
        }
    }
    return (int64_t)(sum * 2) + mine->value;
}

// An immediate made where exceptions are caught, out of a word that nobody knows before: its check is not a call there.
APART static int64_t immediates(struct node GW *kept)
{
    struct node GW *mine = node_make(8, kept);
    void GW *word = NULL;
    try {
        word = gw_small_integer(mine->value);
        throw_deep(0, mine);
        word = gw_small_integer(99);
    } catch (int thrown) {
        churn();
        CHECK(gw_is_immediate(word) && gw_small_integer_value(word) == 8);
        word = gw_small_integer(mine->value + thrown);
    }
    return gw_small_integer_value(word) + mine->next->value;
}

// What finalizers and the out-of-memory handler throw comes out of the allocation, and is caught where that stands in a try block itself.
static void throw_from_finalizer(void GW *object)
{
    throw trouble(((struct node GW *)object)->value);
}

static bool throw_when_exhausted(void *, size_t)
{
    throw trouble(5);
}

APART static void make_ready(int64_t value)
{
    CHECK(gw_finalize(node_make(value, NULL), throw_from_finalizer) == GW_OK);
}

APART static int64_t out_of_allocations(struct node GW *kept)
{
    struct node GW *mine = node_make(8, kept);
    int64_t caught = 0;
    make_ready(3);
    gw_run_finalizers_at_allocation(true);
    gw_collect(GW_FULL);
    try {
        struct node GW *object = gw_new(node);
        object->next = mine;
    } catch (const trouble &t) {
        churn();
        caught = t.number + mine->value;
    }
    gw_run_finalizers_at_allocation(false);
    gw_set_oom_handler(throw_when_exhausted, NULL);
    try {
        CHECK(!gw_new_array(numbers, 33 << 20)); // as large as the heap
    } catch (const trouble &t) {
        churn();
        caught += 100 * t.number + mine->next->value;
    }
    gw_set_oom_handler(NULL, NULL);
    return caught;
}

// The first reference of this thread is held inside the try block: a shadow stack is made there.
APART static int64_t caught_from_first_holder()
{
    int64_t caught = 0;
    try {
        throw_deep(1, NULL);
    } catch (const trouble &t) {
        caught = t.number;
    }
    struct node GW *later = node_make(100, NULL);
    churn();
    return caught + later->value;
}

// ---- Caught where no reference is --------------------------------------------------------------------

// A frame with a variable of references: where it was the next call has others.
APART static int64_t sum_of_held(struct node GW *const *held)
{
    churn();
    return held[0]->value + held[1]->value;
}

APART static void hold_and_throw(int number)
{
    struct node GW *held[2] = {node_make(number, NULL), NULL};
    held[1] = node_make(number, NULL);
    if (sum_of_held(held) == 2 * number) throw number;
}

APART static void go_down(int depth, int number)
{
    if (depth) go_down(depth - 1, number);
    else hold_and_throw(number);
    CHECK(false);
}

APART static bool comes_back(int depth) noexcept
{
    try {
        go_down(depth, depth);
    } catch (int number) {
        return number == depth;
    }
    return false;
}

// No frame here holds a reference over a call, and so repairs what the exception has left.
static void caught_again_and_again()
{
    for (int depth = 20; depth >= 0; depth--) CHECK(comes_back(depth));
}

static jmp_buf out_of_try;

APART static void jump_out()
{
    churn();
    longjmp(out_of_try, 1);
}

// setjmp is an invoke for a frontend that does not know that it throws nothing; here it stands beside some.
APART static int64_t jumps_in_a_try_block(struct node GW *kept)
{
    struct node GW *mine = node_make(5, kept);
    try {
        if (setjmp(out_of_try)) throw_deep(1, mine);
        jump_out();
    } catch (const trouble &t) {
        return t.number * 100 + mine->value * 10 + mine->next->value;
    }
    return 0;
}

/* ---- Functions that keep other registers ---------------------------------------------------------------------- */

#if defined(__x86_64__)
#define OTHER_CONVENTION __attribute__((ms_abi, noinline))
#else
#define OTHER_CONVENTION __attribute__((preserve_most, noinline))
#endif

/* What an exception out of it brings back are the registers of the machine's own convention. */
OTHER_CONVENTION static int64_t throws_from(int64_t depth, struct node GW *from)
{
    struct node GW *own = node_make(depth, from);
    churn();
    if (depth == 0) throw 5;
    int64_t below = throws_from(depth - 1, own);
    return below + own->value;
}

__attribute__((noinline)) static void holds_nothing(int64_t depth)
{
    for (int turn = 0; turn < 3; turn++) {
        try {
            throws_from(depth, NULL);
        } catch (int) {
            churn();
        }
        churn();
    }
}

__attribute__((noinline)) static int64_t holds_one(int64_t depth)
{
    struct node GW *mine = node_make(depth, NULL);
    try {
        throws_from(depth, mine);
    } catch (int) {
        churn();
        return mine->value;
    }
    return 0;
}

int main()
{
    start("max-heap=256m");
    holds_nothing(5);
    CHECK(holds_one(6) == 6);
    caught_again_and_again();
    CHECK(caught_from_first_holder() == 1 + 6 + 100);
    struct node GW *kept = node_make(7, NULL);
    CHECK(both_edges(3, kept) == 3 * (7 + 5 + 1000) + 0 + 1 + 2 + (42 + 5 + 7 + 1003) + 6 + 7);
    CHECK(results_of_invokes() == 1 + 3 + 5 + 9 + 11 + (10 + 11 + 12 + 14 + 15) + 300 + 12);
    CHECK(rethrown(kept) == 7 + 7);
    struct numbers GW *numbers = gw_new_array(numbers, 10);
    for (int i = 0; i < 10; i++) numbers->at[i] = i;
    CHECK(cursor_over(numbers) == 0 * 100 + 2 + 3 * 100 + 5 + 6 * 100 + 8 + 9 * 100 + 10);
    CHECK(compared_before(kept) == 3 * 10 + 0 && compared_before(NULL) == 3 * 10 + 4);
    CHECK(through_native_code(kept) == 4 + 4 + 8);
    CHECK(from_thunks(kept) == 0 + 1 + 2 + 600 + 4 + 8);
    CHECK(immediates(kept) == 8 + 42 + 7);
    CHECK(out_of_allocations(kept) == 3 + 8 + 500 + 7);
    CHECK(jumps_in_a_try_block(kept) == 7 * 100 + 5 * 10 + 7);
    CHECK(gw_verify() == GW_OK);
    puts("exceptions: all caught, all found");
    return 0;
}
