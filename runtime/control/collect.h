/* The one place that runs collections, times them, verifies around them and tells hooks. When they are run is for stops.h. */
#ifndef GW_CONTROL_COLLECT_H
#define GW_CONTROL_COLLECT_H

#include "engine/minor.h"
#include "heap/heap.h"

struct gw_entry;

/* Says anew where allocation is to come by, after what that depends on has changed. */
void gw_reopen_nursery(struct gw_heap *heap);

/* A minor collection, which may end marking. */
void gw_run_minor(struct gw_heap *heap, const struct gw_entry *entry, enum gw_survivors survivors);

/* A run of pieces of a cycle: how long it may take, what it did. */
struct gw_cycle_run {
    uint64_t budget_ns;
    uint64_t work;     /* wanted, in pacing's bytes */
    bool may_minor;    /* a minor collection may be run to end marking */
    bool keeps_budget; /* no minor collection and no look at the roots unless it may be expected to fit */
    bool smallest;     /* pieces of one unit */
    bool whole;        /* a phase in one piece */
    bool by_hand;
    gw_phase before;
    uint64_t done, minor_ns, atomic_ns;
    uint64_t pieces_ns; /* in all pieces */
    uint64_t needs_ns;  /* what comes next cannot be divided and may be expected to take so long; 0: it fitted */
};

/* What it has taken. Verification and self-checks, where they are asked for, are not part of it. */
uint64_t gw_run_spent_ns(const struct gw_cycle_run *run);

/* Whether its minor collection has left too little time for a piece. */
bool gw_run_has_no_time(const struct gw_cycle_run *run);

/* Runs pieces of the cycle under way until the run's time or work is done, or the cycle is. */
void gw_run_cycle(struct gw_heap *heap, const struct gw_entry *entry, struct gw_cycle_run *run);

/* A minor collection as part of the run. */
void gw_run_minor_within(struct gw_heap *heap, const struct gw_entry *entry, struct gw_cycle_run *run, enum gw_survivors survivors);

/* A cycle begins with a minor collection that empties the nursery. gw_run_cycle is to follow before the program runs: it looks at the
 * roots, so both have to fit. */
bool gw_run_may_start_cycle(struct gw_heap *heap, struct gw_cycle_run *run);
void gw_start_cycle(struct gw_heap *heap, const struct gw_entry *entry, struct gw_cycle_run *run);

#endif
