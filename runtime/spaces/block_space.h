/* The block space: the heap's address range in blocks of 32 KiB, handed out singly or in runs.
 *
 * A byte for each block says whether young objects lie there. In a block that has old objects besides, those that stayed where they
 * were when they grew old, object starts tell which is which: young objects have none.
 *
 * Free blocks form runs, coalesced at once; a run's first and last block know its length (boundary tags, Knuth 1968).
 * Runs hang in bins by length: exact to 32, then by power of two. Above `top` nothing was ever used.
 */
#ifndef GW_SPACES_BLOCK_SPACE_H
#define GW_SPACES_BLOCK_SPACE_H

#include "spaces/size_class.h"

enum gw_block_kind {
    GW_BLOCK_FREE,
    GW_BLOCK_SMALL,
    GW_BLOCK_LARGE,
    GW_BLOCK_LARGE_REST,
    GW_BLOCK_MIXED, /* old objects of any size, and gaps between them */
    GW_BLOCK_YOUNG, /* of the nursery */
};

/* What the byte of a young block says: the part of the nursery that it belongs to, one of the first four, and whether old objects lie
 * there. */
enum gw_young {
    GW_OLD = 0,
    GW_EDEN_0 = 1,
    GW_EDEN_1 = 2,
    GW_SURVIVORS_0 = 4,
    GW_SURVIVORS_1 = 8,
    GW_HAS_OLD = 16,
};

#define GW_NO_BLOCK UINT32_MAX

/* What a young block can be used for beside old objects is known by strips of 256 bytes (Immix's lines, Blackburn and McKinley 2008): one
 * bit each, set where something of an old object lies. */
#define GW_STRIP_SHIFT 8
#define GW_STRIPS ((unsigned)(GW_BLOCK_BYTES >> GW_STRIP_SHIFT))
struct gw_strips {
    uint64_t used[GW_BLOCK_BYTES >> GW_STRIP_SHIFT >> 6];
};
#define GW_RUN_BINS 58

struct gw_block {
    uint8_t kind;        /* enum gw_block_kind */
    uint8_t size_class;  /* of a small block; GW_MIXED_LIST of a mixed one */
    bool retrace;        /* holds marked objects that the full mark stack turned away */
    bool clean;          /* reads as zero: never touched, or given back to the operating system */
    bool destructors;    /* may hold objects whose type has a destructor */
    bool frozen;         /* its objects are permanent */
    bool written;        /* frozen, and one of its objects was written to since */
    bool ordered;        /* may have states of the finalizer order */
    uint32_t run;        /* free or large: blocks in the run (first block; free runs: last block too) */
    uint32_t next, prev; /* free run: in its bin; small, mixed: in its class's list */
    uint32_t epoch;      /* with old objects: the old space's epoch when it was last swept */
    uint32_t live;       /* small, mixed: objects it held when it was last swept */
};

struct gw_block_space {
    char *base;               /* first byte of block 0 */
    struct gw_block *blocks;  /* one each, reserved with the range */
    uint8_t *young;           /* one each: enum gw_young */
    struct gw_strips *strips; /* one each, of use for young ones only */
    uint32_t count;           /* blocks in the range */
    uint32_t top;             /* blocks below were handed out at least once */
    uint32_t used;            /* blocks handed out now, young ones left out */
    uint32_t dirty_free;      /* free blocks that still occupy memory */
    uint32_t page_blocks;     /* given back together: those of a large page, or 1 */
    uint32_t bins[GW_RUN_BINS];
};

bool gw_block_space_init(struct gw_block_space *space, char *base, uint32_t count);
void gw_block_space_destroy(struct gw_block_space *space);

/* The first `count` blocks, and what is noted of them, get their memory now. False: the system has not got so much. */
bool gw_block_space_touch(struct gw_block_space *space, uint32_t count);

/* The first of `count` consecutive blocks, or GW_NO_BLOCK when the range has no such run. The kind is the caller's to
 * set; `clean` tells which blocks read as zero. */
uint32_t gw_block_take(struct gw_block_space *space, uint32_t count);
void gw_block_give(struct gw_block_space *space, uint32_t block, uint32_t count);

/* The same for the nursery: blocks of one part of it, which do not count as used. */
uint32_t gw_block_take_young(struct gw_block_space *space, uint32_t count, enum gw_young part);
void gw_block_give_young(struct gw_block_space *space, uint32_t block, uint32_t count);

/* A young block is one of mixed sizes from now on, and counts. */
void gw_block_grow_old(struct gw_block_space *space, uint32_t block);

/* Gives dirty free memory back, from block `cursor` on, at most `count` blocks, both multiples of `page_blocks`; returns where to go on,
 * `top` when all was looked at. Adds the bytes given back to `returned`. A large page of which a part went would be broken up, and what
 * is used again come as small pages. */
uint32_t gw_block_return_pages(struct gw_block_space *space, uint32_t cursor, uint32_t count, uint64_t *returned);

/* Fatal when the structure contradicts itself. */
void gw_block_space_check(const struct gw_block_space *space);

GW_ALWAYS_INLINE char *gw_block_address(const struct gw_block_space *space, uint32_t block)
{
    return space->base + ((size_t)block << GW_BLOCK_SHIFT);
}

GW_ALWAYS_INLINE uint32_t gw_block_of(const struct gw_block_space *space, uintptr_t address)
{
    return (uint32_t)((address - (uintptr_t)space->base) >> GW_BLOCK_SHIFT);
}

#endif
