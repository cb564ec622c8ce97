/* The ways in which C writes references into objects and variables without saying so: the library's copying functions, in
 * all their forms and under options that turn builtins off or ask for checked ones, stores of bytes and words, functions and
 * assembler that are given a plain address. Old objects get young ones, which a minor collection frees unless it is told of the write. */
#include "check.h"
#include <stdarg.h>
#include <strings.h>
#include <wchar.h>

#define APART __attribute__((noinline))

void *mempcpy(void *to, const void *from, size_t bytes);

typedef void node_copier(struct node GW *to, struct node GW *from);

/* ---- Library functions ---------------------------------------------------------------------------------------------- */

APART static void by_field(struct node GW *to, struct node GW *from)
{
    memcpy((void *)&to->next, (void *)&from->next, sizeof to->next);
}
APART static void by_object(struct node GW *to, struct node GW *from)
{
    memcpy((void *)to, (void *)from, sizeof *to);
}
APART static void by_move(struct node GW *to, struct node GW *from)
{
    memmove((void *)to, (void *)from, sizeof *to);
}
APART static void by_end(struct node GW *to, struct node GW *from)
{
    char *end = mempcpy((void *)to, (void *)from, sizeof *to);
    CHECK(end == (char *)to + sizeof *to);
}
APART static void by_bcopy(struct node GW *to, struct node GW *from)
{
    bcopy((void *)from, (void *)to, sizeof *to);
}
APART static void by_length(struct node GW *to, struct node GW *from, size_t bytes)
{
    memcpy((void *)to, (void *)from, bytes);
}
APART static void by_unknown_length(struct node GW *to, struct node GW *from)
{
    by_length(to, from, sizeof *to);
}
APART static void by_local(struct node GW *to, struct node GW *from)
{
    struct node copy;
    memcpy(&copy, (void *)from, sizeof copy);
    memcpy((void *)to, &copy, sizeof copy);
}

/* ---- Loops of the program's own ------------------------------------------------------------------------------------------ */

APART static void by_bytes(struct node GW *to, struct node GW *from)
{
    char GW *target = (char GW *)to;
    const char GW *source = (const char GW *)from;
    for (size_t i = 0; i < sizeof *to; i++) target[i] = source[i];
}
APART static void by_words(struct node GW *to, struct node GW *from)
{
    uint64_t GW *target = (uint64_t GW *)to;
    const uint64_t GW *source = (const uint64_t GW *)from;
    for (size_t i = 0; i < sizeof *to / sizeof *target; i++) target[i] = source[i];
}
APART static void by_plain_bytes(struct node GW *to, struct node GW *from)
{
    char *target = (char *)to;
    const char *source = (const char *)from;
    for (size_t i = 0; i < sizeof *to; i++) target[i] = source[i];
}
APART static void by_shifted_bytes(struct node GW *to, struct node GW *from)
{
    uint64_t word = *(uint64_t GW *)&from->next;
    char GW *target = (char GW *)to + offsetof(struct node, next);
    for (size_t i = 0; i < sizeof word; i++) target[i] = (char)(word >> 8 * i);
}

static char buffer[sizeof(struct node)];
APART static void fill_buffer(const char GW *from)
{
    for (size_t i = 0; i < sizeof buffer; i++) buffer[i] = from[i];
}
APART static void empty_buffer(char GW *to)
{
    for (size_t i = 0; i < sizeof buffer; i++) to[i] = buffer[i];
}
APART static void by_global_buffer(struct node GW *to, struct node GW *from)
{
    fill_buffer((const char GW *)from);
    empty_buffer((char GW *)to);
}
APART static uint64_t word_at(const uint64_t GW *from, size_t i)
{
    return from[i];
}
APART static void put_word(uint64_t GW *to, size_t i, uint64_t word)
{
    to[i] = word;
}
APART static void by_numbers_between_functions(struct node GW *to, struct node GW *from)
{
    for (size_t i = 0; i < sizeof *to / 8; i++) put_word((uint64_t GW *)to, i, word_at((const uint64_t GW *)from, i));
}

