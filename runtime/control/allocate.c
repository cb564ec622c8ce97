/* Allocation out of line: stress, collection, large objects, exhaustion. */
#include "control/allocate.h"

#include "abi/sizes.h"
#include "heap/callbacks.h"
#include "control/probes.h"
#include "control/stops.h"
#include "engine/destructors.h"
#include "control/pacing.h"
#include "control/run_finalizers.h"
#include "engine/mark.h"
#include "heap/options.h"
#include "profile/profile.h"
#include "snapshot/snapshot.h"
#include "base/report.h"

/* Larger objects are allocated in the old generation, where they never move. */
#define NURSERY_OBJECT_BYTES ((size_t)32 << 10)
_Static_assert(GW_YOUNG_BYTES + 2 * GW_HEADER_SIZE <= GW_SMALLEST_NURSERY / 4 && GW_YOUNG_BYTES < NURSERY_OBJECT_BYTES,
               "compiled code puts no barrier behind an allocation of so many bytes: is_large");

/* Under stress every so many collections are full: small programs would never reach a major cycle otherwise. With stress=move
 * none is: what is promoted moves no more. */
#define STRESS_FULL_EVERY 16

/* One allocation on its way. */
struct request {
    struct gw_heap *heap;
    const struct gw_type *type;
    const struct gw_entry *entry;
    size_t count; /* of elements */
    size_t bytes; /* header included */
};

/* ---- Nursery --------------------------------------------------------------------------------------- */

static uintptr_t bump(const struct request *request)
{
    struct gw_thread *thread = request->heap->mutator->thread;
    char *limit = gw_nursery_limit(&request->heap->nursery, request->heap->mutator->piece), *at = thread->alloc;
    bool pad = (request->type->flags & GW_TYPE_ALIGN16) && ((uintptr_t)at + GW_HEADER_SIZE) % 16;
    if (at > limit || (size_t)(limit - at) < request->bytes + (pad ? 8 : 0)) return 0;
    if (pad) {
        *(uint64_t *)at = 0;
        at += 8;
    }
    thread->alloc = at + request->bytes;
    memset(at, 0, request->bytes);
    return (uintptr_t)at + GW_HEADER_SIZE;
}

/* The next piece of eden when the one at hand has no room. */
static uintptr_t bump_on(const struct request *request)
{
    uintptr_t ref = bump(request);
    return ref || !gw_heap_next_piece(request->heap, request->bytes + 8) ? ref : bump(request);
}

/* ---- Large objects --------------------------------------------------------------------------------- */

static bool is_large(const struct request *request)
{
    size_t quarter = request->heap->nursery.eden_bytes / 4;
    return request->bytes > (quarter < NURSERY_OBJECT_BYTES ? quarter : NURSERY_OBJECT_BYTES);
}

/* Everything now in the nursery must still be promotable after the large object has taken its blocks. */
static bool large_fits(const struct request *request, size_t blocks)
{
    const struct gw_heap *heap = request->heap;
    size_t young = gw_heap_young_bytes(heap);
    size_t promoted = ((young + young / 8) >> GW_BLOCK_SHIFT) + GW_SIZE_CLASSES + 1;
    return heap->old.blocks.used + promoted + blocks <= heap->old.max_blocks;
}

static uintptr_t allocate_large(const struct request *request)
{
    struct gw_heap *heap = request->heap;
    if (!large_fits(request, (request->bytes >> GW_BLOCK_SHIFT) + 1)) return 0;
    uintptr_t ref = gw_old_alloc(&heap->old, request->bytes, request->type->flags & GW_TYPE_ALIGN16);
    if (!ref) return 0;
    if (request->bytes > GW_LARGEST_CELL) gw_old_clear_large(&heap->old, ref, request->bytes);
    else memset(gw_header(ref), 0, request->bytes);
    *gw_header(ref) = GW_HEADER_TRACK | gw_cards_flag(request->type, request->bytes);
    if (request->type->destroy) gw_destructible_promote(heap, ref);
    heap->stats.allocated_bytes += request->bytes;
    gw_heap_open_nursery(heap);
    return ref;
}

/* ---- Collections on the way ------------------------------------------------------------------------ */

