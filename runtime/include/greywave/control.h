/* When the collector works, and for how long. */
#ifndef GREYWAVE_CONTROL_H
#define GREYWAVE_CONTROL_H

#include <greywave/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Collect --------------------------------------------------------------------------------------- */

/* A minor collection, or a whole cycle from its beginning to its end. */
typedef enum gw_collection { GW_MINOR, GW_FULL } gw_collection;
/* Collects at once, disabled or not. A safepoint. */
void gw_collect(gw_collection kind);

/* Where a major cycle stands: snapshot of the roots, marking, what ephemerons and finalizer queues keep alive, waiting for a minor
 * collection to find that nothing is left to mark, clearing weak references and ordering finalizers, sweeping, giving memory back. */
typedef enum gw_phase {
    GW_PHASE_IDLE,
    GW_PHASE_ROOTS,
    GW_PHASE_MARK,
    GW_PHASE_EPHEMERONS,
    GW_PHASE_REMARK,
    GW_PHASE_WEAK,
    GW_PHASE_SWEEP,
    GW_PHASE_RETURN,
} gw_phase;
#define GW_PHASES (GW_PHASE_RETURN + 1) /* in the order in which a cycle goes through them */

/* How far a step came. */
typedef enum gw_step_status {
    GW_STEP_IDLE, /* no cycle is under way: the heap has not grown enough to start one, or to start it does not fit (needs_ns) */
    GW_STEP_MORE, /* the cycle goes on */
    GW_STEP_DONE, /* this step finished it */
} gw_step_status;

/* What one step did. Nanoseconds; `used_ns` includes the two parts named last. */
struct gw_step {
    gw_step_status status;
    gw_phase before, after;
    uint64_t used_ns;    /* the whole stop */
    uint64_t overrun_ns; /* of it, beyond the budget, whatever was done in it */
    uint64_t needs_ns;   /* what comes next cannot be divided, and was expected to take more than was left: so much; 0: nothing such */
    uint64_t atomic_ns;  /* in work that cannot be split: looking at the roots */
    uint64_t minor_ns;   /* in minor collections: one that is due, one at a cycle's beginning, one or a few to end marking */
};
GW_LAID_OUT_(struct gw_step, 56);

/* Works on the major cycle for `budget_ns`, starting one when the old generation has used up half of its growth: earlier than cycles
 * start by themselves, and what is done here need not be done by allocation. A budget of 0 does the smallest piece of work there is,
 * whatever it takes. A minor collection is run first when it may be expected to fit into the budget now but not into that of the next such
 * step, so that a program which steps in its idle time does not wait for it elsewhere; the cycle gets the rest.
 *
 * Nothing is begun that is not expected to end within the budget. A cycle begins with a minor collection and a look at the roots, and
 * marking ends with a minor collection: where these do not fit, `needs_ns` says so and the step returns, since calling it again does not
 * help. Either give a step as much, or go on allocating: the minor collection that allocation comes to does the same. So a program that
 * steps by 50 us at least, as often as it allocates what such a step pays for, has whole cycles and never an assist. Works while disabled.
 * May collect. */
struct gw_step gw_collect_step(uint64_t budget_ns);

/* While disabled no major cycle starts or goes on by itself; minor collections go on, and the heap limit still holds. Not nested. */
GW_NOCOLLECT void gw_disable(void);
GW_NOCOLLECT void gw_enable(void);
GW_NOCOLLECT bool gw_is_enabled(void);

/* The next `bytes` of allocation (headers included: 8 bytes an object, sizes rounded up to 8) trigger no collection and move nothing.
 * May collect now, to make room. GW_ERROR_MEMORY: that much cannot be promised. GW_ERROR_STATE: a promise is running, or other
 * threads are attached, who may collect. GW_ERROR_ARGUMENT: 0 bytes. Collections that the program asks for still run. The promise ends with
 * gw_no_collect_end, which returns GW_ERROR_STATE when more was allocated and the promise ended before. */
gw_status gw_no_collect_begin(size_t bytes);
GW_NOCOLLECT gw_status gw_no_collect_end(void);

/* ---- External memory ------------------------------------------------------------------------------- */

/* Tells the collector that objects of the attached heap keep `bytes` more native memory alive, or fewer when negative (from
 * a destructor, say): major cycles then start as if the heap had grown by so much. */
GW_NOCOLLECT void gw_external_memory(ptrdiff_t bytes);
/* What the calls add up to. */
GW_NOCOLLECT size_t gw_external_memory_bytes(void);

#ifdef __cplusplus
}
#endif

#pragma GCC visibility pop
#endif
