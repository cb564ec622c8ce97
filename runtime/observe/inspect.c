/* Looking in: walks of the heap, who refers to whom, and why an object is alive. */
#include "observe/inspect.h"

#include "heap/callbacks.h"
#include "verify/reach.h"
#include "base/report.h"

#include <stdlib.h>

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

/* Without a visitor nothing of the program's runs. */
static size_t run(struct visit *visit, gw_call_body *body)
{
    if (visit->visitor) gw_call_restricted(visit->heap, "a visitor", body, visit);
    else body(visit);
    return visit->count;
}

static void walk_heap(void *context)
{
    gw_each_object(((struct visit *)context)->heap, visit_object, context);
}

static struct gw_heap *alone_in_heap(const char *function)
{
    struct gw_heap *heap = gw_heap_inside(function);
    gw_refuse_while_shared(heap, function);
    return heap;
}

size_t gw_heap_walk(gw_inspect_visitor *visitor, void *data)
{
    struct gw_heap *heap GW_INSIDE = alone_in_heap("gw_heap_walk");
    struct visit visit = {.heap = heap, .visitor = visitor, .data = data};
    return run(&visit, walk_heap);
}

static void visit_slot(void *context, uintptr_t *slot)
{
    if (gw_is_reference(*slot)) visit_object(context, *slot);
}

static void visit_referents(void *context)
{
    const struct visit *visit = context;
    if (gw_is_reference(visit->target)) gw_each_referent(visit->target, visit_slot, context);
}

size_t gw_referents(const void *object, gw_inspect_visitor *visitor, void *data)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_referents");
    struct visit visit = {.heap = heap, .visitor = visitor, .data = data, .target = (uintptr_t)object};
    return run(&visit, visit_referents);
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

static void visit_referrers(void *context)
{
    const struct visit *visit = context;
    if (visit->target) gw_each_object(visit->heap, visit_referrer, context);
}

size_t gw_referrers(const void *object, gw_inspect_visitor *visitor, void *data)
{
    struct gw_heap *heap GW_INSIDE = alone_in_heap("gw_referrers");
    struct visit visit = {.heap = heap, .visitor = visitor, .data = data, .target = (uintptr_t)object};
    return run(&visit, visit_referrers);
}

/* ---- Why an object is alive ------------------------------------------------------------------------ */

static struct gw_path_search *begin_search(struct gw_heap *heap)
{
    struct gw_mutator *me = heap->mutator;
    if (!gw_callback_is_running(&me->callback)) gw_end_searches(me, NULL);
    struct gw_path_search *search = calloc(1, sizeof *search);
    if (!search) return NULL;
    search->around = me->searches;
    return me->searches = search;
}

/* From the root on: the search gives each object the one it was reached from, so the way is turned around. */
static void visit_path(void *context)
{
    struct visit *visit = context;
    const struct gw_address_table *reached = &gw_current_thread.mutator->searches->reached;
    struct gw_address_entry *entries = reached->entries, *target = gw_address_find(reached, visit->target);
    size_t number = target ? (size_t)(target - entries) + 1 : 0, before = 0;
    while (number) {
        size_t from = entries[number - 1].number;
        entries[number - 1].number = before;
        before = number;
        number = from;
    }
    for (number = before; number; number = entries[number - 1].number) visit_object(visit, entries[number - 1].object);
}

static bool search(struct gw_heap *heap, uintptr_t target, const struct gw_entry *entry)
{
    struct gw_path_search *search = begin_search(heap);
    if (!search) return false;
    struct gw_callback before = gw_restrict(heap, "gw_path_to");
    bool searched = gw_reach(heap, entry, target, &search->reached);
    gw_unrestrict(heap, before);
    if (!searched) gw_end_searches(heap->mutator, search->around);
    return searched;
}

/* Other threads are stopped for the search alone. A visitor may leave, and then nobody would start them; while it runs they do not collect,
 * for this thread does not rest. */
static bool search_stopped(struct visit *visit, const struct gw_entry *entry)
{
    bool searched = search(visit->heap, visit->target, entry);
    gw_world_start(visit->heap);
    return searched;
}

size_t gw_path_to_from(const void *object, gw_inspect_visitor *visitor, void *data, const struct gw_entry *entry)
{
    uintptr_t given = (uintptr_t)object;
    struct gw_heap *heap GW_INSIDE = gw_heap_to_stop("gw_path_to", entry, &given, 1);
    struct visit visit = {.heap = heap, .visitor = visitor, .data = data, .target = given};
    if (!search_stopped(&visit, entry)) {
        gw_fail(GW_ERROR_MEMORY, "gw_path_to: no native memory for the search");
        return 0;
    }
    const struct gw_path_search *around = gw_current_thread.mutator->searches->around;
    run(&visit, visit_path);
    gw_end_searches(gw_current_thread.mutator, around);
    return visit.count;
}
