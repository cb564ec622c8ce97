/* A heap: its address range, spaces, recorded writes, roots, and the state of its collections.
 *
 *     range:  blocks, of which the nursery's are the first
 *
 * Everything of a heap hangs here; there is no other state but the registry of modules and which heaps there are (existing.h). The rooms
 * above work on it, and this one calls none of them.
 */
#ifndef GW_HEAP_HEAP_H
#define GW_HEAP_HEAP_H

#include "spaces/nursery.h"
#include "spaces/old_space.h"
#include "spaces/recorded.h"
#include "mutator/mutator.h"
#include "heap/account.h"
#include "mutator/registered_roots.h"
#include "heap/finalizable.h"
#include "heap/identity.h"
#include "spaces/frozen.h"
#include "heap/pins.h"
#include "heap/weak_cells.h"
#include "base/pauses.h"
#include "os/linux/futex.h"
#include "roots/globals.h"
#include "roots/root_index.h"
#include <greywave/greywave.h>

#include <pthread.h>

/* Objects still to be traced, and references still to be looked at. See engine/mark.h. */
#define GW_MARK_STACK_WORDS ((size_t)1 << 19)
#define GW_PREFETCH_SLOTS 64 /* a power of two */
struct gw_mark {
    uintptr_t *stack;
    size_t depth, capacity;
    bool beside;                        /* the program runs meanwhile */
    bool overflowed;                    /* some block is flagged `retrace` */
    uint32_t retrace_block;             /* next block to look at for the flag */
    uint32_t retrace_idle;              /* blocks looked at since the last flagged one */
    size_t retrace_from, retrace_end;   /* granules of the flagged block at hand that are still to be looked at */
    uintptr_t queue[GW_PREFETCH_SLOTS]; /* discovered, being prefetched */
    unsigned queue_head, queue_tail;    /* both only grow; their difference is what waits */
    uint64_t live_bytes;
};

/* Young objects whose type has a destructor. See engine/destructors.h. */
struct gw_destructible {
    uintptr_t *young;
    size_t count, capacity;
};

/* How far a cycle has come with roots that are looked at in pieces. See engine/mark_roots.h. */
struct gw_root_cursor {
    const struct gw_handle_slab *slab;
    size_t slab_part;
    struct gw_globals_cursor globals;
    size_t statics;
    struct gw_registered_cursor registered;
};

/* Where the major cycle stands. Every phase has a cursor, so that it can stop anywhere. */
struct gw_cycle {
    enum gw_phase phase;
    struct gw_root_cursor roots;
    uint32_t sweep_cursor;
    uint32_t return_cursor;
    uint64_t live_bytes;          /* used when the last cycle ended, external memory included */
    uint64_t live_external;       /* of it, external memory that has not been given back since */
    uint64_t unexamined;          /* of it, what came while the cycle was disabled or memory beyond the goal: taken for live, unseen */
    uint64_t goal_bytes;          /* what the old generation's used bytes should not exceed before the next cycle */
    uint64_t last_promotion;      /* bytes promoted by the last minor collection */
    bool disabled;                /* gw_disable: no cycle starts by itself while the limit is far */
    bool wanted;                  /* the next allocation is to start a cycle */
    bool asked;                   /* the next minor collection is to: a step by hand had no time for one */
    char *assist_at;              /* allocation that comes here assists; NULL: nowhere */
    uint64_t given_bytes;         /* pieces of eden since the last assist */
    bool program_ran;             /* since this cycle's roots were looked at */
    uint32_t units[GW_PHASES];    /* of a piece of each phase, adapted to the time they take */
    uint64_t piece_ns[GW_PHASES]; /* what a piece of each phase took of late, the highest */

    /* Pacing, see control/pacing.h. */
    double rate;          /* bytes of work owed for each byte that comes to the old generation */
    double debt;          /* bytes of work owed */
    unsigned slices_left; /* in which to work it off before the next minor collection */
    double cost;          /* ns of work for a byte that was in use when the last cycle ended; 0: there was none */
    uint64_t came_bytes;  /* to the old generation since the cycle began */
    uint64_t by_hand_ns;  /* that steps by hand have spent on it */
    uint64_t runway;      /* what comes while a cycle is done by steps alone, the most of late; 0: there was none */

