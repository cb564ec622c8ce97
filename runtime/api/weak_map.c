/* Weak maps: hash tables by identity whose entries are weak cells (heap/weak_cells.h).
 *
 * The map refers to a table of buckets, buckets to chains of entries, all ordinary references: only what an entry holds is hidden.
 * An entry's weak word is the key of a map by key, the value of one by value; the other word is alive as long as that one is.
 * Entries that collections have cleared stay in their chains until the table is made anew, when as many have come as it has
 * buckets: that costs each entry the same whether the map grows or its keys die. */
#include "api/weak_map.h"

#include "api/weak.h"
#include "control/allocate.h"
#include "heap/callbacks.h"
#include "heap/existing.h"
#include "life/settle.h"
#include "life/weak.h"
#include "base/report.h"

#define FIRST_BUCKETS 8

struct gw_weak_map {
    struct buckets *buckets;
    uint64_t entries; /* in the buckets, cleared ones too */
    uint64_t kind;
};

struct buckets {
    uint64_t length; /* a power of two */
    struct gw_map_entry *at[];
};

GW_TYPE_FIELDS(weak_map, struct gw_weak_map, buckets);
GW_TYPE_REFERENCES(buckets, struct buckets, length, at);

/* ---- Entries --------------------------------------------------------------------------------------- */

static uintptr_t *key_word(const struct gw_weak_map *map, struct gw_map_entry *entry)
{
    return map->kind == GW_WEAK_VALUES ? &entry->cell.value : &entry->cell.key;
}

static uintptr_t *value_word(const struct gw_weak_map *map, struct gw_map_entry *entry)
{
    return map->kind == GW_WEAK_VALUES ? &entry->cell.key : &entry->cell.value;
}

static enum gw_cell_kind entry_kind(const struct gw_weak_map *map)
{
    return map->kind == GW_WEAK_BOTH ? GW_CELL_ENTRY_BOTH : GW_CELL_ENTRY;
}

/* The words of an entry for the program; false when it is cleared, or is about to be. */
static bool read_entry(struct gw_heap *heap, const struct gw_weak_map *map, struct gw_map_entry *entry, uintptr_t *key, uintptr_t *value)
{
    enum gw_cell_kind kind = entry_kind(map);
    if (!entry->cell.key || !gw_weak_read(heap, kind, entry->cell.key)) return false;
    if (map->kind == GW_WEAK_BOTH && !gw_weak_read(heap, kind, entry->cell.value)) return false;
    *key = gw_weak_read(heap, kind, *key_word(map, entry));
    *value = gw_weak_read(heap, kind, *value_word(map, entry));
    return true;
}

static size_t bucket_of(const struct buckets *buckets, uint64_t hash)
{
    return hash & (buckets->length - 1);
}

/* An object that was never asked for its hash while it was young has none: it is in no map. */
static struct gw_map_entry *find(struct gw_heap *heap, const struct gw_weak_map *map, uintptr_t key)
{
    uint64_t hash = gw_identity_known(heap, key);
    if (!map->buckets || !hash) return NULL;
    struct gw_map_entry *entry = map->buckets->at[bucket_of(map->buckets, hash)];
    uintptr_t found, value;
    while (entry && !(*key_word(map, entry) == key && read_entry(heap, map, entry, &found, &value))) entry = entry->next;
    return entry;
}

/* ---- Tables ---------------------------------------------------------------------------------------- */

static void put_first(struct buckets *buckets, struct gw_map_entry *entry)
{
    struct gw_map_entry **bucket = &buckets->at[bucket_of(buckets, entry->hash)];
    GW_STORE(entry, next, *bucket);
    gw_write_barrier(buckets, bucket);
    *bucket = entry;
}

static void move_entries(struct gw_weak_map *map, struct buckets *to)
{
    struct buckets *from = map->buckets;
    map->entries = 0;
    for (size_t i = 0; from && i < from->length; i++)
        for (struct gw_map_entry *entry = from->at[i], *next; entry; entry = next) {
            next = entry->next;
            if (!entry->cell.key) continue;
            put_first(to, entry);
            map->entries++;
        }
    GW_STORE(map, buckets, to);
}

