/* How a heap is set up, and which thread works on it. */
#ifndef GREYWAVE_HEAP_H
#define GREYWAVE_HEAP_H

#include <greywave/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

#ifdef __cplusplus
extern "C" {
#endif

/* How a heap is set up; start from gw_options_parse("", …). All sizes in bytes. Zero sizes, growth and pause mean the default; other
 * values have the ranges that the text has (GW_ERROR_OPTION). */
struct gw_options {
    size_t nursery;   /* bytes allocated between minor collections; default: 6 MB, and up to 32 MB while that saves copying */
    size_t max_heap;  /* limit on nursery plus old generation; default: 7/8 of what the machine, the cgroup, ulimit -v and ulimit -d leave,
                         less the collector's tables */
    uint16_t growth;  /* percent by which the old generation may grow over live before the next cycle */
    uint16_t helpers; /* 1: a thread of the runtime's own marks and sweeps while the program runs, and copies while it rests (helpers=1);
                         default: 0 */
    uint32_t profile_rate; /* bytes from one sample of profile=FILE to the next, on average; default: 512k */
    uint64_t pause_ns;     /* pause to aim at: sizes the nursery and the slices of cycles; 0: throughput first */
    unsigned age;          /* minor collections that an object survives in the nursery before promotion; default: one, and none while nearly
                              all that survived one survives the next as well */
    uint16_t profile_file; /* as trace_file, for profile=FILE */
    bool log_json;         /* with `log`: each line is a JSON object (log=json) */
    bool stats;            /* a summary on stderr when the heap or the process ends */
    uint32_t stress_every; /* collect at every n-th allocation */
    uint32_t pretouch_mb; /* MB of the old generation whose memory, with the nursery's and the tables', is asked of the system when the heap
                             is made, and kept: no stop pays for the first touch of a page until more is used. pretouch=256m; default: 0 */
    bool stress_safepoint;   /* collect at every slow path and poll */
    bool stress_step;        /* the smallest piece of a cycle at every allocation's slow path, cycle after cycle */
    bool stress_move;        /* keep survivors in the nursery and move them at every minor collection */
    bool poison;             /* overwrite what was vacated or freed */
    bool verify;             /* check the whole heap before and after every collection, also for other heaps' references */
    bool verify_walk;        /* check every replayed stack frame against its unwind information */
    bool debug_leak;         /* before each major cycle, list cycles of dead objects by type on stderr */
    bool log;                /* a line for each collection on stderr, and one for a default limit */
    bool stress_stay;        /* at minor collections some objects, at random, grow old where they are, as large and pinned ones do */
    bool ignore_polls;       /* several threads may share the heap though code is loaded whose loops do not poll; polls=ignore */
    uint16_t snapshot_file;  /* number of the file's name, by which gw_options_parse notes snapshot=FILE; 0: none. See observe.h */
    uint16_t trace_file;     /* the same for trace=FILE */
    uint16_t stop_warning_s; /* say on stderr which thread others wait for, when it is so long; default: 10; stop-warning=10s */
};
GW_LAID_OUT_(struct gw_options, 64);

/* Fills `options` with defaults, then parses comma-separated `key=value` text, e.g.
 * "nursery=2m,max-heap=512m,growth=80,pause=1ms,stress=alloc+step,poison=1,verify=1". On error nothing is written but defaults. */
GW_NOCOLLECT gw_status gw_options_parse(const char *text, struct gw_options *options);

/* Creates the default heap and attaches it to this thread. `text` as for gw_options_parse, or NULL; the environment
 * variable GREYWAVE, same syntax, is read after it and wins; not in programs that run with other rights than their caller's
 * (secure_getenv). */
gw_status gw_init(const char *text);

/* The heap reserves its address range at once and commits as it grows. `options` may be NULL. A program that locks its memory does so with
 * MCL_ONFAULT, or the system makes all of the range resident at once. */
gw_status gw_heap_create(const struct gw_options *options, struct gw_heap **heap);
/* The heap must be attached nowhere. Its objects are gone without running destructors' order or finalizers, and so are its handles,
 * queues and registered roots. No variable, frame or object of another heap may refer to them any more: a later heap may lie at the
 * same addresses, and would take what is left in a global for references of its own. verify=1 reports such references where no later
 * heap lies. What else is left, the heap itself, its handles and its queues, is refused wherever it is used: with GW_ERROR_ARGUMENT, or
 * in words; a handle until a later heap needs its place. GW_ERROR_ARGUMENT, GW_ERROR_STATE. */
gw_status gw_heap_destroy(struct gw_heap *heap);
/* A thread has at most one heap attached; a heap may be attached to any number of threads, see threads.h. The second one waits until the
 * first comes to a safepoint. A thread that ends detaches its heap, in the last round but one of its destructors of thread-specific data.
 * Global variables and static objects are seen by the collections of all heaps: what one holds may be read only by threads of the heap that
 * it refers to, which may be moving it, and overwritten by any. GW_ERROR_ARGUMENT: there is no such heap (any more). GW_ERROR_STATE: this
 * thread has a heap; or it would be the second, and code is loaded whose loops do not poll. */
gw_status gw_attach(struct gw_heap *heap);
gw_status gw_detach(void);

/* fork: the child goes on with the heap of the thread that forked, and may allocate, collect, register and load libraries, whatever other
 * threads were doing in the runtime. Heaps that were attached to those stay attached, to nobody. One thing is the C library's: a child that
 * was made while another thread was inside dlopen or dlclose collects, but its own dlopen may wait for ever. */

#ifdef __cplusplus
}
#endif

#pragma GCC visibility pop
#endif
