/* Stores of young objects into old ones, each shape in a function of its own, and each the only way to the young
 * object. With one barrier left out, the store it belonged to must be found out. */
#include "check.h"

struct row {
    uint64_t length;
    struct node GW *at[];
};
GW_TYPE_ARRAY(row, struct row, length, at);

struct cell {
    int64_t value;
    struct node GW *left, *right;
};
GW_TYPE(cell, struct cell);

struct pair_of_words {
    int64_t value;
    struct node GW *node;
};
GW_TYPE(pair_of_words, struct pair_of_words);

/* A union: by a tag, and by a function. */
enum { NUMBER, NODE };
struct value {
    uint32_t kind;
    union {
        double number;
        struct node GW *node;
        uint64_t word;
    } u;
};
struct tagged {
    struct value first, second;
};
GW_TYPE_TAGGED(tagged, struct tagged, GW_WHEN(first.kind, NODE, first.u.node), GW_WHEN(second.kind, NODE, second.u.node));

struct traced {
    struct value value;
};
static void trace_value(void *payload, struct gw_tracer *tracer)
{
    struct traced *traced = (struct traced *)payload;
    if (traced->value.kind == NODE) gw_trace_edge(tracer, &traced->value.u.node);
}
GW_TYPE_TRACED(traced, struct traced, trace_value);

/* Numbers by the struct, references by what the function says. */
struct told {
    double real;
    uint64_t word;
    struct inside {
        uint64_t bits;
    } inside;
    uint64_t exchanged, count, at[4];
};
static void trace_told(void *payload, struct gw_tracer *tracer)
{
    struct told *told = (struct told *)payload;
    gw_trace_edge(tracer, &told->real);
    gw_trace_edge(tracer, &told->word);
    gw_trace_edge(tracer, &told->inside.bits);
    gw_trace_edge(tracer, &told->exchanged);
    for (int i = 0; i < 4; i++) gw_trace_edge(tracer, &told->at[i]);
}
GW_TYPE_TRACED(told, struct told, trace_told);
typedef struct node GW *node_reference;

#define APART __attribute__((noinline))

/* Everything is old and forgotten by the write barrier afterwards. */
APART static void make_old(void)
{
    for (int i = 0; i < 4; i++) gw_collect(GW_FULL);
}

APART static void store_field(struct node GW *old, int64_t value)
{
    old->next = node_make(value, NULL);
}

APART static void store_twice(struct cell GW *old, int64_t value)
{
    old->left = node_make(value, NULL);
    make_old(); /* the first barrier does not serve both */
    old->right = node_make(value + 1, NULL);
}

APART static void store_element(struct row GW *old, uint64_t i, int64_t value)
{
    old->at[i] = node_make(value, NULL);
}

APART static void store_struct(struct pair_of_words GW *old, int64_t value)
{
    struct node GW *young = node_make(value, NULL);
    *old = (struct pair_of_words){value, young};
}

APART static void store_copy(struct pair_of_words GW *old, const struct pair_of_words GW *from)
{
    *old = *from;
}

APART static struct node GW *store_exchange(struct node GW *old, int64_t value)
{
    return __atomic_exchange_n(&old->next, node_make(value, NULL), __ATOMIC_ACQ_REL);
}

APART static void store_in_loop(struct row GW *old, int64_t value)
{
    for (uint64_t i = 0; i < old->length; i++) old->at[i] = node_make(value + (int64_t)i, NULL);
}

/* A store into an object that was fresh, and is old by the time of the store. */
APART static struct node GW *store_after_collection(int64_t value)
{
    struct node GW *old = node_make(0, NULL);
    make_old();
    old->next = node_make(value, NULL);
    return old;
}

/* A fresh array of unknown length may be large, and then it is old from the start: its stores need their barriers. */
APART static struct row GW *store_into_fresh_array(struct row GW *from)
{
    struct row GW *fresh = gw_new_array(row, from->length * 1000);
    for (uint64_t i = 0; i < from->length; i++) fresh->at[i * 1000] = from->at[i];
    return fresh;
}

APART static void store_tagged(struct tagged GW *old, int64_t value)
{
    old->first.u.node = node_make(value, NULL);
    old->first.kind = NODE;
}

/* By the member that shows a number. */
APART static void store_word(struct tagged GW *old, const struct tagged GW *from)
{
    old->second.u.word = from->second.u.word;
    old->second.kind = NODE;
}

APART static void store_traced(struct traced GW *old, int64_t value)
{
    old->value.u.node = node_make(value, NULL);
    old->value.kind = NODE;
}

APART static void store_number(struct traced GW *old, const struct tagged GW *from)
{
    old->value.u.number = from->first.u.number;
    old->value.kind = NODE;
}

APART static void store_value(struct traced GW *old, const struct tagged GW *from)
{
    old->value = from->second;
}

APART static void store_real(struct told GW *old, const struct told GW *from)
{
    old->real = from->real;
}

APART static void store_by_address(struct told GW *old, const struct told GW *from)
{
    uint64_t GW *to = &old->word;
    *to = from->word;
}

APART static void store_inside(struct told GW *old, const struct told GW *from)
{
    struct inside GW *to = &old->inside;
    to->bits = from->inside.bits;
}

