/* Sites, and how collections follow the objects. */
#include "heap/samples.h"

#include <stdlib.h>
#include <string.h>

#define AT_ONCE 16

void gw_samples_destroy(struct gw_samples *samples)
{
    if (!samples) return;
    gw_address_table_destroy(&samples->young);
    gw_address_table_destroy(&samples->old);
    gw_address_table_destroy(&samples->site_of);
    gw_word_list_destroy(&samples->calls);
    free(samples->sites);
    free(samples);
}

/* ---- Sites ----------------------------------------------------------------------------------------- */

static uint64_t hash_of(const struct gw_sampled_site *site, const uintptr_t *calls)
{
    uint64_t hash = gw_mix((uintptr_t)site->type) ^ site->bytes;
    for (size_t i = 0; i < site->depth; i++) hash = gw_mix(hash ^ calls[i]);
    return hash;
}

static bool is_site(const struct gw_samples *samples, const struct gw_sampled_site *known, const struct gw_sampled_site *site,
                    const uintptr_t *calls)
{
    return known->type == site->type && known->bytes == site->bytes && known->depth == site->depth &&
           !memcmp(samples->calls.at + known->calls, calls, site->depth * sizeof *calls);
}

static bool reserve_site(struct gw_samples *samples, size_t depth)
{
    if (!gw_word_list_reserve(&samples->calls, samples->calls.count + depth)) return false;
    if (!gw_address_table_reserve(&samples->site_of, samples->site_count + 1)) return false;
    if (samples->site_count < samples->site_capacity) return true;
    size_t capacity = samples->site_capacity ? 2 * samples->site_capacity : 64;
    struct gw_sampled_site *sites = realloc(samples->sites, capacity * sizeof *sites);
    if (!sites) return false;
    samples->sites = sites;
    samples->site_capacity = capacity;
    return true;
}

static struct gw_sampled_site *new_site(struct gw_samples *samples, uint64_t hash, const struct gw_sampled_site *site,
                                        const uintptr_t *calls)
{
    if (!reserve_site(samples, site->depth)) return NULL;
    struct gw_sampled_site *made = &samples->sites[samples->site_count];
    *made = *site;
    made->calls = samples->calls.count;
    for (size_t i = 0; i < site->depth; i++) gw_word_list_add(&samples->calls, calls[i]);
    gw_address_add(&samples->site_of, hash, samples->site_count++);
    return made;
}

static struct gw_sampled_site *find_site(struct gw_samples *samples, const struct gw_sampled_site *site, const uintptr_t *calls)
{
    uint64_t hash = hash_of(site, calls);
    const struct gw_address_entry *entry;
    for (; (entry = gw_address_find(&samples->site_of, hash)); hash++)
        if (is_site(samples, &samples->sites[entry->number], site, calls)) return &samples->sites[entry->number];
    return new_site(samples, hash, site, calls);
}

/* ---- Objects --------------------------------------------------------------------------------------- */

/* All young ones may grow old at once, where nothing may fail. */
static bool reserve_objects(struct gw_samples *samples)
{
    size_t young = samples->young.count + 1;
    return gw_address_table_reserve(&samples->young, young) && gw_address_table_reserve(&samples->old, samples->old.count + young);
}

static struct gw_address_table *table_of(struct gw_samples *samples, const struct gw_old_space *old, uintptr_t object)
{
    return gw_is_young(old, object) ? &samples->young : &samples->old;
}

bool gw_samples_add(struct gw_samples *samples, const struct gw_old_space *old, uintptr_t object, const struct gw_sampled_site *site,
                    const uintptr_t *calls)
{
    struct gw_sampled_site *known = reserve_objects(samples) ? find_site(samples, site, calls) : NULL;
    if (!known) return false;
    known->sampled++;
    known->alive++;
    gw_address_add(table_of(samples, old, object), object, (uint64_t)(known - samples->sites));
    return true;
}

static void count_dead(struct gw_samples *samples, uint64_t site)
{
    samples->sites[site].alive--;
}

/* The young table is emptied and filled anew from the same entries: it never has more than were read. */
void gw_samples_move_young(struct gw_samples *samples, const struct gw_old_space *old, gw_sample_follow *follow, const void *context)
{
    size_t count = samples->young.count;
    gw_address_clear(&samples->young);
    for (size_t i = 0; i < count; i++) {
        struct gw_address_entry entry = samples->young.entries[i];
        uintptr_t object = follow(context, entry.object);
        if (object) gw_address_add(table_of(samples, old, object), object, entry.number);
        else count_dead(samples, entry.number);
    }
}

bool gw_samples_purge(struct gw_samples *samples, const struct gw_old_space *old, size_t units)
{
    struct gw_address_table *table = &samples->old;
    for (size_t left = units < SIZE_MAX / AT_ONCE ? units * AT_ONCE : SIZE_MAX; left && samples->cursor < table->count; left--) {
        struct gw_address_entry *entry = &table->entries[samples->cursor];
        if (gw_bit_get(old->marks, gw_granule(old, entry->object))) {
            samples->cursor++;
            continue;
        }
        count_dead(samples, entry->number);
        gw_address_remove(table, entry);
    }
    return samples->cursor >= table->count;
}
