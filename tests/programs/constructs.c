/* What C programs do besides the plain things (docs/constructs.md): computed goto, noreturn calls and longjmp over collected
 * frames, cleanup functions, compound literals, realigned and variable frames, volatile and weak variables, sections,
 * bit-fields, packed structs, copies through plain addresses of objects, annotated fields, variadic functions. */
#include "check.h"
#include <setjmp.h>
#include <stdarg.h>

#define APART __attribute__((noinline))

struct three {
    struct node GW *a, *b, *c;
};

APART static int64_t interpret(const unsigned char *code, struct node GW *first)
{
    static void *const operations[] = {&&add, &&push, &&swap, &&end};
    struct node GW *top = first, *second = first;
    int64_t sum = 0;
#define NEXT goto *operations[*code++]
    NEXT;
add:
    sum += top->value;
    churn();
    NEXT;
push:
    second = top;
    top = node_make(sum + 1, top);
    NEXT;
swap: {
    struct node GW *kept = top;
    top = second;
    second = kept;
    churn();
    NEXT;
}
end:
    return sum * 100 + top->value + second->value;
}

static jmp_buf way_out;
static struct node GW *kept;

/* A noreturn call may be the last instruction of its function. */
_Noreturn APART static void leave(struct node GW *node)
{
    churn();
    kept = node;
    longjmp(way_out, 1);
}

APART static void descend(int depth, struct node GW *node)
{
    struct node GW *mine = node_make(depth, node);
    if (depth == 0) leave(mine);
    descend(depth - 1, mine);
    CHECK(mine->value == depth);
}

static void begin_descent(void)
{
    descend(10, NULL);
}

/* Holds no references itself, as the function that calls setjmp must not. */
APART static int escapes(void)
{
    if (setjmp(way_out)) return 1;
    begin_descent();
    return 0;
}

static void noreturn_and_longjmp(void)
{
    struct node GW *mine = node_make(99, NULL);
    for (int i = 0; i < 3; i++) {
        CHECK(escapes() == 1);
        churn();
        CHECK(mine->value == 99 && kept->value == 0 && kept->next->value == 1);
    }
}

/* A frame with a variable of references: where it was the next call has others. */
APART static int64_t sum_of_held(struct node GW *const *held)
{
    churn();
    return held[0]->value + held[1]->value;
}

APART static void hold_and_leave(int number)
{
    struct node GW *held[2] = {node_make(number, NULL), NULL};
    held[1] = node_make(number, NULL);
    if (sum_of_held(held) == 2 * number) leave(held[1]);
}

APART static void go_down(int depth, int number)
{
    if (depth) go_down(depth - 1, number);
    else hold_and_leave(number);
    CHECK(false);
}

APART static bool comes_back(int depth)
{
    if (setjmp(way_out)) return true;
    go_down(depth, depth);
    return false;
}

/* No frame here holds a reference over a call, and so repairs what longjmp has left. */
static void left_again_and_again(void)
{
    for (int depth = 20; depth >= 0; depth--) CHECK(comes_back(depth) && kept->value == depth);
}

static int64_t cleaned;
static void clean(struct node GW **place)
{
    churn();
    cleaned += (*place)->value;
}

APART static struct three three_make(int i)
{
    return (struct three){node_make(i, NULL), node_make(i + 1, NULL), node_make(i + 2, NULL)};
}

APART static int64_t sum_of(const struct three *three)
{
    churn();
    return three->a->value + three->b->value + three->c->value;
}

APART static int64_t frames_of_all_shapes(int k)
{
    __attribute__((cleanup(clean))) struct node GW *node = node_make(k, NULL);
    _Alignas(64) struct three aligned[3];
    CHECK((uintptr_t)aligned % 64 == 0);
    for (int i = 0; i < 3; i++) aligned[i] = three_make(i * k);
    char bytes[k * 8 + 1];
    memset(bytes, 1, sizeof bytes);
    int64_t sum = sum_of(&(struct three){node, node, node_make(5, node)});
    for (int i = 0; i < 3; i++) sum += sum_of(&aligned[i * 2 % 3]);
    if (k == 3) return sum;
    struct three chosen = k & 1 ? three_make(1) : three_make(2);
    sum += ({
        struct three inner = three_make(k);
        churn();
        sum_of(&inner) + bytes[k];
    });
    return sum + sum_of(&chosen);
}

__attribute__((weak)) struct node GW *weak_variable;
struct node GW *tentative_variable;
__attribute__((section("of_its_own"))) struct node GW *placed_variable;
extern struct node GW *other_name __attribute__((alias("tentative_variable")));

static struct node GW *cached(int64_t value)
{
    static struct node GW *cache[4];
    if (!cache[value & 3]) cache[value & 3] = node_make(value, NULL);
    return cache[value & 3];
}

