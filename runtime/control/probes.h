/* Static probes (USDT), for perf, bpftrace, SystemTap and gdb: an instruction that does nothing, and a note that says where it is and where
 * its arguments are. docs/probes.md has the list, and tests/probes compares. Times are in ns, sizes in bytes; arguments are at hand anyway.
 */
#ifndef GW_CONTROL_PROBES_H
#define GW_CONTROL_PROBES_H

#include "heap/heap.h"

#include <sys/sdt.h>

/* The program waits; `name` is a constant. Where no stop_end follows nothing was done. */
GW_ALWAYS_INLINE void gw_probe_stop_begin(const struct gw_heap *heap, const char *name)
{
    DTRACE_PROBE2(greywave, stop_begin, heap, name);
}

GW_ALWAYS_INLINE void gw_probe_stop_end(const struct gw_heap *heap, uint64_t ns, bool by_hand)
{
    DTRACE_PROBE3(greywave, stop_end, heap, ns, (long)by_hand);
}

GW_ALWAYS_INLINE void gw_probe_minor_begin(const struct gw_heap *heap, uint64_t young)
{
    DTRACE_PROBE2(greywave, minor_begin, heap, young);
}

GW_ALWAYS_INLINE void gw_probe_minor_end(const struct gw_heap *heap, uint64_t ns, uint64_t allocated, uint64_t promoted)
{
    DTRACE_PROBE4(greywave, minor_end, heap, ns, allocated, promoted);
}

/* The bytes that one minor collection promoted, if it did; and those that survived in the nursery. */
GW_ALWAYS_INLINE void gw_probe_promotion(const struct gw_heap *heap, uint64_t promoted, uint64_t survivors)
{
    DTRACE_PROBE3(greywave, promotion, heap, promoted, survivors);
}

/* The cycle's number, from 1 on; bytes in use in the old generation. */
GW_ALWAYS_INLINE void gw_probe_cycle_begin(const struct gw_heap *heap, uint64_t number, uint64_t used)
{
    DTRACE_PROBE3(greywave, cycle_begin, heap, number, used);
}

GW_ALWAYS_INLINE void gw_probe_cycle_end(const struct gw_heap *heap, uint64_t number, uint64_t ns, uint64_t live, uint64_t goal)
{
    DTRACE_PROBE5(greywave, cycle_end, heap, number, ns, live, goal);
}

/* Pieces of one phase (gw_phase) of a cycle that follow each other. */
GW_ALWAYS_INLINE void gw_probe_phase_begin(const struct gw_heap *heap, gw_phase phase)
{
    DTRACE_PROBE2(greywave, phase_begin, heap, (long)phase);
}

GW_ALWAYS_INLINE void gw_probe_phase_end(const struct gw_heap *heap, gw_phase phase, uint64_t ns)
{
    DTRACE_PROBE3(greywave, phase_end, heap, (long)phase, ns);
}

/* An allocation of so many bytes fails, of a type of this name, unless the program's handler makes room. */
GW_ALWAYS_INLINE void gw_probe_out_of_memory(const struct gw_heap *heap, uint64_t bytes, const char *type, uint64_t used)
{
    DTRACE_PROBE4(greywave, out_of_memory, heap, bytes, type, used);
}

#endif