static void stress(const struct request *request)
{
    struct gw_heap *heap = request->heap;
    bool due = heap->options.stress_safepoint;
    if (heap->options.stress_every && --heap->stress_countdown == 0) {
        heap->stress_countdown = heap->options.stress_every;
        due = true;
    }
    if (heap->options.stress_step) gw_collect_piece(heap, request->entry);
    if (!due) return;
    if (heap->stats.minor_collections % STRESS_FULL_EVERY == 0 && !heap->options.stress_move) gw_collect_full(heap, request->entry);
    else gw_collect_young(heap, request->entry);
}

/* Makes an object of zeroed memory. */
static uintptr_t complete(const struct request *request, uintptr_t ref)
{
    *gw_header(ref) |= (uintptr_t)request->type;
    if (request->type->element_size) *(uint64_t *)(ref + request->type->length_offset) = request->count;
    if (gw_marks_new(request->heap) && gw_old_contains(&request->heap->old, ref)) gw_mark_black(request->heap, ref, request->bytes);
    if (request->type->destroy && gw_is_young(&request->heap->old, ref)) gw_destructible_add(&request->heap->destructible, ref);
    return ref;
}

static uintptr_t attempt(const struct request *request)
{
    uintptr_t ref = is_large(request) ? allocate_large(request) : bump_on(request);
    return ref ? complete(request, ref) : 0;
}

/* ---- A stretch without collections ----------------------------------------------------------------- */

static bool may_not_collect(struct gw_heap *heap, size_t bytes)
{
    if (!heap->promise.bytes) return false;
    if (gw_heap_allocated_bytes(heap) - heap->promise.from + bytes <= heap->promise.bytes) return true;
    heap->promise.bytes = 0; /* more than was asked for: the promise is over */
    return false;
}

/* A small object, born old because eden is full. Compiled code takes it for young and may store into it without a barrier, so it is
 * remembered from the start; one with cards as a whole, and such objects are listed as well (recorded.h). */
static uintptr_t allocate_remembered(const struct request *request)
{
    struct gw_heap *heap = request->heap;
    uintptr_t ref = gw_old_alloc(&heap->old, request->bytes, request->type->flags & GW_TYPE_ALIGN16);
    if (!ref) return 0;
    memset(gw_header(ref), 0, request->bytes);
    *gw_header(ref) = gw_cards_flag(request->type, request->bytes);
    gw_charge_whole(&heap->recorded, request->bytes);
    gw_remember(&heap->recorded, ref);
    if (*gw_header(ref) & GW_HEADER_CARDS) gw_list_for_cards(&heap->recorded, ref);
    if (request->type->destroy) gw_destructible_promote(heap, ref);
    heap->stats.allocated_bytes += request->bytes;
    return ref;
}

static uintptr_t allocate_without_collecting(const struct request *request)
{
    uintptr_t ref = attempt(request);
    if (ref || is_large(request)) return ref;
    ref = allocate_remembered(request);
    return ref ? complete(request, ref) : 0;
}

/* ---- Allocation ------------------------------------------------------------------------------------ */

struct handler_call {
    const struct request *request;
    bool again;
};

static void call_handler(void *context)
{
    struct handler_call *call = context;
    struct gw_heap *heap = call->request->heap;
    call->again = heap->exhaustion.handler(heap->exhaustion.data, call->request->bytes);
}

/* The handler need not return. Nothing moves while it runs, so what the function that allocates was given waits here. */
static bool ask_handler(const struct request *request)
{
    struct gw_heap *heap = request->heap;
    struct handler_call call = {request, false};
    uintptr_t arguments[GW_ARGUMENTS];
    if (!heap->exhaustion.handler) return false;
    memcpy(arguments, heap->mutator->arguments, sizeof arguments);
    memset(heap->mutator->arguments, 0, sizeof arguments);
    gw_call_restricted(heap, "an out-of-memory handler", call_handler, &call);
    memcpy(heap->mutator->arguments, arguments, sizeof arguments);
    return call.again;
}

/* Full collection, then the handler, as long as the handler says that it dropped something. A heap so full that collecting goes on
 * and on for little room counts as exhausted: whoever waits for it would rather be told. */
