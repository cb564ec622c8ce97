/* The end of marking. */
#include "life/closure.h"

#include "engine/mark.h"
#include "life/finalizers.h"
#include "life/frozen.h"
#include "life/pins.h"
#include "life/weak.h"

#define MARKS_AT_ONCE 64
#define LOOK_UNITS 32 /* a look at some cells, in the unit of marking: a slot */

void gw_closure_begin(struct gw_heap *heap)
{
    heap->cells.cursor = 0;
    heap->cells.old_awaiting.woken = 0;
    gw_finalizers_begin_marking(heap);
    gw_pins_begin_marking(heap);
    gw_frozen_begin_marking(heap);
}

static bool mark_from_tables(struct gw_heap *heap)
{
    return gw_finalizers_mark_some(heap) || gw_pins_mark_some(heap) || gw_frozen_mark_some(heap);
}

/* Whatever a unit is spent on costs about the same: the caller adapts their number to time. */
bool gw_closure_step(struct gw_heap *heap, size_t units)
{
    heap->cells.old_awaiting.active = heap->cells.old_awaiting.heads != NULL;
    for (;;) {
        size_t marks = units < MARKS_AT_ONCE ? units : MARKS_AT_ONCE, cost = LOOK_UNITS;
        if (!gw_weak_look_at_some(heap) && !mark_from_tables(heap)) {
            if (gw_mark_step(heap, marks) && !heap->cells.old_awaiting.woken) return true;
            cost = marks;
        }
        if (units <= cost) break;
        units -= cost;
    }
    gw_mark_flush(heap);
    return false;
}
