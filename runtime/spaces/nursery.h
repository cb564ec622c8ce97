/* The nursery: an eden for bump allocation, and two spaces for survivors that are too young to be promoted.
 *
 *     survivors 0 | eden 0 | survivors 1 | eden 1
 *
 * All are blocks of the block space. A minor collection vacates the eden and the survivor space in use, which lie side by side as long as
 * no block of theirs was exchanged: one compare then tells whether an object may be to move. Survivors go to the old generation or,
 * below the age limit, to the other survivor space. Allocation goes on in the same eden, which stays in cache; eden 1 is used in turn
 * with eden 0 only while vacated memory is to stay poisoned, or everything is to move always. Unused parts are never touched.
 *
 * Eden is handed out in pieces. One thread gets all that lies side by side; several share it, and each gets a piece at a time.
 *
 * An object may also grow old where it lies. Allocation then goes round it: pieces are stretches of strips without old objects
 * (block_space.h), one after the other. A block of which little can be used in this way becomes the old generation's, and eden gets another
 * for it. A survivor space is always one free stretch: its blocks in which objects grew old go to the old generation when it is vacated,
 * the others are given back, and the nursery takes a new run.
 */
#ifndef GW_SPACES_NURSERY_H
#define GW_SPACES_NURSERY_H

#include "spaces/old_space.h"

/* Objects, from one place up to another. */
struct gw_piece {
    char *from, *end;
};

struct gw_nursery {
    struct gw_old_space *old;
    size_t eden_bytes, survivor_bytes; /* of one */
    unsigned eden, survivor;           /* in use: 0 or 1 */
    size_t usable_bytes;               /* of the eden: less than all of it when the heap limit is near */
    uint32_t *eden_blocks[2];          /* in the order of allocation */
    uint32_t eden_count[2];            /* of them; as many as eden_bytes take, unless a block was lost that could not be exchanged */
    uint32_t eden_capacity;
    uint32_t survivors[2];    /* first block; GW_NO_BLOCK: no run could be had, and nothing survives there */
    uint32_t survivor_blocks; /* of one */
    char *survivors_end;      /* end of the objects in the survivor space in use */
    struct gw_piece rest;     /* of the stretch at hand: what nobody has been given */
    uint32_t next;            /* in eden_blocks: where to look for the next stretch */
    struct gw_piece *filled;  /* what was filled of pieces that were given back, since the last minor collection */
    size_t filled_count, filled_bytes;
    size_t given_count, given_bytes;       /* pieces that threads have */
    bool has_old;                          /* old objects may lie in eden, which is used in pieces */
    bool stayed;                           /* an object has grown old in the nursery since its blocks were looked at */
    bool marked;                           /* a cycle has begun: mark bits of all its blocks are set (gw_nursery_begin_marking) */
    bool scattered;                        /* the blocks of its parts do not lie side by side */
    uint32_t since_looked, since_gathered; /* minor collections since its blocks were looked at, and since it moved to another run */
    uint32_t reserved; /* first block of the run that the survivor space in use goes to when it is vacated, or GW_NO_BLOCK */
    uintptr_t from;    /* every part lies in [from, from + bytes) */
    size_t bytes;
};

/* For parts of the sizes that belong to an eden of `eden_bytes`: gw_nursery_init only computes, gw_nursery_take takes the blocks, of an
 * empty block space. False: no memory. */
void gw_nursery_init(struct gw_nursery *nursery, size_t eden_bytes);
bool gw_nursery_take(struct gw_nursery *nursery, struct gw_old_space *old);
void gw_nursery_destroy(struct gw_nursery *nursery);

/* Bytes of all parts, in whole blocks. */
size_t gw_nursery_bytes(const struct gw_nursery *nursery);

GW_ALWAYS_INLINE enum gw_young gw_eden_part(unsigned which)
{
    return which ? GW_EDEN_1 : GW_EDEN_0;
}

GW_ALWAYS_INLINE enum gw_young gw_survivors_part(unsigned which)
{
    return which ? GW_SURVIVORS_1 : GW_SURVIVORS_0;
}

/* Whether the parts lie as they did at first, without an old object in eden. */
GW_ALWAYS_INLINE bool gw_nursery_is_whole(const struct gw_nursery *nursery)
{
    return !nursery->has_old && !nursery->scattered;
}

/* Where a survivor space begins; NULL: there is none. */
GW_ALWAYS_INLINE char *gw_survivors(const struct gw_nursery *nursery, unsigned which)
{
    return nursery->survivors[which] == GW_NO_BLOCK ? NULL : gw_block_address(&nursery->old->blocks, nursery->survivors[which]);
}

