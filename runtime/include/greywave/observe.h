/* What the collector did, what the heap holds, and whether it is in order. */
#ifndef GREYWAVE_OBSERVE_H
#define GREYWAVE_OBSERVE_H

#include <greywave/control.h>
#include <greywave/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Observe --------------------------------------------------------------------------------------- */

/* Since the heap was created, unless it says otherwise; bytes count headers, and nanoseconds are of CLOCK_MONOTONIC. */
struct gw_stats {
    uint64_t minor_collections; /* that ended, those in cycles and in whole collections included */
    uint64_t major_collections; /* cycles that ended */
    uint64_t allocated_bytes;   /* of all objects, large ones included; freed memory is not taken off */
    uint64_t promoted_bytes;  /* of objects that were promoted, or grew old where they are. Over allocated_bytes: the share that survives */
    uint64_t live_bytes;      /* of old objects that the last cycle found alive; before the first, of all old objects */
    uint64_t heap_bytes;      /* that the heap limit counts, now: eden, survivors, and blocks of old objects in use */
    uint64_t peak_heap_bytes; /* the most that heap_bytes was at the beginning or end of a collection, and now */
    uint64_t returned_bytes;  /* of pages given back to the operating system, which may have been taken again */
    uint64_t minor_ns;        /* in minor collections, */
    uint64_t major_ns;        /* and in pieces of cycles, without the minor collections between them */
    uint64_t longest_pause_ns;  /* the longest stop, whatever was done in it (gw_get_pauses: all of them) */
    uint64_t longest_atomic_ns; /* the longest look at the roots at a cycle's beginning, the one piece that cannot be divided */
    uint64_t assists;           /* slices of cycles run by allocation */
    uint64_t goal_bytes;        /* what the old generation and external memory should not exceed before the next cycle's end */
    uint64_t external_bytes;    /* native memory that the program tells of, now: gw_external_memory */
    uint64_t frames_walked;     /* frames with maps that collections have looked at, each time; */
    uint64_t roots_visited;     /* references in them and on shadow stacks */
    uint64_t walks_stopped;     /* minor collections that left out older frames, known to hold nothing young */
};
GW_LAID_OUT_(struct gw_stats, 144);
GW_NOCOLLECT void gw_get_stats(struct gw_stats *stats);

/* Options: stats=1 prints a summary of all this on stderr when the heap ends, with gw_heap_destroy, or with the process that it is the
 * exiting thread's heap of. log=1 prints a line for each collection: when it ended, in seconds of the heap's life; its kind; what it took;
 * bytes before and after, of young objects, or in a cycle of old ones; bytes promoted; old objects, and the goal; and what it was run for.
 * log=json: the same as a JSON object a line, in bytes and ns. */

/* Looking in. A visitor may leave by longjmp or an exception, but not allocate or collect; what it is given is a reference like any other,
 * valid until the next safepoint unless it is stored in a root. Each function returns how many objects it visited; `visitor` may be NULL.
 * Objects that a collection under way knows to be dead are not shown. */
typedef void gw_inspect_visitor(void *data, void GW *object);
/* Every object of the heap, dead ones that no collection has met included. While threads share the heap this, and gw_referrers, may be
 * called in a function that gw_stopped_call runs (threads.h), and end the process in words elsewhere. */
GW_NOCOLLECT size_t gw_heap_walk(gw_inspect_visitor *visitor, void *data);
/* What `object` refers to, once for each field; the value of an ephemeron too, not what is referred to weakly. */
GW_NOCOLLECT size_t gw_referents(const void GW *object, gw_inspect_visitor *visitor, void *data);
/* The objects that refer to `object`, by looking at all. */
GW_NOCOLLECT size_t gw_referrers(const void GW *object, gw_inspect_visitor *visitor, void *data);
/* The shortest way from a root to `object`, both included: why it is alive. 0 when it is not, or native memory is out. Never
 * collects. */
size_t gw_path_to(const void GW *object, gw_inspect_visitor *visitor, void *data);

