/* One bit for each granule (8 bytes) of a heap's address range: mark bits and object starts. */
#ifndef GW_BASE_BITMAP_H
#define GW_BASE_BITMAP_H

#include "base/compiler.h"

#define GW_GRANULE_SHIFT 3

GW_ALWAYS_INLINE bool gw_bit_get(const uint64_t *map, size_t granule)
{
    return map[granule >> 6] >> (granule & 63) & 1;
}

GW_ALWAYS_INLINE void gw_bit_set(uint64_t *map, size_t granule)
{
    map[granule >> 6] |= UINT64_C(1) << (granule & 63);
}

GW_ALWAYS_INLINE void gw_bit_clear(uint64_t *map, size_t granule)
{
    map[granule >> 6] &= ~(UINT64_C(1) << (granule & 63));
}

/* Sets the bit; true when it was clear. */
GW_ALWAYS_INLINE bool gw_bit_take(uint64_t *map, size_t granule)
{
    uint64_t *word = &map[granule >> 6], bit = UINT64_C(1) << (granule & 63);
    if (*word & bit) return false;
    *word |= bit;
    return true;
}

/* The first set bit in [from, to), or `to`. */
GW_ALWAYS_INLINE size_t gw_bit_next(const uint64_t *map, size_t from, size_t to)
{
    if (from >= to) return to;
    size_t index = from >> 6;
    uint64_t word = map[index] & (~UINT64_C(0) << (from & 63));
    while (!word) {
        if (++index << 6 >= to) return to;
        word = map[index];
    }
    size_t found = (index << 6) + (size_t)__builtin_ctzll(word);
    return found < to ? found : to;
}

/* The last set bit in [from, to), or `to`. */
GW_ALWAYS_INLINE size_t gw_bit_last(const uint64_t *map, size_t from, size_t to)
{
    if (from >= to) return to;
    size_t index = (to - 1) >> 6;
    uint64_t word = map[index] & (~UINT64_C(0) >> (63 - ((to - 1) & 63)));
    while (!word) {
        if (index << 6 <= from) return to;
        word = map[--index];
    }
    size_t found = (index << 6) + 63 - (size_t)__builtin_clzll(word);
    return found >= from ? found : to;
}

#endif
