/* Blocks of mixed sizes: objects that grew old where they lay, and the gaps between them.
 *
 * Object starts are all that is known of such a block; sizes are read from the objects. An object may reach from its block into the
 * next one, whose first gap then begins behind this tail; never further, for no young object is larger than a block. Its header may be
 * the last word of the block before the one that its payload, and so its start, lies in. A block is free when nothing of an object lies in
 * it. Gaps of GW_SMALLEST_GAP bytes or more take later promotions: a gap is a hole of whatever size class needs one (old_space.h). What is
 * less is left alone until its neighbours die.
 *
 * Young blocks in which objects grew old are read in the same way. */
#ifndef GW_SPACES_MIXED_H
#define GW_SPACES_MIXED_H

#include "spaces/old_space.h"

#define GW_SMALLEST_GAP 256

/* Where the first gap of a block may begin: its first byte, or the end of the object that reaches into it, or has its header in the block
 * before, alive or not buried yet. */
char *gw_mixed_begin(const struct gw_old_space *old, uint32_t block);

/* Where the object ends whose payload is at `ref`. */
GW_ALWAYS_INLINE char *gw_mixed_object_end(uintptr_t ref)
{
    return (char *)gw_header(ref) + gw_object_bytes(ref, gw_object_type(ref));
}

/* What lies behind a gap that stops at `stop`: an object's end, or `end` where the gap was looked for up to there. */
GW_ALWAYS_INLINE char *gw_mixed_behind(char *stop, char *end)
{
    return stop < end ? gw_mixed_object_end((uintptr_t)stop + GW_HEADER_SIZE) : end;
}

/* Where the free stretch ends that begins at `from`, at `end` at the latest. */
char *gw_mixed_gap_end(const struct gw_old_space *old, char *from, char *end);

/* The next gap that is large enough to be used, from `*from` on, where no object lies: sets `*from` to where it begins, and returns where
 * it ends; NULL: there is none before `end`. */
char *gw_mixed_gap(const struct gw_old_space *old, char **from, char *end);

/* Bytes of the objects that start in a block. */
uint64_t gw_mixed_object_bytes(const struct gw_old_space *old, uint32_t block);

/* Whether nothing of an object lies in the block. */
bool gw_mixed_is_free(const struct gw_old_space *old, uint32_t block);

/* `bytes` bytes from `from` on belong to an object that has grown old in a young block: its strips are used, in whatever blocks it lies. */
void gw_mixed_use_strips(struct gw_old_space *old, const void *from, size_t bytes);

/* Finds out anew what strips of a young block are used, now that objects were buried there. */
void gw_mixed_renew_strips(struct gw_old_space *old, uint32_t block);

/* The first strip from number `from` on that is used, or is not; GW_STRIPS: none. */
GW_ALWAYS_INLINE unsigned gw_next_strip(const struct gw_strips *strips, unsigned from, bool used)
{
    for (unsigned word = from >> 6; word < GW_STRIPS / 64; word++) {
        uint64_t bits = used ? strips->used[word] : ~strips->used[word];
        if (word == from >> 6) bits &= ~UINT64_C(0) << (from & 63);
        if (bits) return word * 64 + (unsigned)__builtin_ctzll(bits);
    }
    return GW_STRIPS;
}

GW_ALWAYS_INLINE bool gw_strips_are_free(const struct gw_strips *strips)
{
    return gw_next_strip(strips, 0, true) == GW_STRIPS;
}

/* Fatal when objects of the block overlap, or, in a young block, one lies in a strip that counts as free. */
void gw_mixed_check(const struct gw_old_space *old, uint32_t block);

#endif
