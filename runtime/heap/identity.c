/* Identity hashes, and how collections follow the objects. */
#include "heap/identity.h"

#include "heap/heap.h"

#define AT_ONCE 16

void gw_identity_destroy(struct gw_identity *identity)
{
    gw_address_table_destroy(&identity->young);
    gw_address_table_destroy(&identity->old);
}

/* ---- Collections ------------------------------------------------------------------------------------ */

/* The young table is emptied and filled anew from the same entries: it never has more than were read. */
void gw_identity_move_young(struct gw_identity *identity, const struct gw_old_space *old, gw_identity_follow *follow, const void *context)
{
    struct gw_address_table *young = &identity->young;
    size_t count = young->count;
    gw_address_clear(young);
    for (size_t i = 0; i < count; i++) {
        struct gw_address_entry entry = young->entries[i];
        uintptr_t object = follow(context, entry.object);
        if (object) gw_address_add(gw_is_young(old, object) ? young : &identity->old, object, entry.number);
    }
}

void gw_identity_begin_purge(struct gw_identity *identity)
{
    identity->cursor = 0;
}

bool gw_identity_purge(struct gw_identity *identity, const struct gw_old_space *old, size_t units)
{
    struct gw_address_table *table = &identity->old;
    for (size_t left = units < SIZE_MAX / AT_ONCE ? units * AT_ONCE : SIZE_MAX; left && identity->cursor < table->count; left--) {
        struct gw_address_entry *entry = &table->entries[identity->cursor];
        if (gw_bit_get(old->marks, gw_granule(old, entry->object))) identity->cursor++;
        else gw_address_remove(table, entry);
    }
    return identity->cursor >= table->count;
}

/* ---- Asking ---------------------------------------------------------------------------------------- */

uint64_t gw_identity_known(const struct gw_heap *heap, uintptr_t object)
{
    if (!gw_is_reference(object) || !gw_heap_contains(heap, object)) return gw_mix(object) | 1;
    bool young = gw_is_young(&heap->old, object);
    if (!(*gw_header(object) & GW_HEADER_HASHED)) return young ? 0 : gw_mix(object) | 1;
    return gw_address_find(young ? &heap->identity.young : &heap->identity.old, object)->number;
}
