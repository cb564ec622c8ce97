/* The end of the process. */
#include "api/process_end.h"

#include "snapshot/snapshot.h"
#include "timeline/timeline.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* And with it the heap that its last thread works on. Others may still be worked on. */
static void end_of_process(void)
{
    struct gw_heap *heap = gw_current_thread.heap;
    if (!heap) return;
    gw_snapshot_by_option(heap, NULL);
    if (gw_timeline_close(heap) != GW_OK) fprintf(stderr, "greywave: %s\n", gw_error_text());
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