static void variables_of_all_kinds(void)
{
    weak_variable = node_make(1, NULL);
    tentative_variable = node_make(2, weak_variable);
    placed_variable = node_make(3, other_name);
    cached(7);
    churn();
    gw_collect(GW_FULL);
    churn();
    CHECK(weak_variable->value == 1 && other_name->value == 2 && other_name->next == weak_variable);
    CHECK(placed_variable->value == 3 && placed_variable->next == tentative_variable && cached(3)->value == 7);
    other_name = NULL;
    churn();
    CHECK(!tentative_variable);
}

struct changing {
    volatile int64_t key;
    struct node GW *volatile node;
};
GW_TYPE(changing, struct changing);

APART static void volatile_variables(void)
{
    struct node GW *volatile local = node_make(1, NULL);
    volatile struct changing on_stack = {2, node_make(2, local)};
    struct changing GW *object = gw_new(changing);
    gw_collect(GW_FULL);
    gw_collect(GW_FULL);
    object->node = node_make(3, NULL);
    churn();
    struct changing copy = on_stack;
    churn();
    CHECK(local->value == 1 && on_stack.node->value == 2 && object->node->value == 3);
    *object = copy;
    churn();
    CHECK(object->node == on_stack.node && object->node->next == local && object->key == 2);
}

/* The references lie where the collector expects them. */
struct __attribute__((packed)) tight {
    struct node GW *first;
    unsigned kind : 3, mark : 5;
    uint64_t wide : 40;
    char letters[2];
    struct node GW *second;
};
GW_TYPE(tight, struct tight);

APART static void bit_fields_and_packed_structs(void)
{
    _Static_assert(offsetof(struct tight, second) == 16, "aligned");
    struct tight GW *object = gw_new(tight);
    struct tight local = {.first = node_make(1, NULL), .kind = 5, .mark = 17, .wide = 0xabcdef0123, .letters = "x"};
    local.second = node_make(2, local.first);
    for (int i = 0; i < 3; i++) {
        *object = local;
        churn();
        object->kind = 2;
        object->wide++;
        object->second = node_make(i, local.second);
        gw_collect(GW_FULL);
        CHECK(object->kind == 2 && object->mark == 17 && object->wide == 0xabcdef0124 && object->letters[0] == 'x');
        CHECK(object->first == local.first && object->second->next->next == object->first && local.kind == 5);
    }
}

/* Variables whose size is no whole number of words. */
struct __attribute__((packed)) odd {
    struct node GW *node;
    char letter;
};
static struct odd odd_global;
_Thread_local struct odd odd_thread_local;
struct labelled {
    struct node GW *node;
    char letters[];
};
static struct labelled labelled_static = {NULL, {'x', 'y', 0}};
struct labelled labelled_global = {NULL, {'a', 'b', 'c', 0}};

APART static struct odd odd_result(struct odd given)
{
    churn();
    given.letter++;
    return given;
}
APART static void change_odd(struct odd *place)
{
    churn();
    place->node = node_make(place->letter, place->node);
}
APART static struct node GW *label_in_function(struct node GW *node)
{
    static struct labelled kept = {NULL, {'f', 0}};
    struct node GW *before = kept.node;
    kept.node = node;
    return kept.letters[0] == 'f' ? before : NULL;
}

APART static void variables_of_odd_sizes(void)
{
    struct odd local = odd_result((struct odd){node_make(1, NULL), 'k'});
    change_odd(&local);
    odd_global = odd_thread_local = local;
    labelled_static.node = labelled_global.node = local.node;
    label_in_function(local.node);
    churn();
    CHECK(local.node->value == 'l' && local.node->next->value == 1);
    CHECK(odd_global.node == local.node && odd_thread_local.node == local.node && odd_global.letter == 'l');
    CHECK(labelled_static.node == local.node && labelled_static.letters[1] == 'y' && labelled_global.node == local.node);
    CHECK(label_in_function(NULL) == local.node);
}

/* Constants of 16 and 32 bytes without an address: linkers merge them. */
struct merged {
    int64_t number;
    struct node GW *node;
};
static const struct merged pairs_of_constants[2] = {{4, NULL}, {5, (struct node GW *)9}};

APART static void constants_that_are_merged(int which)
{
    struct merged local = {3, NULL}, copied = pairs_of_constants[which];
    local.node = node_make(local.number, copied.node);
    churn();
    CHECK(local.node->value == 3 && copied.number == 5 && local.node->next == (struct node GW *)9);
}

struct row {
    uint64_t length;
    struct node GW *at[];
};
GW_TYPE_ARRAY(row, struct row, length, at);

APART static void copy_word(struct node GW *to, struct node GW *from)
{
    memcpy((void *)&to->next, (void *)&from->next, 8);
}
APART static void copy_at(struct node GW *to, struct node GW *from, size_t offset)
{
    memcpy((char *)to + offset, (char *)from + offset, 8);
}
APART static void copy_row(struct row GW *to, struct row GW *from, size_t count)
{
    char *target = (char *)to->at;
    const char *source = (const char *)from->at;
    memmove(target + 8, source, count * 8 - 8);
}

