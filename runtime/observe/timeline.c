/* Timelines that the program asks for. */
#include "timeline/timeline.h"

#include "api/process_end.h"
#include "base/report.h"
#include "heap/callbacks.h"

/* In the middle of a stop there is no beginning to write. */
static gw_status refuse_inside(const struct gw_heap *heap, const char *function)
{
    if (!gw_callback_is_running(&heap->mutator->callback)) return GW_OK;
    return gw_fail(GW_ERROR_STATE, "%s: the runtime is running %s on this heap", function, heap->mutator->callback.what);
}

gw_status gw_trace_start(const char *path)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_trace_start");
    if (!path) return gw_fail(GW_ERROR_ARGUMENT, "gw_trace_start: no name of a file");
    if (heap->timeline) return gw_fail(GW_ERROR_STATE, "gw_trace_start: a timeline of this heap is written already");
    gw_status status = refuse_inside(heap, "gw_trace_start");
    if (status == GW_OK) status = gw_timeline_open(heap, path, false);
    if (status == GW_OK) gw_watch_end_of_process();
    return status;
}

gw_status gw_trace_stop(void)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_trace_stop");
    if (!heap->timeline) return gw_fail(GW_ERROR_STATE, "gw_trace_stop: no timeline of this heap is written");
    gw_status status = refuse_inside(heap, "gw_trace_stop");
    return status == GW_OK ? gw_timeline_close(heap) : status;
}
