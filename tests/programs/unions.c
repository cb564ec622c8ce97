/* Unions in objects: all members are references, a tag tells, or a trace function does. Also by GCC. */
#include "check.h"

#define APART __attribute__((noinline))

enum kind { NUMBER = 3, REAL = 4, NODE = 8, PAIR = 9, TEXT = 0x40 };

struct value {
    uint8_t kind;
    union {
        int64_t number;
        double real;
        struct node GW *node;
        struct pair GW *pair;
        uintptr_t word;
    } u;
};

struct pair {
    struct node GW *plain;
    struct value first, second;
};
GW_TYPE_TAGGED(pair, struct pair, GW_PLAIN(plain), GW_WHEN_IN(first.kind, NODE, PAIR, first.u.node),
               GW_WHEN(second.kind, NODE, second.u.node), GW_WHEN(second.kind, PAIR, second.u.pair));

struct values {
    struct node GW *owner;
    uint64_t length;
    struct value at[];
};
GW_TYPE_TAGGED_ARRAY(values, struct values, length, at, GW_PLAIN(owner), GW_WHEN_IN(at[0].kind, NODE, PAIR, at[0].u.node));

/* The tag's other bits are the program's. */
struct bits {
    uint16_t flags;
    uint32_t kinds[3];
    struct value inside[5];
    union {
        uintptr_t word;
        struct node GW *node;
    };
};
GW_TYPE_TAGGED(bits, struct bits, GW_WHEN_EACH(inside, kind, NODE, u.node), GW_WHEN_BITS(flags, 0x40, node));

/* Either two references or two numbers: a function tells. */
struct either {
    int64_t refers;
    union {
        struct {
            double a, b;
        } numbers;
        struct {
            struct node GW *left, *right;
        } nodes;
    };
};
static int traced;
static void trace_either(void *payload, struct gw_tracer *tracer)
{
    struct either *either = (struct either *)payload;
    traced++;
    if (!either->refers) return;
    gw_trace_edge(tracer, &either->nodes.left);
    gw_trace_edge(tracer, &either->nodes.right);
}
GW_TYPE_TRACED(either, struct either, trace_either);

struct eithers {
    uint64_t length, refers;
    union {
        uint64_t word;
        struct node GW *node;
    } at[];
};
static void trace_eithers(void *payload, struct gw_tracer *tracer)
{
    struct eithers *all = (struct eithers *)payload;
    for (uint64_t i = 0; all->refers && i < all->length; i++) gw_trace_edge(tracer, &all->at[i].node);
}
GW_TYPE_TRACED_ARRAY(eithers, struct eithers, length, at, trace_eithers);

/* Numbers that the collector must not follow: they look like addresses of objects. */
static uint64_t like_a_reference(void)
{
    struct node GW *node = node_make(1, NULL);
    return (uint64_t)(uintptr_t)node;
}

static void tags_decide(void)
{
    struct node GW *node;
    struct pair GW *pair;
    GW_CALL(node = node_make(40, NULL));
    GW_CALL(pair = gw_new(pair), node);
    GW_STORE(pair, plain, node);
    uint64_t number;
    GW_CALL(number = like_a_reference(), node, pair);
    pair->first.kind = NUMBER;
    pair->first.u.number = (int64_t)number;
    GW_CALL(churn(), node, pair);
    CHECK(pair->first.u.number == (int64_t)number && pair->plain == node && pair->plain->value == 40);
    for (int round = 0; round < 3; round++) {
        GW_CALL(node = node_make(round, NULL), pair);
        GW_STORE(pair, first.u.node, node);
        pair->first.kind = NODE;
        GW_CALL(node = node_make(round + 10, NULL), pair);
        GW_STORE(pair, second.u.node, node);
        pair->second.kind = round == 1 ? PAIR : NODE;
        if (round == 1) GW_STORE(pair, second.u.pair, pair);
        GW_CALL(churn(), pair);
        CHECK(pair->first.u.node->value == round);
        if (round == 1) CHECK(pair->second.u.pair == pair);
        else CHECK(pair->second.u.node->value == round + 10);
        pair->second.kind = REAL;
        pair->second.u.real = 2.5;
        GW_CALL(churn(), pair);
        CHECK(pair->second.u.real == 2.5);
    }
}

