/* Heaps come to threads, and leave them. */
#include "heap/existing.h"

#include "base/report.h"
#include "mutator/native_stack.h"
#include "mutator/shadow_stack.h"

#include <limits.h>
#include <pthread.h>
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
    struct gw_heap *heap = gw_current_thread.heap;
    if (!heap) return;
    if (++rounds < ROUNDS && pthread_setspecific(thread_end, unused) == 0) return;
    rounds = 0;
    if (heap->mutator.callback.frame) heap->mutator.callback = (struct gw_callback){0};
    heap->finalizers.running = 0;
    gw_stacks_thread_ends(&heap->mutator.stacks);
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
    gw_current_thread.record_bytes = sizeof gw_current_thread;
    gw_current_thread.cards = heap->recorded.cards;
    gw_current_thread.cards_base = heap->recorded.base;
    gw_current_thread.cards_count = heap->recorded.cards_bytes;
    gw_current_thread.card_patience = GW_CARD_PATIENCE;
    gw_current_thread.card_budget = heap->account.armed;
    heap->mutator.thread_roots.generation = 0;
    heap->mutator.knows_variables = false;
    gw_stacks_attach(&heap->mutator.stacks);
    memset(heap->mutator.native_places, 0, sizeof heap->mutator.native_places);
    gw_current_thread.alloc = heap->nursery.resume;
    gw_heap_open_nursery(heap);
    gw_account_look(heap);
    return GW_OK;
}

void gw_heap_detach(struct gw_heap *heap)
{
    heap->nursery.resume = gw_current_thread.alloc;
    gw_account_look(heap); /* counts what the thread's record counted */
    gw_stacks_detach(&heap->mutator.stacks);
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
