/* Collections that the program asks for, holds off, or is told of. */
#include "api/collect.h"

#include "base/report.h"
#include "control/collect.h"
#include "control/pacing.h"
#include "control/stops.h"
#include "heap/callbacks.h"

static void collect(struct gw_heap *heap, gw_collection kind, const struct gw_entry *entry)
{
    switch (kind) {
    case GW_MINOR: gw_collect_minor(heap, entry); return;
    case GW_FULL: gw_collect_full(heap, entry); return;
    }
    gw_fatal("gw_collect: %d is no kind of collection", (int)kind);
}

/* Others are answered when what is dead has gone. */
void gw_collect_from(gw_collection kind, const struct gw_entry *entry)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_to_collect("gw_collect", entry);
    collect(heap, kind, entry);
    gw_answer_others(heap, entry);
}

struct gw_step *gw_collect_step_from(struct gw_step *result, uint64_t budget_ns, const struct gw_entry *entry)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_to_collect("gw_collect_step", entry);
    gw_collect_by_hand(heap, entry, budget_ns, result);
    gw_answer_others(heap, entry);
    return result;
}

void gw_disable(void)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_disable");
    heap->cycle.disabled = true;
    gw_reopen_nursery(heap);
}

void gw_enable(void)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_enable");
    heap->cycle.disabled = false;
    if (gw_pacing_wants_cycle(heap, 0) || gw_pacing_is_overdrawn(heap)) heap->cycle.wanted = true;
    gw_reopen_nursery(heap);
}

bool gw_is_enabled(void)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_is_enabled");
    return !heap->cycle.disabled;
}

/* ---- A stretch without collections ----------------------------------------------------------------- */

/* What does not fit into the nursery will be allocated in the old generation, so that has to have room for all of it, beside what the
 * nursery may promote later. */
static bool has_room(const struct gw_heap *heap, size_t bytes)
{
    size_t blocks = ((bytes + bytes / 8) >> GW_BLOCK_SHIFT) + 2 * GW_SIZE_CLASSES + 2;
    size_t young = (heap->nursery.eden_bytes + heap->nursery.survivor_bytes) / 8 * 9 >> GW_BLOCK_SHIFT;
    return heap->old.blocks.used + blocks + young <= heap->old.max_blocks;
}

gw_status gw_no_collect_begin_from(size_t bytes, const struct gw_entry *entry)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_to_collect("gw_no_collect_begin", entry);
    if (heap->promise.bytes)
        return gw_fail(GW_ERROR_STATE, "gw_no_collect_begin: %zu bytes are still promised; call gw_no_collect_end first",
                       heap->promise.bytes);
    if (gw_world_is_shared(heap)) return gw_fail(GW_ERROR_STATE, "gw_no_collect_begin: other threads are attached, which may collect");
    if (bytes == 0) return gw_fail(GW_ERROR_ARGUMENT, "gw_no_collect_begin: 0 bytes promise nothing");
    if (!has_room(heap, bytes)) gw_collect_full(heap, entry);
    if (!has_room(heap, bytes))
        return gw_fail(GW_ERROR_MEMORY, "gw_no_collect_begin: no room for %zu bytes without collecting; raise max-heap", bytes);
    heap->promise.bytes = bytes;
    heap->promise.from = gw_heap_allocated_bytes(heap);
    gw_reopen_nursery(heap);
    return GW_OK;
}

gw_status gw_no_collect_end(void)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_no_collect_end");
    bool kept = heap->promise.bytes != 0;
    heap->promise.bytes = 0;
    gw_reopen_nursery(heap);
    return kept ? GW_OK
                : gw_fail(GW_ERROR_STATE, "gw_no_collect_end: more was allocated than gw_no_collect_begin was told, or it was not called");
}

/* ---- Hooks and polls ------------------------------------------------------------------------------- */

void gw_set_hooks(const struct gw_hooks *hooks)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_set_hooks");
    heap->hooks = hooks ? *hooks : (struct gw_hooks){0};
}

/* Code that may not collect goes on polling. */
static struct gw_heap *heap_polled(const struct gw_entry *entry)
{
    bool may_rest = !gw_current_thread.mutator || !gw_current_thread.mutator->callback.what;
    return may_rest ? gw_heap_to_collect("gw_poll_slow", entry) : gw_heap_entered("gw_poll_slow", entry);
}

/* Outside a thread rests already, whoever asks. */
void gw_poll_from(const struct gw_entry *entry)
{
    if (gw_current_thread.mutator && !gw_current_thread.heap) return;
    struct gw_heap *heap GW_INSIDE = heap_polled(entry);
    gw_heap_answer_poll(heap); /* whoever asked has closed the limit */
    if (!heap->mutator->callback.what) gw_answer_others(heap, entry);
    if (heap->options.stress_safepoint) gw_collect_young(heap, entry);
}
