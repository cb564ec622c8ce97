/* What the entry stubs of gw_freeze and gw_unfreeze call, and marking from frozen objects that were written to. */
#ifndef GW_COLLECT_FREEZE_H
#define GW_COLLECT_FREEZE_H

#include "heap/heap.h"
#include "roots/stack_walk.h"

void gw_freeze_from(const struct gw_entry *entry);
void gw_unfreeze_from(const struct gw_entry *entry);

/* Turns objects of frozen blocks that were written to grey; false when there are none left. */
void gw_frozen_begin_marking(struct gw_heap *heap);
bool gw_frozen_mark_some(struct gw_heap *heap);

#endif
