/* Marking what is pinned. */
#include "life/pins.h"

#include "engine/mark.h"

#define AT_ONCE 16

void gw_pins_begin_marking(struct gw_heap *heap)
{
    heap->pins.mark_cursor = 0;
}

bool gw_pins_mark_some(struct gw_heap *heap)
{
    struct gw_pins *pins = &heap->pins;
    if (pins->mark_cursor >= pins->table.count) return false;
    for (int i = 0; i < AT_ONCE && pins->mark_cursor < pins->table.count; i++)
        gw_mark_slot(heap, &pins->table.entries[pins->mark_cursor++].object);
    return true;
}
