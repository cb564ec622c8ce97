/* Handles of scopes: a stack of words. Native memory only. */
#include "mutator/handles.h"

static uintptr_t *slab(const struct gw_scoped_handles *handles, size_t index)
{
    return ((struct gw_handle_slab *)handles->slabs.at[index])->words;
}

void gw_scoped_handles_visit(const struct gw_scoped_handles *handles, gw_field_visitor *visit, void *context)
{
    for (size_t first = 0, index = 0; first < handles->count; first += GW_HANDLES_PER_SLAB, index++)
        for (size_t i = 0; i < GW_HANDLES_PER_SLAB && first + i < handles->count; i++) visit(context, &slab(handles, index)[i]);
}

static struct gw_handle_slab *take_spare(struct gw_scope_slabs *slabs)
{
    struct gw_handle_slab *slab = slabs->spare;
    if (slab) slabs->spare = slab->next;
    return slab;
}

static bool add_slab(struct gw_scoped_handles *handles, struct gw_root_index *roots)
{
    if (!gw_word_list_reserve(&handles->slabs, handles->slabs.count + 1)) return false;
    struct gw_handle_slab *slab = take_spare(handles->shared);
    if (!slab) slab = gw_handle_slab_new(roots, &handles->shared->changed);
    if (slab) gw_word_list_add(&handles->slabs, (uintptr_t)slab);
    return slab != NULL;
}

gw_handle gw_scoped_handles_add(struct gw_scoped_handles *handles, struct gw_root_index *roots, uintptr_t word)
{
    size_t index = handles->count / GW_HANDLES_PER_SLAB, at = handles->count % GW_HANDLES_PER_SLAB;
    if (index == handles->slabs.count && !add_slab(handles, roots)) return NULL;
    uintptr_t *place = &slab(handles, index)[at];
    *place = word;
    gw_handle_changed(place);
    handles->count++;
    return (gw_handle)place;
}

void gw_scoped_handles_cut(struct gw_scoped_handles *handles, size_t count)
{
    while (handles->count > count) {
        handles->count--;
        slab(handles, handles->count / GW_HANDLES_PER_SLAB)[handles->count % GW_HANDLES_PER_SLAB] = GW_NO_HANDLE;
    }
}

/* They stay in the index of roots and, if they are there, among the changed ones. */
void gw_scoped_handles_destroy(struct gw_scoped_handles *handles)
{
    gw_scoped_handles_cut(handles, 0);
    for (size_t i = 0; i < handles->slabs.count; i++) {
        struct gw_handle_slab *slab = (struct gw_handle_slab *)handles->slabs.at[i];
        slab->next = handles->shared->spare;
        handles->shared->spare = slab;
    }
    gw_word_list_destroy(&handles->slabs);
}

void gw_scope_slabs_destroy(struct gw_scope_slabs *slabs)
{
    for (struct gw_handle_slab *slab; (slab = take_spare(slabs));) gw_handle_slab_retire(slab);
}
