/* Roots that native code names one by one: handles, and ranges of words it registered. */
#ifndef GW_HEAP_HANDLES_H
#define GW_HEAP_HANDLES_H

#include "heap/word_list.h"
#include "roots/root_index.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where no handle is, nor was one whose heap is still there. Neither an immediate, nor null, nor an address. */
#define GW_NO_HANDLE UINT64_C(0xdeadbeefdeadbee0)

#define GW_HANDLES_PER_SLAB 501
#define GW_HANDLE_WORDS ((GW_HANDLES_PER_SLAB + 63) / 64)

/* A page, so that a handle's address leads to it. Never given back: what is left of a handle says that it is one no more. */
struct gw_handle_slab {
    struct gw_handle_slab *next;
    struct gw_handle_slab *next_open; /* that has places, too */
    const struct gw_handles *owner;   /* NULL: no heap's, or a scope's */
    uint64_t taken[GW_HANDLE_WORDS];  /* one bit a place */
    uintptr_t words[GW_HANDLES_PER_SLAB];
};
#define GW_HANDLE_SLAB_BYTES ((size_t)4096)
_Static_assert(sizeof(struct gw_handle_slab) == GW_HANDLE_SLAB_BYTES, "found by its alignment");

struct gw_handles {
    struct gw_handle_slab *slabs, *open; /* all, and those with places */
};

void gw_handles_destroy(struct gw_handles *handles);
void gw_handles_visit(struct gw_handles *handles, gw_field_visitor *visit, void *context);

/* A slab without handles, from a heap that is gone or a new one, its words in the heap's index of roots; NULL: native memory is out. */
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
