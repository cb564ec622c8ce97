/* Memory of handles. A slab whose heap is gone stays, and its handles say so (GW_NO_HANDLE), until a later heap needs it; what was retired
 * first is used again first. Any thread. */
#ifndef GW_MUTATOR_HANDLE_SLABS_H
#define GW_MUTATOR_HANDLE_SLABS_H

#include "base/bitmap.h"
#include "roots/root_index.h"
#include "spaces/object.h"

/* Where no handle is, nor was one whose heap is still there. Neither an immediate, nor null, nor an address. */
#define GW_NO_HANDLE UINT64_C(0xdeadbeefdeadbee0)

#define GW_HANDLES_PER_SLAB 490
#define GW_HANDLE_WORDS ((GW_HANDLES_PER_SLAB + 63) / 64)

/* Slabs with handles that were set since the last minor collection, or that refer to young objects: what a minor collection reads. */
struct gw_changed_slabs {
    struct gw_handle_slab *first;
};

/* A page, so that a handle's address leads to it. Never given back: what is left of a handle says that it is one no more. */
struct gw_handle_slab {
    struct gw_handle_slab *next;
    struct gw_handle_slab *next_open;  /* that has places, too */
    const struct gw_root_index *roots; /* of the heap whose it is; NULL: no heap's */
    struct gw_changed_slabs *changed_slabs;
    struct gw_handle_slab *next_changed;
    uint64_t is_listed;                /* among the changed slabs: exactly when a bit of `changed` is set */
    uint64_t taken[GW_HANDLE_WORDS];   /* one bit a place; none of a slab for scopes */
    uint64_t changed[GW_HANDLE_WORDS]; /* one bit a place */
    uintptr_t words[GW_HANDLES_PER_SLAB];
};
#define GW_HANDLE_SLAB_BYTES ((size_t)4096)
_Static_assert(sizeof(struct gw_handle_slab) == GW_HANDLE_SLAB_BYTES, "found by its alignment");

/* The handles whose bits are in word number `part` of `taken`. */
GW_ALWAYS_INLINE void gw_handle_slab_visit(const struct gw_handle_slab *slab, size_t part, gw_field_visitor *visit, void *context)
{
    for (uint64_t taken = slab->taken[part]; taken; taken &= taken - 1)
        visit(context, (uintptr_t *)&slab->words[part * 64 + (size_t)__builtin_ctzll(taken)]);
}

/* A slab without handles, its words in the index, which will be listed in `changed`; NULL: native memory is out. */
struct gw_handle_slab *gw_handle_slab_new(struct gw_root_index *index, struct gw_changed_slabs *changed);
void gw_handle_slab_retire(struct gw_handle_slab *slab);

GW_ALWAYS_INLINE struct gw_handle_slab *gw_slab_of(const void *word)
{
    return (struct gw_handle_slab *)((uintptr_t)word & ~(GW_HANDLE_SLAB_BYTES - 1));
}

/* A reference was, or is about to be, put into the handle at `word`: the next minor collection reads it. */
GW_ALWAYS_INLINE void gw_handle_changed(const uintptr_t *word)
{
    struct gw_handle_slab *slab = gw_slab_of(word);
    gw_bit_set(slab->changed, (size_t)(word - slab->words));
    if (gw_likely(slab->is_listed)) return;
    slab->is_listed = true;
    slab->next_changed = slab->changed_slabs->first;
    slab->changed_slabs->first = slab;
}

GW_ALWAYS_INLINE bool gw_handle_is_changed(const uintptr_t *word)
{
    const struct gw_handle_slab *slab = gw_slab_of(word);
    return slab->is_listed && gw_bit_get(slab->changed, (size_t)(word - slab->words));
}

/* Whether a root in native memory lies where the handles of a slab would: from there on the page is roots, and in front of it is none. What
 * else the page may be is not looked at, it need not have been written yet. */
GW_ALWAYS_INLINE bool gw_may_be_handle(const struct gw_root_index *roots, uintptr_t word)
{
    uintptr_t first = (uintptr_t)gw_slab_of((const void *)word)->words;
    return word >= first && gw_root_index_contains(roots, first) && !gw_root_index_contains(roots, first - sizeof(uintptr_t));
}

/* The same for a word of which no more is known than that it may be a handle; nothing, if it is none of `changed`. */
GW_ALWAYS_INLINE void gw_handle_may_change(struct gw_changed_slabs *changed, const uintptr_t *word)
{
    if (gw_slab_of(word)->changed_slabs == changed) gw_handle_changed(word);
}

/* For a minor collection, which moves what handles refer to: visits those that have changed. Afterwards only those count as changed
 * that refer to one of the `young_bytes` bytes from `young` on. */
void gw_changed_slabs_visit(struct gw_changed_slabs *changed, uintptr_t young, size_t young_bytes, gw_field_visitor *visit, void *context);

#endif
