/* A heap for a test to look into: native code, so that only registered roots and handles keep objects alive. */
#ifndef HEAP_FIXTURE_H
#define HEAP_FIXTURE_H

#include "heap/heap.h"
#include "roots/stack_walk.h"

#include <criterion/criterion.h>

struct node {
    struct node *left, *right;
    uint64_t number;
};
struct references {
    uint64_t length;
    void *at[];
};
struct bytes {
    uint64_t length;
    char at[];
};

GW_TYPE_FIELDS(node, struct node, left, right);
GW_TYPE_REFERENCES(references, struct references, length, at);
GW_TYPE_BYTES(bytes, struct bytes, length, at);

/* Words registered as roots by start_heap. */
static void *roots[8];

static inline struct gw_heap *start_heap(const char *options)
{
    cr_assert_eq(gw_init(options), GW_OK, "%s", gw_error_text());
    cr_assert_eq(gw_add_roots(roots, 8), GW_OK);
    return gw_current_thread.heap;
}

/* So that a test may start another one. */
static inline void end_heap(struct gw_heap *heap)
{
    cr_assert_eq(gw_remove_roots(roots), GW_OK);
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_eq(gw_heap_destroy(heap), GW_OK);
}

static inline void count_visit(void *count, uintptr_t ref)
{
    (void)ref;
    ++*(size_t *)count;
}

static inline size_t old_objects(const struct gw_heap *heap)
{
    size_t count = 0;
    gw_old_each_object(&heap->old, count_visit, &count);
    return count;
}

static inline struct node *new_node(uint64_t number)
{
    struct node *node = gw_new(node);
    cr_assert_not_null(node);
    node->number = number;
    return node;
}

/* A list of `length` nodes numbered from 0, its head in roots[root]. */
static inline void make_list(unsigned root, uint64_t length)
{
    roots[root] = NULL;
    for (uint64_t i = length; i-- > 0;) {
        struct node *node = new_node(i);
        GW_STORE(node, left, roots[root]);
        roots[root] = node;
    }
}

static inline uint64_t list_length(const struct node *node)
{
    uint64_t length = 0;
    for (; node; node = node->left) cr_assert_eq(node->number, length++);
    return length;
}

#endif
