/* Heaps as the program makes, attaches and destroys them. */
#define _GNU_SOURCE /* secure_getenv */
#include "api/process_end.h"
#include "base/report.h"
#include "control/marker.h"
#include "heap/callbacks.h"
#include "heap/default_limit.h"
#include "heap/existing.h"
#include "heap/options.h"
#include "roots/modules.h"
#include "log/log.h"
#include "profile/profile.h"
#include "snapshot/snapshot.h"
#include "timeline/timeline.h"

#include <stdlib.h>
#include <string.h>

const char *gw_version(void)
{
    return GW_VERSION;
}

/* ---- Making and destroying ------------------------------------------------------------------------- */

/* Without a limit of the program's own: the default, or less where that is refused. */
static gw_status create_with_default(struct gw_options *options, struct gw_heap **result)
{
    struct gw_default_limit limit = gw_default_limit(options);
    size_t nursery = options->nursery;
    gw_status status = GW_ERROR_MEMORY;
    for (size_t bytes = limit.bytes; status == GW_ERROR_MEMORY && bytes >= GW_SMALLEST_HEAP; bytes /= 2) {
        options->max_heap = bytes;
        options->nursery = nursery;
        status = gw_options_complete(options);
        if (status == GW_OK) status = gw_heap_new(options, result);
    }
    if (status == GW_OK && options->log) gw_default_limit_tell(&limit, options->max_heap);
    return status;
}

gw_status gw_heap_create(const struct gw_options *options, struct gw_heap **result)
{
    struct gw_options complete;
    if (!result) return gw_fail(GW_ERROR_ARGUMENT, "gw_heap_create: nowhere to put the heap");
    gw_options_default(&complete);
    if (options) complete = *options;
    *result = NULL;
    gw_status status = gw_options_complete(&complete);
    if (status != GW_OK) return status;
    gw_modules_load_all();
    status = complete.max_heap ? gw_heap_new(&complete, result) : create_with_default(&complete, result);
    if (status == GW_OK) gw_marker_start(*result);
    return status;
}

gw_status gw_heap_destroy(struct gw_heap *heap)
{
    if (!heap) return gw_fail(GW_ERROR_ARGUMENT, "gw_heap_destroy: no heap");
    gw_status status = gw_existing_remove(heap);
    if (status != GW_OK) return status;
    gw_marker_end(heap);
    gw_snapshot_by_option(heap, NULL);
    gw_profile_write_by_option(heap);
    if (heap->options.stats) gw_log_summary(heap);
    gw_timeline_close(heap);
    gw_heap_free(heap);
    return GW_OK;
}

/* ---- Attaching ------------------------------------------------------------------------------------- */

static void begin_what_options_ask_for(void)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_attach");
    gw_timeline_open_by_option(heap);
    gw_profile_begin_by_option(heap);
    if (heap->options.snapshot_file || heap->options.stats || heap->timeline || heap->samples) gw_watch_end_of_process();
}

/* Where a thread's stack starts is learnt before the program can have switched away from it. */
gw_status gw_attach(struct gw_heap *heap)
{
    if (!heap) return gw_fail(GW_ERROR_ARGUMENT, "gw_attach: no heap");
    if (gw_current_thread.mutator) return gw_fail(GW_ERROR_STATE, "gw_attach: this thread has a heap attached already");
    gw_status status = gw_heap_attach(heap);
    if (status == GW_OK) begin_what_options_ask_for();
    if (status == GW_OK && gw_native_stack_wants_start()) gw_learn_stack_start();
    return status;
}

/* What a callback was given belongs to the heap attached then. */
static gw_status prepare_to_detach(void)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_detach");
    if (gw_callback_is_running(&heap->mutator->callback))
        return gw_fail(GW_ERROR_STATE, "gw_detach: the runtime is running %s on this heap", heap->mutator->callback.what);
    if (heap->mutator->stacks.running != heap->mutator->stacks.own)
        return gw_fail(GW_ERROR_STATE, "gw_detach: this thread runs on a stack of the heap; switch back to its own first");
    gw_timeline_flush(heap);
    return GW_OK;
}

gw_status gw_detach(void)
{
    struct gw_heap *heap = gw_current_thread.heap;
    if (!heap) return gw_fail(GW_ERROR_STATE, "gw_detach: no heap is attached to this thread");
    gw_status status = prepare_to_detach();
    if (status == GW_OK) gw_heap_detach(heap, false);
    return status;
}

gw_status gw_init(const char *text)
{
    struct gw_options options;
    if (gw_current_thread.mutator)
        return gw_fail(GW_ERROR_STATE, "gw_init: this thread has a heap attached already; gw_heap_create makes another");
    gw_options_default(&options);
    gw_status status = text ? gw_options_apply(text, &options) : GW_OK;
    const char *environment = secure_getenv("GREYWAVE");
    if (status == GW_OK && environment) {
        status = gw_options_apply(environment, &options);
        if (status != GW_OK) {
            char complaint[256];
            strncpy(complaint, gw_error_text(), sizeof complaint - 1);
            complaint[sizeof complaint - 1] = '\0';
            return gw_fail(status, "environment variable GREYWAVE: %s", complaint);
        }
    }
    struct gw_heap *heap;
    if (status == GW_OK) status = gw_heap_create(&options, &heap);
    if (status != GW_OK) return status;
    status = gw_attach(heap);
    if (status != GW_OK) gw_heap_destroy(heap);
    return status;
}
