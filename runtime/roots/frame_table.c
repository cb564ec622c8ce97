/* The frame table. Owns its array; frame maps belong to the images. Linear probing with backward-shift deletion: no
 * tombstones, so that lookups stay short however often modules come and go. */
#include "roots/frame_table.h"
#include "base/report.h"

#include <inttypes.h>
#include <stdlib.h>

#define SMALLEST_BITS 6

static size_t mask_of(const struct gw_frame_table *table)
{
    return SIZE_MAX >> table->shift;
}

/* First free place for a return address that is not in the table. */
static struct gw_frame *free_place(const struct gw_frame_table *table, uintptr_t return_address)
{
    size_t i = gw_frame_table_start(table, return_address);
    while (table->frames[i].return_address) i = (i + 1) & mask_of(table);
    return &table->frames[i];
}

static gw_status reserve(struct gw_frame_table *table, size_t count)
{
    unsigned bits = SMALLEST_BITS;
    while ((size_t)1 << bits < count * 2) bits++;
    if (table->frames && bits <= 64 - table->shift) return GW_OK;
    struct gw_frame_table grown = {.shift = 64 - bits, .count = table->count};
    grown.frames = calloc((size_t)1 << bits, sizeof *grown.frames);
    if (!grown.frames) return gw_fail(GW_ERROR_MEMORY, "no memory for a frame table of %zu sites", count);
    for (size_t i = 0; table->frames && i <= mask_of(table); i++)
        if (table->frames[i].return_address) *free_place(&grown, table->frames[i].return_address) = table->frames[i];
    free(table->frames);
    *table = grown;
    return GW_OK;
}

static void remove_site(struct gw_frame_table *table, uintptr_t return_address)
{
    struct gw_frame *found = gw_frame_table_find(table, return_address);
    if (!found) return;
    size_t mask = mask_of(table), hole = (size_t)(found - table->frames);
    for (size_t i = (hole + 1) & mask; table->frames[i].return_address; i = (i + 1) & mask) {
        size_t home = gw_frame_table_start(table, table->frames[i].return_address);
        /* An entry may move back to the hole unless its own start lies behind the hole. */
        if (((i - home) & mask) < ((i - hole) & mask)) continue;
        table->frames[hole] = table->frames[i];
        hole = i;
    }
    table->frames[hole] = (struct gw_frame){0};
    table->count--;
}

static void remove_sites(struct gw_frame_table *table, const struct gw_site *sites, size_t count)
{
    for (size_t i = 0; i < count; i++) remove_site(table, sites[i].return_address);
}

gw_status gw_frame_table_add(struct gw_frame_table *table, const struct gw_image *image)
{
    gw_status status = reserve(table, table->count + image->site_count);
    if (status != GW_OK) return status;
    for (size_t i = 0; i < image->site_count; i++) {
        const struct gw_site *site = &image->sites[i];
        if (!site->return_address || gw_frame_table_find(table, site->return_address)) {
            remove_sites(table, image->sites, i);
            return gw_fail(GW_ERROR_MAP, "the call that returns to %#" PRIxPTR " has two frame maps", site->return_address);
        }
        struct gw_frame *frame = free_place(table, site->return_address);
        frame->return_address = site->return_address;
        frame->map = site->map;
        table->count++;
    }
    return GW_OK;
}

void gw_frame_table_remove(struct gw_frame_table *table, const struct gw_image *image)
{
    remove_sites(table, image->sites, image->site_count);
}

void gw_frame_table_free(struct gw_frame_table *table)
{
    free(table->frames);
    *table = (struct gw_frame_table){0};
}

void gw_recipe_publish(struct gw_recipe *recipe, uint32_t cfa, const gw_words_below saved[GW_SAVED_REGISTERS])
{
    uint32_t unknown = GW_CFA_UNKNOWN;
    if (!atomic_compare_exchange_strong_explicit(&recipe->cfa, &unknown, GW_CFA_WRITING, memory_order_relaxed, memory_order_relaxed))
        return;
    for (int r = 0; r < GW_SAVED_REGISTERS; r++) recipe->saved[r] = saved[r];
    atomic_store_explicit(&recipe->cfa, cfa, memory_order_release);
}

bool gw_frame_table_check(const struct gw_frame_table *table)
{
    size_t used = 0;
    for (size_t i = 0; table->frames && i <= mask_of(table); i++) {
        const struct gw_frame *frame = &table->frames[i];
        if (!frame->return_address) continue;
        used++;
        if (!frame->map || gw_frame_table_find(table, frame->return_address) != frame) return false;
    }
    return used == table->count && (!table->frames || used * 2 <= mask_of(table) + 1);
}
