/* Every place of a C program that can hold references, across collections that move what they point at: locals whose
 * address is taken, arrays and structs on the stack, structs passed and returned by value, globals of every shape,
 * thread-locals, interior pointers in loops, more roots than there are registers. */
#include "check.h"

struct pair {
    struct node GW *first, *second;
};

struct mixed {
    int64_t number;
    struct pair pairs[3];
    char name[12];
    struct node GW *last;
};

struct numbers {
    uint64_t length;
    int64_t at[];
};
GW_TYPE_ARRAY(numbers, struct numbers, length, at);

struct slot {
    int64_t key;
    struct node GW *value;
};
struct map {
    struct node GW *owner;
    uint64_t length;
    struct slot at[];
};
GW_TYPE_ARRAY(map, struct map, length, at);

static struct node GW *global;
static struct node GW *global_array[5];
static struct mixed global_struct;
static struct mixed global_structs[2];
static _Thread_local struct node GW *thread_local_reference;
static _Thread_local struct pair thread_local_pair;
struct node GW *visible_global;

__attribute__((noinline)) static void set(struct node GW **place, int64_t value)
{
    struct node GW *node = node_make(value, NULL);
    churn();
    *place = node;
}

static void locals_by_address(void)
{
    struct node GW *one, *two;
    set(&one, 1);
    set(&two, 2);
    churn();
    CHECK(one->value == 1 && two->value == 2);
    struct node GW **either = one->value == 2 ? &one : &two;
    set(either, 3);
    churn();
    CHECK(one->value == 1 && two->value == 3);
}

__attribute__((noinline)) static int64_t sum_through(struct mixed *mixed)
{
    churn();
    int64_t sum = mixed->number + mixed->last->value;
    for (int i = 0; i < 3; i++) sum += mixed->pairs[i].first->value + mixed->pairs[i].second->value;
    return sum;
}

static void fill(struct mixed *mixed, int64_t from)
{
    mixed->number = from;
    for (int i = 0; i < 3; i++) {
        set(&mixed->pairs[i].first, from + i);
        mixed->pairs[i].second = node_make(from + i, mixed->pairs[i].first);
    }
    set(&mixed->last, from);
}

static void arrays_and_structs_on_the_stack(void)
{
    struct node GW *array[7];
    for (int i = 0; i < 7; i++) array[i] = node_make(i, i ? array[i - 1] : NULL);
    struct mixed mixed = {.name = "mixed"};
    fill(&mixed, 10);
    CHECK(sum_through(&mixed) == 10 + 10 + 2 * (10 + 11 + 12));
    struct mixed copy = mixed;
    churn();
    CHECK(sum_through(&copy) == 86 && copy.last == mixed.last && strcmp(copy.name, "mixed") == 0);
    struct mixed many[2][2];
    for (int i = 0; i < 4; i++) fill(&many[i / 2][i % 2], 100 * i);
    for (int i = 0; i < 4; i++) CHECK(sum_through(&many[i / 2][i % 2]) == 800 * i + 6);
    for (int i = 0; i < 7; i++) CHECK(array[i]->value == i && array[i]->next == (i ? array[i - 1] : NULL));
}

__attribute__((noinline)) static struct pair pair_make(int64_t first, int64_t second)
{
    struct node GW *made = node_make(first, NULL);
    return (struct pair){made, node_make(second, NULL)};
}

__attribute__((noinline)) static struct pair pair_turn(struct pair pair)
{
    churn();
    return (struct pair){pair.second, pair.first};
}

static void pairs_by_value(void)
{
    struct pair a = pair_make(1, 2), b = pair_make(3, 4);
    a = pair_turn(a);
    struct pair (*turn)(struct pair) = pair_turn;
    b = turn(turn(turn(b)));
    churn();
    CHECK(a.first->value == 2 && a.second->value == 1 && b.first->value == 4 && b.second->value == 3);
}

static void globals(void)
{
    global = node_make(1, NULL);
    visible_global = global;
    for (int i = 0; i < 5; i++) global_array[i] = node_make(i, global);
    fill(&global_struct, 20);
    fill(&global_structs[0], 30);
    global_structs[1] = global_structs[0];
    thread_local_reference = node_make(40, NULL);
    thread_local_pair = pair_make(41, 42);
    churn();
    gw_collect(GW_FULL);
    CHECK(global->value == 1 && visible_global == global);
    for (int i = 0; i < 5; i++) CHECK(global_array[i]->value == i && global_array[i]->next == global);
    CHECK(sum_through(&global_struct) == 8 * 20 + 6 && sum_through(&global_structs[0]) == 8 * 30 + 6);
    CHECK(global_structs[1].last == global_structs[0].last);
    CHECK(thread_local_reference->value == 40);
    CHECK(thread_local_pair.first->value == 41 && thread_local_pair.second->value == 42);
    /* Stores into a thread-local's object after it has become old. */
    gw_collect(GW_FULL);
    thread_local_pair.first->next = node_make(43, NULL);
    churn();
    CHECK(thread_local_pair.first->next->value == 43);
}

/* A pointer into the array lives across the calls of the loop. */
static void interior_pointers(void)
{
    struct numbers GW *numbers = gw_new_array(numbers, 20);
    int64_t GW *at = &numbers->at[0];
    for (int64_t i = 0; i < 20; i++) {
        *at++ = i;
        churn();
    }
    int64_t sum = 0;
    for (int64_t GW *last = &numbers->at[numbers->length]; --last >= &numbers->at[0];) {
        churn();
        sum += *last;
    }
    CHECK(sum == 190 && numbers->length == 20 && gw_length(numbers) == 20);
}