    /* For reports. */
    uint64_t started_ns, spent_ns, beside_ns, atomic_ns, steps; /* beside: by the marker */
    uint64_t used_at_start;
};

/* How much of eden is in use, and what that follows from. See control/eden_size.h. */
struct gw_eden_size {
    size_t bytes, least;
    size_t filled; /* what minor collections but steps' have found in it of late: less than its size where they are asked for sooner */
    double highest_cost, recent_cost; /* of the last hundred or so, and of the last few: ns for a byte of eden (gw_eden_size_note_minor) */
    /* What a minor collection may be expected to take, from the last few, the highest: ns for a byte copied out of eden and for one that
     * had survived before (0: none has been), for one that copies next to nothing, and the share of eden that is copied. */
    double copy_cost, survivor_cost, least_ns, survival;
    uint64_t stepped_at;     /* bytes allocated until the last step by hand; 0: there was none */
    bool on_trial;           /* eden has just grown; whether that pays is not known yet */
    double share_before;     /* of eden that was copied before it grew */
    unsigned wait, failures; /* collections before it may grow again; trials in a row that did not pay */
};

/* Whether survivors are kept young for another minor collection. See control/aging.h. */
struct gw_aging {
    size_t again;          /* bytes of the survivors of one minor collection that survived the last as well */
    size_t kept, survived; /* of those since the last decision: bytes, and how many survived again */
    unsigned left;         /* minor collections that promote at once, before the next ones tell */
    unsigned spell;        /* how many were to at the last decision; 0: keeping survivors paid */
};

/* Objects that a minor collection has promoted and not scanned yet. Room for every object of the nursery. */
struct gw_promotion {
    uintptr_t *stack;
    size_t depth, capacity;
};

/* A stretch without collections: gw_no_collect_begin. */
struct gw_promise {
    size_t bytes;  /* promised; 0: collections as usual */
    uint64_t from; /* bytes allocated when it was given */
};

/* Near the limit: what the program wants to do about it, and whether collecting still helps. See control/stops.h. */
struct gw_exhaustion {
    gw_oom_handler *handler; /* NULL: none */
    void *data;
    bool reached;         /* an allocation waits for what a full collection finds */
    unsigned in_vain;     /* cycles in a row that left little room */
    uint64_t relieved_at; /* bytes allocated until the last of them */
};

/* A search of gw_path_to. It hangs on its thread's record because a visitor may search again, and may leave. */
struct gw_path_search {
    struct gw_path_search *around; /* the search whose visitor began this one */
    struct gw_address_table reached;
};

/* What verify=1 notes at the start of a cycle. See verify/sanity.h. */
struct gw_sanity {
    uint64_t *reached, *existed; /* one bit a granule of the heap; NULL until first used */
    size_t bytes;                /* of each */
    size_t known;                /* words in use when the cycle began */
    bool weak_read;              /* the program has come by an object that was only weakly reachable then */
};

/* Threads that are attached. See heap/world.h. */
struct gw_world {
    struct gw_mutex inside;     /* held by the thread that is */
    bool watched;               /* several threads are attached, or a second is about to be */
    unsigned stop;              /* 1: somebody stops the others, or has */
    unsigned running;           /* of the attached threads */
    struct gw_mutator *stopper; /* the thread's that has stopped the others, or need not, being alone; NULL: nobody's */
    unsigned stops;             /* of that thread, one inside the other */
    bool others_rest;           /* for it */
    unsigned attached;          /* threads, or about to be; under the lock of existing.h */
};

