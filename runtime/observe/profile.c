/* Allocation profiles that the program asks for. */
#include "profile/profile.h"

#include "base/report.h"
#include "heap/options.h"
#include "heap/samples.h"
#include "heap/world.h"
#include "profile/pprof_file.h"

gw_status gw_profile_start(size_t rate)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_profile_start");
    if (heap->samples) return gw_fail(GW_ERROR_STATE, "gw_profile_start: this heap is profiled already");
    if (rate && (rate < GW_SMALLEST_PROFILE_RATE || rate > GW_LARGEST_PROFILE_RATE))
        return gw_fail(GW_ERROR_ARGUMENT, "gw_profile_start: a sample each %zu bytes; give %zu to %zu, or 0 for %zu", rate,
                       GW_SMALLEST_PROFILE_RATE, GW_LARGEST_PROFILE_RATE, GW_DEFAULT_PROFILE_RATE);
    return gw_profile_begin(heap, rate ? rate : GW_DEFAULT_PROFILE_RATE);
}

gw_status gw_profile_write(const char *path)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_profile_write");
    if (!path) return gw_fail(GW_ERROR_ARGUMENT, "gw_profile_write: no name of a file");
    if (!heap->samples) return gw_fail(GW_ERROR_STATE, "gw_profile_write: this heap is not profiled; gw_profile_start begins that");
    return gw_pprof_write(heap->samples, path);
}

gw_status gw_profile_stop(void)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_profile_stop");
    if (!heap->samples) return gw_fail(GW_ERROR_STATE, "gw_profile_stop: this heap is not profiled");
    gw_samples_destroy(heap->samples);
    heap->samples = NULL;
    gw_heap_set_limit(heap);
    return GW_OK;
}
