/* Pinning. While a cycle marks, what is pinned turns grey at once: the cursor over the table may have passed. */
#include "api/pin.h"

#include "heap/callbacks.h"
#include "heap/existing.h"
#include "control/eden_size.h"
#include "control/stops.h"
#include "engine/mark.h"
#include "base/report.h"

/* Collections read the words of arguments, and bring them up to date. */
static uintptr_t promoted(struct gw_heap *heap, uintptr_t object, const struct gw_entry *entry)
{
    uintptr_t *word = &heap->mutator->arguments[0];
    *word = object;
    gw_collect_promoting(heap, entry);
    object = *word;
    *word = 0;
    return object;
}

static bool reserve(struct gw_pins *pins)
{
    return gw_address_table_reserve(&pins->table, pins->table.count + 1) && gw_word_list_reserve(&pins->young, pins->young.count + 1);
}

/* While the object is young no cycle needs to hear of its pin: what it refers to is shaded when it has grown old. */
static void note_pin(struct gw_heap *heap, uintptr_t ref)
{
    if (gw_is_young(&heap->old, ref)) gw_word_list_add(&heap->pins.young, ref);
    else gw_mark_new(heap, ref);
}

static bool is_to_be_promoted(const struct gw_heap *heap, uintptr_t ref)
{
    return gw_is_young(&heap->old, ref) && (!gw_heap_may_pin(heap) || gw_eden_size_minor_is_cheap(heap));
}

void *gw_pin_from(void *object, const struct gw_entry *entry)
{
    uintptr_t ref = (uintptr_t)object;
    struct gw_heap *heap GW_INSIDE = gw_heap_to_collect_given("gw_pin", entry, &ref, 1);
    struct gw_pins *pins = &heap->pins;
    gw_refuse_other_heaps(heap, (void *)ref, "gw_pin");
    if (!gw_is_reference(ref) || !gw_heap_contains(heap, ref)) return (void *)ref;
    if (!reserve(pins)) {
        gw_fail(GW_ERROR_MEMORY, "gw_pin: no native memory to pin another object");
        return NULL;
    }
    struct gw_address_entry *pinned = gw_address_find(&pins->table, ref);
    if (!pinned && is_to_be_promoted(heap, ref)) ref = promoted(heap, ref, entry);
    if (pinned) pinned->number++;
    else gw_address_add(&pins->table, ref, 1);
    note_pin(heap, ref);
    return (void *)ref;
}

/* The last entry moves to the free place, which the cursor may have passed. */
gw_status gw_unpin(const void *object)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_for(object, "gw_unpin");
    struct gw_pins *pins = &heap->pins;
    uintptr_t ref = (uintptr_t)object;
    if (!gw_is_reference(ref) || !gw_heap_contains(heap, ref)) return GW_OK;
    struct gw_address_entry *pinned = gw_address_find(&pins->table, ref);
    if (!pinned) return gw_fail(GW_ERROR_ARGUMENT, "gw_unpin: %p is not pinned", object);
    if (--pinned->number) return GW_OK;
    uintptr_t last = pins->table.entries[pins->table.count - 1].object;
    if (!gw_is_young(&heap->old, last)) gw_mark_new(heap, last);
    gw_address_remove(&pins->table, pinned);
    return GW_OK;
}

bool gw_is_pinned(const void *object)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_is_pinned");
    return gw_address_find(&heap->pins.table, (uintptr_t)object) != NULL;
}
