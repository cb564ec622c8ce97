/* Heaps come to threads, and leave them. */
#include "collect/callbacks.h"
#include "observe/report.h"

/* Where a thread's stack starts is learnt before the program can have switched away from it. */
gw_status gw_attach(struct gw_heap *heap)
{
    if (!heap) return gw_fail(GW_ERROR_ARGUMENT, "gw_attach: no heap");
    if (gw_current_thread.heap) return gw_fail(GW_ERROR_STATE, "gw_attach: this thread has a heap attached already");
    gw_status status = gw_heap_attach(heap);
    if (status == GW_OK && gw_native_stack_wants_start()) gw_learn_stack_start();
    return status;
}

/* What a callback was given belongs to the heap attached then. */
gw_status gw_detach(void)
{
    struct gw_heap *heap = gw_current_thread.heap;
    if (!heap) return gw_fail(GW_ERROR_STATE, "gw_detach: no heap is attached to this thread");
    if (gw_callback_is_running(&heap->callback))
        return gw_fail(GW_ERROR_STATE, "gw_detach: the runtime is running %s on this heap", heap->callback.what);
    gw_heap_detach(heap);
    return GW_OK;
}
