/* Writing frame maps by hand, byte for byte as docs/abi.md has them. For tests of what reads them. */
#ifndef GW_TESTS_MAP_BYTES_H
#define GW_TESTS_MAP_BYTES_H

#include "machine_registers.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct map_bytes {
    uint8_t data[4096];
    size_t size;
};

static inline void put_byte(struct map_bytes *bytes, unsigned value)
{
    bytes->data[bytes->size++] = (uint8_t)value;
}

static inline void put_uleb(struct map_bytes *bytes, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) put_byte(bytes, (unsigned)(value & 0x7f) | 0x80);
    put_byte(bytes, (unsigned)value);
}

static inline uint64_t zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static inline void put_bytes(struct map_bytes *bytes, const struct map_bytes *more)
{
    memcpy(bytes->data + bytes->size, more->data, more->size);
    bytes->size += more->size;
}

/* A function record around `sites`, which is the encoded sites without their count. `address` is relative to the
 * address field. */
static inline void put_function(struct map_bytes *bytes, int32_t address, uint64_t code_size, unsigned flags, unsigned site_count,
                                const struct map_bytes *sites)
{
    struct map_bytes body = {.size = 0};
    put_uleb(&body, flags);
    put_uleb(&body, site_count);
    put_bytes(&body, sites);
    put_byte(bytes, 'g');
    memcpy(bytes->data + bytes->size, &address, 4);
    bytes->size += 4;
    put_uleb(bytes, code_size);
    put_uleb(bytes, body.size);
    put_bytes(bytes, &body);
}

static inline void put_sp_slot(struct map_bytes *bytes, uint64_t word)
{
    put_uleb(bytes, word << 2 | 0);
}

static inline void put_fp_slot(struct map_bytes *bytes, uint64_t word)
{
    put_uleb(bytes, word << 2 | 1);
}

static inline void put_register_slot(struct map_bytes *bytes, unsigned reg, int64_t offset)
{
    put_uleb(bytes, (uint64_t)reg << 2 | 2);
    put_uleb(bytes, zigzag(offset));
}

static inline void put_register(struct map_bytes *bytes, unsigned reg)
{
    put_uleb(bytes, 0 << 2 | 3);
    put_uleb(bytes, reg);
}

/* The derived pointer's location follows. */
static inline void put_derived_of(struct map_bytes *bytes, unsigned base)
{
    put_uleb(bytes, 1 << 2 | 3);
    put_uleb(bytes, base);
}

/* Its n offsets follow, in words. */
static inline void put_region(struct map_bytes *bytes, unsigned reg, int64_t offset, unsigned count, unsigned stride_words, unsigned n)
{
    put_uleb(bytes, 2 << 2 | 3);
    put_uleb(bytes, reg);
    put_uleb(bytes, zigzag(offset));
    put_uleb(bytes, count);
    put_uleb(bytes, stride_words);
    put_uleb(bytes, n);
}

/* A section with every kind of entry: three functions of 0x100 bytes from `code` on, nine sites in all.
 * `address` is where the section will be. */
static inline void put_sample(struct map_bytes *bytes, uintptr_t address, uintptr_t code)
{
    struct map_bytes sites = {.size = 0};
    put_uleb(&sites, 5);
    put_uleb(&sites, 2 + 1); /* site 5: two slots */
    put_sp_slot(&sites, 0);
    put_sp_slot(&sites, 7);
    put_uleb(&sites, 11);
    put_uleb(&sites, 0); /* site 16: the same */
    put_uleb(&sites, 200);
    put_uleb(&sites, 0 + 1); /* site 216: nothing */
    put_function(bytes, (int32_t)(code - (address + bytes->size + 1)), 0x100, 0, 3, &sites);

    sites.size = 0;
    put_uleb(&sites, 1);
    put_uleb(&sites, 4 + 1); /* dynamic frame: off the frame pointer and another register, in a third, and derived from the second */
    put_fp_slot(&sites, 3);
    put_register_slot(&sites, KEPT, -24);
    put_register(&sites, KEPT_TOO);
    put_derived_of(&sites, 1);
    put_fp_slot(&sites, 4);
    put_uleb(&sites, 20);
    put_uleb(&sites, 3 + 1); /* derived before its base; a region */
    put_derived_of(&sites, 1);
    put_register(&sites, KEPT);
    put_sp_slot(&sites, 300);
    put_region(&sites, SP_NUMBER, 64, 3, 4, 2);
    put_uleb(&sites, 0);
    put_uleb(&sites, 3);
    put_function(bytes, (int32_t)(code + 0x100 - (address + bytes->size + 1)), 0x100, 1, 2, &sites);

    sites.size = 0;
    put_function(bytes, (int32_t)(code + 0x200 - (address + bytes->size + 1)), 0x100, 0, 0, &sites);
}

#endif
