/* Timelines: what is refused, and where they end. What is in them is tests/timeline's. */
#include "heap_fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *file(void)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/gw-timeline-%d", (int)getpid());
    return path;
}

static off_t size_of(const char *path)
{
    struct stat status;
    cr_assert_eq(stat(path, &status), 0);
    return status.st_size;
}

Test(timeline, is_written_once_at_a_time)
{
    start_heap("nursery=64k");
    cr_assert_eq(gw_trace_stop(), GW_ERROR_STATE);
    cr_assert_str_eq(gw_error_text(), "gw_trace_stop: no timeline of this heap is written");
    cr_assert_eq(gw_trace_start(NULL), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_trace_start(file()), GW_OK);
    cr_assert_eq(gw_trace_start(file()), GW_ERROR_STATE);
    cr_assert_str_eq(gw_error_text(), "gw_trace_start: a timeline of this heap is written already");
    cr_assert_eq(gw_trace_stop(), GW_OK);
    cr_assert_eq(gw_trace_start(file()), GW_OK);
    cr_assert_eq(gw_trace_stop(), GW_OK);
    unlink(file());
}

static gw_status started, stopped;
static void start_in_hook(void *data, const struct gw_minor_event *event)
{
    (void)data, (void)event;
    started = gw_trace_start(file());
}
static void stop_in_hook(void *data, const struct gw_minor_event *event)
{
    (void)data, (void)event;
    stopped = gw_trace_stop();
}

Test(timeline, begins_and_ends_outside_stops)
{
    start_heap("nursery=64k");
    gw_set_hooks(&(struct gw_hooks){.minor = start_in_hook});
    gw_collect(GW_MINOR);
    cr_assert_eq(started, GW_ERROR_STATE);
    cr_assert_str_eq(gw_error_text(), "gw_trace_start: the runtime is running a hook on this heap");
    cr_assert_eq(gw_trace_start(file()), GW_OK);
    gw_set_hooks(&(struct gw_hooks){.minor = stop_in_hook});
    gw_collect(GW_MINOR);
    cr_assert_eq(stopped, GW_ERROR_STATE);
    cr_assert_eq(gw_trace_stop(), GW_OK);
    unlink(file());
}

Test(timeline, of_a_heap_ends_with_it)
{
    struct gw_heap *heap = start_heap("nursery=64k");
    cr_assert_eq(gw_trace_start(file()), GW_OK);
    gw_collect(GW_FULL);
    off_t before = size_of(file());
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_eq(gw_heap_destroy(heap), GW_OK);
    cr_assert_gt(size_of(file()), before);
    unlink(file());
}

Test(timeline, of_a_parent_is_not_its_childs)
{
    start_heap("nursery=64k");
    cr_assert_eq(gw_trace_start(file()), GW_OK);
    gw_collect(GW_MINOR);
    off_t before = size_of(file());
    pid_t child = fork();
    if (child == 0) {
        gw_collect(GW_FULL);
        exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
    cr_assert_eq(size_of(file()), before);
    gw_collect(GW_MINOR);
    cr_assert_eq(gw_trace_stop(), GW_OK);
    cr_assert_gt(size_of(file()), before);
    unlink(file());
}

Test(timeline, the_option_says_what_goes_wrong_and_goes_on)
{
    struct gw_options options;
    cr_assert_eq(gw_options_parse("trace=", &options), GW_ERROR_OPTION);
    cr_assert_str_eq(gw_error_text(), "option 'trace': '' is not the name of a file");
    start_heap("nursery=64k,trace=/nowhere/at/all");
    gw_collect(GW_FULL);
    cr_assert_eq(gw_trace_stop(), GW_ERROR_STATE);
}

static unsigned stops;
static void count_stop(void *data, const struct gw_stop_event *event)
{
    (void)data;
    stops += event->by_hand;
}

/* Ending a cycle is something that the program waits for. */
Test(timeline, unfreezing_in_a_cycle_is_a_stop)
{
    start_heap("nursery=64k");
    make_list(0, 20000);
    gw_freeze();
    make_list(1, 20000);
    gw_set_hooks(&(struct gw_hooks){.stop = count_stop});
    while (gw_current_thread.heap->cycle.phase == GW_PHASE_IDLE) {
        gw_collect_step(0);
        make_list(2, 5000);
    }
    usleep(1000);
    stops = 0;
    gw_unfreeze();
    cr_assert_eq(stops, 1);
}
