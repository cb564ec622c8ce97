/* Handles of scopes: a stack of words. Native memory only. */
#include "heap/existing.h"
#include "observe/report.h"

#include <stdlib.h>

void gw_scoped_handles_destroy(struct gw_scoped_handles *handles)
{
    for (size_t i = 0; i < handles->slabs.count; i++) gw_existing_retire((struct gw_handle_slab *)handles->slabs.at[i]);
    gw_word_list_destroy(&handles->slabs);
}

static uintptr_t *slab(const struct gw_scoped_handles *handles, size_t index)
{
    return ((struct gw_handle_slab *)handles->slabs.at[index])->words;
}

void gw_scoped_handles_visit(const struct gw_scoped_handles *handles, gw_field_visitor *visit, void *context)
{
    for (size_t first = 0, index = 0; first < handles->count; first += GW_HANDLES_PER_SLAB, index++)
        for (size_t i = 0; i < GW_HANDLES_PER_SLAB && first + i < handles->count; i++) visit(context, &slab(handles, index)[i]);
}

static bool add_slab(struct gw_scoped_handles *handles, struct gw_root_index *index)
{
    if (!gw_word_list_reserve(&handles->slabs, handles->slabs.count + 1)) return false;
    struct gw_handle_slab *slab = gw_handle_slab_new(index);
    if (slab) gw_word_list_add(&handles->slabs, (uintptr_t)slab);
    return slab != NULL;
}

gw_scope gw_scope_begin(void)
{
    return (gw_scope){gw_heap_here("gw_scope_begin")->scoped.count};
}

gw_handle gw_scope_handle(void *reference)
{
    struct gw_heap *heap = gw_heap_here("gw_scope_handle");
    struct gw_scoped_handles *handles = &heap->scoped;
    size_t index = handles->count / GW_HANDLES_PER_SLAB, at = handles->count % GW_HANDLES_PER_SLAB;
    if (index == handles->slabs.count && !add_slab(handles, &heap->native_roots)) {
        gw_fail(GW_ERROR_MEMORY, "no native memory for another handle");
        return NULL;
    }
    uintptr_t *word = &slab(handles, index)[at];
    *word = (uintptr_t)reference;
    handles->count++;
    return (gw_handle)word;
}

void gw_scope_end(gw_scope scope)
{
    struct gw_scoped_handles *handles = &gw_heap_here("gw_scope_end")->scoped;
    if (scope.handles > handles->count)
        gw_fatal("gw_scope_end: a scope around this one has ended before it; scopes end in the reverse order of their beginning");
    while (handles->count > scope.handles) {
        handles->count--;
        slab(handles, handles->count / GW_HANDLES_PER_SLAB)[handles->count % GW_HANDLES_PER_SLAB] = GW_NO_HANDLE;
    }
}

/* The slab of the freed handles has room for it. */
gw_handle gw_scope_end_with(gw_scope scope, gw_handle handle)
{
    void *reference = gw_handle_get(handle);
    gw_scope_end(scope);
    return gw_scope_handle(reference);
}