/* Large enough for cards and for spans of marking. */
static void arrays_of_values(uint64_t length)
{
    struct values GW *values, *copy;
    struct node GW *node;
    GW_CALL(values = gw_new_array(values, length));
    GW_CALL(node = node_make(77, NULL), values);
    GW_STORE(values, owner, node);
    for (int i = 0; i < 4; i++) GW_CALL(gw_collect(GW_FULL), values);
    for (uint64_t i = 0; i < length; i += 1 + i % 7) {
        GW_CALL(node = node_make((int64_t)i, NULL), values);
        values->at[i].kind = i % 2 ? NODE : NUMBER;
        if (i % 2) GW_STORE(values, at[i].u.node, node);
        else values->at[i].u.word = (uintptr_t)node; /* a number of that moment */
    }
    node = NULL;
    GW_CALL(copy = gw_new_array(values, length + 2), values);
    gw_array_copy(copy, 2, values, 0, length);
    for (int i = 0; i < 2; i++) GW_CALL(gw_collect(i ? GW_FULL : GW_MINOR), values, copy);
    CHECK(values->owner->value == 77 && copy->owner == NULL);
    for (uint64_t i = 0; i < length; i += 1 + i % 7) {
        CHECK(values->at[i].kind == copy->at[i + 2].kind && values->at[i].u.word == copy->at[i + 2].u.word);
        if (i % 2) CHECK(values->at[i].u.node->value == (int64_t)i);
    }
}

static void bits_and_elements(void)
{
    struct bits GW *bits;
    struct node GW *node;
    GW_CALL(bits = gw_new(bits));
    for (int i = 0; i < 5; i++) {
        GW_CALL(node = node_make(i, NULL), bits);
        bits->inside[i].kind = i == 2 ? NUMBER : NODE;
        GW_STORE(bits, inside[i].u.node, node);
    }
    GW_CALL(node = node_make(50, NULL), bits);
    bits->flags = 0x43;
    GW_STORE(bits, node, node);
    uintptr_t number = bits->inside[2].u.word;
    GW_CALL(churn(), bits);
    CHECK(bits->node->value == 50 && bits->inside[2].u.word == number);
    for (int i = 0; i < 5; i++)
        if (i != 2) CHECK(bits->inside[i].u.node->value == i);
    bits->flags = 0x83;
    bits->word = number;
    GW_CALL(churn(), bits);
    CHECK(bits->word == number);
}

static void traced_by_a_function(void)
{
    struct either GW *either, *numbers;
    struct eithers GW *all;
    struct node GW *node;
    GW_CALL(either = gw_new(either));
    GW_CALL(numbers = gw_new(either), either);
    GW_CALL(all = gw_new_array(eithers, 300), either, numbers);
    for (int i = 0; i < 4; i++) GW_CALL(gw_collect(GW_FULL), either, numbers, all);
    GW_CALL(node = node_make(1, NULL), either, numbers, all);
    either->refers = 1;
    GW_STORE(either, nodes.left, node);
    numbers->numbers.a = 1.5;
    numbers->numbers.b = 2.5;
    all->refers = 1;
    for (int i = 0; i < 300; i++) {
        GW_CALL(node = node_make(i, NULL), either, numbers, all);
        GW_STORE(all, at[i].node, node);
    }
    GW_CALL(churn(), either, numbers, all);
    CHECK(traced > 0 && either->nodes.left->value == 1 && either->nodes.right == NULL);
    CHECK(numbers->numbers.a == 1.5 && numbers->numbers.b == 2.5);
    for (int i = 0; i < 300; i++) CHECK(all->at[i].node->value == i);
    all->refers = 0;
    for (int i = 0; i < 300; i++) all->at[i].word = (uint64_t)i * 64;
    GW_CALL(churn(), all);
    CHECK(all->at[299].word == 299 * 64);
}