APART static void store_exchanged(struct told GW *old, const struct told GW *from)
{
    __atomic_exchange_n(&old->exchanged, from->exchanged, __ATOMIC_ACQ_REL);
}

APART static void store_by_plain_address(struct told GW *old, const struct told GW *from, int i)
{
    uint64_t *to = (uint64_t *)old->at;
    to[i] = from->at[i];
}

static void check_row(const struct row GW *row, int64_t from)
{
    churn();
    for (uint64_t i = 0; i < row->length; i++) CHECK(row->at[i]->value == from + (int64_t)i);
}

static void fields(void)
{
    struct node GW *node = node_make(0, NULL), *other = node_make(0, NULL);
    make_old();
    store_field(node, 1);
    churn();
    CHECK(node->next->value == 1);
    CHECK(!store_exchange(other, 2));
    churn();
    CHECK(other->next->value == 2);
    struct node GW *made = store_after_collection(3);
    churn();
    CHECK(made->next->value == 3);
}

static void structs(void)
{
    struct cell GW *cell = gw_new(cell);
    struct pair_of_words GW *assigned = gw_new(pair_of_words), *copy = gw_new(pair_of_words);
    make_old();
    store_twice(cell, 10);
    churn();
    CHECK(cell->left->value == 10 && cell->right->value == 11);
    store_struct(assigned, 20);
    churn();
    CHECK(assigned->value == 20 && assigned->node->value == 20);
    struct node GW *node = node_make(30, NULL);
    struct pair_of_words GW *young = gw_new(pair_of_words);
    young->node = node; /* fresh: no barrier */
    store_copy(copy, young);
    node = NULL;
    young = NULL;
    churn();
    CHECK(copy->node->value == 30);
}

static void arrays(void)
{
    struct row GW *row = gw_new_array(row, 6), *large = gw_new_array(row, 3000);
    make_old();
    for (uint64_t i = 0; i < row->length; i++) store_element(row, i, 40 + (int64_t)i);
    check_row(row, 40);
    make_old();
    store_in_loop(row, 50);
    check_row(row, 50);
    for (uint64_t i = 0; i < large->length; i += 500) {
        store_element(large, i, (int64_t)i);
        make_old();
    }
    for (uint64_t i = 0; i < large->length; i += 500) CHECK(large->at[i]->value == (int64_t)i);
    for (uint64_t i = 0; i < row->length; i++) row->at[i] = node_make(60 + (int64_t)i, NULL);
    large = store_into_fresh_array(row);
    row = NULL;
    churn();
    for (uint64_t i = 0; i < 6; i++) CHECK(large->at[i * 1000]->value == 60 + (int64_t)i);
}

static void unions(void)
{
    struct tagged GW *tagged = gw_new(tagged), *words = gw_new(tagged);
    struct traced GW *traced = gw_new(traced), *number = gw_new(traced), *value = gw_new(traced);
    make_old();
    store_tagged(tagged, 70);
    store_traced(traced, 71);
    struct node GW *a = node_make(72, NULL), *b = node_make(73, NULL);
    struct tagged GW *young = gw_new(tagged); /* fresh: no barrier */
    young->first.u.node = a;
    young->second.u.node = b;
    young->first.kind = young->second.kind = NODE;
    store_word(words, young);
    store_number(number, young);
    store_value(value, young);
    young = NULL;
    a = b = NULL;
    churn();
    CHECK(tagged->first.u.node->value == 70 && traced->value.u.node->value == 71 && words->second.u.node->value == 73);
    CHECK(number->value.u.node->value == 72 && value->value.u.node == words->second.u.node);
}

static void numbers_that_are_told(void)
{
    struct told GW *old[5]; /* a barrier records the whole object */
    for (int i = 0; i < 5; i++) old[i] = gw_new(told);
    make_old();
    struct node GW *nodes[5];
    for (int i = 0; i < 5; i++) nodes[i] = node_make(80 + i, NULL);
    struct told GW *young = gw_new(told); /* fresh: no barrier */
    *(node_reference GW *)&young->real = nodes[0];
    *(node_reference GW *)&young->word = nodes[1];
    *(node_reference GW *)&young->inside.bits = nodes[2];
    *(node_reference GW *)&young->exchanged = nodes[3];
    *(node_reference GW *)&young->at[2] = nodes[4];
    memset(nodes, 0, sizeof nodes);
    store_real(old[0], young);
    store_by_address(old[1], young);
    store_inside(old[2], young);
    store_exchanged(old[3], young);
    store_by_plain_address(old[4], young, 2);
    young = NULL;
    churn();
    CHECK((*(node_reference GW *)&old[0]->real)->value == 80 && (*(node_reference GW *)&old[1]->word)->value == 81);
    CHECK((*(node_reference GW *)&old[2]->inside.bits)->value == 82 && (*(node_reference GW *)&old[3]->exchanged)->value == 83);
    CHECK((*(node_reference GW *)&old[4]->at[2])->value == 84);
}

int main(void)
{
    start(NULL);
    unions();
    numbers_that_are_told();
    fields();
    structs();
    arrays();
    CHECK(gw_verify() == GW_OK);
    puts("barriers: all stores found");
    return 0;
}
