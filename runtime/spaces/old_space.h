/* The old generation: objects in size-classed blocks, in runs of blocks of their own, or where they grew old (mixed.h). Nothing here ever
 * moves.
 *
 * Allocation is bump allocation through holes: maximal free ranges between live cells, found by reading the object
 * starts of one block at a time. There is no free list: free memory is never read and, until it is allocated again,
 * never written, so that a forked child that collects keeps its pages shared.
 *
 * Sweeping a block is `starts = marks, marks = 0`: 64 words. It happens when allocation needs the block or when the
 * sweep phase reaches it. Bits are indexed by the payload's address.
 */
#ifndef GW_SPACES_OLD_SPACE_H
#define GW_SPACES_OLD_SPACE_H

#include "base/bitmap.h"
#include "spaces/block_space.h"

struct gw_hole {
    char *next, *end; /* free cells between; end - next is a multiple of the cell size or the block's tail */
};

/* The list of mixed blocks, behind those of the size classes. */
#define GW_MIXED_LIST GW_SIZE_CLASSES
#define GW_BLOCK_LISTS (GW_SIZE_CLASSES + 1)

#define GW_BLOCK_GRANULES (GW_BLOCK_BYTES >> GW_GRANULE_SHIFT)
#define GW_BLOCK_BITMAP_WORDS (GW_BLOCK_GRANULES / 64)

/* Open holes, one for each size class, and the blocks that they lie in: GW_NO_BLOCK where there is none, or it is a gap of a mixed block.
 */
struct gw_holes {
    struct gw_hole open[GW_SIZE_CLASSES];
    uint32_t blocks[GW_SIZE_CLASSES];
};

/* The blocks of one size class, in a list. Those before `refill` were looked at since the last cycle. */
struct gw_class_blocks {
    uint32_t first, last;
    uint32_t refill; /* next block to look for holes in; GW_NO_BLOCK: take a fresh one */
};

struct gw_old_space {
    struct gw_block_space blocks;
    struct gw_size_classes classes;
    struct gw_holes holes;
    struct gw_holes other_holes; /* of a second thread that promotes, in other blocks */
    struct gw_class_blocks lists[GW_BLOCK_LISTS];
    uint32_t gap_block;  /* the mixed block at hand, or GW_NO_BLOCK */
    char *gap;           /* in it: gaps before it were taken or left */
    uintptr_t base;      /* of the heap's range: granule 0 */
    uint64_t *starts;    /* an object lives here */
    uint64_t *marks;     /* reached in this cycle */
    uint64_t used_bytes; /* marked in the last cycle, plus allocated since */
    uint32_t epoch;      /* cycles that began to sweep; a block with an older one is unswept */
    uint32_t max_blocks; /* heap limit */
    bool poison;
    bool short_searches; /* for holes: the program waits for them */
    bool may_bury;       /* objects with destructors, which are the program's code: a collection is under way, and other threads rest */
};

/* `base`, `bytes`: the heap's whole range, in blocks. */
bool gw_old_space_init(struct gw_old_space *old, char *base, size_t bytes);
bool gw_old_space_touch(struct gw_old_space *old, uint32_t blocks); /* gw_block_space_touch, with the bitmaps */
void gw_old_space_destroy(struct gw_old_space *old, size_t bytes);

/* A cell for an object of `bytes`, header included; its payload (16-byte aligned if asked for), start bit set,
 * memory not cleared. Or 0 when the address range is full; the heap limit is the caller's to keep. */
uintptr_t gw_old_alloc_slow(struct gw_old_space *old, unsigned size_class);
uintptr_t gw_old_alloc_large(struct gw_old_space *old, size_t bytes);

/* Opens the next hole of the class; false when the address range is full. No block has holes of both `holes` and `other_holes`, and only
 * the first are given gaps of mixed blocks, so that no word of `starts` belongs to two threads. */
bool gw_old_open_hole(struct gw_old_space *old, struct gw_holes *holes, unsigned size_class);

/* Clears the memory of a fresh large object, where it is not clean already. */
void gw_old_clear_large(struct gw_old_space *old, uintptr_t ref, size_t bytes);

/* Closes all holes and declares every block unswept: the marks now decide. `live_bytes` were marked. */
void gw_old_begin_sweep(struct gw_old_space *old, uint64_t live_bytes);
/* Sweeps from block `cursor` on, at least `count` blocks; returns where to go on, the space's top when done. Stops in front of a block that
 * may hold objects with destructors while they may not be run. */