/* What happens to a word on its way does not make a number of it. */
#define DEFINE_WORD_COPIER(name, passed)                                                                                                   \
    APART static void name(struct node GW *to, struct node GW *from)                                                                       \
    {                                                                                                                                      \
        for (size_t i = 0; i < sizeof *to / 8; i++) {                                                                                      \
            uint64_t word = ((const uint64_t GW *)from)[i];                                                                                \
            passed;                                                                                                                        \
            ((uint64_t GW *)to)[i] = word;                                                                                                 \
        }                                                                                                                                  \
    }
static uint64_t same_word(uint64_t word)
{
    return word;
}
static uint64_t (*volatile word_function)(uint64_t) = same_word;
DEFINE_WORD_COPIER(by_likely_words, word = (uint64_t)__builtin_expect((long)word, 1))
DEFINE_WORD_COPIER(by_words_in_assembler, __asm__("" : "+r"(word)))
DEFINE_WORD_COPIER(by_words_given_to_a_pointer, word = word_function(word))
DEFINE_WORD_COPIER(by_words_as_pointers, word = (uint64_t)(void *)word)
DEFINE_WORD_COPIER(by_turned_words, word = __builtin_bswap64(__builtin_bswap64(word) + 0))

struct twin {
    int64_t value;
    void *next;
};
APART static void by_twin(struct node GW *to, struct node GW *from)
{
    ((struct twin GW *)to)->next = ((const struct twin GW *)from)->next;
}

struct two_numbers {
    uint64_t first, second;
};
APART static void by_struct_of_numbers(struct node GW *to, struct node GW *from)
{
    struct two_numbers both = {((const uint64_t GW *)from)[0], ((const uint64_t GW *)from)[1]};
    *(struct two_numbers GW *)to = both;
}

/* Complex numbers of integers are no struct of numbers. */
APART static void by_complex(void GW *to, void GW *from)
{
    *(_Complex long GW *)to = *(_Complex long GW *)from;
}
APART static void by_plain_complex(void GW *to, void GW *from)
{
    *(_Complex unsigned *)to = *(_Complex unsigned *)from;
    *((_Complex unsigned *)to + 1) = *((_Complex unsigned *)from + 1);
}
APART static void by_complex_part(void GW *to, void GW *from)
{
    __real__ *(_Complex long GW *)((char GW *)to + 8) = *(long GW *)((char GW *)from + 8);
}
static void by_complex_numbers(struct node GW *to, struct node GW *from)
{
    by_complex(to, from);
}
static void by_plain_complex_numbers(struct node GW *to, struct node GW *from)
{
    by_plain_complex(to, from);
}
static void by_part_of_complex_numbers(struct node GW *to, struct node GW *from)
{
    by_complex_part(to, from);
}

/* To null, which a sum does not tell from a copy. */
APART static void add_word(void GW *to, void GW *from, int negative)
{
    if (negative) __atomic_fetch_sub((long GW *)((char GW *)to + 8), -*(long GW *)((char GW *)from + 8), __ATOMIC_RELAXED);
    else __atomic_fetch_add((long GW *)((char GW *)to + 8), *(long GW *)((char GW *)from + 8), __ATOMIC_RELAXED);
}
static void by_addition(struct node GW *to, struct node GW *from)
{
    add_word(to, from, 0);
}
static void by_subtraction(struct node GW *to, struct node GW *from)
{
    add_word(to, from, 1);
}
APART static void by_added_pieces(struct node GW *to, struct node GW *from)
{
    void GW *target = to;
    void GW *source = from;
    for (int i = 2; i < 4; i++) __atomic_fetch_add((unsigned GW *)target + i, ((unsigned GW *)source)[i], __ATOMIC_RELAXED);
}

/* ---- Functions that are given the plain address of an object -------------------------------------------------------------- */

