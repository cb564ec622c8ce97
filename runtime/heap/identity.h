/* Identity hashes of objects that move.
 *
 * An old object stays where it is: its hash is its address's, and costs nothing. A young object gets a number at the first question,
 * kept in a table by its address and marked by GW_HEADER_HASHED; the table follows it as it moves. Entries of old objects
 * are dropped when the objects die, before their memory can be used again. */
#ifndef GW_HEAP_IDENTITY_H
#define GW_HEAP_IDENTITY_H

#include "base/address_table.h"
#include "spaces/old_space.h"

struct gw_identity {
    struct gw_address_table young, old;
    uint64_t last; /* number given out */
    size_t cursor; /* of the purge */
};

void gw_identity_destroy(struct gw_identity *identity);

struct gw_heap;

/* The hash of an object that may have none yet: 0 then. */
uint64_t gw_identity_known(const struct gw_heap *heap, uintptr_t object);

/* After a minor collection: `follow` tells where a young object is now, 0 that it is dead. */
typedef uintptr_t gw_identity_follow(const void *context, uintptr_t object);
void gw_identity_move_young(struct gw_identity *identity, const struct gw_old_space *old, gw_identity_follow *follow, const void *context);

/* Drops the entries of unmarked old objects; true when all were looked at. */
void gw_identity_begin_purge(struct gw_identity *identity);
bool gw_identity_purge(struct gw_identity *identity, const struct gw_old_space *old, size_t units);

#endif
