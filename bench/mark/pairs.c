/* Full collections of a tree of two-field objects in C.
 *
 * argv: objects, `in-order` or `shuffled`, collections. In order: each object stands in memory before its left subtree
 * and that before the right, as marking will meet them. Shuffled: the same tree, dealt out at random over the same
 * places, so that every edge leads to another page.
 *
 *   (nothing)       Greywave
 *   -DCONTEST_BOEHM  the Boehm collector
 *
 * Prints the median and the least time of a collection in nanoseconds.
 */
#include "../contest/memory_version.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(CONTEST_BOEHM)
#include <gc.h>
#define GW
struct pair {
    struct pair *left, *right;
};
typedef struct pair **pairs;

static void start(void)
{
    GC_INIT();
}
static pairs new_pairs(size_t count)
{
    return GC_MALLOC(count * sizeof(struct pair *));
}
static struct pair *new_pair(void)
{
    return GC_MALLOC(sizeof(struct pair));
}
static void collect(void)
{
    GC_gcollect();
}
#define AT(pairs, i) (pairs)[i]

#else
#include <greywave/greywave.h>
struct pair {
    struct pair GW *left, *right;
};
GW_TYPE(pair, struct pair);
struct pair_array {
    uint64_t length;
    struct pair GW *at[];
};
GW_TYPE_ARRAY(pair_array, struct pair_array, length, at);
typedef struct pair_array GW *pairs;

static void start(void)
{
    if (gw_init(NULL) == GW_OK) return;
    fprintf(stderr, "%s\n", gw_error_text());
    exit(2);
}
static pairs new_pairs(size_t count)
{
    return gw_new_array(pair_array, count);
}
static struct pair GW *new_pair(void)
{
    return gw_new(pair);
}
static void collect(void)
{
    gw_collect(GW_FULL);
}
#define AT(pairs, i) (pairs)->at[i]
#endif

_Noreturn static void exhausted(void)
{
    fputs("out of memory\n", stderr);
    exit(3);
}

static pairs allocate(size_t count)
{
    pairs array = new_pairs(count);
    if (!array) exhausted();
    for (size_t i = 0; i < count; i++) {
        struct pair GW *pair = new_pair();
        if (!pair) exhausted();
        AT(array, i) = pair;
    }
    return array;
}

static void shuffle(pairs array, size_t count)
{
    uint64_t random = 88172645463325252u;
    for (size_t i = count; i > 1; i--) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        size_t j = (size_t)(random % i);
        struct pair GW *pair = AT(array, i - 1);
        AT(array, i - 1) = AT(array, j);
        AT(array, j) = pair;
    }
}

/* Elements [from, from + count) become a balanced tree in preorder. */
static struct pair GW *link_tree(pairs array, size_t from, size_t count)
{
    if (count == 0) return NULL;
    size_t left = (count - 1) / 2;
    struct pair GW *root = AT(array, from);
    struct pair GW *child = link_tree(array, from + 1, left);
    root->left = child;
    child = link_tree(array, from + 1 + left, count - 1 - left);
    root->right = child;
    return root;
}

static size_t size_of_tree(struct pair GW *root)
{
    return root ? 1 + size_of_tree(root->left) + size_of_tree(root->right) : 0;
}

/* The array is gone when this returns. */
__attribute__((noinline)) static struct pair GW *make_tree(size_t count, int shuffled)
{
    pairs array = allocate(count);
    if (shuffled) shuffle(array, count);
    return link_tree(array, 0, count);
}

static uint64_t time_collection(void)
{
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    collect();
    clock_gettime(CLOCK_MONOTONIC, &after);
    return (uint64_t)(after.tv_sec - before.tv_sec) * 1000000000u + (uint64_t)after.tv_nsec - (uint64_t)before.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? (size_t)atol(argv[1]) : 33554432, collections = argc > 3 ? (size_t)atol(argv[3]) : 5;
    uint64_t times[100];
    if (count == 0 || collections == 0 || collections > sizeof times / sizeof *times) return 2;
    start();
    struct pair GW *root = make_tree(count, argc > 2 && strcmp(argv[2], "shuffled") == 0);
    collect(); /* takes the array */
    for (size_t i = 0; i < collections; i++) times[i] = time_collection();
    qsort(times, collections, sizeof *times, compare);
    if (size_of_tree(root) != count) {
        fputs("the tree has lost some of its objects\n", stderr);
        return 1;
    }
    print_version();
    printf("collection %" PRIu64 "\nleast %" PRIu64 "\n", times[collections / 2], times[0]);
    return 0;
}
