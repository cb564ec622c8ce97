/* References as integers: differences of pointers into one object, tags of immediates. The optimiser takes an address
 * for something that never changes, and would compute half of a difference before the object moves. */
#include "check.h"

#define APART __attribute__((noinline))

struct numbers {
    uint64_t length;
    int64_t at[];
};
GW_TYPE_ARRAY(numbers, struct numbers, length, at);

APART static int64_t distances_to_end(struct numbers GW *numbers)
{
    int64_t sum = 0;
    int64_t GW *end = &numbers->at[numbers->length];
    for (int64_t GW *at = &numbers->at[0]; at != end; at++) {
        churn();
        sum += (end - at) * 3;
        churn();
    }
    return sum;
}

APART static int64_t distances_by_choice(struct numbers GW *numbers, int last)
{
    int64_t sum = 0;
    for (int i = 0; i < 10; i++) {
        int64_t GW *end = &numbers->at[last];
        int64_t GW *at = i & 1 ? &numbers->at[i] : &numbers->at[0];
        churn();
        sum += (char GW *)end - (char GW *)at;
        churn();
        sum += (int64_t)((uintptr_t)end - (uintptr_t)at);
    }
    return sum;
}

/* Through plain addresses of the object's bytes. */
APART static int64_t distances_of_views(struct numbers GW *numbers, int last)
{
    int64_t sum = 0;
    for (int i = 0; i < 10; i++) {
        churn();
        sum += (char *)&numbers->at[last] - (char *)&numbers->at[i];
    }
    return sum;
}

/* An address is that of the moment: it changes with the object, and comes back equal only if the object stays. */
APART static int addresses_agree(struct node GW *node, struct node GW *same)
{
    int agree = 0;
    for (int i = 0; i < 10; i++) {
        churn();
        agree += (uintptr_t)node == (uintptr_t)same;
    }
    return agree;
}

/* The order of two objects is that of the moment, too. */
APART static int orders_agree(struct node GW *node, struct node GW *other)
{
    int agree = 0;
    for (int i = 0; i < 10; i++) {
        int before = node < other;
        node = node_make(i, node)->next;
        churn();
        agree += ((node < other) == ((uintptr_t)node < (uintptr_t)other)) && (before == 0 || before == 1);
        agree += ((void *)node >= (void *)other) == ((uintptr_t)node >= (uintptr_t)other);
    }
    return agree;
}

/* Declared to depend on its arguments alone; an object's address is none of them. */
__attribute__((noinline, const)) static uintptr_t number_of(const struct node GW *node)
{
    return (uintptr_t)node;
}

APART static int numbers_agree(struct node GW *node)
{
    int agree = 0;
    for (int i = 0; i < 10; i++) {
        agree += number_of(node) == (uintptr_t)node;
        churn();
        agree += number_of(node) == (uintptr_t)node;
    }
    return agree;
}

/* Pointers made of numbers, good until the next call that may collect, and numbers that are no addresses any more. */
#define ALIGNED(pointer) ((char *)(((uintptr_t)(pointer) + 15) & ~(uintptr_t)15))
static char table[64];
APART static int pointers_of_the_moment(struct numbers GW *numbers)
{
    uintptr_t hash = (uintptr_t)(void *)numbers * 31 % sizeof table;
    int agree = 0;
    for (int i = 0; i < 4; i++) {
        churn();
        numbers->at[2] = numbers->at[3] = 0;
        *(int64_t *)(uintptr_t)&numbers->at[1] = i;
        *ALIGNED(&numbers->at[2]) = (char)(i + 1);
        *(char *)(uintptr_t)&table[hash] = 1;
        agree += numbers->at[1] == i && (char)(numbers->at[2] + numbers->at[3]) == i + 1;
    }
    return agree + table[hash];
}

APART static int64_t sum_of_immediates(struct node GW *node)
{
    int64_t sum = 0;
    for (int i = 0; i < 10; i++) {
        node->next = i & 1 ? (struct node GW *)gw_small_integer(i) : node;
        churn();
        sum += gw_is_immediate(node->next) ? gw_small_integer_value(node->next) : node->next->value;
    }
    return sum;
}

