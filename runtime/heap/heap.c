/* Creating, attaching and destroying heaps. */
#define _GNU_SOURCE /* secure_getenv */
#include "heap/heap.h"

#include "heap/default_limit.h"
#include "heap/existing.h"
#include "heap/native_stack.h"
#include "heap/options.h"
#include "os/linux/memory.h"
#include "heap/shadow_stack.h"
#include "heap/stack_marks.h"
#include "observe/report.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>

_Thread_local struct gw_thread gw_current_thread;

const char *gw_version(void)
{
    return GW_VERSION;
}

struct gw_heap *gw_heap_here(const char *what)
{
    struct gw_heap *heap = gw_current_thread.heap;
    if (gw_unlikely(!heap)) gw_fatal("%s: no heap is attached to this thread; call gw_init or gw_attach first", what);
    return heap;
}

static unsigned edens(const struct gw_heap *heap)
{
    return heap->options.stress_move || heap->options.poison ? 2 : 1;
}

size_t gw_heap_survivor_bytes(const struct gw_heap *heap)
{
    const struct gw_nursery *nursery = &heap->nursery;
    return (size_t)(nursery->survivors_end - gw_survivors(nursery, nursery->survivor));
}

size_t gw_heap_young_bytes(const struct gw_heap *heap)
{
    return gw_heap_survivor_bytes(heap) + gw_nursery_used(&heap->nursery, heap->thread->alloc);
}

uint64_t gw_heap_allocated_bytes(const struct gw_heap *heap)
{
    return heap->stats.allocated_bytes + (uint64_t)(heap->thread->alloc - heap->nursery.resume);
}

uint64_t gw_heap_used_bytes(const struct gw_heap *heap)
{
    uint64_t old = (uint64_t)heap->old.blocks.used << GW_BLOCK_SHIFT;
    return heap->eden.bytes * edens(heap) + gw_heap_survivor_bytes(heap) + old;
}

/* ---- Reserving ------------------------------------------------------------------------------------- */

static bool reserve_range(struct gw_heap *heap)
{
    gw_nursery_init(&heap->nursery, gw_largest_eden(&heap->options));
    size_t young = gw_round_up(gw_nursery_bytes(&heap->nursery), GW_BLOCK_BYTES);
    heap->bytes = young + gw_round_up(heap->options.max_heap, GW_BLOCK_BYTES);
    heap->base = gw_reserve(heap->bytes, GW_HUGE_PAGE_BYTES);
    if (!heap->base) return false;
    heap->nursery.base = heap->base;
    if (!heap->options.pause_ns) gw_prefer_huge_pages(heap->base, young); /* clearing one takes as long as a short pause */
    heap->nursery.resume = gw_eden(&heap->nursery, 0);
    heap->nursery.survivors_end = gw_survivors(&heap->nursery, 0);
    return gw_old_space_init(&heap->old, heap->base, heap->bytes, heap->base + young,
                             (uint32_t)((heap->bytes - young) >> GW_BLOCK_SHIFT));
}

static size_t verify_bytes(const struct gw_heap *heap)
{
    return (gw_nursery_bytes(&heap->nursery) >> GW_GRANULE_SHIFT) / 8 + 8;
}

static bool init_heap(struct gw_heap *heap)
{
    size_t limit = heap->options.max_heap;
    if (!reserve_range(heap)) return false;
    if (!gw_recorded_init(&heap->recorded, (uintptr_t)heap->base, heap->bytes)) return false;
    heap->minor_capacity = gw_nursery_bytes(&heap->nursery) / GW_SMALLEST_CELL;
    heap->minor_stack = gw_reserve(heap->minor_capacity * sizeof(uintptr_t), 4096);
    heap->mark.capacity = GW_MARK_STACK_WORDS;
    heap->mark.stack = gw_reserve(GW_MARK_STACK_WORDS * sizeof(uintptr_t), 4096);
    if (!heap->minor_stack || !heap->mark.stack) return false;
    heap->verify_bits = gw_reserve(verify_bytes(heap), 4096);
    if (!heap->verify_bits) return false;
    gw_finalizers_init(&heap->finalizers);
    heap->old.poison = heap->options.poison;
    uint64_t young = heap->nursery.eden_bytes * edens(heap);
    if (limit < young + GW_BLOCK_BYTES) return false;
    uint64_t blocks = (limit - young) >> GW_BLOCK_SHIFT;
    if (blocks < heap->old.max_blocks) heap->old.max_blocks = (uint32_t)blocks;
    heap->stress_countdown = heap->options.stress_every;
    return true;
}

