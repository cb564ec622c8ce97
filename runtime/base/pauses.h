/* Pauses: how long the program stood still for the collector, as a histogram and as minimum mutator utilisation.
 *
 * The histogram has 16 buckets to each power of two, so a quantile is exact to 6 % (after HdrHistogram). Utilisation (Cheng and
 * Blelloch 2001) of a window is the least share of it that was left to the program, wherever the window is put: it is reached where
 * a window begins with a pause or ends with one, so only those are looked at, as soon as they are over. Knows no heap.
 */
#ifndef GW_BASE_PAUSES_H
#define GW_BASE_PAUSES_H

#include <stddef.h>
#include <stdint.h>

#define GW_PAUSE_SUBBUCKETS 16
#define GW_PAUSE_BUCKETS (GW_PAUSE_SUBBUCKETS * 40)
#define GW_PAUSE_WINDOWS 4
#define GW_RECENT_PAUSES 8192 /* looked at for utilisation */

struct gw_pause {
    uint64_t start, end;
    uint64_t before; /* paused before this one */
};

struct gw_pauses {
    uint64_t count, total_ns, longest_ns;
    uint64_t last_start, last_end; /* of the last one */
    uint64_t buckets[GW_PAUSE_BUCKETS];
    struct gw_pause *recent;             /* ring; NULL until the first pause, or when memory was refused */
    uint64_t covered_ns;                 /* paused in all of them */
    size_t begin, end;                   /* counts of pauses, taken modulo the ring */
    size_t ahead[GW_PAUSE_WINDOWS];      /* first pause whose window, beginning with it, has not been looked at */
    size_t behind[GW_PAUSE_WINDOWS];     /* first pause that may reach into the window ending last */
    uint64_t worst_ns[GW_PAUSE_WINDOWS]; /* most paused time in any window so far */
};

extern const uint64_t gw_pause_window_ns[GW_PAUSE_WINDOWS];

void gw_pauses_destroy(struct gw_pauses *pauses);
/* Times in nanoseconds of one clock; pauses come in order. */
void gw_pauses_note(struct gw_pauses *pauses, uint64_t start, uint64_t end);
/* The same for stops: less than GW_ONE_STOP_NS after the last one it is the same stop, and what lies between is part of it. */
#define GW_ONE_STOP_NS 5000
void gw_pauses_note_stop(struct gw_pauses *pauses, uint64_t start, uint64_t end);
/* How long the stop has lasted already that one beginning `now` would belong to; 0: it would be a new one. */
uint64_t gw_pauses_joined_ns(const struct gw_pauses *pauses, uint64_t now);
/* Paused in the `window` ns up to `now`; of the last pause alone when the others are not known. */
uint64_t gw_pauses_within(const struct gw_pauses *pauses, uint64_t now, uint64_t window);
/* The pause that a share `quantile` (0 to 1) of all pauses do not exceed, rounded up to its bucket's end; 0: no pauses. */
uint64_t gw_pauses_quantile(const struct gw_pauses *pauses, double quantile);
/* The bucket of a duration, and the longest duration that falls into a bucket. */
unsigned gw_pause_bucket(uint64_t ns);
uint64_t gw_pause_bucket_end(unsigned bucket);
/* Least share of the window left to the program so far; 1 when there was no pause. */
double gw_pauses_utilisation(const struct gw_pauses *pauses, unsigned window);

#endif