static void arrays_of_structs(void)
{
    struct node GW *owner = node_make(7, NULL);
    struct map GW *map = gw_new_array(map, 9);
    map->owner = owner;
    for (uint64_t i = 0; i < map->length; i++) {
        map->at[i].key = (int64_t)i;
        map->at[i].value = node_make((int64_t)i * 2, owner);
    }
    gw_collect(GW_FULL);
    gw_collect(GW_FULL);
    struct slot saved = map->at[3];
    map->at[3] = (struct slot){33, node_make(66, NULL)}; /* an aggregate stored into an old object */
    map->at[4] = map->at[5];
    churn();
    CHECK(saved.value->value == 6 && saved.value->next == map->owner && map->owner->value == 7);
    CHECK(map->at[3].key == 33 && map->at[3].value->value == 66);
    CHECK(map->at[4].value == map->at[5].value && map->at[4].key == 5);
    gw_array_copy(map, 0, map, 3, 6);
    churn();
    CHECK(map->at[0].value->value == 66 && map->at[5].value->value == 16 && map->at[5].key == 8);
}

struct wide {
    struct node GW *at[6000];
};
GW_TYPE(wide, struct wide);

/* Too large for the nursery, hence old from the start, yet filled without barriers: no safepoint lies between. */
static void large_fresh_objects(void)
{
    struct node GW *node = node_make(5, NULL);
    struct map GW *map = gw_new_array(map, 3000);
    for (uint64_t i = 0; i < 3000; i++) map->at[i].value = node;
    struct wide GW *wide = gw_new(wide);
    for (int i = 0; i < 6000; i++) wide->at[i] = map->at[i % 3000].value;
    node = NULL;
    for (int i = 0; i < 3; i++) churn();
    for (int i = 0; i < 6000; i++) CHECK(wide->at[i] == map->at[i % 3000].value && wide->at[i]->value == 5);
}

static void more_roots_than_registers(void)
{
    struct node GW *a = node_make(1, NULL), *b = node_make(2, a), *c = node_make(3, b), *d = node_make(4, c);
    struct node GW *e = node_make(5, d), *f = node_make(6, e), *g = node_make(7, f), *h = node_make(8, g);
    struct node GW *i = node_make(9, h), *j = node_make(10, i), *k = node_make(11, j), *l = node_make(12, k);
    struct node GW *m = node_make(13, l), *n = node_make(14, m), *o = node_make(15, n), *p = node_make(16, o);
    churn();
    CHECK(a->value + b->value * c->value + d->value * e->value + f->value * g->value == 1 + 6 + 20 + 42);
    CHECK(h->value + i->value * j->value + k->value * l->value + m->value * n->value == 8 + 90 + 132 + 182);
    CHECK(p->next == o && o->next == n && n->next == m && m->next == l && l->next == k && k->next == j);
    CHECK(j->next == i && i->next == h && h->next == g && g->next == f && f->next == e && e->next == d);
}

/* Which reference is live is decided at run time, and immediates pass for references. */
static void choices_and_immediates(void)
{
    struct node GW *odd = node_make(1, NULL), *even = node_make(2, NULL);
    for (int i = 0; i < 20; i++) {
        struct node GW *chosen = i % 2 ? odd : even;
        struct node GW *other = i % 3 ? chosen : (struct node GW *)gw_small_integer(i);
        churn();
        CHECK(chosen->value == (i % 2 ? 1 : 2));
        CHECK(gw_is_immediate(other) ? gw_small_integer_value(other) == i : other == chosen);
        odd->next = other;
        even = i % 2 ? even : node_make(2, chosen);
    }
    CHECK(gw_is_immediate(odd->next) || odd->next->value == 1);
}

static void atomics(void)
{
    struct node GW *box = node_make(0, NULL);
    gw_collect(GW_FULL);
    gw_collect(GW_FULL);
    __atomic_store_n(&box->next, node_make(1, NULL), __ATOMIC_RELEASE);
    churn();
    struct node GW *old = __atomic_exchange_n(&box->next, node_make(2, NULL), __ATOMIC_ACQ_REL);
    churn();
    CHECK(old->value == 1 && box->next->value == 2);
    struct node GW *expected = box->next, *wanted = node_make(3, NULL);
    CHECK(__atomic_compare_exchange_n(&box->next, &expected, wanted, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
    churn();
    CHECK(__atomic_load_n(&box->next, __ATOMIC_ACQUIRE)->value == 3 && box->next == wanted && expected->value == 2);
}

__attribute__((noinline)) static int64_t depth_sum(int depth, struct node GW *node, struct pair pair)
{
    if (!depth) return churn(), node->value;
    struct node GW *mine = node_make(depth, node);
    struct pair turned = pair_turn(pair);
    int64_t sum = depth_sum(depth - 1, mine, turned);
    CHECK(mine->value == depth && mine->next == node && turned.first == pair.second);
    return sum + node->value;
}

int main(void)
{
    start(NULL);
    locals_by_address();
    arrays_and_structs_on_the_stack();
    pairs_by_value();
    globals();
    interior_pointers();
    arrays_of_structs();
    large_fresh_objects();
    more_roots_than_registers();
    choices_and_immediates();
    atomics();
    struct pair pair = pair_make(1, 2);
    CHECK(depth_sum(30, node_make(31, NULL), pair) == 31 * 32 / 2 + 1 - 1);
    CHECK(gw_verify() == GW_OK);
    puts("places: all found");
    return 0;
}
