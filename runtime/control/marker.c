/* The marker's loop. */
#define _GNU_SOURCE /* pthread_setname_np */
#include "control/marker.h"

#include "control/cycle.h"
#include "control/pacing.h"
#include "engine/parallel_copy.h"
#include "os/linux/clock.h"

#include <signal.h>

#define SLOTS_AT_ONCE 64 /* about as many as take a microsecond or two, from memory: then it looks whether it is called */

/* Longer stretches are noted and paid for in parts, so that the program's pacing sees them in time. */
#define STRETCH_NS 200000

static bool is_called(const struct gw_marker *marker)
{
    return __atomic_load_n(&marker->called, __ATOMIC_RELAXED);
}

/* What a phase's work is paid with, as for the program's pieces: bytes marked, or time. */
static void note(struct gw_heap *heap, uint64_t marked, uint64_t ns)
{
    heap->marker.bytes += marked;
    heap->marker.ns += ns;
    heap->cycle.beside_ns += ns;
    gw_pacing_credit(heap, heap->cycle.phase == GW_PHASE_MARK ? marked : ns);
}

/* While the marker holds the heap, until a thread wants it. A heap that is attached to no thread rests. False: there is nothing to do. */
static bool work_for_a_while(struct gw_heap *heap)
{
    struct gw_marker *marker = &heap->marker;
    uint64_t start = gw_now_ns(), now = start, marked = heap->mark.live_bytes;
    bool more = heap->mutators && !marker->ends;
    while (more && !is_called(marker) && now - start < STRETCH_NS) {
        for (unsigned i = 0; more && i < 16 && !is_called(marker); i++) more = gw_cycle_step_beside(heap, SLOTS_AT_ONCE);
        now = gw_now_ns();
    }
    note(heap, heap->mark.live_bytes - marked, now - start);
    return more;
}

static void let_others_in(const struct gw_marker *marker)
{
    while (is_called(marker)) gw_spin();
}

static void *run(void *context)
{
    struct gw_heap *heap = context;
    struct gw_marker *marker = &heap->marker;
    for (bool ends = false; !ends;) {
        while (!__atomic_load_n(&marker->work, __ATOMIC_RELAXED)) gw_futex_wait(&marker->work, 0, 0);
        if (__atomic_fetch_and(&marker->work, ~GW_MARKER_COPIES, __ATOMIC_RELAXED) & GW_MARKER_COPIES) gw_parallel_join(heap);
        if (!__atomic_load_n(&marker->work, __ATOMIC_RELAXED)) continue;
        let_others_in(marker);
        gw_mutex_take(&marker->at_work);
        if (!work_for_a_while(heap)) __atomic_store_n(&marker->work, 0, __ATOMIC_RELAXED);
        ends = marker->ends;
        gw_mutex_release(&marker->at_work);
    }
    return NULL;
}

/* The program's signals are for its own threads. */
void gw_marker_start(struct gw_heap *heap)
{
    sigset_t all, before;
    struct gw_marker *marker = &heap->marker;
    if (!heap->options.helpers) return;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    marker->exists = heap->world.watched = pthread_create(&marker->thread, NULL, run, heap) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (marker->exists) pthread_setname_np(marker->thread, "gw-marker");
}

void gw_marker_end(struct gw_heap *heap)
{
    struct gw_marker *marker = &heap->marker;
    if (!marker->exists) return;
    gw_mutex_take(&marker->at_work);
    marker->ends = true;
    __atomic_store_n(&marker->work, GW_MARKER_MARKS, __ATOMIC_RELAXED);
    gw_mutex_release(&marker->at_work);
    gw_futex_wake(&marker->work, 1);
    pthread_join(marker->thread, NULL);
    marker->exists = false;
}

void gw_marker_offer(struct gw_heap *heap)
{
    gw_phase phase = heap->cycle.phase;
    bool its = phase == GW_PHASE_MARK || phase == GW_PHASE_SWEEP || phase == GW_PHASE_RETURN;
    if (heap->marker.parked && its) heap->marker.offered = true;
}