/* A thread of the runtime's that marks and sweeps while the program runs. See control/marker.h. */
struct gw_marker {
    bool exists;
    struct gw_mutex at_work; /* held by it while it looks at the heap, and by the program's thread that is inside */
    bool parked;             /* the thread that is inside holds it */
    bool offered;            /* the thread that is inside has left it work */
    unsigned work;           /* there is some, as far as is known: GW_MARKER_MARKS, GW_MARKER_COPIES; it sleeps until then */
    unsigned called;         /* threads of the program that wait for it to let go */
    bool ends;
    pthread_t thread;
    uint64_t bytes, ns; /* marked by it, and at work, for reports */
    uint64_t promoted;  /* bytes, by it in minor collections */
};
#define GW_MARKER_MARKS 1u
#define GW_MARKER_COPIES 2u

/* Bytes between what two threads write, so that no cache line, nor the pair that processors fetch together, is both's. */
#define GW_APART 128

/* One of the two threads that copy in a minor collection. */
struct gw_copier {
    struct gw_minor *minor;
    uintptr_t *stack;          /* what it has moved and not scanned yet: */
    size_t base, depth;        /* from one place up to another */
    struct gw_holes *holes;    /* where it promotes to */
    struct gw_piece survivors; /* where it lays those that stay young */
    bool survivors_full;
    bool alone;             /* nothing of what it moved has been given to the other one */
    uint64_t promoted;      /* bytes of the old generation */
    size_t again;           /* of them, of objects that had survived one */
    bool saw_young, leaves; /* of what it scans: it refers to a survivor in the nursery, is for one thread alone */
    char apart[GW_APART];
};
#define GW_GIVEN 64 /* objects handed over at once */

/* Copying by two threads: the one that has stopped the others, and the marker. See engine/parallel_copy.h. */
struct gw_parallel {
    struct gw_mutex lock;
    struct gw_minor *minor;    /* that may be joined; NULL: none */
    bool joined;               /* by the marker */
    unsigned waiting;          /* copiers that have nothing to do */
    uintptr_t given[GW_GIVEN]; /* moved by one, for the other to scan */
    size_t given_count;
    uintptr_t *left; /* moved, for one thread alone to scan */
    size_t left_count;
    char apart[GW_APART];
    struct gw_copier copiers[2]; /* of the thread that has stopped the others, and of the marker */
};

struct gw_timeline;
struct gw_question;
struct gw_samples;

struct gw_heap {
    struct gw_options options;
    char *base;
    size_t bytes; /* the whole range */
    struct gw_nursery nursery;
    struct gw_old_space old;
    struct gw_recorded recorded;
    struct gw_account account;
    struct gw_mark mark;
    struct gw_cycle cycle;
    struct gw_eden_size eden;
    struct gw_aging aging;
    struct gw_sanity sanity;
    uint64_t checked_at;   /* with GW_CHECKS: bytes allocated until the last check of all structures, */
    unsigned unchecked;    /* and collections since */
    uint64_t *verify_bits; /* with verify=1: starts of young objects, while the heap is checked */
    struct gw_promotion promotion;
    struct gw_destructible destructible;
    struct gw_handles handles;
    struct gw_registered_roots registered;
    struct gw_root_index native_roots; /* the words of handles, scoped handles and registered ranges */
    struct gw_weak_cells cells;
    struct gw_finalizers finalizers;
    struct gw_identity identity;
    struct gw_pins pins;
    struct gw_frozen_blocks frozen;
    int64_t external_bytes; /* native memory that objects keep, as told by gw_external_memory */
    struct gw_world world;
    struct gw_marker marker;
    struct gw_parallel parallel;
    bool left_by_fork;    /* this process is a child, and the threads were its parent's */
    bool knows_variables; /* a minor collection has read them since a thread was attached */
    struct gw_stacks stacks;
    struct gw_mutator *mutator;  /* the thread's that is at work in the runtime, or was last */
    struct gw_mutator *mutators; /* of all threads that are attached */
    struct gw_mutator *idle;     /* of none */
    struct gw_mutator first;
    struct gw_exhaustion exhaustion;
    struct gw_question *questions; /* of other threads, and answers; see heap/questions.h */
    bool asked;                    /* one waits for an answer; other threads set it */
    uint64_t stress_countdown, stress_random;
    struct gw_promise promise;
    struct gw_hooks hooks;
    gw_stop_handler *stop_handler; /* NULL: none */
    void *stop_data;
    bool stop_requested;                   /* since the handler was called last; signal handlers set it */
    uint64_t created_ns;                   /* by CLOCK_MONOTONIC */
    const char *minor_cause, *cycle_cause; /* of the last ones, for who reads of them: log/log.h */
    bool log_began;                        /* the columns have their heads */
    struct gw_timeline *timeline;          /* that is written; NULL: none. See timeline/timeline.h */
    struct gw_samples *samples;            /* of allocations; NULL: none are taken. See heap/samples.h */
    struct gw_pauses pauses;               /* the program's, whatever they were made of */
    struct gw_pauses minor_pauses, steps;  /* minor collections; steps by hand */
    struct gw_stats stats;
};