/* Writes everything reachable to the file `path`, which Chrome's developer tools open (Memory, Load profile) and gw-heap reads: objects
 * with their types and bytes, headers included; references by the offset in their object (+8), or in arrays by the word's number behind the
 * first element; what weak references and ephemerons hold weakly; roots by frame, variable, registered range, handle, pin and the like;
 * external memory. An object's id says where it lies: two snapshots have the same one for an object that has not moved. What dies
 * meanwhile, and what has died, is left out.
 *
 * Never collects, at any moment of a cycle, and takes native memory for roots, names, and a 32nd of the old generation's blocks, not for
 * objects. The program waits, some tenths of a second for a million objects. GW_ERROR_ARGUMENT: the file cannot be written, and is no more;
 * GW_ERROR_MEMORY; GW_ERROR_STATE: a destructor, a trace function or a notify function calls this, parts of the program were compiled with
 * --roots=none, or there are more nodes than the format can number, 613 millions.
 *
 * Option snapshot=FILE writes one, once: when the heap limit is reached, before the out-of-memory handler is asked; or else when the heap
 * ends, with gw_heap_destroy, or with the process that it is the exiting thread's heap of. Then the frames of the running stack are no
 * roots any more. In FILE, which has no commas or spaces, %p is the number of the process. */
gw_status gw_heap_snapshot(const char *path);

/* Pauses by kind: all stops, each from the program's last instruction to its next, whatever they were made of (with less than 5 us between
 * them two are one); the minor collections among them; steps by hand. */
typedef enum gw_pause_kind { GW_PAUSE_ANY, GW_PAUSE_MINOR, GW_PAUSE_STEP } gw_pause_kind;

/* Nanoseconds; quantiles are exact to 6 %. Minimum mutator utilisation is the least share of any stretch of that length that was left
 * to the program so far (Cheng and Blelloch 2001). */
struct gw_pause_summary {
    uint64_t count, total_ns;
    uint64_t p50_ns, p90_ns, p99_ns, p999_ns, max_ns;
    double utilisation_1ms, utilisation_5ms, utilisation_16_7ms, utilisation_50ms;
};
GW_LAID_OUT_(struct gw_pause_summary, 88);
GW_NOCOLLECT void gw_get_pauses(gw_pause_kind kind, struct gw_pause_summary *summary);
/* The histogram behind it: fills up to `capacity` of `ends_ns` (longest pause that falls into a bucket) and `counts` with the buckets
 * that hold any, in ascending order, and returns how many there are. */
GW_NOCOLLECT size_t gw_get_pause_histogram(gw_pause_kind kind, size_t capacity, uint64_t *ends_ns, uint64_t *counts);

/* ---- Hooks ----------------------------------------------------------------------------------------- */

/* A minor collection that ended. */
struct gw_minor_event {
    uint64_t ns;
    uint64_t allocated_bytes; /* since the minor collection before, headers included */
    uint64_t promoted_bytes;
    gw_phase phase; /* of the major cycle, afterwards */
};
GW_LAID_OUT_(struct gw_minor_event, 32);
/* A run of pieces of a cycle, by gw_collect_step, by allocation, or as part of a whole collection. */
struct gw_step_event {
    uint64_t ns;         /* the whole run, of which */
    uint64_t atomic_ns;  /* in work that cannot be split */
    uint64_t minor_ns;   /* in minor collections, which had events of their own */
    uint64_t work_bytes; /* marked, or as many nanoseconds in other phases: what pacing counts */
    gw_phase before, after;
    bool by_hand;
};
GW_LAID_OUT_(struct gw_step_event, 48);
/* A cycle that ended. */
struct gw_cycle_event {
    uint64_t ns, atomic_ns; /* in all its steps */
    uint64_t wall_ns;       /* from its beginning to its end */
    uint64_t steps;
    uint64_t used_at_start_bytes, live_bytes, goal_bytes; /* of the old generation; the goal is the next cycle's */
};
GW_LAID_OUT_(struct gw_cycle_event, 56);

/* The program was kept from running; the events above happened meanwhile. A stop that begins less than 5 us after the last is the same
 * stop: it is told again, from the same start. */
