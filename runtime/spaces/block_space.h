/* The block space: the old generation's address range in blocks of 32 KiB, handed out singly or in runs.
 *
 * Free blocks form runs, coalesced at once; a run's first and last block know its length (boundary tags, Knuth 1968).
 * Runs hang in bins by length: exact to 32, then by power of two. Above `top` nothing was ever used.
 */
#ifndef GW_SPACES_BLOCK_SPACE_H
#define GW_SPACES_BLOCK_SPACE_H

#include "spaces/size_class.h"

enum gw_block_kind { GW_BLOCK_FREE, GW_BLOCK_SMALL, GW_BLOCK_LARGE, GW_BLOCK_LARGE_REST };

#define GW_NO_BLOCK UINT32_MAX
#define GW_RUN_BINS 58

struct gw_block {
    uint8_t kind;        /* enum gw_block_kind */
    uint8_t size_class;  /* of a small block */
    bool retrace;        /* holds marked objects that the full mark stack turned away */
    bool clean;          /* reads as zero: never touched, or given back to the operating system */
    bool destructors;    /* may hold objects whose type has a destructor */
    bool frozen;         /* its objects are permanent */
    bool written;        /* frozen, and one of its objects was written to since */
    bool ordered;        /* may have states of the finalizer order */
    uint32_t run;        /* free or large: blocks in the run (first block; free runs: last block too) */
    uint32_t next, prev; /* free run: in its bin; small: in its class */
    uint32_t epoch;      /* small, large: the old space's epoch when it was last swept */
    uint32_t live;       /* small: objects it held when it was last swept */
};

struct gw_block_space {
    char *base;              /* first byte of block 0 */
    struct gw_block *blocks; /* one each, reserved with the range */
    uint32_t count;          /* blocks in the range */
    uint32_t top;            /* blocks below were handed out at least once */
    uint32_t used;           /* blocks handed out now */
    uint32_t dirty_free;     /* free blocks that still occupy memory */
    uint32_t bins[GW_RUN_BINS];
};

bool gw_block_space_init(struct gw_block_space *space, char *base, uint32_t count);
void gw_block_space_destroy(struct gw_block_space *space);

/* The first of `count` consecutive blocks, or GW_NO_BLOCK when the range has no such run. The kind is the caller's to
 * set; `clean` tells which blocks read as zero. */
uint32_t gw_block_take(struct gw_block_space *space, uint32_t count);
void gw_block_give(struct gw_block_space *space, uint32_t block, uint32_t count);

/* Gives dirty free memory back, from block `cursor` on, at most `count` blocks; returns where to go on, `top` when all
 * was looked at. Adds the bytes given back to `returned`. */
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
