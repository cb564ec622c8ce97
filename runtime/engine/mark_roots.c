/* Cursors through the roots of a cycle. */
#include "engine/mark_roots.h"

#include "engine/mark.h"
#include "engine/roots.h"

void gw_mark_roots_begin(struct gw_heap *heap, const struct gw_entry *entry)
{
    gw_visit_running_roots(heap, entry, gw_mark_slot, heap);
    gw_mark_flush(heap);
    heap->cycle.roots = (struct gw_root_cursor){.slab = heap->handles.slabs};
}

void gw_mark_roots_again(struct gw_heap *heap)
{
    heap->cycle.roots.statics = 0;
}

/* Slabs come to the front of their list, and none goes before its heap does. */
static bool mark_handles(struct gw_heap *heap, size_t *words)
{
    struct gw_root_cursor *at = &heap->cycle.roots;
    while (at->slab && *words) {
        gw_handle_slab_visit(at->slab, at->slab_part, gw_mark_slot, heap);
        *words = gw_left_of(*words, 64);
        if (++at->slab_part < GW_HANDLE_WORDS) continue;
        at->slab = at->slab->next;
        at->slab_part = 0;
    }
    return !at->slab;
}

static bool mark_statics(struct gw_heap *heap, size_t *words)
{
    const struct gw_recorded *recorded = &heap->recorded;
    size_t *at = &heap->cycle.roots.statics;
    for (; *at < recorded->static_count && *words; ++*at) {
        uintptr_t ref = gw_static_at(recorded, *at);
        const struct gw_type *type = gw_object_type(ref);
        gw_each_field(ref, type, gw_mark_slot, heap);
        *words = gw_left_of(*words, gw_object_bytes(ref, type) / sizeof(uintptr_t));
    }
    return *at >= recorded->static_count;
}

bool gw_mark_roots_step(struct gw_heap *heap, size_t words)
{
    struct gw_root_cursor *at = &heap->cycle.roots;
    return mark_handles(heap, &words) && gw_visit_some_globals(&at->globals, &words, gw_mark_slot, heap) && mark_statics(heap, &words) &&
           gw_registered_roots_visit_some(&heap->registered, &at->registered, &words, gw_mark_slot, heap);
}
