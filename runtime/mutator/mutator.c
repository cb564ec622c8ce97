/* The threads' records. */
#include "mutator/mutator.h"

#include "base/compiler.h"
#include "base/report.h"

_Thread_local struct gw_thread gw_current_thread;
intptr_t gw_current_thread_offset;

/* For code whose linker knows no thread-local symbols. The initial-exec model places the variable at the same distance from the thread
 * pointer on every thread. */
__attribute__((constructor)) static void measure(void)
{
    gw_current_thread_offset = (char *)&gw_current_thread - (char *)__builtin_thread_pointer();
}

struct gw_heap *gw_heap_here(const char *what)
{
    struct gw_heap *heap = gw_current_thread.heap;
    if (gw_unlikely(!heap)) gw_fatal("%s: no heap is attached to this thread; call gw_init or gw_attach first", what);
    return heap;
}

void gw_mutator_check(const struct gw_mutator *mutator)
{
    if (!mutator->thread) gw_fatal("a heap is at work that is attached to no thread");
    if (mutator->callback.frame && !mutator->callback.what) gw_fatal("a call of the program's code is noted that nobody made");
    const struct gw_scoped_handles *scoped = &mutator->stacks.running->scoped;
    size_t room = scoped->slabs.count * GW_HANDLES_PER_SLAB;
    if (scoped->count > room) gw_fatal("%zu scoped handles in slabs for %zu", scoped->count, room);
}
