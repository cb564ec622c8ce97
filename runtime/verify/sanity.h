/* A second, dumber collector that re-traces and compares (after MMTk's sanity collector). Runs with verify=1.
 *
 * When a cycle has taken its roots, everything reachable is noted; when marking ends, everything reachable is marked, and of what
 * existed at the start nothing is marked that was unreachable then. So a cycle frees what it must, and nothing else.
 */
#ifndef GW_VERIFY_SANITY_H
#define GW_VERIFY_SANITY_H

#include "heap/heap.h"

struct gw_entry;

/* To be called after each piece of a cycle; `phase` is the one it belonged to. */
void gw_sanity_after_piece(struct gw_heap *heap, const struct gw_entry *entry, gw_phase phase);

/* To be called when marking has ended and nothing is swept yet. */
void gw_sanity_at_mark_end(struct gw_heap *heap, const struct gw_entry *entry);

#endif
