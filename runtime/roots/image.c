/* Storage of one module's decoded maps. Owns the image's arrays and the chunks behind its frame maps; calls only the
 * C library. An image is built by one thread and constant once sealed. */
#include "roots/image.h"
#include "base/compiler.h"
#include "base/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES (64u << 10)

struct gw_storage {
    struct gw_storage *next;
    size_t used, room; /* bytes */
    _Alignas(16) char bytes[];
};

static gw_status no_memory(void)
{
    return gw_fail(GW_ERROR_MEMORY, "no memory for frame maps");
}

/* `size` bytes, 8-byte aligned, that live as long as the image; NULL when there is no memory. */
static void *store(struct gw_image *image, size_t size)
{
    size = gw_round_up(size, 8);
    struct gw_storage *chunk = image->storage;
    if (!chunk || chunk->room - chunk->used < size) {
        size_t room = size > CHUNK_BYTES ? size : CHUNK_BYTES;
        chunk = malloc(sizeof *chunk + room);
        if (!chunk) return NULL;
        *chunk = (struct gw_storage){.next = image->storage, .room = room};
        image->storage = chunk;
    }
    void *place = chunk->bytes + chunk->used;
    chunk->used += size;
    return place;
}

/* Copies `count` items behind `*at`, which moves on. */
static const void *copy_items(char **at, const void *items, size_t count, size_t size)
{
    char *place = *at;
    if (count) memcpy(place, items, count * size);
    *at = place + count * size;
    return place;
}

/* One block for the map and its arrays, those of 8-byte items first. */
static const struct gw_frame_map *store_map(struct gw_image *image, const struct gw_site_roots *roots)
{
    const struct gw_frame_map *from = &roots->map;
    size_t size = sizeof *from + from->derived_count * sizeof *from->derived + from->base_count * sizeof *from->bases +
                  from->region_count * sizeof *from->regions + (size_t)from->slot_count * 4 + (size_t)roots->offset_count * 4;
    struct gw_frame_map *map = store(image, size);
    if (!map) return NULL;
    char *at = (char *)(map + 1);
    *map = *from;
    map->shape = (uint8_t)roots->shape;
    map->plain = gw_frame_map_is_plain(from);
    map->derived = copy_items(&at, from->derived, from->derived_count, sizeof *from->derived);
    map->bases = copy_items(&at, from->bases, from->base_count, sizeof *from->bases);
    map->regions = copy_items(&at, from->regions, from->region_count, sizeof *from->regions);
    map->slots = copy_items(&at, from->slots, from->slot_count, sizeof *from->slots);
    map->region_offsets = copy_items(&at, from->region_offsets, roots->offset_count, sizeof *from->region_offsets);
    return map;
}

/* ---- Sharing equal maps ---------------------------------------------------------------------------- */

#define RECENT_MAPS 4096u

