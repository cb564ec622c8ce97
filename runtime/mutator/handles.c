/* Handles and registered ranges. Native memory only; never touches an object. */
#include "mutator/handles.h"

#include "base/bitmap.h"
#include "base/report.h"

#include <stdlib.h>

struct gw_handle_cell {
    uintptr_t word;
};

/* ---- Handles --------------------------------------------------------------------------------------- */

void gw_handles_destroy(struct gw_handles *handles)
{
    while (handles->slabs) {
        struct gw_handle_slab *next = handles->slabs->next;
        gw_handle_slab_retire(handles->slabs);
        handles->slabs = next;
    }
}

void gw_handles_visit(struct gw_handles *handles, gw_field_visitor *visit, void *context)
{
    for (struct gw_handle_slab *slab = handles->slabs; slab; slab = slab->next)
        for (size_t i = 0; i < GW_HANDLE_WORDS; i++)
            for (uint64_t taken = slab->taken[i]; taken; taken &= taken - 1)
                visit(context, &slab->words[i * 64 + (size_t)__builtin_ctzll(taken)]);
}

/* The first place that is not taken; GW_HANDLES_PER_SLAB: there is none. */
static size_t find_place(const struct gw_handle_slab *slab)
{
    for (size_t i = 0; i < GW_HANDLE_WORDS; i++)
        if (~slab->taken[i]) return i * 64 + (size_t)__builtin_ctzll(~slab->taken[i]);
    return GW_HANDLES_PER_SLAB;
}

static bool is_full(const struct gw_handle_slab *slab)
{
    return find_place(slab) >= GW_HANDLES_PER_SLAB;
}

static void list_open(struct gw_handles *handles, struct gw_handle_slab *slab)
{
    slab->next_open = handles->open;
    handles->open = slab;
}

static bool add_slab(struct gw_handles *handles, struct gw_root_index *index)
{
    struct gw_handle_slab *slab = gw_handle_slab_new(index);
    if (!slab) return false;
    slab->next = handles->slabs;
    handles->slabs = slab;
    list_open(handles, slab);
    return true;
}

gw_handle gw_handles_take(struct gw_handles *handles, struct gw_root_index *index, uintptr_t word)
{
    if (!handles->open && !add_slab(handles, index)) return NULL;
    struct gw_handle_slab *slab = handles->open;
    size_t place = find_place(slab);
    gw_bit_set(slab->taken, place);
    slab->words[place] = word;
    if (is_full(slab)) handles->open = slab->next_open;
    return (gw_handle)&slab->words[place];
}

static struct gw_handle_slab *slab_of(gw_handle handle)
{
    return (struct gw_handle_slab *)((uintptr_t)handle & ~(GW_HANDLE_SLAB_BYTES - 1));
}

uintptr_t *gw_handle_word(const struct gw_root_index *index, gw_handle handle, const char *function)
{
    gw_refuse_null(handle, function);
    if (gw_unlikely(handle->word == GW_NO_HANDLE))
        gw_fatal("%s: the handle at %p was freed, its scope has ended, or its heap was destroyed", function, (void *)handle);
    if (gw_unlikely(slab_of(handle)->roots != index))
        gw_fatal("%s: the handle at %p is of another heap than is attached here", function, (void *)handle);
    return &handle->word;
}

void gw_handles_give_back(struct gw_handles *handles, gw_handle handle)
{
    struct gw_handle_slab *slab = slab_of(handle);
    size_t place = (size_t)(&handle->word - slab->words);
    if (!gw_bit_get(slab->taken, place)) gw_fatal("gw_handle_free: the handle at %p is a scope's, which ends with it", (void *)handle);
    if (is_full(slab)) list_open(handles, slab);
    slab->taken[place >> 6] &= ~(UINT64_C(1) << (place & 63));
    handle->word = GW_NO_HANDLE;
}

/* ---- Registered ranges ----------------------------------------------------------------------------- */

void gw_registered_roots_destroy(struct gw_registered_roots *roots)
{
    free(roots->ranges);
}

void gw_registered_roots_visit(const struct gw_registered_roots *roots, gw_field_visitor *visit, void *context)
{
    for (size_t i = 0; i < roots->count; i++)
        for (size_t k = 0; k < roots->ranges[i].count; k++) visit(context, &roots->ranges[i].words[k]);
}

static bool grow_ranges(struct gw_registered_roots *roots)
{
    size_t capacity = roots->capacity ? roots->capacity * 2 : 8;
    struct gw_root_range *ranges = realloc(roots->ranges, capacity * sizeof *ranges);
    if (!ranges) return false;
    roots->ranges = ranges;
    roots->capacity = capacity;
    return true;
}

/* The words of other ranges are in the index still, so that adding them again takes no memory. */
static void remove_range(struct gw_registered_roots *roots, struct gw_root_index *index, size_t i)
{
    struct gw_root_range removed = roots->ranges[i];
    roots->ranges[i] = roots->ranges[--roots->count];
    gw_root_index_remove(index, (uintptr_t)removed.words, removed.count);
    for (size_t k = 0; index->overlaps && k < roots->count; k++)
        gw_root_index_add(index, (uintptr_t)roots->ranges[k].words, roots->ranges[k].count);
}

bool gw_registered_roots_add(struct gw_registered_roots *roots, struct gw_root_index *index, void *words, size_t count)
{
    if (roots->count == roots->capacity && !grow_ranges(roots)) return false;
    roots->ranges[roots->count++] = (struct gw_root_range){words, count};
    if (gw_root_index_add(index, (uintptr_t)words, count)) return true;
    remove_range(roots, index, roots->count - 1);
    return false;
}

bool gw_registered_roots_remove(struct gw_registered_roots *roots, struct gw_root_index *index, const void *words)
{
    for (size_t i = 0; i < roots->count; i++) {
        if (roots->ranges[i].words != words) continue;
        remove_range(roots, index, i);
        return true;
    }
    return false;
}
