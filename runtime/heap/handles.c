/* Handles and registered ranges. Native memory only; never touches an object. */
#include "heap/handles.h"

#include "heap/existing.h"
#include "observe/report.h"

#include <stdlib.h>
#include <string.h>

struct gw_handle_cell {
    uintptr_t word;
};

/* ---- Handles --------------------------------------------------------------------------------------- */

void gw_handles_destroy(struct gw_handles *handles)
{
    while (handles->slabs) {
        struct gw_handle_slab *next = handles->slabs->next;
        gw_existing_retire(handles->slabs);
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

static struct gw_handle_slab *new_page(void)
{
    struct gw_handle_slab *slab = aligned_alloc(GW_HANDLE_SLAB_BYTES, sizeof *slab);
    for (size_t i = 0; slab && i < GW_HANDLES_PER_SLAB; i++) slab->words[i] = GW_NO_HANDLE;
    return slab;
}

struct gw_handle_slab *gw_handle_slab_new(struct gw_root_index *index)
{
    struct gw_handle_slab *slab = gw_existing_reuse();
    if (!slab) slab = new_page();
    if (!slab) return NULL;
    memset(slab, 0, offsetof(struct gw_handle_slab, words));
    if (gw_root_index_add(index, (uintptr_t)slab->words, GW_HANDLES_PER_SLAB)) return slab;
    gw_root_index_remove(index, (uintptr_t)slab->words, GW_HANDLES_PER_SLAB);
    gw_existing_retire(slab);
    return NULL;
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
    slab->owner = handles;
    slab->next = handles->slabs;
    handles->slabs = slab;
    list_open(handles, slab);
    return true;
}

gw_handle gw_handle_new(void *reference)
{
    struct gw_heap *heap = gw_heap_here("gw_handle_new");
    struct gw_handles *handles = &heap->handles;
    if (!handles->open && !add_slab(handles, &heap->native_roots)) {
        gw_fail(GW_ERROR_MEMORY, "no native memory for another handle");
        return NULL;
    }
    struct gw_handle_slab *slab = handles->open;
    size_t place = find_place(slab);
    gw_bit_set(slab->taken, place);
    slab->words[place] = (uintptr_t)reference;
    if (is_full(slab)) handles->open = slab->next_open;
    return (gw_handle)&slab->words[place];
}

static void refuse_freed(gw_handle handle, const char *function)
{
    gw_refuse_null(handle, function);
    if (gw_unlikely(handle->word == GW_NO_HANDLE))
        gw_fatal("%s: the handle at %p was freed, its scope has ended, or its heap was destroyed", function, (void *)handle);
}

void *gw_handle_get(gw_handle handle)
{
    refuse_freed(handle, "gw_handle_get");
    return (void *)handle->word;
}

void gw_handle_set(gw_handle handle, void *reference)
{
    refuse_freed(handle, "gw_handle_set");
    handle->word = (uintptr_t)reference;
}

void gw_handle_free(gw_handle handle)
{
    if (!handle) return;
    struct gw_handles *handles = &gw_heap_here("gw_handle_free")->handles;
    refuse_freed(handle, "gw_handle_free");
    struct gw_handle_slab *slab = (struct gw_handle_slab *)((uintptr_t)handle & ~(GW_HANDLE_SLAB_BYTES - 1));
    if (slab->owner != handles)
        gw_fatal("gw_handle_free: the handle at %p is a scope's, which ends with it, or of another heap than is attached here", (void *)handle);
    size_t place = (size_t)(&handle->word - slab->words);
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
static void remove_range(struct gw_heap *heap, size_t i)
{
    struct gw_registered_roots *roots = &heap->registered;
    struct gw_root_range removed = roots->ranges[i];
    roots->ranges[i] = roots->ranges[--roots->count];
    gw_root_index_remove(&heap->native_roots, (uintptr_t)removed.words, removed.count);
    for (size_t k = 0; heap->native_roots.overlaps && k < roots->count; k++)
        gw_root_index_add(&heap->native_roots, (uintptr_t)roots->ranges[k].words, roots->ranges[k].count);
}

/* What a process can address ends there. */
#define ADDRESSES ((uintptr_t)1 << 47)

gw_status gw_add_roots(void *words, size_t count)
{
    struct gw_heap *heap = gw_heap_here("gw_add_roots");
    if (!words || ((uintptr_t)words & 7))
        return gw_fail(GW_ERROR_ARGUMENT, "gw_add_roots: %p is not the address of an aligned word", words);
    if ((uintptr_t)words >= ADDRESSES || count > (ADDRESSES - (uintptr_t)words) / sizeof(uintptr_t))
        return gw_fail(GW_ERROR_ARGUMENT, "gw_add_roots: no memory holds %zu words at %p", count, words);
    if (gw_heap_contains(heap, (uintptr_t)words))
        return gw_fail(GW_ERROR_ARGUMENT, "gw_add_roots: %p lies inside the heap; roots are native memory", words);
    struct gw_registered_roots *roots = &heap->registered;
    bool has_room = roots->count < roots->capacity || grow_ranges(roots);
    if (has_room) roots->ranges[roots->count++] = (struct gw_root_range){words, count};
    if (has_room && gw_root_index_add(&heap->native_roots, (uintptr_t)words, count)) return GW_OK;
    if (has_room) remove_range(heap, roots->count - 1);
    return gw_fail(GW_ERROR_MEMORY, "gw_add_roots: no native memory for %zu ranges", roots->count + 1);
}

gw_status gw_remove_roots(void *words)
{
    struct gw_heap *heap = gw_heap_here("gw_remove_roots");
    struct gw_registered_roots *roots = &heap->registered;
    for (size_t i = 0; i < roots->count; i++) {
        if (roots->ranges[i].words != words) continue;
        remove_range(heap, i);
        return GW_OK;
    }
    return gw_fail(GW_ERROR_ARGUMENT, "gw_remove_roots: nothing is registered at %p", words);
}