static size_t live_entries(const struct gw_weak_map *map)
{
    size_t live = 0;
    for (size_t i = 0; map->buckets && i < map->buckets->length; i++)
        for (const struct gw_map_entry *entry = map->buckets->at[i]; entry; entry = entry->next) live += entry->cell.key != 0;
    return live;
}

/* Twice as many buckets as live entries. The map is the heap's argument MAP. */
static bool make_room(struct gw_heap *heap, const struct gw_entry *entry)
{
    const struct gw_weak_map *map = (const struct gw_weak_map *)heap->mutator->arguments[GW_ARGUMENT_MAP];
    if (map->buckets && map->entries < map->buckets->length) return true;
    size_t length = FIRST_BUCKETS;
    for (size_t live = live_entries(map); length < 2 * live;) length *= 2;
    struct buckets *buckets = gw_alloc_object(heap, &gw_type_buckets, length, entry);
    if (!buckets) return false;
    move_entries((struct gw_weak_map *)heap->mutator->arguments[GW_ARGUMENT_MAP], buckets);
    return true;
}

/* ---- The program's side ---------------------------------------------------------------------------- */

/* What the program took for a map of the heap is looked at before it is read as one. */
static void refuse_no_map(const struct gw_weak_map *map, const char *function)
{
    const struct gw_type *type = gw_object_type((uintptr_t)map);
    if (gw_unlikely(type != &gw_type_weak_map)) gw_fatal("%s: %p is no weak map but a '%s'", function, (const void *)map, type->name);
}

/* The heap attached here, inside. */
static struct gw_heap *heap_of(const struct gw_weak_map *map, const char *function)
{
    gw_refuse_null(map, function);
    struct gw_heap *heap = gw_heap_for(map, function);
    refuse_no_map(map, function);
    return heap;
}

struct gw_weak_map *gw_weak_map_new_from(gw_weak_map_kind kind, const struct gw_entry *entry)
{
    if ((unsigned)kind > GW_WEAK_BOTH) {
        gw_fail(GW_ERROR_ARGUMENT, "gw_weak_map_new: %d is no kind of weak map", (int)kind);
        return NULL;
    }
    struct gw_heap *heap GW_INSIDE = gw_heap_to_collect("gw_weak_map_new", entry);
    struct gw_weak_map *map = gw_alloc_object(heap, &gw_type_weak_map, 0, entry);
    if (map) map->kind = kind;
    return map;
}

void *gw_weak_map_get(const struct gw_weak_map *map, const void *key)
{
    struct gw_heap *heap GW_INSIDE = heap_of(map, "gw_weak_map_get");
    struct gw_map_entry *entry = find(heap, map, (uintptr_t)key);
    return entry ? (void *)gw_weak_read(heap, entry_kind(map), *value_word(map, entry)) : NULL;
}

/* Key, value and map are the heap's arguments: all may move. */
static gw_status insert(struct gw_heap *heap, const struct gw_entry *entry)
{
    uintptr_t *arguments = heap->mutator->arguments;
    uint64_t hash = gw_identity_hash((void *)arguments[GW_ARGUMENT_KEY]);
    if (!hash || !make_room(heap, entry)) return GW_ERROR_MEMORY;
    struct gw_weak_map *map = (struct gw_weak_map *)arguments[GW_ARGUMENT_MAP];
    if (map->kind == GW_WEAK_VALUES) {
        uintptr_t key = arguments[GW_ARGUMENT_KEY];
        arguments[GW_ARGUMENT_KEY] = arguments[GW_ARGUMENT_VALUE];
        arguments[GW_ARGUMENT_VALUE] = key;
    }
    struct gw_map_entry *made = (struct gw_map_entry *)gw_cell_new(heap, entry_kind(map), entry);
    if (!made) return GW_ERROR_MEMORY;
    map = (struct gw_weak_map *)arguments[GW_ARGUMENT_MAP];
    made->hash = hash;
    put_first(map->buckets, made);
    map->entries++;
    return GW_OK;
}

