/* References in global and thread-local arrays, of which minor collections read what was written: by every kind of store there is. With
 * verify=1 a store that did not say so is found at the next collection. */
#include "check.h"

#include <pthread.h>

#define APART __attribute__((noinline))
#define COUNT 1000

struct pair {
    struct node GW *first;
    int64_t number;
    struct node GW *second;
};

static struct node GW *table[COUNT];
static _Thread_local struct node GW *of_thread[COUNT];
static struct pair pairs[COUNT / 2], other_pairs[COUNT / 2];
static struct node GW *only_written[COUNT];
static struct node GW *shared[COUNT]; /* by threads with heaps of their own, each every other element */
static struct node GW *known_elsewhere[COUNT], *one[COUNT], *other[COUNT];

APART static struct node GW *fresh(int64_t value)
{
    churn();
    return node_make(value, NULL);
}

APART static void one_by_one(void)
{
    for (int i = 0; i < COUNT; i += 37) table[i] = fresh(i);
    table[3] = fresh(3);
    churn();
    for (int i = 0; i < COUNT; i += 37) CHECK(table[i]->value == i);
    CHECK(table[3]->value == 3);
}

/* After some collections all are old: what changes then is a word in a part that was settled. */
APART static void when_settled(void)
{
    for (int i = 0; i < 4; i++) churn();
    table[500] = fresh(7);
    churn();
    churn();
    CHECK(table[500]->value == 7);
}

APART static void by_a_pointer_that_moves(void)
{
    int64_t value = 0;
    for (struct node GW **at = table + 100; at != table + 160; at++) *at = fresh(value++);
    churn();
    for (int i = 0; i < 60; i++) CHECK(table[100 + i]->value == i);
}

APART static void shifted(int from, int count)
{
    for (int i = 0; i < count; i++) table[from + i] = table[from + i + 1];
}

APART static void copied(int to, int from, int count)
{
    memcpy(&table[to], &table[from], (size_t)count * sizeof table[0]);
    memmove(&table[to + 1], &table[to], (size_t)count * sizeof table[0]);
}

APART static void among_themselves(void)
{
    for (int i = 200; i < 240; i++) table[i] = fresh(i);
    shifted(200, 39);
    churn();
    CHECK(table[200]->value == 201 && table[238]->value == 239);
    for (int i = 200; i < 240; i++) table[i] = fresh(i);
    copied(580, 200, 40);
    copied(700, 200, 0);
    churn();
    CHECK(table[580]->value == 200 && table[581]->value == 200 && table[620]->value == 239);
}

APART static void structs(int i)
{
    struct pair both = {fresh(1), 5, NULL};
    both.second = fresh(2);
    pairs[i] = both;
    pairs[i + 1].second = fresh(3);
    churn();
    CHECK(pairs[i].first->value == 1 && pairs[i].second->value == 2 && pairs[i].number == 5 && pairs[i + 1].second->value == 3);
    other_pairs[i + 2] = pairs[i];
    memcpy(other_pairs + 100, pairs, 64 * sizeof pairs[0]);
    churn();
    CHECK(other_pairs[i + 2].second->value == 2 && other_pairs[100 + i].first->value == 1);
}

APART static void of_the_thread(void)
{
    for (int i = 0; i < COUNT; i += 91) of_thread[i] = fresh(i);
    for (int i = 0; i < 3; i++) churn();
    of_thread[COUNT - 1] = fresh(9);
    churn();
    for (int i = 0; i < COUNT; i += 91) CHECK(of_thread[i]->value == i);
    CHECK(of_thread[COUNT - 1]->value == 9);
}

/* A reference's bits in parts of less than a word. */
APART static void put_halves(int i, struct node GW *node)
{
    uint32_t *halves = (uint32_t *)&table[i], *from = (uint32_t *)&node;
    halves[0] = from[0];
    halves[1] = from[1];
}
APART static void put_bytes(int i, struct node GW *node)
{
    char *bytes = (char *)&table[i];
    for (int at = 0; at < 8; at++) bytes[at] = (char)((uintptr_t)node >> 8 * at);
}
APART static void in_parts(void)
{
    for (int i = 0; i < 4; i++) churn();
    put_halves(300, fresh(6));
    churn();
    put_bytes(400, fresh(8));
    churn();
    CHECK(table[300]->value == 6 && table[400]->value == 8);
}

APART static void exchanged(void)
{
    struct node GW *expected = NULL;
    __atomic_exchange_n(&table[800], fresh(4), __ATOMIC_SEQ_CST);
    __atomic_compare_exchange_n(&table[900], &expected, fresh(5), 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    churn();
    CHECK(table[800]->value == 4 && table[900]->value == 5);
}

/* Nobody reads it: what it keeps must live all the same. */
APART static void write_only(int i)
{
    only_written[i] = fresh(i);
}

/* Either of two variables. */
APART static void put_into_either(int which, int i)
{
    struct node GW **into = which ? one : other;
    into[i] = fresh(i);
    churn();
    CHECK(into[i]->value == i);
}

APART static void fill(struct node GW **into, int count)
{
    for (int i = 0; i < count; i++) into[i] = fresh(i);
}

/* Neither thread's collections may take the other's cards for settled. */
APART static void share(int part)
{
    for (int round = 0; round < 4; round++) {
        for (int i = part; i < COUNT; i += 50) shared[i] = fresh(i + round);
        churn();
        for (int i = part; i < COUNT; i += 50) CHECK(shared[i]->value == i + round);
    }
}

static void *on_thread(void *unused)
{
    start(NULL);
    share(1);
    return unused;
}

static void by_two_heaps(void)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, on_thread, NULL) == 0);
    share(0);
    CHECK(pthread_join(thread, NULL) == 0);
    churn();
    for (int i = 0; i < COUNT; i += 50) CHECK(shared[i]->value == i + 3);
}

int main(void)
{
    start(NULL);
    one_by_one();
    when_settled();
    by_a_pointer_that_moves();
    among_themselves();
    structs(30);
    of_the_thread();
    in_parts();
    exchanged();
    for (int i = 0; i < COUNT; i += 111) write_only(i);
    by_two_heaps();
    put_into_either(1, 40);
    put_into_either(0, 41);
    fill(known_elsewhere, 100);
    churn();
    for (int i = 0; i < 100; i++) CHECK(known_elsewhere[i]->value == i);
    memset(table, 0, sizeof table);
    churn();
    CHECK(gw_verify() == GW_OK);
    puts("tables: all found");
    return 0;
}