void gw_heap_end_searches(struct gw_heap *heap, const struct gw_path_search *search)
{
    while (heap->searches != search) {
        struct gw_path_search *ended = heap->searches;
        heap->searches = ended->around;
        gw_address_table_destroy(&ended->reached);
        free(ended);
    }
}

static void free_heap(struct gw_heap *heap)
{
    if (heap->verify_bits) gw_release(heap->verify_bits, verify_bytes(heap));
    if (heap->minor_stack) gw_release(heap->minor_stack, heap->minor_capacity * sizeof(uintptr_t));
    if (heap->mark.stack) gw_release(heap->mark.stack, heap->mark.capacity * sizeof(uintptr_t));
    if (heap->recorded.cards_bytes) gw_recorded_destroy(&heap->recorded);
    gw_old_space_destroy(&heap->old, heap->bytes);
    if (heap->sanity.reached) gw_release(heap->sanity.reached, heap->sanity.bytes);
    if (heap->sanity.existed) gw_release(heap->sanity.existed, heap->sanity.bytes);
    gw_pauses_destroy(&heap->pauses);
    gw_pauses_destroy(&heap->minor_pauses);
    gw_pauses_destroy(&heap->steps);
    free(heap->destructible.young);
    gw_heap_end_searches(heap, NULL);
    gw_handles_destroy(&heap->handles);
    gw_scoped_handles_destroy(&heap->scoped);
    gw_weak_cells_destroy(&heap->cells);
    gw_finalizers_destroy(&heap->finalizers);
    gw_identity_destroy(&heap->identity);
    gw_address_table_destroy(&heap->pins.table);
    gw_registered_roots_destroy(&heap->registered);
    gw_root_index_destroy(&heap->native_roots);
    gw_root_index_destroy(&heap->thread_roots.index);
    if (heap->base) gw_release(heap->base, heap->bytes);
    free(heap);
}

static gw_status create(const struct gw_options *options, struct gw_heap **result)
{
    struct gw_heap *heap = calloc(1, sizeof *heap);
    if (!heap) return gw_fail(GW_ERROR_MEMORY, "gw_heap_create: no native memory for the heap's record");
    heap->options = *options;
    if (!init_heap(heap)) {
        size_t bytes = heap->bytes;
        free_heap(heap);
        return gw_fail(GW_ERROR_MEMORY,
                       "gw_heap_create: the operating system refused an address range of %zu MB; lower max-heap or raise "
                       "the address space limit (ulimit -v)",
                       bytes >> 20);
    }
    heap->cycle.goal_bytes = 2 * gw_first_eden(&heap->options);
    heap->eden.least = heap->options.pause_ns ? gw_nursery_smallest_eden(&heap->nursery) : gw_first_eden(&heap->options);
    heap->eden.bytes = heap->eden.least;
    gw_status status = gw_existing_add(heap);
    if (status == GW_OK) *result = heap;
    else free_heap(heap);
    return status;
}

/* Without a limit of the program's own: the default, or less where that is refused. */
static gw_status create_with_default(struct gw_options *options, struct gw_heap **result)
{
    struct gw_default_limit limit = gw_default_limit(options);
    size_t nursery = options->nursery;
    gw_status status = GW_ERROR_MEMORY;
    for (size_t bytes = limit.bytes; status == GW_ERROR_MEMORY && bytes >= GW_SMALLEST_HEAP; bytes /= 2) {
        options->max_heap = bytes;
        options->nursery = nursery;
        status = gw_options_complete(options);
        if (status == GW_OK) status = create(options, result);
    }
    if (status == GW_OK && options->log) gw_default_limit_tell(&limit, options->max_heap);
    return status;
}