uint32_t gw_old_sweep(struct gw_old_space *old, uint32_t cursor, uint32_t count);

/* Whether the block's starts still are those from before the last cycle's marks. */
GW_ALWAYS_INLINE bool gw_block_is_unswept(const struct gw_old_space *old, uint32_t block)
{
    return old->blocks.blocks[block].epoch != old->epoch;
}

/* The granule of an address in the heap, and of a block's first byte. */
GW_ALWAYS_INLINE size_t gw_granule(const struct gw_old_space *old, uintptr_t address)
{
    return (address - old->base) >> GW_GRANULE_SHIFT;
}

GW_ALWAYS_INLINE size_t gw_block_granule(const struct gw_old_space *old, uint32_t block)
{
    return gw_granule(old, (uintptr_t)gw_block_address(&old->blocks, block));
}

/* Whether an address lies in a block that was handed out at least once, of whatever kind. */
GW_ALWAYS_INLINE bool gw_in_blocks(const struct gw_old_space *old, uintptr_t address)
{
    return address - (uintptr_t)old->blocks.base < (size_t)old->blocks.top << GW_BLOCK_SHIFT;
}

/* Whether an address in a block lies in a part of the nursery, and is not the payload of an object that grew old there. */
GW_ALWAYS_INLINE bool gw_is_young_in_blocks(const struct gw_old_space *old, uintptr_t address)
{
    uint8_t young = old->blocks.young[gw_block_of(&old->blocks, address)];
    return young && (gw_likely(!(young & GW_HAS_OLD)) || !gw_bit_get(old->starts, gw_granule(old, address)));
}

/* The two questions that everybody asks of a word: does it lead to a young object, does it lead to an old one? Any word may be asked about;
 * one that is no reference leads nowhere in particular. */
GW_ALWAYS_INLINE bool gw_is_young(const struct gw_old_space *old, uintptr_t address)
{
    return gw_in_blocks(old, address) && gw_is_young_in_blocks(old, address);
}

GW_ALWAYS_INLINE bool gw_old_contains(const struct gw_old_space *old, uintptr_t address)
{
    return gw_in_blocks(old, address) && !gw_is_young_in_blocks(old, address);
}

GW_ALWAYS_INLINE uintptr_t gw_old_alloc(struct gw_old_space *old, size_t bytes, bool align16)
{
    if (gw_unlikely(bytes > GW_LARGEST_CELL)) return gw_old_alloc_large(old, bytes);
    unsigned size_class = gw_size_class(&old->classes, bytes);
    if (gw_unlikely(align16)) size_class = gw_size_class_align16(&old->classes, size_class);
    struct gw_hole *hole = &old->holes.open[size_class];
    size_t cell = old->classes.cell[size_class];
    if (gw_unlikely((size_t)(hole->end - hole->next) < cell)) return gw_old_alloc_slow(old, size_class);
    uintptr_t ref = (uintptr_t)hole->next + GW_HEADER_SIZE;
    hole->next += cell;
    gw_bit_set(old->starts, gw_granule(old, ref));
    old->used_bytes += cell;
    return ref;
}

/* A young object of `bytes` bytes grows old where it lies: it has a start from now on, and no mark. The header is the caller's to set. */
void gw_old_adopt(struct gw_old_space *old, uintptr_t ref, size_t bytes);

/* Sets the mark bits of a young block, but of objects that have grown old there. So they stay until the nursery gives the block back. */
void gw_old_mark_young(struct gw_old_space *old, uint32_t block);
void gw_old_check_young(const struct gw_old_space *old, uint32_t block);

/* The nursery gives a block back in which nothing has grown old. */
void gw_old_give_young(struct gw_old_space *old, uint32_t block);

/* A young block in which nothing is young any more is one of mixed sizes from now on. */
void gw_old_take_block(struct gw_old_space *old, uint32_t block);

/* For freezing: closes all holes and empties the lists of blocks; puts a swept block of small cells or of mixed sizes at the
 * end of its list. */
void gw_old_forget_lists(struct gw_old_space *old);
void gw_old_list_block(struct gw_old_space *old, uint32_t block);

/* Calls `visit` for every object of the old generation, in address order; dead ones of unswept blocks too. */
typedef void gw_object_visitor(void *context, uintptr_t ref);
void gw_old_each_object(const struct gw_old_space *old, gw_object_visitor *visit, void *context);

/* Whether `address` is the payload of an object that has not been swept away. */
bool gw_old_is_object(const struct gw_old_space *old, uintptr_t address);

void gw_old_space_check(const struct gw_old_space *old);

#endif