GW_NOCOLLECT APART static void copy_bytes(void *to, const void *from, size_t bytes)
{
    char *target = to;
    for (const char *source = from; bytes > 0; bytes--) *target++ = *source++;
}
GW_NOCOLLECT static inline void exchange_words(void *a, void *b, size_t words)
{
    uint64_t *one = a, *other = b;
    for (size_t i = 0; i < words; i++) {
        uint64_t kept_word = one[i];
        one[i] = other[i];
        other[i] = kept_word;
    }
}
APART static void by_leaf(struct node GW *to, struct node GW *from)
{
    copy_bytes((void *)to, (void *)from, sizeof *to);
}
APART static void by_leaf_past_a_number(struct node GW *to, struct node GW *from)
{
    copy_bytes((char *)to + offsetof(struct node, next), (char *)from + offsetof(struct node, next), sizeof to->next);
    to->value = from->value;
}
APART static void by_leaf_from_a_number_on(struct node GW *to, struct node GW *from)
{
    copy_bytes((void *)&to->value, (void *)&from->value, sizeof *to);
}
APART static void by_exchange(struct node GW *to, struct node GW *from)
{
    exchange_words((void *)to, (void *)from, sizeof *to / 8);
}
APART static void by_memccpy(struct node GW *to, struct node GW *from)
{
    for (size_t at = 0; at < sizeof *to;) {
        char *end = memccpy((char *)to + at, (char *)from + at, 0xff, sizeof *to - at);
        at = end ? (size_t)(end - (char *)to) : sizeof *to;
    }
}
APART static void by_wide_characters(struct node GW *to, struct node GW *from)
{
    struct node GW *next;
    wmemcpy((wchar_t *)&next, (const wchar_t *)&from->next, sizeof next / sizeof(wchar_t));
    to->next = next;
    to->value = from->value;
}
#if defined(__x86_64__)
#define STORE_8(word, place) "movq " word ", 8(" place ")"
#else
#define STORE_8(word, place) "str " word ", [" place ", #8]"
#endif
APART static void by_assembler(struct node GW *to, struct node GW *from)
{
    void *target = (void *)to, *source = (void *)from;
    size_t bytes = sizeof *to;
#if defined(__x86_64__)
    __asm__ volatile("rep movsb" : "+D"(target), "+S"(source), "+c"(bytes) : : "memory");
#else
    __asm__ volatile("1: ldrb w9, [%1], #1\n\tstrb w9, [%0], #1\n\tsubs %2, %2, #1\n\tb.ne 1b"
                     : "+r"(target), "+r"(source), "+r"(bytes)
                     :
                     : "memory", "cc", "x9");
#endif
}
APART static void by_assembler_and_numbers(struct node GW *to, struct node GW *from)
{
    uintptr_t word = *(const uint64_t GW *)&from->next;
    __asm__ volatile(STORE_8("%1", "%0") : : "r"((uintptr_t)to), "r"(word) : "memory");
    to->value = from->value;
}
APART static void by_assembler_and_references(struct node GW *to, struct node GW *from)
{
#if defined(__x86_64__)
    __asm__ volatile("movq 8(%1), %%rax\n\tmovq %%rax, 8(%0)" : : "r"(to), "r"(from) : "memory", "rax");
#else
    __asm__ volatile("ldr x9, [%1, #8]\n\tstr x9, [%0, #8]" : : "r"(to), "r"(from) : "memory", "x9");
#endif
    to->value = from->value;
}

/* ---- The test --------------------------------------------------------------------------------------------------------- */

static node_copier *const copiers[] = {
    by_field,
    by_object,
    by_move,
    by_end,
    by_bcopy,
    by_unknown_length,
    by_local,
    by_bytes,
    by_words,
    by_plain_bytes,
    by_shifted_bytes,
    by_global_buffer,
    by_numbers_between_functions,
    by_likely_words,
    by_words_in_assembler,
    by_words_given_to_a_pointer,
    by_words_as_pointers,
    by_turned_words,
    by_twin,
    by_struct_of_numbers,
    by_complex_numbers,
    by_plain_complex_numbers,
    by_part_of_complex_numbers,
    by_addition,
    by_subtraction,
    by_added_pieces,
    by_leaf,
    by_leaf_past_a_number,
    by_leaf_from_a_number_on,
    by_exchange,
    by_memccpy,
    by_wide_characters,
    by_assembler,
    by_assembler_and_numbers,
    by_assembler_and_references,
};

static void copies_into_old_objects(void)
{
    struct node GW *old = node_make(1, NULL);
    for (int i = 0; i < 3; i++) gw_collect(GW_FULL);
    for (size_t i = 0; i < sizeof copiers / sizeof copiers[0]; i++) {
        struct node GW *young = node_make(5, node_make(40 + (int64_t)i, NULL));
        copiers[i](old, young);
        young = NULL;
        churn();
        CHECK(old->next->value == 40 + (int64_t)i);
        old->next = NULL;
        gw_collect(GW_FULL);
    }
}

