/* Heaps come to threads, and leave them. */
#include "heap/existing.h"

#include "base/report.h"
#include "heap/world.h"
#include "mutator/native_stack.h"
#include "os/linux/thread_stack.h"
#include "mutator/shadow_stack.h"
#include "roots/image_notes.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A thread that ends gives its heap back, after whatever else ends with it has used it. The system runs destructors of thread-specific data
 * in rounds; the last one is left to what looks at the threads themselves: ThreadSanitizer lets nobody take a lock after its own part in
 * it. */
#define ROUNDS (PTHREAD_DESTRUCTOR_ITERATIONS - 1)
static pthread_key_t thread_end;
static bool thread_end_known;
static pthread_once_t thread_end_once = PTHREAD_ONCE_INIT;
static _Thread_local unsigned rounds;

static void end_thread(void *unused)
{
    struct gw_mutator *mutator = gw_current_thread.mutator;
    if (!mutator) return;
    if (++rounds < ROUNDS && pthread_setspecific(thread_end, unused) == 0) return;
    rounds = 0;
    struct gw_heap *heap = mutator->heap;
    if (!gw_current_thread.heap) gw_world_come_back(heap); /* it has ended outside */
    if (mutator->callback.frame) mutator->callback = (struct gw_callback){0};
    mutator->finalizer = 0;
    gw_heap_detach(heap, true);
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

/* ---- Records --------------------------------------------------------------------------------------- */

void gw_end_searches(struct gw_mutator *mutator, const struct gw_path_search *search)
{
    while (mutator->searches != search) {
        struct gw_path_search *ended = mutator->searches;
        mutator->searches = ended->around;
        gw_address_table_destroy(&ended->reached);
        free(ended);
    }
}

static void free_record(struct gw_heap *heap, struct gw_mutator *mutator)
{
    gw_root_index_destroy(&mutator->thread_roots.index);
    gw_end_searches(mutator, NULL);
    if (mutator != &heap->first) free(mutator);
}

void gw_heap_free_mutators(struct gw_heap *heap)
{
    for (struct gw_mutator *mutator = heap->idle, *next; mutator; mutator = next) {
        next = mutator->next;
        free_record(heap, mutator);
    }
}

static struct gw_mutator *new_record(struct gw_heap *heap)
{
    struct gw_mutator *mutator = calloc(1, sizeof *mutator);
    if (!mutator || gw_thread_stacks_init(&mutator->stacks, &heap->stacks)) return mutator;
    free(mutator);
    return NULL;
}

/* From inside. */
static struct gw_mutator *take_record(struct gw_heap *heap)
{
    struct gw_mutator *mutator = heap->idle;
    if (!mutator) return new_record(heap);
    heap->idle = mutator->next;
    return mutator;
}

static void put_record(struct gw_heap *heap, struct gw_mutator *mutator)
{
    mutator->thread = NULL;
    mutator->next = heap->idle;
    heap->idle = mutator;
}

/* ---- Attaching ------------------------------------------------------------------------------------- */

static void begin_thread(struct gw_heap *heap, struct gw_mutator *mutator)
{
    gw_current_thread.heap = heap;
    gw_current_thread.mutator = mutator;
    gw_current_thread.record_bytes = sizeof gw_current_thread;
    gw_current_thread.cards = heap->recorded.cards;
    gw_current_thread.cards_base = heap->recorded.base;
    gw_current_thread.cards_count = heap->recorded.cards_bytes;
    gw_current_thread.card_patience = GW_CARD_PATIENCE;
    gw_current_thread.card_budget = mutator->armed = INT64_MAX;
    mutator->thread = &gw_current_thread;
    mutator->heap = heap;
    mutator->number = gw_thread_number();
    mutator->native_stack = &gw_native_stack;
    mutator->thread_roots.generation = 0;
    mutator->piece = (struct gw_piece){0};
    mutator->counted_from = NULL;
    memset(mutator->native_places, 0, sizeof mutator->native_places);
    gw_stacks_attach(&mutator->stacks);
}

/* A thread that loops without a poll would keep all others waiting. */
static gw_status check_polls(const struct gw_heap *heap)
{
    const char *image = heap->options.ignore_polls ? NULL : gw_image_without_polls();
    if (!image) return GW_OK;
    return gw_fail(
        GW_ERROR_STATE,
        "gw_attach: the heap is attached to another thread, and %s has loops that do not poll, so that one thread could keep the "
        "other from collecting for ever: compile with -pthread or --polls, or set option polls=ignore",
        image);
}

static gw_status join(struct gw_heap *heap)
{
    gw_world_let_in(heap);
    if (heap->mutators && heap->promise.bytes) {
        gw_world_let_out(heap);
        return gw_fail(GW_ERROR_STATE, "gw_attach: another thread has called gw_no_collect_begin, and is to call gw_no_collect_end first");
    }
    struct gw_mutator *mutator = take_record(heap);
    if (!mutator) {
        gw_world_let_out(heap);
        return gw_fail(GW_ERROR_MEMORY, "gw_attach: no native memory for what a heap knows of a thread");
    }
    begin_thread(heap, mutator);
    gw_world_join(heap, mutator);
    heap->knows_variables = false;
    gw_heap_take_piece(heap);
    gw_heap_open_nursery(heap);
    gw_account_look(heap);
    gw_heap_left(&heap);
    return GW_OK;
}

gw_status gw_heap_attach(struct gw_heap *heap)
{
    gw_status status = gw_native_stack_find();
    if (status != GW_OK) return status;
    if (!watch_thread_end()) return gw_fail(GW_ERROR_MEMORY, "gw_attach: no room to be told of this thread's end");
    bool first;
    status = gw_existing_expect(heap, &first);
    if (status != GW_OK) return status;
    if (!first) status = check_polls(heap);
    if (status == GW_OK) status = join(heap);
    if (status != GW_OK) gw_existing_leave(heap);
    return status;
}

void gw_heap_detach(struct gw_heap *heap, bool ends)
{
    gw_world_enter(heap);
    if (ends) gw_stacks_thread_ends(&heap->stacks, &gw_current_thread);
    gw_account_look(heap); /* counts what the thread's record counted */
    gw_heap_return_piece(heap);
    gw_stacks_detach(&heap->stacks, &heap->mutator->stacks);
    put_record(heap, gw_world_part(heap));
    gw_world_let_out(heap);
    gw_existing_leave(heap);
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
