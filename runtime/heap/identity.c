/* Tables of identity hashes. */
#include "heap/identity.h"

#include "heap/heap.h"
#include "observe/report.h"

#include <stdlib.h>

#define FIRST_CAPACITY 64
#define AT_ONCE 16

void gw_identity_destroy(struct gw_identity *identity)
{
    free(identity->young.entries);
    free(identity->young.heads);
    free(identity->old.entries);
    free(identity->old.heads);
}

/* splitmix64's finalizer (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t word)
{
    word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
    return word ^ word >> 31;
}

/* ---- Tables ---------------------------------------------------------------------------------------- */

static uint32_t *head_of(const struct gw_identity_table *table, uintptr_t object)
{
    return &table->heads[mix(object) & (table->capacity - 1)];
}

static bool reserve(struct gw_identity_table *table, size_t count)
{
    if (count <= table->capacity) return true;
    size_t capacity = table->capacity ? table->capacity * 2 : FIRST_CAPACITY;
    while (capacity < count) capacity *= 2;
    uint32_t *heads = calloc(capacity, sizeof *heads);
    struct gw_identity_entry *entries = heads ? realloc(table->entries, capacity * sizeof *entries) : NULL;
    if (!entries) {
        free(heads);
        return false;
    }
    free(table->heads);
    *table = (struct gw_identity_table){entries, heads, table->count, capacity};
    for (uint32_t i = 0; i < table->count; i++) {
        uint32_t *head = head_of(table, entries[i].object);
        entries[i].next = *head;
        *head = i + 1;
    }
    return true;
}

struct gw_identity_entry *gw_identity_find(const struct gw_identity_table *table, uintptr_t object)
{
    for (uint32_t number = table->count ? *head_of(table, object) : 0; number;) {
        struct gw_identity_entry *entry = &table->entries[number - 1];
        if (entry->object == object) return entry;
        number = entry->next;
    }
    return NULL;
}

void gw_identity_add(struct gw_identity_table *table, uintptr_t object, uint64_t hash)
{
    uint32_t *head = head_of(table, object);
    table->entries[table->count++] = (struct gw_identity_entry){object, hash, *head};
    *head = (uint32_t)table->count;
}

/* What refers to the entry: its head or the entry before it in its chain. */
static uint32_t *link_to(struct gw_identity_table *table, const struct gw_identity_entry *entry)
{
    uint32_t number = (uint32_t)(entry - table->entries) + 1, *link = head_of(table, entry->object);
    while (*link != number) link = &table->entries[*link - 1].next;
    return link;
}

/* The last entry takes the free place. */
void gw_identity_remove(struct gw_identity_table *table, struct gw_identity_entry *entry)
{
    struct gw_identity_entry *last = &table->entries[table->count - 1];
    *link_to(table, entry) = entry->next;
    if (entry != last) {
        *link_to(table, last) = (uint32_t)(entry - table->entries) + 1;
        *entry = *last;
    }
    table->count--;
}

/* ---- Collections ------------------------------------------------------------------------------------ */

/* The young table is emptied and filled anew from the same entries: it never has more than were read. */
void gw_identity_move_young(struct gw_identity *identity, const struct gw_nursery *nursery, gw_identity_follow *follow,
                            const void *context)
{
    struct gw_identity_table *young = &identity->young;
    size_t count = young->count;
    for (size_t i = 0; i < count; i++) *head_of(young, young->entries[i].object) = 0;
    young->count = 0;
    for (size_t i = 0; i < count; i++) {
        struct gw_identity_entry entry = young->entries[i];
        uintptr_t object = follow(context, entry.object);
        if (object) gw_identity_add(gw_nursery_contains(nursery, object) ? young : &identity->old, object, entry.hash);
    }
}

void gw_identity_begin_purge(struct gw_identity *identity)
{
    identity->cursor = 0;
}

bool gw_identity_purge(struct gw_identity *identity, const struct gw_old_space *old, size_t units)
{
    struct gw_identity_table *table = &identity->old;
    for (size_t left = units < SIZE_MAX / AT_ONCE ? units * AT_ONCE : SIZE_MAX; left && identity->cursor < table->count; left--) {
        struct gw_identity_entry *entry = &table->entries[identity->cursor];
        if (gw_bit_get(old->marks, gw_granule(old, entry->object)))
            identity->cursor++;
        else
            gw_identity_remove(table, entry);
    }
    return identity->cursor >= table->count;
}

/* ---- The program's side ---------------------------------------------------------------------------- */

static uint64_t hash_young(struct gw_identity *identity, uintptr_t object)
{
    if (*gw_header(object) & GW_HEADER_HASHED) return gw_identity_find(&identity->young, object)->hash;
    size_t young = identity->young.count + 1;
    if (!reserve(&identity->young, young) || !reserve(&identity->old, identity->old.count + young)) {
        gw_fail(GW_ERROR_MEMORY, "no native memory to keep an identity hash");
        return 0;
    }
    uint64_t hash = mix(++identity->last) | 1;
    gw_identity_add(&identity->young, object, hash);
    *gw_header(object) |= GW_HEADER_HASHED;
    return hash;
}

uint64_t gw_identity_hash(const void *object)
{
    struct gw_heap *heap = gw_heap_here("gw_identity_hash");
    uintptr_t ref = (uintptr_t)object;
    if (!gw_is_reference(ref) || !gw_heap_contains(heap, ref)) return mix(ref) | 1;
    if (gw_nursery_contains(&heap->nursery, ref)) return hash_young(&heap->identity, ref);
    if (*gw_header(ref) & GW_HEADER_HASHED) return gw_identity_find(&heap->identity.old, ref)->hash;
    return mix(ref) | 1;
}