APART static int64_t saved_by_copy(struct node GW *n)
{
    struct node GW *saved;
    memcpy(&saved, &n, sizeof saved);
    n = NULL;
    churn();
    return saved->value;
}

/* Inlined, the length is that of one word, and both places are the caller's. */
static inline void copy_words(void *to, const void *from, size_t bytes)
{
    memcpy(to, from, bytes);
}

APART static int64_t saved_by_inlined_copy(struct node GW *n)
{
    struct node GW *saved, *again;
    copy_words(&saved, &n, sizeof saved);
    n = NULL;
    churn();
    copy_words(&again, &saved, sizeof saved);
    saved = NULL;
    churn();
    return again->value;
}

static void copies_between_variables(void)
{
    CHECK(saved_by_copy(node_make(3, NULL)) == 3);
    CHECK(saved_by_inlined_copy(node_make(4, NULL)) == 4);
}

/* ---- Unions ------------------------------------------------------------------------------------------------------------- */

/* The union's type is that of its largest member; the objects hold the smaller one. */
struct cell {
    int type;
    union {
        struct {
            struct cell GW *car, *cdr;
        };
        int64_t number;
    };
};
typedef struct {
    int type;
    int64_t number;
} number_cell;
GW_TYPE(number_cell, number_cell);

APART static struct cell GW *number_make(int64_t number)
{
    struct cell GW *made = (struct cell GW *)gw_new(number_cell);
    made->number = number;
    return made;
}

static void numbers_in_unions(void)
{
    struct cell GW *cell = number_make(INT64_C(0x7fff12345678));
    churn();
    CHECK(cell->number == INT64_C(0x7fff12345678));
}

/* ---- Words of any kind -------------------------------------------------------------------------------------------------- */

static void exchange(void *a, void *b, size_t bytes)
{
    char kept[64];
    memcpy(kept, a, bytes);
    memcpy(a, b, bytes);
    memcpy(b, kept, bytes);
}
APART static void rotate(uint64_t *words, int count)
{
    uint64_t first = words[0];
    for (int i = 0; i + 1 < count; i++) words[i] = words[i + 1];
    words[count - 1] = first;
}
APART static void put(void *place, int64_t value, int is_reference)
{
    if (is_reference) *(struct node GW **)place = node_make(value, NULL);
    else *(int64_t *)place = value;
}

static void references_moved_as_words_of_any_kind(void)
{
    int64_t number, another = 9;
    struct node GW *nodes[4];
    for (int i = 0; i < 4; i++) put(&nodes[i], i, 1);
    put(&number, 7, 0);
    exchange(&nodes[0], &nodes[3], sizeof nodes[0]);
    exchange(&number, &another, sizeof number);
    rotate((uint64_t *)nodes, 4);
    churn();
    CHECK(nodes[0]->value == 1 && nodes[1]->value == 2 && nodes[2]->value == 0 && nodes[3]->value == 3);
    CHECK(number == 9 && another == 7);
}

APART static struct node GW *last_of(int count, ...)
{
    va_list list;
    va_start(list, count);
    struct node GW *last = NULL;
    for (int i = 0; i < count; i++) last = va_arg(list, struct node GW *);
    va_end(list);
    return last;
}

static void references_from_a_list(void)
{
    struct node GW *a = node_make(1, NULL), *b = node_make(2, NULL);
    struct node GW *last = last_of(9, a, a, a, a, a, a, a, a, b);
    churn();
    CHECK(last->value == 2 && last_of(1, a)->value == 1);
}

/* ---- Variables that are only written ---------------------------------------------------------------------------------- */

static struct node GW *kept; /* keeps an object alive, and is never read */

APART static struct gw_weak GW *keep(void)
{
    struct node GW *made = node_make(1, NULL);
    kept = made;
    return gw_weak_new(made, GW_WEAK_LONG);
}

static void a_variable_that_is_only_written(void)
{
    struct gw_weak GW *weak = keep();
    gw_collect(GW_FULL);
    CHECK(gw_weak_get(weak));
    kept = NULL;
    for (int i = 0; i < 2; i++) gw_collect(GW_FULL);
    CHECK(!gw_weak_get(weak));
}

/* ---- Arrays whose length the type does not say -------------------------------------------------------------------------- */