#ifdef __GREYWAVE__
/* ---- What the plug-in sees to ----------------------------------------------------------------------- */

struct leaf {
    int64_t value;
};
GW_TYPE(leaf, struct leaf);

union key {
    struct node GW *node;
    struct leaf GW *leaf;
    struct {
        void GW *any;
    } nested;
};
GW_UNION_OF_REFERENCES(union key);

struct keyed {
    int64_t tag;
    union key key;
    union key more[2];
};
GW_TYPE(keyed, struct keyed);
static union key global_key;

__attribute__((noinline)) static union key key_by_value(union key given)
{
    churn();
    return given;
}

__attribute__((noinline)) static void set_key(union key *key, struct leaf GW *leaf)
{
    key->leaf = leaf;
    churn();
}

/* In variables, parameters, results, globals and objects. */
static void unions_of_references(void)
{
    union key key = {.node = node_make(7, NULL)}, keys[3] = {{0}};
    key = key_by_value(key);
    CHECK(key.node->value == 7);
    keys[1] = key;
    global_key = key;
    struct leaf GW *leaf = gw_new(leaf);
    leaf->value = 70;
    set_key(&keys[2], leaf);
    struct keyed GW *object = gw_new(keyed);
    object->key = keys[1];
    object->more[1].leaf = keys[2].leaf;
    churn();
    CHECK(object->key.node == global_key.node && global_key.node->value == 7 && object->more[1].leaf->value == 70);
    CHECK(keys[2].nested.any == (void GW *)object->more[1].leaf && keys[1].node == key.node);
    struct keyed copied = *object;
    churn();
    CHECK(copied.key.node->value == 7 && copied.more[1].leaf == keys[2].leaf);
    global_key.node = NULL;
}

APART static void make_old(void)
{
    for (int i = 0; i < 4; i++) gw_collect(GW_FULL);
}

/* References that go through members which show numbers, each the only way to what is young. */
APART static void copy_words(struct either GW *to, const struct either GW *from)
{
    to->numbers = from->numbers;
}
APART static void copy_word(struct pair GW *to, const struct pair GW *from)
{
    to->first.u.word = from->first.u.word;
    to->first.kind = from->first.kind;
}
APART static void copy_real(struct pair GW *to, const struct pair GW *from)
{
    to->second.u.real = from->first.u.real;
    to->second.kind = from->first.kind;
}
APART static void copy_value(struct values GW *to, uint64_t i, const struct pair GW *from)
{
    to->at[i] = from->first;
}
APART static void copy_half(struct either GW *to, const struct either GW *from)
{
    to->numbers.b = from->numbers.a;
}

static void through_any_member(void)
{
    struct either GW *old = gw_new(either), *half = gw_new(either);
    struct pair GW *pair = gw_new(pair);
    struct values GW *values = gw_new_array(values, 200);
    make_old();
    struct either GW *fresh = gw_new(either);
    fresh->nodes.left = node_make(5, NULL);
    fresh->refers = 1;
    struct pair GW *fresh_pair = gw_new(pair);
    fresh_pair->first.u.node = node_make(6, NULL);
    fresh_pair->first.kind = NODE;
    copy_words(old, fresh);
    old->refers = 1;
    copy_half(half, fresh);
    half->refers = 1;
    copy_word(pair, fresh_pair);
    copy_real(pair, fresh_pair);
    copy_value(values, 150, fresh_pair);
    fresh = NULL;
    fresh_pair = NULL;
    churn();
    CHECK(old->nodes.left->value == 5 && half->nodes.right == old->nodes.left && !half->nodes.left);
    CHECK(pair->first.u.node->value == 6 && pair->second.u.node == pair->first.u.node);
    CHECK(values->at[150].kind == NODE && values->at[150].u.node == pair->first.u.node);
    pair->plain = node_make(8, NULL);
    churn();
    struct pair GW *whole = gw_new(pair);
    make_old();
    pair->first.u.node = node_make(9, NULL);
    *whole = *pair;
    pair = NULL;
    churn();
    CHECK(whole->first.u.node->value == 9 && whole->plain->value == 8 && whole->second.u.node->value == 6);
}
#else
static void unions_of_references(void) {}
static void through_any_member(void) {}
#endif

