/* Histogram and sliding windows. Native memory only. */
#include "base/pauses.h"

#include <stdbool.h>
#include <stdlib.h>

const uint64_t gw_pause_window_ns[GW_PAUSE_WINDOWS] = {1000000, 5000000, 16700000, 50000000};

/* ---- Histogram ------------------------------------------------------------------------------------- */

/* Below 16 ns a bucket a nanosecond; from there 16 to each power of two. */
unsigned gw_pause_bucket(uint64_t ns)
{
    if (ns < GW_PAUSE_SUBBUCKETS) return (unsigned)ns;
    unsigned power = 63 - (unsigned)__builtin_clzll(ns);
    unsigned bucket = (power - 3) * GW_PAUSE_SUBBUCKETS + (unsigned)((ns >> (power - 4)) & (GW_PAUSE_SUBBUCKETS - 1));
    return bucket < GW_PAUSE_BUCKETS ? bucket : GW_PAUSE_BUCKETS - 1;
}

uint64_t gw_pause_bucket_end(unsigned bucket)
{
    if (bucket < GW_PAUSE_SUBBUCKETS) return bucket;
    unsigned power = bucket / GW_PAUSE_SUBBUCKETS + 3, part = bucket % GW_PAUSE_SUBBUCKETS;
    return ((UINT64_C(1) << power) + ((uint64_t)(part + 1) << (power - 4))) - 1;
}

uint64_t gw_pauses_quantile(const struct gw_pauses *pauses, double quantile)
{
    uint64_t rank = (uint64_t)(quantile * (double)pauses->count), seen = 0;
    if (!pauses->count) return 0;
    if (rank >= pauses->count) return pauses->longest_ns;
    for (unsigned i = 0; i < GW_PAUSE_BUCKETS; i++) {
        seen += pauses->buckets[i];
        if (seen <= rank) continue;
        uint64_t end = gw_pause_bucket_end(i);
        return end < pauses->longest_ns ? end : pauses->longest_ns;
    }
    return pauses->longest_ns;
}

/* ---- Windows --------------------------------------------------------------------------------------- */

static struct gw_pause *at(const struct gw_pauses *pauses, size_t index)
{
    return &pauses->recent[index % GW_RECENT_PAUSES];
}

/* Paused time between the first pause and `time`, which lies in pause `index` or between it and the one before. */
static uint64_t paused_until(const struct gw_pauses *pauses, size_t index, uint64_t time)
{
    const struct gw_pause *pause = at(pauses, index);
    return pause->before + (time > pause->start ? time - pause->start : 0);
}

static void note_window(struct gw_pauses *pauses, unsigned window, uint64_t paused_ns)
{
    if (paused_ns > pauses->worst_ns[window]) pauses->worst_ns[window] = paused_ns;
}

/* The window that ends with the last pause. */
static void look_behind(struct gw_pauses *pauses, unsigned window)
{
    uint64_t length = gw_pause_window_ns[window], end = at(pauses, pauses->end - 1)->end;
    uint64_t begin = end > length ? end - length : 0;
    size_t *behind = &pauses->behind[window];
    while (at(pauses, *behind)->end < begin) ++*behind;
    note_window(pauses, window, paused_until(pauses, pauses->end - 1, end) - paused_until(pauses, *behind, begin));
}

/* The last pause that starts before `time`; one from `first` on does. */
static size_t last_before(const struct gw_pauses *pauses, size_t first, uint64_t time)
{
    size_t low = first, high = pauses->end;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (at(pauses, middle)->start < time) low = middle;
        else high = middle;
    }
    return low;
}

/* The windows that begin with a pause and end before `now`, which no later pause can reach. */
static void look_ahead(struct gw_pauses *pauses, unsigned window, uint64_t now)
{
    for (size_t *i = &pauses->ahead[window]; *i < pauses->end; ++*i) {
        uint64_t end = at(pauses, *i)->start + gw_pause_window_ns[window];
        if (end > now) break;
        size_t last = last_before(pauses, *i, end);
        uint64_t until = end < at(pauses, last)->end ? end : at(pauses, last)->end;
        note_window(pauses, window, paused_until(pauses, last, until) - at(pauses, *i)->before);
    }
}

