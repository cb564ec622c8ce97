/* Handles and registered ranges. Native memory only; never touches an object. */
#include "heap/handles.h"

#include "heap/existing.h"
#include "observe/report.h"

#include <stdlib.h>

#define NO_FREE_HANDLE ((uintptr_t)1)

struct gw_handle_cell {
    uintptr_t word;
};

/* ---- Handles --------------------------------------------------------------------------------------- */

void gw_handles_init(struct gw_handles *handles)
{
    *handles = (struct gw_handles){.free = NO_FREE_HANDLE};
}

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
        for (size_t i = 0; i < GW_HANDLES_PER_SLAB; i++) visit(context, &slab->words[i]);
}

struct gw_handle_slab *gw_handle_slab_new(struct gw_root_index *index)
{
    struct gw_handle_slab *slab = gw_existing_reuse();
    if (!slab) slab = malloc(sizeof *slab);
    if (!slab || gw_root_index_add(index, (uintptr_t)slab->words, GW_HANDLES_PER_SLAB)) return slab;
    gw_root_index_remove(index, (uintptr_t)slab->words, GW_HANDLES_PER_SLAB);
    gw_existing_retire(slab);
    return NULL;
}

static bool add_slab(struct gw_handles *handles, struct gw_root_index *index)
{
    struct gw_handle_slab *slab = gw_handle_slab_new(index);
    if (!slab) return false;
    slab->next = handles->slabs;
    handles->slabs = slab;
    for (size_t i = 0; i < GW_HANDLES_PER_SLAB; i++) {
        slab->words[i] = handles->free;
        handles->free = (uintptr_t)&slab->words[i] | 1;
    }
    return true;
}

gw_handle gw_handle_new(void *reference)
{
    struct gw_heap *heap = gw_heap_here("gw_handle_new");
    struct gw_handles *handles = &heap->handles;
    if (handles->free == NO_FREE_HANDLE && !add_slab(handles, &heap->native_roots)) {
        gw_fail(GW_ERROR_MEMORY, "no native memory for another handle");
        return NULL;
    }
    gw_handle handle = (gw_handle)(handles->free & ~(uintptr_t)1);
    handles->free = handle->word;
    handle->word = (uintptr_t)reference;
    return handle;
}

static void refuse(gw_handle handle, const char *function)
{
    gw_refuse_null(handle, function);
    if (gw_unlikely(handle->word == GW_NO_HEAP)) gw_fatal("%s: the handle's heap was destroyed", function);
}

void *gw_handle_get(gw_handle handle)
{
    refuse(handle, "gw_handle_get");
    return (void *)handle->word;
}

void gw_handle_set(gw_handle handle, void *reference)
{
    refuse(handle, "gw_handle_set");
    handle->word = (uintptr_t)reference;
}

void gw_handle_free(gw_handle handle)
{
    if (!handle) return;
    struct gw_handles *handles = &gw_heap_here("gw_handle_free")->handles;
    refuse(handle, "gw_handle_free");
    handle->word = handles->free;
    handles->free = (uintptr_t)handle | 1;
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

gw_status gw_add_roots(void *words, size_t count)
{
    struct gw_heap *heap = gw_heap_here("gw_add_roots");
    if (!words || ((uintptr_t)words & 7))
        return gw_fail(GW_ERROR_ARGUMENT, "gw_add_roots: %p is not the address of an aligned word", words);
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