/* References that are read as numbers, through pointers that lead to one of two variables, or come from a caller. */
APART static int read_as_numbers(int second, struct node GW *node)
{
    struct {
        int64_t number;
        struct node GW *node;
    } places[2] = {{1, node}, {2, node}};
    const uintptr_t *read = (const uintptr_t *)&places[second].node;
    int agree = 0;
    for (int i = 0; i < 4; i++) {
        churn();
        node = places[0].node;
        agree += *read == (uintptr_t)node;
    }
    return agree;
}
static int read_by_caller(const uintptr_t *read, struct node GW **node)
{
    int agree = 0;
    for (int i = 0; i < 4; i++) {
        churn();
        agree += *read == (uintptr_t)*node;
    }
    return agree;
}
typedef uint64_t two_words __attribute__((vector_size(16), aligned(8)));
APART static uint64_t read_two_at_a_time(struct node GW *a, struct node GW *b)
{
    struct node GW *both[2] = {a, b};
    two_words words = *(two_words *)both;
    return words[0] ^ words[1];
}
GW_NOCOLLECT APART static uintptr_t number_now(struct node GW *node)
{
    return (uintptr_t)node;
}
static bool same_bits(const void *a, const void *b)
{
    return memcmp(a, b, 8) == 0;
}
APART static int read_by_the_library(struct node GW *node, int rounds)
{
    int agree = 0;
    for (int i = 0; i < rounds; i++) {
        uintptr_t number = number_now(node);
        agree += memcmp(&node, &number, sizeof number) == 0;
        churn();
    }
    return agree;
}
APART static int read_by_a_callee(struct node GW *node, int rounds)
{
    int agree = 0;
    for (int i = 0; i < rounds; i++) {
        uintptr_t number = number_now(node);
        agree += same_bits(&node, &number);
        churn();
    }
    return agree;
}

/* Numbers, and the order, of places in objects, by way of plain addresses. */
static uintptr_t number_of_place(const char *place, int offset)
{
    return (uintptr_t)(place + offset);
}
APART static uintptr_t number_of_place_apart(const char *place)
{
    return (uintptr_t)(place + 8);
}
APART static int places_agree(struct node GW *node, struct node GW *other, int offset, int second)
{
    int agree = 0;
    for (int i = 0; i < 4; i++) {
        uintptr_t number = number_now(node), others = number_now(other);
        char *chosen = second ? (char *)other + offset : (char *)node + 8, *walked = (char *)node;
        for (int k = 0; k < offset; k++) walked++;
        agree += (uintptr_t)((char *)node + 8) == number + 8;
        agree += (uintptr_t)((char *)node + offset) == number + (uintptr_t)offset;
        agree += (uintptr_t)chosen == (second ? others + (uintptr_t)offset : number + 8);
        agree += (uintptr_t)walked == number + (uintptr_t)offset;
        agree += number_of_place((char *)node, 8) == number + 8 && number_of_place_apart((char *)other) == others + 8;
        agree += ((char *)node + offset < (char *)other + 8) == (number + (uintptr_t)offset < others + 8);
        churn();
        if (i & 1) node = node_make(i, node)->next;
    }
    return agree;
}

/* glibc's headers have a body for it, from -O1 on. */
APART static int digits_of(struct numbers GW *numbers)
{
    numbers->at[0] = 0x3734; /* "47" */
    return atoi((const char *)numbers->at);
}

/* Where the library stopped reading is kept as a distance. */
APART static long second_number(struct numbers GW *numbers)
{
    numbers->at[0] = 0x38203734; /* "47 8" */
    char *end;
    long first = strtol((const char *)numbers->at, &end, 10);
    int64_t offset = end - (const char *)numbers->at;
    churn();
    return first * 10 + strtol((const char *)numbers->at + offset, NULL, 10);
}

int main(void)
{
    start(NULL);
    struct numbers GW *numbers = gw_new_array(numbers, 10);
    CHECK(distances_to_end(numbers) == 3 * 55);
    CHECK(distances_by_choice(numbers, 10) == 2 * 8 * (5 * 10 + 9 + 7 + 5 + 3 + 1));
    CHECK(distances_of_views(numbers, 10) == 8 * 55);
    struct node GW *node = node_make(100, NULL);
    CHECK(addresses_agree(node, node) == 10);
    CHECK(orders_agree(node, node_make(1, NULL)) == 20);
    CHECK(numbers_agree(node) == 20);
    CHECK(pointers_of_the_moment(gw_new_array(numbers, 10)) == 4 + 1);
    CHECK(sum_of_immediates(node) == 25 + 500);
    CHECK(read_as_numbers(0, node) + read_as_numbers(1, node) == 8);
    struct node GW *other = node;
    CHECK(read_by_caller((const uintptr_t *)&node, &other) == 4);
    CHECK(read_by_the_library(node, 4) + read_by_a_callee(node, 4) == 8);
    CHECK(read_two_at_a_time(node, node) == 0);
    CHECK(places_agree(node, node_make(2, NULL), 3, 0) + places_agree(node_make(3, NULL), node, 5, 1) == 2 * 4 * 6);
    CHECK(digits_of(numbers) == 47);
    CHECK(second_number(numbers) == 478);
    puts("addresses: all distances right");
    return 0;
}