gw_status gw_heap_create(const struct gw_options *options, struct gw_heap **result)
{
    struct gw_options complete;
    if (!result) return gw_fail(GW_ERROR_ARGUMENT, "gw_heap_create: nowhere to put the heap");
    gw_options_default(&complete);
    if (options) complete = *options;
    *result = NULL;
    gw_status status = gw_options_complete(&complete);
    if (status != GW_OK) return status;
    return complete.max_heap ? create(&complete, result) : create_with_default(&complete, result);
}

gw_status gw_heap_destroy(struct gw_heap *heap)
{
    if (!heap) return gw_fail(GW_ERROR_ARGUMENT, "gw_heap_destroy: no heap");
    gw_status status = gw_existing_remove(heap);
    if (status == GW_OK) free_heap(heap);
    return status;
}

/* ---- The nursery's limit --------------------------------------------------------------------------- */

/* At worst every byte of the nursery is promoted, an eighth is lost to rounding, and each size class opens a block. */
static size_t promotable_bytes(const struct gw_heap *heap)
{
    uint32_t blocks = heap->old.max_blocks - heap->old.blocks.used;
    if (heap->old.blocks.used > heap->old.max_blocks || blocks <= GW_SIZE_CLASSES) return 0;
    return ((size_t)(blocks - GW_SIZE_CLASSES) << GW_BLOCK_SHIFT) / 9 * 8 & ~(size_t)7;
}

void gw_heap_open_nursery(struct gw_heap *heap)
{
    struct gw_nursery *nursery = &heap->nursery;
    size_t room = promotable_bytes(heap);
    size_t survivors = gw_heap_survivor_bytes(heap);
    room = room > survivors ? room - survivors : 0;
    nursery->usable_bytes = room < heap->eden.bytes ? room : heap->eden.bytes;
    gw_heap_set_limit(heap);
}

/* ---- The limit of inline allocation ---------------------------------------------------------------- */

char *gw_heap_room_end(const struct gw_heap *heap)
{
    char *end = gw_nursery_limit(&heap->nursery), *assist = heap->cycle.assist_at;
    return assist && assist < end ? assist : end;
}

static bool too_much_recorded(const struct gw_recorded *recorded)
{
    return recorded->overflowed || recorded->remembered_count >= GW_REMEMBERED_HIGH ||
           recorded->array_count >= GW_REMEMBERED_HIGH;
}

/* Registered objects that die together must fit in a survivor space, or they fill the old generation until its next cycle. */
static bool too_much_registered(const struct gw_heap *heap)
{
    return heap->finalizers.young_bytes > gw_heap_survivor_room(heap) / 4 * 3;
}

bool gw_heap_wants_minor(const struct gw_heap *heap)
{
    return too_much_recorded(&heap->recorded) || too_much_registered(heap) || heap->cycle.wanted;
}

void gw_heap_set_limit(struct gw_heap *heap)
{
    bool slow = heap->callback.what || gw_options_stress(&heap->options) || gw_heap_wants_minor(heap) ||
                gw_finalizers_want_allocation(&heap->finalizers);
    heap->thread->limit = slow ? NULL : gw_heap_room_end(heap);
}

void gw_heap_check(const struct gw_heap *heap)
{
    const struct gw_thread *thread = heap->thread;
    gw_nursery_check(&heap->nursery, thread->alloc);
    gw_old_space_check(&heap->old);
    gw_recorded_check(&heap->recorded);
    if (!gw_root_index_check(&heap->native_roots) || !gw_root_index_check(&heap->thread_roots.index))
        gw_fatal("the index of native roots contradicts itself");
    if (!gw_stack_marks_check(thread)) gw_fatal("the marks of stack variables contradict themselves");
    if (heap->mark.depth > heap->mark.capacity) gw_fatal("the mark stack is %zu deep of %zu", heap->mark.depth, heap->mark.capacity);
    if (heap->minor_depth) gw_fatal("%zu promoted objects were never scanned", heap->minor_depth);
}

