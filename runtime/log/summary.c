/* What a heap has done, as a table for eyes. */
#include "log/log.h"

#include "log/units.h"
#include "os/linux/clock.h"

#include <stdio.h>

static double percent(uint64_t part, uint64_t whole)
{
    return whole ? 100 * (double)part / (double)whole : 0;
}

static void write_work(FILE *out, const struct gw_stats *stats, uint64_t age_ns)
{
    double seconds = (double)age_ns / 1e9;
    fprintf(out, "  allocated            %10.1f MB, %.1f MB a second\n", gw_mb(stats->allocated_bytes),
            seconds > 0 ? gw_mb(stats->allocated_bytes) / seconds : 0);
    fprintf(out, "  minor collections    %10lu in %.1f ms, which promoted %.1f MB, %.1f %%\n", stats->minor_collections,
            gw_ms(stats->minor_ns), gw_mb(stats->promoted_bytes), percent(stats->promoted_bytes, stats->allocated_bytes));
    fprintf(out, "  cycles               %10lu in %.1f ms, with %lu assists\n", stats->major_collections, gw_ms(stats->major_ns),
            stats->assists);
}

static void write_marker(FILE *out, const struct gw_marker *marker)
{
    if (!marker->ns) return;
    fprintf(out, "  beside the program   %10.1f MB marked, in %.1f ms of marking and sweeping\n", gw_mb(marker->bytes), gw_ms(marker->ns));
    fprintf(out, "  by the helper        %10.1f MB of what minor collections promoted\n", gw_mb(marker->promoted));
}

static void write_pauses(FILE *out, const struct gw_pauses *pauses, uint64_t longest_atomic_ns)
{
    fprintf(out, "  stops                %10lu, half up to %.3f ms, 99 %% up to %.3f ms, longest %.3f ms (not divisible: %.3f ms)\n",
            pauses->count, gw_ms(gw_pauses_quantile(pauses, 0.5)), gw_ms(gw_pauses_quantile(pauses, 0.99)), gw_ms(pauses->longest_ns),
            gw_ms(longest_atomic_ns));
    fprintf(out, "  left to the program  at worst %.0f %% of 1 ms, %.0f %% of 5 ms, %.0f %% of 16.7 ms, %.0f %% of 50 ms\n",
            100 * gw_pauses_utilisation(pauses, 0), 100 * gw_pauses_utilisation(pauses, 1), 100 * gw_pauses_utilisation(pauses, 2),
            100 * gw_pauses_utilisation(pauses, 3));
}

static void write_memory(FILE *out, const struct gw_stats *stats)
{
    fprintf(out, "  heap                 %10.1f MB at most, %.1f in the end; %.1f of old objects lived after the last cycle\n",
            gw_mb(stats->peak_heap_bytes), gw_mb(stats->heap_bytes), gw_mb(stats->live_bytes));
    fprintf(out, "  given back           %10.1f MB\n", gw_mb(stats->returned_bytes));
    if (stats->external_bytes) fprintf(out, "  external memory      %10.1f MB in the end\n", gw_mb(stats->external_bytes));
}

/* As one text: other threads write too. */
void gw_log_summary(const struct gw_heap *heap)
{
    char text[2048];
    struct gw_stats stats;
    uint64_t age_ns = gw_now_ns() - heap->created_ns;
    FILE *out = fmemopen(text, sizeof text, "w");
    if (!out) return;
    gw_heap_stats(heap, &stats);
    fprintf(out, "greywave: %.3f s, of which the program waited %.3f s, %.1f %%\n", (double)age_ns / 1e9,
            (double)heap->pauses.total_ns / 1e9, percent(heap->pauses.total_ns, age_ns));
    write_work(out, &stats, age_ns);
    write_marker(out, &heap->marker);
    write_pauses(out, &heap->pauses, stats.longest_atomic_ns);
    write_memory(out, &stats);
    fclose(out);
    fputs(text, stderr);
}
