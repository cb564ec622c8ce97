/* Checks the whole heap, slowly and without trusting the collector: structure, references, recorded writes, roots.
 *
 * What it catches: an old object that refers to a young one unrecorded (a missed barrier); a reachable word that points
 * into vacated or freed memory (a missed root, a stale derived pointer, an early free); another heap's reference, or one into no
 * memory at all; lists, bits and counts that contradict one another.
 */
#ifndef GW_VERIFY_VERIFY_H
#define GW_VERIFY_VERIFY_H

#include "heap/heap.h"

struct gw_entry;

/* Fatal, with `when` in the message, at the first thing that is wrong. */
void gw_verify_or_die(struct gw_heap *heap, const struct gw_entry *entry, const char *when);

/* What the entry stub of gw_verify calls. */
gw_status gw_verify_from(const struct gw_entry *entry);

#endif
