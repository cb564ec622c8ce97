/* Handles, scopes and registered ranges as the program uses them. */
#include "arch/registers.h"
#include "base/report.h"
#include "heap/existing.h"

gw_handle gw_handle_new(void *reference)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_for_handle(reference, "gw_handle_new");
    gw_handle handle = gw_handles_take(&heap->handles, &heap->native_roots, (uintptr_t)reference);
    if (!handle) gw_fail(GW_ERROR_MEMORY, "no native memory for another handle");
    return handle;
}

gw_handle gw_handle_copy(gw_handle handle)
{
    struct gw_heap *heap GW_INSIDE_FROM_ANYWHERE = gw_heap_from_anywhere("gw_handle_copy");
    uintptr_t reference = *gw_handle_word(&heap->native_roots, handle, "gw_handle_copy");
    gw_handle copy = gw_handles_take(&heap->handles, &heap->native_roots, reference);
    if (!copy) gw_fail(GW_ERROR_MEMORY, "no native memory for another handle");
    return copy;
}

void *gw_handle_get(gw_handle handle)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_beside_marker("gw_handle_get");
    return (void *)*gw_handle_word(&heap->native_roots, handle, "gw_handle_get");
}

void gw_handle_set(gw_handle handle, void *reference)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_for_handle(reference, "gw_handle_set");
    gw_handle_put(&heap->native_roots, handle, (uintptr_t)reference, "gw_handle_set");
}

void gw_handle_free(gw_handle handle)
{
    if (!handle) return;
    struct gw_heap *heap GW_INSIDE_FROM_ANYWHERE = gw_heap_from_anywhere("gw_handle_free");
    gw_handle_word(&heap->native_roots, handle, "gw_handle_free");
    gw_handles_give_back(&heap->handles, handle);
}

/* ---- Scopes ---------------------------------------------------------------------------------------- */

gw_scope gw_scope_begin(void)
{
    gw_heap_here("gw_scope_begin");
    return (gw_scope){gw_current_thread.mutator->stacks.running->scoped.count};
}

gw_handle gw_scope_handle(void *reference)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_for_handle(reference, "gw_scope_handle");
    gw_handle handle = gw_scoped_handles_add(&heap->mutator->stacks.running->scoped, &heap->native_roots, (uintptr_t)reference);
    if (!handle) gw_fail(GW_ERROR_MEMORY, "no native memory for another handle");
    return handle;
}

void gw_scope_end(gw_scope scope)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_beside_marker("gw_scope_end");
    struct gw_scoped_handles *handles = &heap->mutator->stacks.running->scoped;
    if (scope.handles > handles->count)
        gw_fatal("gw_scope_end: a scope around this one has ended before it; scopes end in the reverse order of their beginning");
    gw_scoped_handles_cut(handles, scope.handles);
}

/* The slab of the freed handles has room for it. */
gw_handle gw_scope_end_with(gw_scope scope, gw_handle handle)
{
    void *reference = gw_handle_get(handle);
    gw_scope_end(scope);
    return gw_scope_handle(reference);
}

/* ---- Registered ranges ----------------------------------------------------------------------------- */

/* What a process can address ends there. */
#define ADDRESSES ((uintptr_t)1 << GW_ADDRESS_BITS)

/* GW_OK, or what is wrong with a range that `function` was given. */
static gw_status check_range(const struct gw_heap *heap, const char *function, const void *words, size_t count)
{
    if (!words || ((uintptr_t)words & 7))
        return gw_fail(GW_ERROR_ARGUMENT, "%s: %p is not the address of an aligned word", function, words);
    if ((uintptr_t)words >= ADDRESSES || count > (ADDRESSES - (uintptr_t)words) / sizeof(uintptr_t))
        return gw_fail(GW_ERROR_ARGUMENT, "%s: no memory holds %zu words at %p", function, count, words);
    if (gw_heap_contains(heap, (uintptr_t)words))
        return gw_fail(GW_ERROR_ARGUMENT, "%s: %p lies inside the heap; roots are native memory", function, words);
    return GW_OK;
}

gw_status gw_add_roots(void *words, size_t count)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_add_roots");
    gw_status status = check_range(heap, "gw_add_roots", words, count);
    if (status != GW_OK) return status;
    if (gw_registered_roots_add(&heap->registered, &heap->native_roots, words, count)) return GW_OK;
    return gw_fail(GW_ERROR_MEMORY, "gw_add_roots: no native memory for %zu ranges", heap->registered.count + 1);
}

gw_status gw_add_roots_tracked(void *words, size_t count)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_add_roots_tracked");
    gw_status status = check_range(heap, "gw_add_roots_tracked", words, count);
    if (status != GW_OK) return status;
    if (!count) return gw_fail(GW_ERROR_ARGUMENT, "gw_add_roots_tracked: no words");
    if (gw_tracked_roots_overlap(&heap->registered, words, count))
        return gw_fail(GW_ERROR_ARGUMENT, "gw_add_roots_tracked: some of the %zu words at %p are tracked already", count, words);
    if (gw_tracked_roots_add(&heap->registered, &heap->native_roots, words, count)) return GW_OK;
    return gw_fail(GW_ERROR_MEMORY, "gw_add_roots_tracked: no native memory for %zu ranges", heap->registered.tracked_count + 1);
}

gw_status gw_roots_changed(const void *words, size_t count)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_roots_changed");
    if (!((uintptr_t)words & 7) && gw_tracked_roots_changed(&heap->registered, words, count)) return GW_OK;
    return gw_fail(GW_ERROR_ARGUMENT, "gw_roots_changed: the %zu words at %p lie in no range given to gw_add_roots_tracked", count, words);
}

gw_status gw_remove_roots(void *words)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_remove_roots");
    if (gw_registered_roots_remove(&heap->registered, &heap->native_roots, words)) return GW_OK;
    return gw_fail(GW_ERROR_ARGUMENT, "gw_remove_roots: nothing is registered at %p", words);
}
