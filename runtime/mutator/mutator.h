/* What a thread has that works on a heap: beside its record, which compiled code reads and writes. */
#ifndef GW_MUTATOR_MUTATOR_H
#define GW_MUTATOR_MUTATOR_H

#include "mutator/stacks.h"
#include <greywave/greywave.h>

/* What a function of the runtime was given and still needs after an allocation: roots while it runs. */
enum gw_argument { GW_ARGUMENT_KEY, GW_ARGUMENT_VALUE, GW_ARGUMENT_MAP, GW_ARGUMENT_TABLE, GW_ARGUMENT_OF_STACK, GW_ARGUMENTS };

/* Code that runs now and may neither allocate nor collect. See heap/callbacks.h. */
struct gw_callback {
    const char *what; /* NULL: none */
    uintptr_t frame;  /* of a call that may be left by longjmp or an exception; 0: it must return */
};

/* The thread's thread-local variables, as they were when so many modules had come and gone. See api/check_store.h. */
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

struct gw_mutator {
    struct gw_thread *thread; /* its record; NULL: the heap is attached nowhere */
    bool left_by_fork;        /* this process is a child, and that thread was its parent's */
    struct gw_stacks stacks;
    uintptr_t arguments[GW_ARGUMENTS];
    struct gw_callback callback;
    bool knows_variables; /* a minor collection has read them since the heap was attached */
    struct gw_thread_roots thread_roots;
    struct gw_native_place native_places[GW_NATIVE_PLACES]; /* by address */
};

/* The heap attached to this thread; fatal when there is none: `what` was called. */
struct gw_heap *gw_heap_here(const char *what);

/* Fatal when what belongs together contradicts itself. */
void gw_mutator_check(const struct gw_mutator *mutator);

#endif