/* Old objects, to which young ones are copied through plain addresses. */
static void copies_between_plain_addresses(void)
{
    struct node GW *one = node_make(1, NULL), *two = node_make(2, NULL);
    struct row GW *old_row = gw_new_array(row, 200);
    for (int i = 0; i < 3; i++) gw_collect(GW_FULL);
    for (int i = 0; i < 3; i++) {
        struct node GW *young = node_make(2, node_make(40 + i, NULL));
        copy_word(one, young);
        copy_at(two, young, offsetof(struct node, next));
        struct row GW *row = gw_new_array(row, 200);
        for (int k = 0; k < 200; k++) row->at[k] = young;
        copy_row(old_row, row, 200);
        churn();
        CHECK(one->next->value == 40 + i && two->next->value == 40 + i);
        for (int k = 1; k < 200; k++) CHECK(old_row->at[k]->next->value == 40 + i);
    }
}

/* An annotation of a field stands between the object and the field's address. */
struct annotated {
    __attribute__((annotate("one"))) struct node GW *one;
    __attribute__((annotate("number"))) int64_t number;
    __attribute__((annotate("several"))) struct node GW *several[4];
};
GW_TYPE(annotated, struct annotated);

APART static int64_t annotated_fields(struct annotated GW *object, int i)
{
    struct node GW *GW *one = &object->one, *GW *other = &object->several[i];
    int64_t GW *number = &object->number;
    churn();
    *one = node_make(4, NULL);
    *other = node_make(5, *one);
    *number = 9;
    churn();
    return object->one->value + (*other)->value * 10 + *number * 100 + object->several[i]->next->value * 1000;
}

/* The result of a variadic function, in memory. */
struct sums {
    int64_t each[4];
};
APART static struct sums sums_of(int count, ...)
{
    struct sums sums = {{0}};
    va_list list;
    va_start(list, count);
    churn();
    for (int i = 0; i < count; i++) sums.each[i % 4] += va_arg(list, int);
    va_end(list);
    return sums;
}

APART static int64_t variadic_results_in_memory(struct node GW *node)
{
    struct sums sums = sums_of(6, 1, 2, 3, 4, 5, 6);
    return sums.each[0] * 1000 + sums.each[1] * 100 + sums.each[2] * 10 + node->value;
}

/* ---- Unions of small numbers beside references -------------------------------------------------------- */

struct mixed {
    union {
        int32_t number;
        float real;
        uint8_t bytes[3];
    } first;
    struct node GW *node;
    union {
        char text[19];
        uint16_t parts[4];
    } last;
};
GW_TYPE(mixed, struct mixed);
static struct mixed global_mixed;

APART static struct mixed mixed_by_value(struct mixed given, int32_t number)
{
    churn();
    given.first.number += number;
    given.last.text[18]++;
    return given;
}

static void unions_of_small_numbers(void)
{
    struct mixed local[2] = {{{5}, node_make(50, NULL), {"eighteen letters.."}}, {.first.real = 1.5f}};
    local[1] = mixed_by_value(local[0], 2);
    struct mixed GW *object = gw_new(mixed);
    *object = local[1];
    churn();
    global_mixed = *object;
    churn();
    CHECK(global_mixed.node == local[0].node && global_mixed.node->value == 50 && object->node == local[1].node);
    CHECK(global_mixed.first.number == 7 && local[0].first.number == 5 && object->last.text[18] == 1);
    CHECK(memcmp(global_mixed.last.text, "eighteen letters..", 18) == 0 && object->last.parts[0] == local[0].last.parts[0]);
    global_mixed.node = NULL;
}

int main(void)
{
    start(NULL);
    static const unsigned char code[] = {0, 1, 0, 2, 0, 1, 1, 0, 2, 0, 2, 0, 3};
    CHECK(interpret(code, node_make(5, NULL)) == 6734);
    noreturn_and_longjmp();
    left_again_and_again();
    static const int64_t expected[] = {38, 55, 47, 83};
    for (int i = 1; i < 5; i++) CHECK(frames_of_all_shapes(i) == expected[i - 1]);
    CHECK(cleaned == 10);
    variables_of_all_kinds();
    volatile_variables();
    unions_of_small_numbers();
    bit_fields_and_packed_structs();
    variables_of_odd_sizes();
    constants_that_are_merged(1);
    copies_between_plain_addresses();
    CHECK(annotated_fields(gw_new(annotated), 2) == 4954);
    CHECK(variadic_results_in_memory(node_make(7, NULL)) == 6837);
    CHECK(gw_verify() == GW_OK);
    puts("constructs: all precise");
    return 0;
}
