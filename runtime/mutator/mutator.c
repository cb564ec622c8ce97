/* The threads' records. */
#include "mutator/mutator.h"

#include "base/compiler.h"
#include "base/report.h"
#include "roots/globals.h"
#include "roots/modules.h"

_Thread_local struct gw_thread gw_current_thread;
intptr_t gw_current_thread_offset;

/* For code whose linker knows no thread-local symbols. The initial-exec model places the variable at the same distance from the thread
 * pointer on every thread. */
__attribute__((constructor)) static void measure(void)
{
    gw_current_thread_offset = (char *)&gw_current_thread - (char *)__builtin_thread_pointer();
}

void gw_refuse_without_heap(const char *what)
{
    if (gw_current_thread.mutator)
        gw_fatal("%s inside gw_outside_call, or after a longjmp out of it: this thread's heap is not at hand there", what);
    gw_fatal("%s: no heap is attached to this thread; call gw_init or gw_attach first", what);
}

/* Where they are is known only to code that runs on the thread, and changes with the modules. */
void gw_thread_roots_learn(struct gw_thread_roots *roots)
{
    uint64_t generation = gw_registry_generation();
    if (roots->generation == generation) return;
    gw_root_index_clear(&roots->index);
    if (!gw_thread_locals_add_to(&roots->index)) gw_fatal("no native memory for the index of thread-local variables");
    roots->generation = generation;
}

void gw_mutator_check(const struct gw_mutator *mutator)
{
    if (!mutator->thread) gw_fatal("a heap is at work that is attached to no thread");
    if (mutator->callback.frame && !mutator->callback.what) gw_fatal("a call of the program's code is noted that nobody made");
    const struct gw_scoped_handles *scoped = &mutator->stacks.running->scoped;
    size_t room = scoped->slabs.count * GW_HANDLES_PER_SLAB;
    if (scoped->count > room) gw_fatal("%zu scoped handles in slabs for %zu", scoped->count, room);
}