GW_ALWAYS_INLINE bool gw_heap_contains(const struct gw_heap *heap, uintptr_t address)
{
    return address - (uintptr_t)heap->base < heap->bytes;
}

/* Ranges of phases are asked for by comparing: a phase that is put between two of these belongs to the range. */
_Static_assert(GW_PHASE_ROOTS < GW_PHASE_REMARK && GW_PHASE_REMARK < GW_PHASE_WEAK && GW_PHASE_WEAK < GW_PHASE_SWEEP, "in this order");

GW_ALWAYS_INLINE bool gw_is_marking(const struct gw_heap *heap)
{
    return heap->cycle.phase >= GW_PHASE_ROOTS && heap->cycle.phase <= GW_PHASE_REMARK;
}

/* What a minor collection, and a cycle in one piece, may be expected to take where nobody asked for a pause: a frame. */
#define GW_UNASKED_PAUSE_NS 16e6

/* Whether the program leaves the length of pauses to the collector: it has not asked for one, nor ever stepped by hand. */
GW_ALWAYS_INLINE bool gw_heap_may_pause(const struct gw_heap *heap)
{
    return !heap->options.pause_ns && !heap->eden.stepped_at;
}

/* Those of the range's first blocks that `pretouch` is about; none without. They are not given back. */
uint32_t gw_heap_touched_blocks(const struct gw_heap *heap);

/* Large pages take less time, and are cleared in one go when first touched, which a short pause has no time for; nor has it for looking
 * for a hole in all of the heap. */
void gw_heap_prefer_short_stops(struct gw_heap *heap, bool short_ones);

/* Bytes of young objects that have survived a minor collection; and how many the next one may leave young, a quarter of eden. A
 * pause target makes eden alone smaller: as much survives as ever. */
GW_ALWAYS_INLINE size_t gw_heap_survivor_bytes(const struct gw_heap *heap)
{
    const struct gw_nursery *nursery = &heap->nursery;
    return (size_t)(nursery->survivors_end - gw_survivors(nursery, nursery->survivor));
}

GW_ALWAYS_INLINE size_t gw_heap_survivor_room(const struct gw_heap *heap)
{
    return heap->options.pause_ns ? heap->nursery.survivor_bytes : gw_round_up(heap->eden.bytes / 4, 4096);
}

/* Bytes of eden in use, as gw_nursery_used says; with survivors: bytes in young objects, and in what a minor collection may have to
 * promote. */
GW_ALWAYS_INLINE size_t gw_heap_eden_used(const struct gw_heap *heap)
{
    return gw_nursery_used(&heap->nursery, heap->mutator->piece, heap->mutator->thread->alloc);
}

size_t gw_heap_young_bytes(const struct gw_heap *heap);

/* Calls `visit` for every young object; poisons what a minor collection has vacated. */
void gw_heap_each_young(const struct gw_heap *heap, gw_young_visitor *visit, void *context);
void gw_heap_poison_vacated(const struct gw_heap *heap);

/* Bytes allocated since the heap was created. They are counted when a piece of eden is left and when eden is collected: until then what
 * other threads have filled of theirs is missing. */
GW_ALWAYS_INLINE uint64_t gw_heap_allocated_bytes(const struct gw_heap *heap)
{
    return heap->stats.allocated_bytes + (uint64_t)(heap->mutator->thread->alloc - heap->mutator->counted_from);
}
void gw_heap_count_allocated(struct gw_heap *heap);

