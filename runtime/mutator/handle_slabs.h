/* Memory of handles. A slab whose heap is gone stays, and its handles say so (GW_NO_HANDLE), until a later heap needs it; what was retired
 * first is used again first. Any thread. */
#ifndef GW_MUTATOR_HANDLE_SLABS_H
#define GW_MUTATOR_HANDLE_SLABS_H

#include "roots/root_index.h"

/* Where no handle is, nor was one whose heap is still there. Neither an immediate, nor null, nor an address. */
#define GW_NO_HANDLE UINT64_C(0xdeadbeefdeadbee0)

#define GW_HANDLES_PER_SLAB 501
#define GW_HANDLE_WORDS ((GW_HANDLES_PER_SLAB + 63) / 64)

/* A page, so that a handle's address leads to it. Never given back: what is left of a handle says that it is one no more. */
struct gw_handle_slab {
    struct gw_handle_slab *next;
    struct gw_handle_slab *next_open;  /* that has places, too */
    const struct gw_root_index *roots; /* of the heap whose it is; NULL: no heap's */
    uint64_t taken[GW_HANDLE_WORDS];   /* one bit a place; none of a slab for scopes */
    uintptr_t words[GW_HANDLES_PER_SLAB];
};
#define GW_HANDLE_SLAB_BYTES ((size_t)4096)
_Static_assert(sizeof(struct gw_handle_slab) == GW_HANDLE_SLAB_BYTES, "found by its alignment");

/* A slab without handles, its words in the index; NULL: native memory is out. */
struct gw_handle_slab *gw_handle_slab_new(struct gw_root_index *index);
void gw_handle_slab_retire(struct gw_handle_slab *slab);

#endif
