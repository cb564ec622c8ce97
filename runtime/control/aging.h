/* Whether survivors of a minor collection are kept young for another. Arithmetic only. Decision 0113.
 *
 * It pays where many of them die before the next. Programs are of one kind or the other: of what survived one minor collection either
 * nearly all survives the next, or next to nothing. So when nearly all did, the next minor collections promote at once, then two keep
 * survivors and tell again. The more often they told the same, the later they are asked. A program that gave an age gets it.
 */
#ifndef GW_CONTROL_AGING_H
#define GW_CONTROL_AGING_H

#include "heap/heap.h"

bool gw_aging_is_in_vain(const struct gw_heap *heap);

/* A minor collection found `kept` bytes of survivors of the one before; heap->aging says how many survived again. */
void gw_aging_note_minor(struct gw_heap *heap, size_t kept);

#endif
