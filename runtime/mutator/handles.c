/* Handles. Native memory only; never touches an object. */
#include "mutator/handles.h"

#include "base/report.h"

struct gw_handle_cell {
    uintptr_t word;
};

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
    for (const struct gw_handle_slab *slab = handles->slabs; slab; slab = slab->next)
        for (size_t part = 0; part < GW_HANDLE_WORDS; part++) gw_handle_slab_visit(slab, part, visit, context);
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
    struct gw_handle_slab *slab = gw_handle_slab_new(index, &handles->changed);
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
    gw_handle_changed(&slab->words[place]);
    if (is_full(slab)) handles->open = slab->next_open;
    return (gw_handle)&slab->words[place];
}

uintptr_t *gw_handle_word(const struct gw_root_index *index, gw_handle handle, const char *function)
{
    gw_refuse_null(handle, function);
    if (gw_unlikely(handle->word == GW_NO_HANDLE))
        gw_fatal("%s: the handle at %p was freed, its scope has ended, or its heap was destroyed", function, (void *)handle);
    if (gw_unlikely(gw_slab_of(handle)->roots != index))
        gw_fatal("%s: the handle at %p is of another heap than is attached here", function, (void *)handle);
    return &handle->word;
}

void gw_handle_put(const struct gw_root_index *index, gw_handle handle, uintptr_t word, const char *function)
{
    uintptr_t *place = gw_handle_word(index, handle, function);
    *place = word;
    gw_handle_changed(place);
}

void gw_handles_give_back(struct gw_handles *handles, gw_handle handle)
{
    struct gw_handle_slab *slab = gw_slab_of(handle);
    size_t place = (size_t)(&handle->word - slab->words);
    if (!gw_bit_get(slab->taken, place)) gw_fatal("gw_handle_free: the handle at %p is a scope's, which ends with it", (void *)handle);
    if (is_full(slab)) list_open(handles, slab);
    gw_bit_clear(slab->taken, place);
    handle->word = GW_NO_HANDLE;
}