/* ---- Attaching ------------------------------------------------------------------------------------- */

/* A thread that ends gives its heap back, after whatever else ends with it has used it. The system runs destructors of thread-specific data in
 * rounds; the last one is left to what looks at the threads themselves: ThreadSanitizer lets nobody take a lock after its own part in it. */
#define ROUNDS (PTHREAD_DESTRUCTOR_ITERATIONS - 1)
static pthread_key_t thread_end;
static bool thread_end_known;
static pthread_once_t thread_end_once = PTHREAD_ONCE_INIT;
static _Thread_local unsigned rounds;

static void end_thread(void *unused)
{
    struct gw_heap *heap = gw_current_thread.heap;
    if (!heap) return;
    if (++rounds < ROUNDS && pthread_setspecific(thread_end, unused) == 0) return;
    rounds = 0;
    if (heap->callback.frame) heap->callback = (struct gw_callback){0};
    heap->finalizers.running = 0;
    gw_heap_detach(heap);
}

static void make_thread_end(void)
{
    thread_end_known = pthread_key_create(&thread_end, end_thread) == 0;
}

static bool watch_thread_end(void)
{
    return pthread_once(&thread_end_once, make_thread_end) == 0 && thread_end_known &&
           pthread_setspecific(thread_end, &gw_current_thread) == 0;
}

gw_status gw_heap_attach(struct gw_heap *heap)
{
    gw_status status = gw_native_stack_find();
    if (status != GW_OK) return status;
    if (!watch_thread_end()) return gw_fail(GW_ERROR_MEMORY, "gw_attach: no room to be told of this thread's end");
    status = gw_existing_attach(heap);
    if (status != GW_OK) return status;
    gw_current_thread.heap = heap;
    gw_current_thread.cards = heap->recorded.cards;
    gw_current_thread.cards_base = heap->recorded.base;
    gw_current_thread.cards_count = heap->recorded.cards_bytes;
    gw_current_thread.card_patience = GW_CARD_PATIENCE;
    heap->thread_roots.generation = 0;
    memset(heap->native_places, 0, sizeof heap->native_places);
    gw_current_thread.alloc = heap->nursery.resume;
    gw_heap_open_nursery(heap);
    return GW_OK;
}

void gw_heap_detach(struct gw_heap *heap)
{
    heap->nursery.resume = gw_current_thread.alloc;
    free(heap->known_stack);
    heap->known_stack = NULL;
    gw_existing_detach(heap);
    /* Frames that are still running keep their words on the shadow stack. */
    gw_current_thread = (struct gw_thread){.shadow_base = gw_current_thread.shadow_base,
                                           .shadow_top = gw_current_thread.shadow_top,
                                           .shadow_limit = gw_current_thread.shadow_limit,
                                           .surveys = gw_current_thread.surveys,
                                           .marks = gw_current_thread.marks,
                                           .marks_from = gw_current_thread.marks_from,
                                           .marks_count = gw_current_thread.marks_count};
    gw_shadow_stack_release(&gw_current_thread);
}

gw_status gw_init(const char *text)
{
    struct gw_options options;
    if (gw_current_thread.heap)
        return gw_fail(GW_ERROR_STATE, "gw_init: this thread has a heap attached already; gw_heap_create makes another");
    gw_options_default(&options);
    gw_status status = text ? gw_options_apply(text, &options) : GW_OK;
    const char *environment = secure_getenv("GREYWAVE");
    if (status == GW_OK && environment) {
        status = gw_options_apply(environment, &options);
        if (status != GW_OK) {
            char complaint[256];
            strncpy(complaint, gw_error_text(), sizeof complaint - 1);
            complaint[sizeof complaint - 1] = '\0';
            return gw_fail(status, "environment variable GREYWAVE: %s", complaint);
        }
    }
    struct gw_heap *heap;
    if (status == GW_OK) status = gw_heap_create(&options, &heap);
    if (status != GW_OK) return status;
    status = gw_attach(heap);
    if (status != GW_OK) gw_heap_destroy(heap);
    return status;
}