/* The larger member is a struct of references, and another has a number where the first of them lies. */
struct tree {
    uint32_t kind;
    union {
        struct {
            struct tree GW *left, *right;
        } pair;
        struct {
            int64_t value;
        } leaf;
    } u;
};
GW_TYPE_TAGGED(tree, struct tree, GW_WHEN(kind, NODE, u.pair.left), GW_WHEN(kind, NODE, u.pair.right));

APART static void set_leaf(struct tree GW *tree, int64_t value)
{
    tree->kind = NUMBER;
    tree->u.leaf.value = value;
}

static void numbers_beside_structs_of_references(void)
{
    struct tree GW *leaf, *pair;
    GW_CALL(leaf = gw_new(tree));
    GW_CALL(pair = gw_new(tree), leaf);
    int64_t number = (int64_t)(uintptr_t)leaf;
    set_leaf(leaf, number);
    pair->kind = NODE;
    GW_STORE(pair, u.pair.left, leaf);
    leaf = NULL;
    GW_CALL(churn(), pair);
    CHECK(pair->u.pair.left->u.leaf.value == number && !pair->u.pair.right);
}

/* Tags with a sign: a value, a range over zero, bits, elements. */
struct signed_tags {
    int8_t kind;
    signed char range;
    int16_t bits;
    struct {
        int16_t kind;
        union {
            int64_t number;
            struct node GW *node;
        };
    } each[2];
    union {
        int64_t number;
        struct node GW *node;
    } by_kind, by_range, by_bits;
};
GW_TYPE_TAGGED(signed_tags, struct signed_tags, GW_WHEN_EACH(each, kind, -300, node), GW_WHEN(kind, -1, by_kind.node),
               GW_WHEN_IN(range, -2, 2, by_range.node), GW_WHEN_BITS(bits, INT16_MIN, by_bits.node));

APART static void tags_with_signs(void)
{
    struct signed_tags GW *tags;
    struct node GW *node;
    GW_CALL(node = node_make(6, NULL));
    GW_CALL(tags = gw_new(signed_tags), node);
    tags->kind = -1;
    tags->bits = INT16_MIN | 5;
    tags->each[1].kind = -300;
    GW_STORE(tags, by_kind.node, node);
    GW_STORE(tags, by_range.node, node);
    GW_STORE(tags, by_bits.node, node);
    GW_STORE(tags, each[1].node, node);
    node = NULL;
    for (int range = -2; range <= 2; range++) {
        tags->range = (signed char)range;
        GW_CALL(churn(), tags);
        CHECK(tags->by_range.node->value == 6 && tags->by_range.node == tags->by_kind.node);
        CHECK(tags->by_bits.node == tags->by_kind.node && tags->each[1].node == tags->by_kind.node);
    }
    int64_t number;
    GW_CALL(number = (int64_t)like_a_reference(), tags);
    for (int range = -4; range <= 4; range++) {
        if (range >= -2 && range <= 2) continue;
        tags->by_range.number = number;
        tags->range = (signed char)range;
        GW_CALL(churn(), tags);
        CHECK(tags->by_range.number == number);
    }
}

int main(void)
{
    start(NULL);
    for (int i = 0; i < 2; i++) {
        numbers_beside_structs_of_references();
        tags_with_signs();
        tags_decide();
        arrays_of_values(3);
        arrays_of_values(700);
        bits_and_elements();
        traced_by_a_function();
        unions_of_references();
        through_any_member();
    }
    CHECK(gw_verify() == GW_OK);
    puts("unions: all precise");
    return 0;
}