struct gw_stop_event {
    uint64_t start_ns, ns; /* by CLOCK_MONOTONIC */
    bool by_hand;          /* the program asked for it */
};
GW_LAID_OUT_(struct gw_stop_event, 24);

/* Called after the event, on the thread that collected, with the heap consistent; NULL: none. A hook may read the heap and the
 * statistics, and must return; allocating collected objects or collecting in one is fatal. */
struct gw_hooks {
    void *data;                                                    /* the hooks' own */
    void (*minor)(void *data, const struct gw_minor_event *event); /* after each minor collection */
    void (*step)(void *data, const struct gw_step_event *event);   /* after each run of pieces of a cycle */
    void (*cycle)(void *data, const struct gw_cycle_event *event); /* after each cycle */
    void (*stop)(void *data, const struct gw_stop_event *event);   /* after each stop */
};
GW_LAID_OUT_(struct gw_hooks, 40);
/* Copies `hooks`; NULL removes them. */
GW_NOCOLLECT void gw_set_hooks(const struct gw_hooks *hooks);

/* ---- Timeline -------------------------------------------------------------------------------------- */

/* Writes what the collector does with this heap to the file `path`, which ui.perfetto.dev opens: on the thread's track a span for each
 * stop, in it minor collections with their bytes and the phases of cycles, a flow for each cycle; and counters at the end of each stop. A
 * stop that begins less than 5 us after the last is one with it, as for hooks. Memory is 18 KB. What was done 10 ms ago or longer is with
 * the system at the end of each stop, whatever becomes of the process; the last span of one that was killed has no end. A child that was
 * forked writes nothing. GW_ERROR_ARGUMENT: the file cannot be made; GW_ERROR_MEMORY; GW_ERROR_STATE: one is written already, or a hook
 * calls this.
 *
 * Option trace=FILE does the same from the first gw_attach on; heaps that have it in common write to one file, each its own tracks. %p as
 * in snapshot=FILE. */
GW_NOCOLLECT gw_status gw_trace_start(const char *path);
/* Ends it, as gw_heap_destroy and the end of the process do. GW_ERROR_STATE: none is written. GW_ERROR_ARGUMENT: not all could be written.
 */
GW_NOCOLLECT gw_status gw_trace_stop(void);

/* ---- Allocation profile ---------------------------------------------------------------------------- */

/* Notes from now on where this heap's objects are allocated: of each `rate` bytes one on average, so that an object of twice the size is
 * noted twice as often; 0: 512 KB. 1 KB to 1 GB. With a note go the calls that led to the allocation, the innermost 128. Compiled code
 * runs as before: the notes are taken out of line. Native memory is some 60 bytes for each noted object that lives, and up to 1 KB for
 * each place that allocates. GW_ERROR_ARGUMENT, GW_ERROR_MEMORY; GW_ERROR_STATE: it does so already. */
GW_NOCOLLECT gw_status gw_profile_start(size_t rate);
/* Writes what was noted to the file `path`, which pprof opens: profile.proto, gzipped. Values are what all of the program may be expected
 * to have allocated there: alloc_objects, alloc_space, and inuse_objects, inuse_space for what no collection has found dead; labels are
 * `type` and `bytes`. Slow, as names are looked for in files. GW_ERROR_ARGUMENT: the file cannot be written, and is no more;
 * GW_ERROR_MEMORY; GW_ERROR_STATE: nothing is noted. */
GW_NOCOLLECT gw_status gw_profile_write(const char *path);
/* Forgets the notes, and takes no more. GW_ERROR_STATE: there are none. */
GW_NOCOLLECT gw_status gw_profile_stop(void);
/* Options profile=FILE and profile-rate=BYTES begin with the first gw_attach, and write one when the heap ends, with gw_heap_destroy, or
 * with the process that it is the exiting thread's heap of. Heaps that have FILE in common write one profile. %p as in snapshot=FILE. */

/* Checks the whole heap. GW_OK, or GW_ERROR_STATE with gw_error_text saying what is wrong. Never collects. */
gw_status gw_verify(void);

#ifdef __cplusplus
}
#endif

#pragma GCC visibility pop
#endif