/* Bytes the heap limit counts. */
uint64_t gw_heap_used_bytes(const struct gw_heap *heap);

/* Sets how much of the nursery may be filled so that promoting all of it stays within the heap limit: the whole eden,
 * or less near the limit, down to nothing. Collections end with this. */
void gw_heap_open_nursery(struct gw_heap *heap);

/* How many blocks the old generation may take beyond what the nursery may come to need, and what gw_pin may make it need: false near the
 * heap limit. */
uint32_t gw_heap_spare_blocks(const struct gw_heap *heap);
bool gw_heap_may_pin(const struct gw_heap *heap);

/* The thread takes a piece of eden, if there is one, or gives its own back; all have none, for eden has begun anew, and this one takes its
 * first. */
void gw_heap_take_piece(struct gw_heap *heap);
void gw_heap_return_piece(struct gw_heap *heap);
void gw_heap_begin_pieces(struct gw_heap *heap);

/* How much of eden a thread is given at once: all that there is in one place, when it is alone. */
size_t gw_heap_piece_bytes(const struct gw_heap *heap);

/* Allocation goes on in the next piece of eden that has room for `bytes`, with the same way to the next assist as before. False: there is
 * none. */
bool gw_heap_next_piece(struct gw_heap *heap, size_t bytes);

/* Where allocation takes its slow path: where a piece of eden, or the way to the next assist, ends. */
char *gw_heap_room_end(const struct gw_heap *heap);

/* Sets the limit of inline allocation, which is room_end, or NULL while the next allocation is to take its slow path whatever room there
 * is. To be called when one of the reasons for that has gone; when one has come, NULL may be set instead. */
void gw_heap_set_limit(struct gw_heap *heap);

/* Whether gw_request_stop has been called since the stop handler was. */
GW_ALWAYS_INLINE bool gw_stop_is_requested(const struct gw_heap *heap)
{
    return __atomic_load_n(&heap->stop_requested, __ATOMIC_RELAXED);
}

/* This thread stands at a safepoint: its poll and limit are what they are without somebody who asks. A signal handler may ask at any
 * moment, and that is not lost. */
void gw_heap_answer_poll(struct gw_heap *heap);

/* Why a minor collection has to come before eden is full: too much is recorded or registered, or a cycle is to begin; NULL: it need not. */
const char *gw_heap_wants_minor(const struct gw_heap *heap);

/* What gw_get_stats tells; the heap may be attached or not. */
void gw_heap_stats(const struct gw_heap *heap, struct gw_stats *stats);

/* Frees the thread's searches inside `search`, or all. */
void gw_end_searches(struct gw_mutator *mutator, const struct gw_path_search *search);

/* A heap by complete options, attached nowhere. GW_ERROR_MEMORY. */
gw_status gw_heap_new(const struct gw_options *options, struct gw_heap **result);

/* Of a heap that no longer exists for the program. */
void gw_heap_free(struct gw_heap *heap);

/* Gives a heap to this thread, which has none, and takes it from there; `ends`: together with the thread. gw_heap_attach:
 * GW_ERROR_ARGUMENT, GW_ERROR_STATE, GW_ERROR_MEMORY. */
gw_status gw_heap_attach(struct gw_heap *heap);
void gw_heap_detach(struct gw_heap *heap, bool ends);

/* What the heap knows of threads that it is not attached to any more. */
void gw_heap_free_mutators(struct gw_heap *heap);

/* How many edens there are: two where what was vacated must not be used again at once. */
unsigned gw_heap_edens(const struct gw_heap *heap);

void gw_promotion_check(const struct gw_promotion *promotion);
void gw_parallel_check(const struct gw_parallel *parallel); /* outside a minor collection */
void gw_promise_check(const struct gw_promise *promise, uint64_t allocated);
void gw_exhaustion_check(const struct gw_exhaustion *exhaustion, uint64_t allocated);

/* Fatal when a structure contradicts itself. With GW_CHECKS collections begin and end with it. */
void gw_heap_check(const struct gw_heap *heap);

#endif