static uintptr_t exhausted(const struct request *request)
{
    struct gw_heap *heap = request->heap;
    for (;;) {
        heap->exhaustion.reached = true;
        gw_collect_full(heap, request->entry);
        heap->exhaustion.reached = false;
        uintptr_t ref = gw_collects_in_vain(heap) ? 0 : attempt(request);
        if (ref) return ref;
        gw_snapshot_by_option(heap, request->entry);
        gw_probe_out_of_memory(heap, request->bytes, request->type->name, gw_heap_used_bytes(heap));
        if (!ask_handler(request)) break;
    }
    gw_fail(GW_ERROR_MEMORY, "%s for %zu bytes of '%s': %lu bytes used; raise max-heap or drop references",
            gw_collects_in_vain(heap) ? "hardly any room, cycle after cycle," : "no room", request->bytes, request->type->name,
            (unsigned long)gw_heap_used_bytes(heap));
    return 0;
}

/* That of eden, or while the program is to assist a cycle one before it. */
static bool reached_limit(const struct request *request)
{
    return request->heap->mutator->thread->alloc + request->bytes > gw_heap_room_end(request->heap);
}

/* Several threads assist when they have been given so many pieces. */
static bool is_to_assist(const struct gw_heap *heap)
{
    return gw_world_is_shared(heap) && heap->cycle.phase != GW_PHASE_IDLE && heap->cycle.given_bytes >= gw_pacing_slice_bytes(heap);
}

/* The piece of eden at hand is used up, which is no reason to collect while there is another, nor to assist a cycle. */
static bool left_a_piece(const struct request *request)
{
    struct gw_heap *heap = request->heap;
    if (gw_nursery_is_whole(&heap->nursery) && !gw_world_is_shared(heap)) return false;
    if (is_large(request) || gw_heap_wants_minor(heap) || gw_options_stress(&heap->options) || is_to_assist(heap)) return false;
    if (heap->mutator->thread->alloc + request->bytes <= heap->mutator->piece.end) return false;
    return gw_heap_next_piece(heap, request->bytes + 8);
}

/* Allocation came where the account expected it to be full, and it is not: prices have fallen since. */
static void look_again(const struct request *request)
{
    struct gw_heap *heap = request->heap;
    if (!heap->account.end || heap->mutator->thread->alloc + request->bytes <= heap->account.end) return;
    gw_account_look(heap);
    gw_heap_set_limit(heap);
}

/* This is a stop like any other. Whoever asked for it has closed the limit. */
static void answer_poll(struct gw_heap *heap, const struct gw_entry *entry)
{
    gw_world_let_stop(heap, entry);
    gw_answer_others(heap, entry);
    if (gw_likely(!gw_thread_is_asked(heap->mutator->thread))) return;
    gw_heap_answer_poll(heap);
}

static uintptr_t allocate_or_collect(const struct request *request)
{
    struct gw_heap *heap = request->heap;
    answer_poll(heap, request->entry);
    if (gw_options_stress(&heap->options)) stress(request);
    if (left_a_piece(request)) return attempt(request);
    if (gw_heap_wants_minor(heap)) gw_collect_young(heap, request->entry);
    else if (is_large(request)) gw_assist_large(heap, request->entry, request->bytes);
    else if (heap->cycle.phase != GW_PHASE_IDLE && reached_limit(request)) gw_assist(heap, request->entry);
    else look_again(request);
    uintptr_t ref = attempt(request);
    if (ref || is_large(request)) return ref;
    bool collected;
    do {
        collected = gw_collect_young(heap, request->entry);
        ref = attempt(request);
    } while (!ref && !collected);
    return ref;
}

/* Eden may be filled as the heap limit goes, but old objects lie in it, and leave no piece as large. */
static uintptr_t allocate_beside(const struct request *request)
{
    const struct gw_heap *heap = request->heap;
    size_t used = gw_heap_eden_used(heap);
    if (is_large(request) || gw_nursery_is_whole(&heap->nursery) || used + request->bytes > heap->nursery.usable_bytes) return 0;
    uintptr_t ref = large_fits(request, 1) ? allocate_remembered(request) : 0;
    return ref ? complete(request, ref) : 0;
}