struct nodes {
    uint64_t length;
    struct node GW *at[];
};
GW_TYPE_ARRAY(nodes, struct nodes, length, at);
struct numbered {
    int64_t number;
    struct node GW *node;
};
struct list_of_numbered {
    uint64_t length;
    struct numbered at[];
};
GW_TYPE_ARRAY(list_of_numbered, struct list_of_numbered, length, at);

APART static int64_t variables_to_arrays_and_back(int64_t number)
{
    struct node GW *four[4], *two[2];
    struct numbered three[3];
    for (int64_t i = 0; i < 4; i++) four[i] = node_make(number + i, NULL);
    for (int64_t i = 0; i < 3; i++) three[i] = (struct numbered){i, four[i]};
    struct nodes GW *nodes = gw_new_array(nodes, 5);
    struct list_of_numbered GW *list = gw_new_array(list_of_numbered, 3);
    CHECK(nodes && list);
    churn();
    memcpy((void *)nodes->at, four, sizeof four);
    memcpy((void *)list->at, three, sizeof three);
    churn();
    memcpy(two, (const void *)nodes->at, sizeof two);
    churn();
    return two[1]->value + nodes->at[3]->value + list->at[2].node->value + list->at[2].number;
}

/* A reference's bits at a constant place behind the first element, by accesses of every kind. */
typedef uint64_t two_words __attribute__((vector_size(16), aligned(8)));
#define WORD(array, i) ((uintptr_t *)(array)->at)[i]

APART static void put_word_by_reference(struct nodes GW *nodes, struct node GW *node)
{
    ((uintptr_t GW *)nodes->at)[1] = (uintptr_t)node;
}
APART static void put_word_by_plain_address(struct nodes GW *nodes, struct node GW *node)
{
    WORD(nodes, 2) = (uintptr_t)node;
}
APART static void put_halves(struct nodes GW *nodes, struct node GW *node)
{
    ((uint32_t *)nodes->at)[6] = (uint32_t)(uintptr_t)node;
    ((uint32_t *)nodes->at)[7] = (uint32_t)((uintptr_t)node >> 32);
}
APART static void put_lanes(struct nodes GW *nodes, struct node GW *node)
{
    *(two_words *)&WORD(nodes, 4) = (two_words){(uintptr_t)node, (uintptr_t)node};
}
APART static void put_volatile_word(struct nodes GW *nodes, struct node GW *node)
{
    *(volatile uintptr_t *)&WORD(nodes, 6) = (uintptr_t)node;
}
APART static void put_volatile_bytes(struct nodes GW *nodes, struct node GW *node)
{
    for (int i = 0; i < 8; i++) ((volatile char *)&WORD(nodes, 7))[i] = (char)((uintptr_t)node >> 8 * i);
}
APART static void put_atomically(struct nodes GW *nodes, struct node GW *node)
{
    __atomic_store_n(&WORD(nodes, 8), (uintptr_t)node, __ATOMIC_RELAXED);
}
static void (*const write_words[])(struct nodes GW *, struct node GW *) = {
    put_word_by_reference, put_word_by_plain_address, put_halves, put_lanes, put_volatile_word, put_volatile_bytes, put_atomically};

/* Each write alone, for one barrier would stand for all. */
APART static int64_t words_in_arrays(void)
{
    int64_t sum = 0;
    for (int i = 0; i < 7; i++) {
        struct nodes GW *nodes = gw_new_array(nodes, 9);
        CHECK(nodes);
        gw_collect(GW_FULL);
        struct node GW *node = node_make(1 << 2 * i, NULL);
        write_words[i](nodes, node);
        node = NULL;
        churn();
        for (int at = 0; at < 9; at++) sum += nodes->at[at] ? nodes->at[at]->value : 0;
    }
    return sum;
}

int main(void)
{
    start(NULL);
    copies_into_old_objects();
    copies_between_variables();
    numbers_in_unions();
    references_moved_as_words_of_any_kind();
    references_from_a_list();
    a_variable_that_is_only_written();
    CHECK(variables_to_arrays_and_back(10) == 11 + 13 + 12 + 2);
    CHECK(words_in_arrays() == 1 + 4 + 16 + 2 * 64 + 256 + 1024 + 4096);
    printf("memory_writes: all recorded\n");
    return 0; /* -ffreestanding: main is a function like others */
}
