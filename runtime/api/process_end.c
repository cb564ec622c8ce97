/* The end of the process. */
#include "api/process_end.h"

#include "base/report.h"
#include "heap/world.h"
#include "log/log.h"
#include "profile/profile.h"
#include "snapshot/snapshot.h"
#include "timeline/timeline.h"

#include <pthread.h>
#include <stdlib.h>

/* And with it the heap that its last thread works on. Others may still be worked on. */
static void end_of_process(void)
{
    if (!gw_current_thread.heap) return;
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("exit");
    if (!gw_world_is_shared(heap)) gw_snapshot_by_option(heap, NULL);
    else if (heap->options.snapshot_file) gw_warn("option 'snapshot': other threads use the heap as the process ends, so none is written");
    gw_profile_write_by_option(heap);
    if (heap->options.stats) gw_log_summary(heap);
    if (gw_timeline_close(heap) != GW_OK) gw_warn("%s", gw_error_text());
}

static void watch(void)
{
    atexit(end_of_process);
}

void gw_watch_end_of_process(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch);
}
