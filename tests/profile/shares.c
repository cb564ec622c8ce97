/* A program that allocates known shares in known functions, and prints the truth, a line each:
 *
 *     <function> <objects allocated> <bytes> <objects alive> <bytes>
 *
 * Bytes count headers. What is dead has been found dead in the end. With an argument the profile is written to that file, by the program.
 */
#include <greywave/greywave.h>
#include <inttypes.h>
#include <stdio.h>

struct node {
    struct node GW *next;
    uint64_t number;
};
GW_TYPE(node, struct node);
struct pair {
    struct node GW *left, *right;
    uint64_t more[2];
};
GW_TYPE(pair, struct pair);
struct bytes {
    uint64_t length;
    char at[];
};
GW_TYPE_BYTES(bytes, struct bytes, length, at);

enum { KEPT = 800000, GARBAGE = 1500000, PAIRS = 500000, ARRAYS = 600, WEAK = 300000 };
#define ARRAY_BYTES 100000

static struct node GW *list;
static struct bytes GW *arrays[8];

static __attribute__((noinline)) void keep_nodes(void)
{
    for (int i = 0; i < KEPT; i++) {
        struct node GW *node = gw_new(node);
        node->next = list;
        node->number = (uint64_t)i;
        list = node;
    }
}

static __attribute__((noinline)) uint64_t drop_nodes(void)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < GARBAGE; i++) {
        struct node GW *node = gw_new(node);
        node->number = i;
        sum += node->number;
    }
    return sum;
}

/* Two that are allocated as one. */
static __attribute__((noinline)) uint64_t drop_pairs(void)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < PAIRS; i++) {
        struct node GW *node = gw_new(node);
        struct pair GW *pair = gw_new(pair);
        pair->left = node;
        pair->more[0] = i;
        sum += pair->left->number + pair->more[0];
    }
    return sum;
}

static __attribute__((noinline)) void make_arrays(void)
{
    for (int i = 0; i < ARRAYS; i++) arrays[i % 8] = gw_new_array(bytes, ARRAY_BYTES);
}

/* In a function of the runtime. */
static __attribute__((noinline)) void make_weak(void)
{
    for (int i = 0; i < WEAK; i++) gw_weak_new(list, GW_WEAK_SHORT);
}

static void tell(const char *function, uint64_t objects, uint64_t bytes, uint64_t alive)
{
    printf("%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", function, objects, objects * bytes, alive, alive * bytes);
}

int main(int argc, char **argv)
{
    if (gw_init(NULL) != GW_OK) {
        fprintf(stderr, "%s\n", gw_error_text());
        return 2;
    }
    keep_nodes();
    uint64_t sum = drop_nodes() + drop_pairs();
    make_arrays();
    make_weak();
    gw_collect(GW_FULL);
    tell("keep_nodes", KEPT, 24, KEPT);
    tell("drop_nodes", GARBAGE, 24, 0);
    tell("drop_pairs", 2 * PAIRS, 32, 0);
    tell("make_arrays", ARRAYS, 8 + 8 + ARRAY_BYTES, 8);
    tell("make_weak", WEAK, 16, 0);
    if (argc > 1 && gw_profile_write(argv[1]) != GW_OK) {
        fprintf(stderr, "%s\n", gw_error_text());
        return 1;
    }
    return sum == 0;
}
