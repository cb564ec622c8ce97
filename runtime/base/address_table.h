/* A number for each of some objects, found by address. Entries lie without gaps, so that collections can go through them with a
 * cursor, and are chained by address. */
#ifndef GW_BASE_ADDRESS_TABLE_H
#define GW_BASE_ADDRESS_TABLE_H

#include "base/compiler.h"

struct gw_address_entry {
    uintptr_t object;
    uint64_t number;
    uint32_t next; /* in the chain of its address; from 1, 0: the last */
};

struct gw_address_table {
    struct gw_address_entry *entries;
    uint32_t *heads;
    size_t count, capacity; /* as many heads as there is room for entries */
};

void gw_address_table_destroy(struct gw_address_table *table);

/* Room for `count` entries in all; false when native memory is out, and nothing has changed. */
bool gw_address_table_reserve(struct gw_address_table *table, size_t count);

/* The entry of `object`, or NULL. */
struct gw_address_entry *gw_address_find(const struct gw_address_table *table, uintptr_t object);

/* There is room. */
void gw_address_add(struct gw_address_table *table, uintptr_t object, uint64_t number);

/* The last entry takes the free place. */
void gw_address_remove(struct gw_address_table *table, struct gw_address_entry *entry);

/* Empties the table; its entries stay readable until others are added. */
void gw_address_clear(struct gw_address_table *table);

/* A good hash of an address or any other word: splitmix64's finalizer (Steele, Lea, Flood 2014). */
GW_ALWAYS_INLINE uint64_t gw_mix(uint64_t word)
{
    word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
    return word ^ word >> 31;
}

#endif
