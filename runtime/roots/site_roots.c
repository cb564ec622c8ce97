/* Collecting one site's roots, whichever producer names them. Owns the growing vectors of struct gw_site_roots. An
 * allocation that fails is remembered and reported when the site is added to its image. */
#include "roots/image.h"

#include <stdlib.h>
#include <string.h>

/* Makes room for one more item; `*items` may move. */
static bool reserve(struct gw_site_roots *roots, void **items, uint32_t *room, uint32_t count, size_t size)
{
    if (count < *room) return true;
    uint32_t grown = *room ? *room * 2 : 16;
    void *moved = grown > *room ? reallocarray(*items, grown, size) : NULL;
    if (!moved) {
        roots->out_of_memory = true;
        return false;
    }
    *items = moved;
    *room = grown;
    return true;
}

/* The map's pointers are const and must follow the vectors when these move. */
static void publish(struct gw_site_roots *roots)
{
    roots->map.slots = roots->slots;
    roots->map.derived = roots->derived;
    roots->map.bases = roots->bases;
    roots->map.regions = roots->regions;
    roots->map.region_offsets = roots->region_offsets;
}

static const struct gw_map_machine *machine_of(const struct gw_site_roots *roots)
{
    return roots->machine ? roots->machine : &GW_MAPS_HERE;
}

void gw_site_roots_clear(struct gw_site_roots *roots, enum gw_frame_shape shape, bool marks)
{
    roots->map = (struct gw_frame_map){.shape = (uint8_t)shape, .marks = marks};
    roots->shape = shape;
    roots->offset_count = 0;
    publish(roots);
}

void gw_site_roots_free(struct gw_site_roots *roots)
{
    free(roots->slots);
    free(roots->derived);
    free(roots->bases);
    free(roots->regions);
    free(roots->region_offsets);
    *roots = (struct gw_site_roots){0};
}

void gw_site_roots_base(struct gw_site_roots *roots, struct gw_location location)
{
    struct gw_frame_map *map = &roots->map;
    if (gw_location_is_slot(machine_of(roots), location)) {
        if (!reserve(roots, (void **)&roots->slots, &roots->slot_room, map->slot_count, sizeof *roots->slots)) return;
        roots->slots[map->slot_count++] = (uint32_t)location.offset / 8;
    } else {
        if (!reserve(roots, (void **)&roots->bases, &roots->base_room, map->base_count, sizeof *roots->bases)) return;
        roots->bases[map->base_count++] = location;
    }
    publish(roots);
}

void gw_site_roots_derived(struct gw_site_roots *roots, struct gw_location base, struct gw_location derived)
{
    uint32_t *count = &roots->map.derived_count;
    if (!reserve(roots, (void **)&roots->derived, &roots->derived_room, *count, sizeof *roots->derived)) return;
    roots->derived[(*count)++] = (struct gw_derived){base, derived};
    publish(roots);
}

void gw_site_roots_region(struct gw_site_roots *roots, struct gw_location start, uint32_t count, uint32_t stride)
{
    uint32_t *regions = &roots->map.region_count;
    if (!reserve(roots, (void **)&roots->regions, &roots->region_room, *regions, sizeof *roots->regions)) return;
    roots->regions[(*regions)++] =
        (struct gw_region){.start = start, .count = count, .stride = stride, .first_offset = roots->offset_count};
    publish(roots);
}

void gw_site_roots_region_offset(struct gw_site_roots *roots, uint32_t offset)
{
    if (roots->map.region_count == 0) return;
    uint32_t count = roots->offset_count;
    if (!reserve(roots, (void **)&roots->region_offsets, &roots->offset_room, count, sizeof offset)) return;
    roots->region_offsets[roots->offset_count++] = offset;
    roots->regions[roots->map.region_count - 1].offset_count++;
    publish(roots);
}

bool gw_site_roots_mark(struct gw_site_roots *roots, struct gw_location location)
{
    if (gw_frame_map_has_mark(&roots->map) || location.in_register) return false;
    roots->map.mark = location;
    return true;
}

static int compare_slots(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static int compare_locations(const struct gw_location *a, const struct gw_location *b)
{
    if (a->in_register != b->in_register) return a->in_register - b->in_register;
    if (a->reg != b->reg) return a->reg - b->reg;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

static int compare_bases(const void *a, const void *b)
{
    return compare_locations(a, b);
}

static int compare_derived(const void *a, const void *b)
{
    const struct gw_derived *left = a, *right = b;
    return compare_locations(&left->derived, &right->derived);
}

/* Sorts and makes unique; returns how many remain. */
static uint32_t unique(void *items, uint32_t count, size_t size, int (*compare)(const void *, const void *))
{
    if (count < 2) return count;
    char *bytes = items;
    bool sorted = true;
    for (uint32_t i = 1; sorted && i < count; i++) sorted = compare(bytes + (i - 1) * size, bytes + i * size) < 0;
    if (sorted) return count;
    qsort(items, count, size, compare);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < count; i++)
        if (compare(bytes + (kept - 1) * size, bytes + i * size) != 0) memmove(bytes + kept++ * size, bytes + i * size, size);
    return kept;
}

static bool is_base(const struct gw_site_roots *roots, const struct gw_location *location)
{
    if (gw_location_is_slot(machine_of(roots), *location)) {
        uint32_t slot = (uint32_t)location->offset / 8;
        return roots->map.slot_count && bsearch(&slot, roots->slots, roots->map.slot_count, sizeof slot, compare_slots) != NULL;
    }
    return roots->map.base_count && bsearch(location, roots->bases, roots->map.base_count, sizeof *location, compare_bases) != NULL;
}

/* A word that is a base root moves as such; to rebase it as well would move it twice. */
static void drop_derived_that_are_bases(struct gw_site_roots *roots)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < roots->map.derived_count; i++)
        if (!is_base(roots, &roots->derived[i].derived)) roots->derived[kept++] = roots->derived[i];
    roots->map.derived_count = kept;
}

/* The collector would follow the number that it writes there. */
static bool drop_mark_that_is_a_root(struct gw_site_roots *roots)
{
    if (!gw_frame_map_has_mark(&roots->map) || !is_base(roots, &roots->map.mark)) return false;
    roots->map.mark = (struct gw_location){0};
    return true;
}

uint32_t gw_site_roots_settle(struct gw_site_roots *roots)
{
    struct gw_frame_map *map = &roots->map;
    uint32_t before = map->slot_count + map->base_count + map->derived_count;
    map->slot_count = unique(roots->slots, map->slot_count, sizeof *roots->slots, compare_slots);
    map->base_count = unique(roots->bases, map->base_count, sizeof *roots->bases, compare_bases);
    map->derived_count = unique(roots->derived, map->derived_count, sizeof *roots->derived, compare_derived);
    drop_derived_that_are_bases(roots);
    return before - (map->slot_count + map->base_count + map->derived_count) + drop_mark_that_is_a_root(roots);
}