static uint64_t hash_words(uint64_t hash, const void *bytes, size_t size)
{
    const uint32_t *words = bytes;
    for (size_t i = 0; i < size / sizeof *words; i++) hash = (hash ^ words[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t hash_roots(const struct gw_site_roots *roots)
{
    const struct gw_frame_map *map = &roots->map;
    uint64_t hash = hash_words(roots->shape + 8u * map->marks, &map->mark, sizeof map->mark);
    hash = hash_words(hash, map->slots, map->slot_count * sizeof *map->slots);
    hash = hash_words(hash, map->derived, map->derived_count * sizeof *map->derived);
    hash = hash_words(hash, map->bases, map->base_count * sizeof *map->bases);
    hash = hash_words(hash, map->regions, map->region_count * sizeof *map->regions);
    return hash_words(hash, map->region_offsets, roots->offset_count * sizeof *map->region_offsets);
}

static bool equal_items(const void *a, size_t a_count, const void *b, size_t b_count, size_t size)
{
    return a_count == b_count && (a_count == 0 || memcmp(a, b, a_count * size) == 0);
}

/* Equal regions have equally many offsets. */
static bool equal_roots(const struct gw_frame_map *map, const struct gw_site_roots *roots)
{
    const struct gw_frame_map *other = &roots->map;
    return map->shape == roots->shape && map->marks == other->marks && gw_location_equal(map->mark, other->mark) &&
           equal_items(map->slots, map->slot_count, other->slots, other->slot_count, sizeof *map->slots) &&
           equal_items(map->derived, map->derived_count, other->derived, other->derived_count, sizeof *map->derived) &&
           equal_items(map->bases, map->base_count, other->bases, other->base_count, sizeof *map->bases) &&
           equal_items(map->regions, map->region_count, other->regions, other->region_count, sizeof *map->regions) &&
           equal_items(map->region_offsets, roots->offset_count, other->region_offsets, roots->offset_count, sizeof *map->region_offsets);
}

/* An equal map that is still remembered, or a new one. Without memory to remember any, every site has its own. */
static const struct gw_frame_map *share_map(struct gw_image *image, const struct gw_site_roots *roots)
{
    if (!image->recent) image->recent = calloc(RECENT_MAPS, sizeof *image->recent);
    if (!image->recent) return store_map(image, roots);
    uint64_t hash = hash_roots(roots);
    const struct gw_frame_map **place = &image->recent[(hash ^ hash >> 32) % RECENT_MAPS];
    if (!*place || !equal_roots(*place, roots)) *place = store_map(image, roots);
    return *place;
}

static bool grow(void **items, size_t *room, size_t count, size_t size)
{
    if (count < *room) return true;
    size_t grown = *room ? *room * 2 : 64;
    void *moved = reallocarray(*items, grown, size);
    if (!moved) return false;
    *items = moved;
    *room = grown;
    return true;
}

gw_status gw_image_add_range(struct gw_image *image, uintptr_t start, uintptr_t end, bool marks)
{
    if (!grow((void **)&image->ranges, &image->range_room, image->range_count, sizeof *image->ranges)) return no_memory();
    image->ranges[image->range_count++] = (struct gw_code_range){start, end, marks};
    return GW_OK;
}

gw_status gw_image_add_site(struct gw_image *image, uintptr_t return_address, const struct gw_site_roots *roots)
{
    if (roots && roots->out_of_memory) return no_memory();
    if (!roots && !image->site_count) return gw_fail(GW_ERROR_MAP, "the first site repeats the roots of none");
    if (!grow((void **)&image->sites, &image->site_room, image->site_count, sizeof *image->sites)) return no_memory();
    const struct gw_frame_map *map = roots ? share_map(image, roots) : image->sites[image->site_count - 1].map;
    if (!map) return no_memory();
    image->sites[image->site_count++] = (struct gw_site){return_address, map};
    return GW_OK;
}

static int compare_ranges(const void *a, const void *b)
{
    const struct gw_code_range *left = a, *right = b;
    return (left->start > right->start) - (left->start < right->start);
}

gw_status gw_image_seal(struct gw_image *image)
{
    free(image->recent);
    image->recent = NULL;
    if (image->range_count > 1) qsort(image->ranges, image->range_count, sizeof *image->ranges, compare_ranges);
    for (size_t i = 0; i < image->range_count; i++) {
        const struct gw_code_range *range = &image->ranges[i];
        if (range->end < range->start || (i && range->start < range[-1].end))
            return gw_fail(GW_ERROR_MAP, "two frame-map records describe the code at %#" PRIxPTR, range->start);
    }
    return GW_OK;
}

void gw_image_free(struct gw_image *image)
{
    for (struct gw_storage *chunk = image->storage, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    free(image->recent);
    free(image->ranges);
    free(image->sites);
    *image = (struct gw_image){0};
}

const struct gw_code_range *gw_image_find_range(const struct gw_image *image, uintptr_t pc)
{
    /* The call ends at pc: the last one of a function that does not return ends where the next function starts. */
    uintptr_t call = pc - 1;
    size_t low = 0, high = image->range_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (image->ranges[middle].end <= call) low = middle + 1;
        else high = middle;
    }
    return low < image->range_count && image->ranges[low].start <= call ? &image->ranges[low] : NULL;
}

bool gw_image_describes(const struct gw_image *image, uintptr_t start)
{
    struct gw_code_range wanted = {.start = start, .end = start};
    return image->range_count && bsearch(&wanted, image->ranges, image->range_count, sizeof wanted, compare_ranges);
}

bool gw_image_check(const struct gw_image *image)
{
    for (size_t i = 1; i < image->range_count; i++)
        if (image->ranges[i].start < image->ranges[i - 1].end) return false;
    for (size_t i = 0; i < image->site_count; i++) {
        if (!gw_image_find_range(image, image->sites[i].return_address)) return false;
        if (!gw_frame_map_check(image->sites[i].map)) return false;
    }
    return true;
}