GW_ALWAYS_INLINE size_t gw_piece_bytes(struct gw_piece piece)
{
    return (size_t)(piece.end - piece.from);
}

/* Bytes of eden that are filled, as far as the thread that has the piece `at`, filled up to `alloc`, can tell: the others' pieces count
 * whole. */
GW_ALWAYS_INLINE size_t gw_nursery_used(const struct gw_nursery *nursery, struct gw_piece at, const char *alloc)
{
    return nursery->filled_bytes + nursery->given_bytes - gw_piece_bytes(at) + (size_t)(alloc - at.from);
}

/* Where allocation must stop in a piece that was given: at its end, or where what of eden may be used ends. */
GW_ALWAYS_INLINE char *gw_nursery_limit(const struct gw_nursery *nursery, struct gw_piece at)
{
    size_t piece = gw_piece_bytes(at), others = nursery->filled_bytes + nursery->given_bytes - piece;
    size_t usable = nursery->usable_bytes > others ? nursery->usable_bytes - others : 0;
    return at.from + (usable < piece ? usable : piece);
}

/* Begins eden `which`, which is empty. Pieces of before are void. */
void gw_nursery_begin_eden(struct gw_nursery *nursery, unsigned which);

/* Exchanges the piece `at`, which is filled up to `alloc`, for another one that has room for `bytes`, and for `most` where that is to be
 * had in one piece. False: there is none, or not within usable_bytes, and nothing has changed. */
bool gw_nursery_next_piece(struct gw_nursery *nursery, struct gw_piece *at, char *alloc, size_t bytes, size_t most);

/* Gives a piece back that is filled up to `alloc`; the rest is handed out again. */
void gw_nursery_return_piece(struct gw_nursery *nursery, struct gw_piece at, char *alloc);

/* Keeps `bytes` bytes behind `alloc` of a piece, and gives back the rest: others want some of it. */
void gw_nursery_shorten_piece(struct gw_nursery *nursery, struct gw_piece *at, char *alloc, size_t bytes);

/* What a pause target may shrink eden to, and what it begins with: nothing is known about the program yet. */
#define GW_SMALLEST_EDEN ((size_t)256 << 10)

static inline size_t gw_nursery_smallest_eden(const struct gw_nursery *nursery)
{
    return nursery->eden_bytes < GW_SMALLEST_EDEN ? nursery->eden_bytes : GW_SMALLEST_EDEN;
}

/* What the eden and the survivor space in use lie in, and little else if possible. */
struct gw_piece gw_nursery_vacated(const struct gw_nursery *nursery);

/* ---- Blocks in which objects have grown old ---------------------------------------------------------- */

/* At the end of a minor collection, for the eden and the survivor space that it has vacated. Where many blocks are of little use, or lie
 * scattered, the nursery moves to another run, and those with old objects go to the old generation; where there is no such run, or it has
 * just moved, single blocks come for those that go. `may_grow`: how many blocks the old generation may take for what is not needed;
 * `may_gather`: eden 1 is not used. */
void gw_nursery_exchange(struct gw_nursery *nursery, uint32_t may_grow, bool may_gather);

/* Marking begins. Mark bits of young blocks are set, so that marking takes young objects for marked, and lets them be without asking. Once:
 * they stay, and a program without cycles does not pay for them. */
void gw_nursery_begin_marking(struct gw_nursery *nursery);

/* Every block that has old objects goes to the old generation; no object may be young. */
void gw_nursery_give_old(struct gw_nursery *nursery);

/* ---- Walking and checking ----------------------------------------------------------------------------- */

/* Calls `visit` for each young object of [from, to), where no old one lies. A zero word is padding. */
typedef void gw_young_visitor(void *context, uintptr_t ref);
void gw_nursery_each_object(char *from, char *to, gw_young_visitor *visit, void *context);

/* Calls `visit` for every young object but those in pieces that threads have. */
void gw_nursery_each_young(const struct gw_nursery *nursery, gw_young_visitor *visit, void *context);

/* Poisons what a minor collection has vacated, but for objects that have grown old there: all of what was filled, and of a piece. */
void gw_nursery_poison(const struct gw_nursery *nursery);
void gw_nursery_poison_piece(const struct gw_nursery *nursery, struct gw_piece at, char *alloc);

/* Fatal when a pointer lies outside its part, a block is not what the lists say, or a piece has an old object in it. */
void gw_nursery_check(const struct gw_nursery *nursery);
void gw_nursery_check_piece(const struct gw_nursery *nursery, struct gw_piece at, const char *alloc);

#endif
