/* What a thread has that works on a heap: beside its record, which compiled code reads and writes. */
#ifndef GW_MUTATOR_MUTATOR_H
#define GW_MUTATOR_MUTATOR_H

#include "mutator/stacks.h"
#include "roots/root_index.h"
#include "spaces/nursery.h"
#include <greywave/greywave.h>

/* What a function of the runtime was given and still needs after an allocation: roots while it runs. */
enum gw_argument { GW_ARGUMENT_KEY, GW_ARGUMENT_VALUE, GW_ARGUMENT_MAP, GW_ARGUMENT_TABLE, GW_ARGUMENT_OF_STACK, GW_ARGUMENTS };

/* Code that runs now and may neither allocate nor collect. See heap/callbacks.h. */
struct gw_callback {
    const char *what; /* NULL: none */
    uintptr_t frame;  /* of a call that may be left by longjmp or an exception; 0: it must return */
};

/* The thread's thread-local variables, as they were when so many modules had come and gone. */
struct gw_thread_roots {
    struct gw_root_index index;
    uint64_t generation;
};

/* A place that lies in the frame of a function without frame maps: the frame is there as long as its caller's return address
 * stands where it stood. See api/check_store.h. */
#define GW_NATIVE_PLACES 64
struct gw_native_place {
    uintptr_t place, checked_from; /* the return address of the check */
    const uintptr_t *return_place;
    uintptr_t return_address;
};

/* Other threads write these two words of a thread's record as well. */
GW_ALWAYS_INLINE void gw_thread_set_limit(struct gw_thread *thread, char *limit)
{
    __atomic_store_n(&thread->limit, limit, __ATOMIC_RELAXED);
}

GW_ALWAYS_INLINE bool gw_thread_is_asked(const struct gw_thread *thread)
{
    return __atomic_load_n(&thread->poll, __ATOMIC_RELAXED);
}

struct gw_mutator {
    struct gw_mutator *next; /* of those with a thread, or without one */
    struct gw_heap *heap;
    unsigned number;                      /* of the thread, as the system has it */
    struct gw_thread *thread;             /* its record; NULL: this one is attached to no thread */
    bool runs;                            /* and does not rest at a safepoint: see heap/world.h */
    unsigned depth;                       /* doors that it has entered one inside the other, holding the lock; 0: it is outside */
    const struct gw_entry *entry;         /* where it rests */
    struct gw_native_stack *native_stack; /* that it runs on */
    struct gw_piece piece;                /* of eden; NULL: none */
    char *counted_from;                   /* what was allocated from here on is in no count yet */
    struct gw_thread_stacks stacks;
    uintptr_t arguments[GW_ARGUMENTS];
    struct gw_callback callback;
    struct gw_path_search *searches; /* under way, or left by a visitor */
    uintptr_t finalizer;             /* frame of the call under which this thread runs finalizers at an allocation; 0: none */
    int64_t armed;                   /* cards that it might dirty when that was last looked at (heap/account.h) */
    struct gw_thread_roots thread_roots;
    struct gw_native_place native_places[GW_NATIVE_PLACES]; /* by address */
};

/* Brings this thread's up to date; its own code alone can. */
void gw_thread_roots_learn(struct gw_thread_roots *roots);

/* The heap attached to this thread; fatal when there is none: `what` was called. */
_Noreturn __attribute__((cold)) void gw_refuse_without_heap(const char *what);

GW_ALWAYS_INLINE struct gw_heap *gw_heap_here(const char *what)
{
    struct gw_heap *heap = gw_current_thread.heap;
    if (gw_unlikely(!heap)) gw_refuse_without_heap(what);
    return heap;
}

/* Fatal when what belongs together contradicts itself. */
void gw_mutator_check(const struct gw_mutator *mutator);

#endif
