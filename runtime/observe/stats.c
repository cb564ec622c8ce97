/* The statistics of the attached heap. */
#include "heap/world.h"
#include "base/pauses.h"
#include "base/report.h"

void gw_get_stats(struct gw_stats *stats)
{
    gw_refuse_null(stats, "gw_get_stats");
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_get_stats");
    gw_heap_stats(heap, stats);
}

static const struct gw_pauses *pauses_of(const struct gw_heap *heap, gw_pause_kind kind)
{
    switch (kind) {
    case GW_PAUSE_ANY: return &heap->pauses;
    case GW_PAUSE_MINOR: return &heap->minor_pauses;
    case GW_PAUSE_STEP: return &heap->steps;
    }
    gw_fatal("gw_get_pauses: %d is no kind of pause", (int)kind);
}

void gw_get_pauses(gw_pause_kind kind, struct gw_pause_summary *summary)
{
    gw_refuse_null(summary, "gw_get_pauses");
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_get_pauses");
    const struct gw_pauses *pauses = pauses_of(heap, kind);
    *summary = (struct gw_pause_summary){.count = pauses->count,
                                         .total_ns = pauses->total_ns,
                                         .p50_ns = gw_pauses_quantile(pauses, 0.5),
                                         .p90_ns = gw_pauses_quantile(pauses, 0.9),
                                         .p99_ns = gw_pauses_quantile(pauses, 0.99),
                                         .p999_ns = gw_pauses_quantile(pauses, 0.999),
                                         .max_ns = pauses->longest_ns,
                                         .utilisation_1ms = gw_pauses_utilisation(pauses, 0),
                                         .utilisation_5ms = gw_pauses_utilisation(pauses, 1),
                                         .utilisation_16_7ms = gw_pauses_utilisation(pauses, 2),
                                         .utilisation_50ms = gw_pauses_utilisation(pauses, 3)};
}

size_t gw_get_pause_histogram(gw_pause_kind kind, size_t capacity, uint64_t *ends_ns, uint64_t *counts)
{
    if (!ends_ns || !counts) capacity = 0;
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_get_pause_histogram");
    const struct gw_pauses *pauses = pauses_of(heap, kind);
    size_t filled = 0;
    for (unsigned i = 0; i < GW_PAUSE_BUCKETS; i++) {
        if (!pauses->buckets[i]) continue;
        if (filled < capacity) {
            ends_ns[filled] = gw_pause_bucket_end(i);
            counts[filled] = pauses->buckets[i];
        }
        filled++;
    }
    return filled;
}
