/* A breadth-first search whose queue is its result. */
#include "verify/reach.h"

#include "engine/roots.h"
#include "engine/mark.h"

struct search {
    struct gw_heap *heap;
    struct gw_address_table *table;
    uint64_t from;
    uintptr_t wanted;
    bool failed, done;
};

static void reach_slot(void *context, uintptr_t *slot)
{
    struct search *search = context;
    uintptr_t ref = gw_slot_word(slot);
    if (search->failed || search->done || !gw_is_reference(ref) || !gw_heap_contains(search->heap, ref)) return;
    if (gw_address_find(search->table, ref)) return;
    if (!gw_address_table_reserve(search->table, search->table->count + 1)) {
        search->failed = true;
        return;
    }
    gw_address_add(search->table, ref, search->from);
    search->done = ref == search->wanted;
}

void gw_each_referent(uintptr_t ref, gw_field_visitor *visit, void *context)
{
    const struct gw_type *type = gw_object_type(ref);
    gw_each_field(ref, type, visit, context);
    if (gw_is_cell(type) && gw_kind_is_ephemeron(gw_cell_kind_of(type))) visit(context, &((struct gw_cell *)ref)->value);
}

void gw_visit_pinned(struct gw_heap *heap, gw_field_visitor *visit, void *context)
{
    const struct gw_address_table *pinned = &heap->pins.table;
    for (size_t i = 0; i < pinned->count; i++) visit(context, &pinned->entries[i].object);
}

void gw_visit_ready(struct gw_heap *heap, gw_field_visitor *visit, void *context)
{
    for (struct gw_finalizer_queue *queue = heap->finalizers.queues; queue; queue = queue->next)
        for (size_t i = queue->head; i < queue->ready.count; i++) visit(context, &queue->ready.at[i].object);
}

void gw_visit_held(struct gw_heap *heap, gw_field_visitor *visit, void *context)
{
    gw_visit_pinned(heap, visit, context);
    gw_visit_ready(heap, visit, context);
}

bool gw_reach(struct gw_heap *heap, const struct gw_entry *entry, uintptr_t wanted, struct gw_address_table *table)
{
    struct search search = {.heap = heap, .table = table, .wanted = wanted};
    gw_visit_roots(heap, entry, reach_slot, &search);
    gw_visit_held(heap, reach_slot, &search);
    for (size_t i = 0; i < table->count && !search.done; i++) {
        search.from = i + 1;
        gw_each_referent(table->entries[i].object, reach_slot, &search);
    }
    return !search.failed;
}

struct walk {
    const struct gw_heap *heap;
    gw_object_visitor *visit;
    void *context;
};

static void visit_old(void *context, uintptr_t ref)
{
    const struct walk *walk = context;
    bool dead = walk->heap->cycle.phase == GW_PHASE_WEAK && gw_is_unmarked(walk->heap, ref);
    if (!dead && gw_old_is_object(&walk->heap->old, ref)) walk->visit(walk->context, ref);
}

void gw_each_object(const struct gw_heap *heap, gw_object_visitor *visit, void *context)
{
    struct walk walk = {heap, visit, context};
    gw_heap_each_young(heap, visit, context);
    gw_old_each_object(&heap->old, visit_old, &walk);
}

struct field_at {
    uintptr_t place;
    bool is_followed;
};

static void compare_slot(void *context, uintptr_t *slot)
{
    struct field_at *field = context;
    field->is_followed |= (uintptr_t)slot == field->place;
}

static void look_around(void *context, uintptr_t ref)
{
    struct field_at *field = context;
    if (field->place - ref < gw_object_bytes(ref, gw_object_type(ref))) gw_each_referent(ref, compare_slot, field);
}

bool gw_is_followed(const struct gw_heap *heap, uintptr_t place)
{
    struct field_at field = {.place = place};
    gw_each_object(heap, look_around, &field);
    return field.is_followed;
}