/* The weak word of an entry is for good: another value in a map by value is another entry. */
gw_status gw_weak_map_set_from(struct gw_weak_map *map, void *key, void *value, const struct gw_entry *entry)
{
    gw_refuse_null(map, "gw_weak_map_set");
    uintptr_t given[] = {(uintptr_t)map, (uintptr_t)key, (uintptr_t)value};
    struct gw_heap *heap GW_INSIDE = gw_heap_to_collect_given("gw_weak_map_set", entry, given, 3);
    map = (struct gw_weak_map *)given[0], key = (void *)given[1], value = (void *)given[2];
    gw_refuse_other_heaps(heap, map, "gw_weak_map_set");
    refuse_no_map(map, "gw_weak_map_set");
    gw_refuse_other_heaps(heap, key, "gw_weak_map_set");
    gw_refuse_other_heaps(heap, value, "gw_weak_map_set");
    if (!key) return gw_fail(GW_ERROR_ARGUMENT, "gw_weak_map_set: the key is null");
    if (!value && map->kind != GW_WEAK_KEYS)
        return gw_fail(GW_ERROR_ARGUMENT, "gw_weak_map_set: a null value in a map that holds values weakly");
    struct gw_map_entry *found = find(heap, map, (uintptr_t)key);
    if (found && map->kind != GW_WEAK_VALUES) return gw_cell_set_value(heap, &found->cell, (uintptr_t)value) ? GW_OK : GW_ERROR_MEMORY;
    heap->mutator->arguments[GW_ARGUMENT_KEY] = (uintptr_t)key;
    heap->mutator->arguments[GW_ARGUMENT_VALUE] = (uintptr_t)value;
    heap->mutator->arguments[GW_ARGUMENT_MAP] = (uintptr_t)map;
    if (found) gw_cell_clear(heap, &found->cell);
    gw_status status = insert(heap, entry);
    for (size_t i = 0; i < GW_ARGUMENTS; i++) heap->mutator->arguments[i] = 0;
    return status;
}

bool gw_weak_map_remove(struct gw_weak_map *map, const void *key)
{
    struct gw_heap *heap GW_INSIDE = heap_of(map, "gw_weak_map_remove");
    struct gw_map_entry *entry = find(heap, map, (uintptr_t)key);
    if (entry) gw_cell_clear(heap, &entry->cell);
    return entry != NULL;
}

struct each_entry {
    struct gw_heap *heap;
    const struct gw_weak_map *map;
    gw_weak_map_visitor *visit; /* NULL: entries are only counted */
    void *data;
    size_t count;
};

static void visit_entries(void *context)
{
    struct each_entry *each = context;
    const struct buckets *buckets = each->map->buckets;
    for (size_t i = 0; buckets && i < buckets->length; i++)
        for (struct gw_map_entry *entry = buckets->at[i]; entry; entry = entry->next) {
            uintptr_t key, value;
            if (!read_entry(each->heap, each->map, entry, &key, &value)) continue;
            each->count++;
            if (each->visit) each->visit(each->data, (void *)key, (void *)value);
        }
}

size_t gw_weak_map_count(const struct gw_weak_map *map)
{
    struct gw_heap *heap GW_INSIDE = heap_of(map, "gw_weak_map_count");
    struct each_entry each = {.heap = heap, .map = map};
    visit_entries(&each);
    return each.count;
}

void gw_weak_map_each(const struct gw_weak_map *map, gw_weak_map_visitor *visit, void *data)
{
    struct gw_heap *heap GW_INSIDE = heap_of(map, "gw_weak_map_each");
    struct each_entry each = {.heap = heap, .map = map, .visit = visit, .data = data};
    if (visit) gw_call_restricted(each.heap, "a visitor of a weak map", visit_entries, &each);
}
