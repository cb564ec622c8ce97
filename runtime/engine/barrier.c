/* The write barrier's slow path: records that an object was written to.
 *
 * Backward (object-recording) barrier, after incminimark: the object, not the value, is remembered, and the next minor
 * collection scans it again and turns it grey if it was black. Reached from compiled code through doors.S,
 * which saves the general registers only: this file is compiled without vector registers and calls nothing that could
 * use them.
 */
#include "engine/barrier.h"

#include "heap/world.h"
#include "base/report.h"

/* Makes the next allocation take its slow path, which sees that a minor collection is wanted. */
static void ask_for_minor(struct gw_heap *heap)
{
    gw_thread_set_limit(heap->mutator->thread, NULL);
}

static void remember(struct gw_heap *heap, uintptr_t object)
{
    struct gw_recorded *recorded = &heap->recorded;
    gw_remember(recorded, object);
    if (recorded->remembered_count == GW_REMEMBERED_HIGH) ask_for_minor(heap);
    if (recorded->remembered_count >= heap->account.look_at_objects) gw_account_look(heap);
}

static void list(struct gw_heap *heap, uintptr_t object)
{
    if (*gw_header(object) & GW_HEADER_LISTED) return;
    gw_list_for_cards(&heap->recorded, object);
    if (heap->recorded.listed_count == GW_REMEMBERED_HIGH) ask_for_minor(heap);
}

/* The next minor collection will scan the whole object, which may not cost more than what these stores have cost
 * already, nor be much for a minor collection. */
static void remember_whole(struct gw_heap *heap, uintptr_t object)
{
    struct gw_recorded *recorded = &heap->recorded;
    size_t bytes = gw_object_bytes(object, gw_object_type(object));
    heap->mutator->thread->card_patience = GW_CARD_PATIENCE;
    recorded->whole_earned += GW_CARD_PATIENCE_EARNS;
    if (bytes > recorded->whole_earned || recorded->whole_bytes + bytes > heap->eden.bytes / 2) return;
    recorded->whole_earned -= bytes;
    recorded->whole_bytes += bytes;
    gw_charge_whole(recorded, bytes);
    remember(heap, object);
}

static void record_static(struct gw_recorded *recorded, uintptr_t object)
{
    size_t at = gw_static_slot(recorded, object);
    if (recorded->static_set[at]) return gw_static_changed(recorded, recorded->static_set[at] - 1);
    if (recorded->static_count >= GW_STATIC_CAPACITY / 2) gw_fatal("more than %zu static objects were written to", GW_STATIC_CAPACITY / 2);
    recorded->statics[recorded->static_count++] = object;
    recorded->static_set[at] = recorded->static_count;
    gw_static_changed(recorded, recorded->static_count - 1);
}

/* Inside. */
static struct gw_heap *heap_of_write(uintptr_t object)
{
    struct gw_heap *heap = gw_heap_beside_marker("write barrier");
    if (gw_unlikely(!(*gw_header(object) & GW_HEADER_STATIC) && !gw_old_contains(&heap->old, object)))
        gw_fatal("write barrier: %p is no object of this thread's heap", (void *)object);
    return heap;
}

static void dirty(struct gw_heap *heap, uintptr_t ref, uintptr_t from, size_t bytes)
{
    struct gw_thread *thread = heap->mutator->thread;
    thread->card_budget -= (int64_t)gw_dirty_cards(&heap->recorded, from, bytes);
    list(heap, ref);
    if (thread->card_budget < 0) gw_account_look(heap);
}

/* Another thread may record the object at the same time: who is inside decides. */
static bool is_tracked(uintptr_t ref)
{
    return __atomic_load_n(gw_header(ref), __ATOMIC_RELAXED) & GW_HEADER_TRACK;
}

static void record(uintptr_t ref, uintptr_t from, size_t bytes)
{
    if (!is_tracked(ref)) return;
    struct gw_heap *heap GW_INSIDE = heap_of_write(ref);
    if (!is_tracked(ref)) return;
    uint64_t header = *gw_header(ref);
    if (header & GW_HEADER_STATIC) {
        record_static(&heap->recorded, ref);
    } else if (header & GW_HEADER_CARDS) {
        dirty(heap, ref, from, bytes);
        if (heap->mutator->thread->card_patience < 0) remember_whole(heap, ref);
    } else {
        if (gw_header_type(header)->trace) gw_charge_whole(&heap->recorded, gw_object_bytes(ref, gw_header_type(header)));
        remember(heap, ref);
    }
}

void gw_barrier_record(void *object, void *slot)
{
    record((uintptr_t)object, (uintptr_t)slot, 1);
}

void gw_barrier_record_front(void *object)
{
    record((uintptr_t)object, (uintptr_t)object, GW_FRONT_BYTES);
}

void gw_barrier_range(void *object, void *slot, size_t bytes)
{
    uintptr_t ref = (uintptr_t)object, from = (uintptr_t)slot;
    uint64_t header = *gw_header(ref);
    if (!(header & GW_HEADER_TRACK) || bytes == 0) return;
    if (!(header & GW_HEADER_CARDS)) {
        gw_barrier_record(object, slot);
        return;
    }
    struct gw_heap *heap GW_INSIDE = heap_of_write(ref);
    if (!is_tracked(ref)) return;
    size_t rest = ref + gw_object_bytes(ref, gw_header_type(header)) - GW_HEADER_SIZE - from;
    dirty(heap, ref, from, bytes < rest ? bytes : rest);
}