static uintptr_t allocate_unsampled(const struct request *request)
{
    struct gw_heap *heap = request->heap;
    if (may_not_collect(heap, request->bytes)) {
        uintptr_t ref = allocate_without_collecting(request);
        if (ref) return ref;
    }
    uintptr_t ref = gw_collects_in_vain(heap) ? 0 : allocate_or_collect(request);
    if (!ref) ref = allocate_beside(request);
    return ref ? ref : exhausted(request);
}

static uintptr_t allocate(const struct request *request)
{
    uintptr_t ref = allocate_unsampled(request);
    if (gw_unlikely(request->heap->samples != NULL) && ref) gw_profile_note(request->heap, request->entry, ref, request->bytes);
    return ref;
}

/* ---- Entry points ---------------------------------------------------------------------------------- */

static bool is_ready(struct gw_heap *heap, const struct gw_type *type)
{
    if (type->flags & GW_TYPE_DERIVE)
        gw_fatal("type '%s' has no layout: compile its GW_TYPE with the plug-in (gwcc), or use GW_TYPE_FIELDS", type->name);
    if (!type->destroy || gw_destructible_reserve(&heap->destructible)) return true;
    gw_fail(GW_ERROR_MEMORY, "no native memory to register the destructor of '%s'", type->name);
    return false;
}

void *gw_alloc_from(const struct gw_type *type, const struct gw_entry *entry)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_to_collect("gw_alloc", entry);
    if (type->element_size) gw_fatal("gw_alloc: '%s' is an array type; use gw_alloc_array", type->name);
    gw_finalizers_at_allocation(heap, entry);
    if (!is_ready(heap, type)) return NULL;
    struct request request = {heap, type, entry, 0, gw_cell_bytes(type->size)};
    return (void *)allocate(&request);
}

/* The handler may not return, which the program counts on. */
static void *never_fits(struct request *request)
{
    size_t fixed = request->type->size;
    if (__builtin_mul_overflow(request->count, request->type->element_size, &request->bytes) ||
        __builtin_add_overflow(request->bytes, fixed, &request->bytes))
        request->bytes = SIZE_MAX;
    gw_probe_out_of_memory(request->heap, request->bytes, request->type->name, gw_heap_used_bytes(request->heap));
    while (ask_handler(request)) continue;
    gw_fail(GW_ERROR_MEMORY, "%zu elements of '%s' are more than the heap can ever hold", request->count, request->type->name);
    return NULL;
}

void *gw_alloc_array_from(const struct gw_type *type, size_t count, const struct gw_entry *entry)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_to_collect("gw_alloc_array", entry);
    if (!type->element_size) gw_fatal("gw_alloc_array: '%s' is not an array type; use gw_alloc", type->name);
    if (type->size > heap->bytes || count > (heap->bytes - type->size) / type->element_size)
        return never_fits(&(struct request){heap, type, entry, count, 0});
    gw_finalizers_at_allocation(heap, entry);
    if (!is_ready(heap, type)) return NULL;
    return gw_alloc_object(heap, type, count, entry);
}

void *gw_alloc_object(struct gw_heap *heap, const struct gw_type *type, size_t count, const struct gw_entry *entry)
{
    struct request request = {heap, type, entry, count, gw_cell_bytes(type->size + count * type->element_size)};
    return (void *)allocate(&request);
}

/* What room is taken for, in messages; the objects bring their own types. */
static const struct gw_type several_objects = {.name = "several objects"};

/* The eden or nothing: an object born old would not have neighbours, and of one that is sampled the type is wanted. Whoever gets nothing
 * allocates one by one. */
char *gw_alloc_room_from(size_t bytes, const struct gw_entry *entry)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_to_collect("gw_alloc_room", entry);
    struct request request = {heap, &several_objects, entry, 0, bytes};
    if (heap->samples && gw_profile_is_due(heap, bytes)) return NULL;
    gw_finalizers_at_allocation(request.heap, entry);
    uintptr_t ref = may_not_collect(request.heap, bytes) ? attempt(&request) : allocate_or_collect(&request);
    return ref ? (char *)gw_header(ref) : NULL;
}
