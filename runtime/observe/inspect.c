/* Looking in: walks of the heap, who refers to whom, and why an object is alive. */
#include "observe/inspect.h"

#include "collect/doors.h"
#include "collect/reach.h"
#include "observe/report.h"

struct visit {
    struct gw_heap *heap;
    gw_inspect_visitor *visitor;
    void *data;
    uintptr_t target;
    bool found;
    size_t count;
};

static void visit_object(void *context, uintptr_t ref)
{
    struct visit *visit = context;
    visit->count++;
    if (visit->visitor) visit->visitor(visit->data, (void *)ref);
}

size_t gw_heap_walk(gw_inspect_visitor *visitor, void *data)
{
    struct visit visit = {.heap = gw_heap_here("gw_heap_walk"), .visitor = visitor, .data = data};
    gw_each_object(visit.heap, visit_object, &visit);
    return visit.count;
}

static void visit_slot(void *context, uintptr_t *slot)
{
    if (gw_is_reference(*slot)) visit_object(context, *slot);
}

size_t gw_referents(const void *object, gw_inspect_visitor *visitor, void *data)
{
    struct visit visit = {.heap = gw_heap_here("gw_referents"), .visitor = visitor, .data = data};
    gw_each_referent((uintptr_t)object, visit_slot, &visit);
    return visit.count;
}

static void compare_slot(void *context, uintptr_t *slot)
{
    struct visit *visit = context;
    visit->found |= *slot == visit->target;
}

static void visit_referrer(void *context, uintptr_t ref)
{
    struct visit *visit = context;
    visit->found = false;
    gw_each_referent(ref, compare_slot, visit);
    if (visit->found) visit_object(visit, ref);
}

size_t gw_referrers(const void *object, gw_inspect_visitor *visitor, void *data)
{
    struct visit visit = {
        .heap = gw_heap_here("gw_referrers"), .visitor = visitor, .data = data, .target = (uintptr_t)object};
    gw_each_object(visit.heap, visit_referrer, &visit);
    return visit.count;
}

/* From the root on: the search gives each object the one it was reached from, so the way is turned around. */
static size_t visit_path(struct visit *visit, struct gw_address_table *reached, struct gw_address_entry *target)
{
    size_t number = (size_t)(target - reached->entries) + 1, before = 0;
    while (number) {
        struct gw_address_entry *entry = &reached->entries[number - 1];
        size_t from = entry->number;
        entry->number = before;
        before = number;
        number = from;
    }
    for (number = before; number; number = reached->entries[number - 1].number)
        visit_object(visit, reached->entries[number - 1].object);
    return visit->count;
}

size_t gw_path_to_from(const void *object, gw_inspect_visitor *visitor, void *data, const struct gw_entry *entry)
{
    struct visit visit = {.heap = gw_heap_entered("gw_path_to", entry), .visitor = visitor, .data = data};
    struct gw_address_table reached = {0};
    if (!gw_reach(visit.heap, entry, (uintptr_t)object, &reached)) {
        gw_fail(GW_ERROR_MEMORY, "gw_path_to: no native memory for the search");
    } else {
        struct gw_address_entry *target = gw_address_find(&reached, (uintptr_t)object);
        if (target) visit_path(&visit, &reached, target);
    }
    gw_address_table_destroy(&reached);
    return visit.count;
}
