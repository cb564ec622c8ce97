/* Roots that native code names one by one: handles, and ranges of words it registered. */
#ifndef GW_HEAP_HANDLES_H
#define GW_HEAP_HANDLES_H

#include "heap/word_list.h"
#include "roots/root_index.h"
#include <stdbool.h>
#include <stddef.h>

#define GW_HANDLES_PER_SLAB 511

/* A free handle holds the address of the next free one with its low bit set: an immediate, never followed. */
#define GW_NO_HEAP UINT64_C(0xdeadbeefdeadbee0) /* a handle whose heap was destroyed: neither an immediate nor an address */
struct gw_handle_slab {
    struct gw_handle_slab *next;
    uintptr_t words[GW_HANDLES_PER_SLAB];
};

struct gw_handles {
    struct gw_handle_slab *slabs;
    uintptr_t free; /* tagged address, or 1: none */
};

void gw_handles_init(struct gw_handles *handles);
void gw_handles_destroy(struct gw_handles *handles);
void gw_handles_visit(struct gw_handles *handles, gw_field_visitor *visit, void *context);

/* A slab from a heap that is gone, or a new one, its words in the heap's index of roots; NULL: native memory is out. Its words are
 * anything. */
struct gw_handle_slab *gw_handle_slab_new(struct gw_root_index *index);

/* Handles in the order in which they were made, in slabs that never move. */
struct gw_scoped_handles {
    struct gw_word_list slabs; /* addresses of struct gw_handle_slab */
    size_t count;
};

void gw_scoped_handles_destroy(struct gw_scoped_handles *handles);
void gw_scoped_handles_visit(const struct gw_scoped_handles *handles, gw_field_visitor *visit, void *context);

struct gw_root_range {
    uintptr_t *words;
    size_t count;
};

struct gw_registered_roots {
    struct gw_root_range *ranges;
    size_t count, capacity;
};

void gw_registered_roots_destroy(struct gw_registered_roots *roots);
void gw_registered_roots_visit(const struct gw_registered_roots *roots, gw_field_visitor *visit, void *context);

#endif