/* The ring is full: what is older than every window goes. When nothing is, pauses come every few microseconds, and the new one
 * becomes part of the last, with the time between them: utilisation can only look worse than it was. */
static bool make_room(struct gw_pauses *pauses, uint64_t now)
{
    if (pauses->end - pauses->begin < GW_RECENT_PAUSES) return true;
    if (at(pauses, pauses->begin)->end + gw_pause_window_ns[GW_PAUSE_WINDOWS - 1] >= now) return false;
    pauses->begin++;
    return true;
}

static void look_at_windows(struct gw_pauses *pauses, uint64_t now)
{
    for (unsigned w = 0; w < GW_PAUSE_WINDOWS; w++) {
        look_behind(pauses, w);
        look_ahead(pauses, w, now);
    }
}

static void prolong_last(struct gw_pauses *pauses, uint64_t end)
{
    struct gw_pause *last = at(pauses, pauses->end - 1);
    pauses->covered_ns += end - last->end;
    last->end = end;
}

static void note_recent(struct gw_pauses *pauses, uint64_t start, uint64_t end)
{
    if (make_room(pauses, end)) {
        *at(pauses, pauses->end++) = (struct gw_pause){start, end, pauses->covered_ns};
        pauses->covered_ns += end - start;
    } else {
        prolong_last(pauses, end);
    }
    look_at_windows(pauses, end);
}

static void note_length(struct gw_pauses *pauses, uint64_t start, uint64_t end)
{
    uint64_t ns = end - start;
    pauses->count++;
    pauses->total_ns += ns;
    pauses->buckets[gw_pause_bucket(ns)]++;
    pauses->last_start = start;
    pauses->last_end = end;
    if (ns > pauses->longest_ns) pauses->longest_ns = ns;
}

static void forget_last_length(struct gw_pauses *pauses)
{
    uint64_t ns = pauses->last_end - pauses->last_start;
    pauses->count--;
    pauses->total_ns -= ns;
    pauses->buckets[gw_pause_bucket(ns)]--;
}

void gw_pauses_note(struct gw_pauses *pauses, uint64_t start, uint64_t end)
{
    note_length(pauses, start, end);
    if (!pauses->recent) pauses->recent = malloc(GW_RECENT_PAUSES * sizeof *pauses->recent);
    if (pauses->recent) note_recent(pauses, start, end);
}

/* ---- Stops ----------------------------------------------------------------------------------------- */

static bool is_joined(const struct gw_pauses *pauses, uint64_t start)
{
    return pauses->count && start < pauses->last_end + GW_ONE_STOP_NS;
}

void gw_pauses_note_stop(struct gw_pauses *pauses, uint64_t start, uint64_t end)
{
    if (!is_joined(pauses, start)) {
        gw_pauses_note(pauses, start, end);
        return;
    }
    forget_last_length(pauses);
    note_length(pauses, pauses->last_start, end);
    if (!pauses->recent) return;
    prolong_last(pauses, end);
    look_at_windows(pauses, end);
}

uint64_t gw_pauses_joined_ns(const struct gw_pauses *pauses, uint64_t now)
{
    return is_joined(pauses, now) ? now - pauses->last_start : 0;
}

uint64_t gw_pauses_within(const struct gw_pauses *pauses, uint64_t now, uint64_t window)
{
    uint64_t from = now > window ? now - window : 0;
    if (!pauses->count || pauses->last_end <= from) return 0;
    if (!pauses->recent) return pauses->last_end - (pauses->last_start > from ? pauses->last_start : from);
    size_t first = last_before(pauses, pauses->begin, from);
    uint64_t end = at(pauses, first)->end;
    return pauses->covered_ns - paused_until(pauses, first, from < end ? from : end);
}

double gw_pauses_utilisation(const struct gw_pauses *pauses, unsigned window)
{
    uint64_t length = gw_pause_window_ns[window], worst = pauses->worst_ns[window];
    return worst >= length ? 0 : 1 - (double)worst / (double)length;
}

void gw_pauses_destroy(struct gw_pauses *pauses)
{
    free(pauses->recent);
    pauses->recent = NULL;
}
