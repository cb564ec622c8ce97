/* Weak references and ephemerons as the program sees them. The functions that allocate are called by doors. */
#include "api/weak.h"

#include "control/allocate.h"
#include "heap/callbacks.h"
#include "heap/existing.h"
#include "life/settle.h"
#include "life/weak.h"
#include "base/report.h"

uintptr_t gw_cell_new(struct gw_heap *heap, enum gw_cell_kind kind, const struct gw_entry *entry)
{
    if (!gw_weak_cells_reserve(&heap->cells)) {
        gw_fail(GW_ERROR_MEMORY, "no native memory to list another weak cell");
        return 0;
    }
    struct gw_cell *cell = gw_alloc_object(heap, &gw_cell_types[kind], 0, entry);
    if (!cell) return 0;
    gw_word_list_add(&heap->cells.young, (uintptr_t)cell);
    cell->key = heap->mutator->arguments[GW_ARGUMENT_KEY];
    if (gw_kind_has_value(kind)) cell->value = heap->mutator->arguments[GW_ARGUMENT_VALUE];
    return (uintptr_t)cell;
}

/* The heap attached here, inside. What the program took for a cell of it is looked at before it is read as one. */
static struct gw_heap *heap_of(const void *cell, bool is_ephemeron, const char *function)
{
    gw_refuse_null(cell, function);
    struct gw_heap *heap = gw_heap_for(cell, function);
    const struct gw_type *type = gw_object_type((uintptr_t)cell);
    bool right = is_ephemeron ? type == &gw_cell_types[GW_CELL_EPHEMERON]
                              : type == &gw_cell_types[GW_CELL_WEAK] || type == &gw_cell_types[GW_CELL_WEAK_LONG];
    if (gw_unlikely(!right))
        gw_fatal("%s: %p is no %s but a '%s'", function, cell, is_ephemeron ? "ephemeron" : "weak reference", type->name);
    return heap;
}

static enum gw_cell_kind kind_of(const void *cell)
{
    return gw_cell_kind_of(gw_object_type((uintptr_t)cell));
}

static void *new_cell(enum gw_cell_kind kind, const void *key, const void *value, const struct gw_entry *entry, const char *what)
{
    uintptr_t given[] = {(uintptr_t)key, (uintptr_t)value};
    struct gw_heap *heap GW_INSIDE = gw_heap_to_collect_given(what, entry, given, 2);
    gw_refuse_other_heaps(heap, (void *)given[0], what);
    gw_refuse_other_heaps(heap, (void *)given[1], what);
    heap->mutator->arguments[GW_ARGUMENT_KEY] = given[0];
    heap->mutator->arguments[GW_ARGUMENT_VALUE] = given[1];
    uintptr_t cell = gw_cell_new(heap, kind, entry);
    heap->mutator->arguments[GW_ARGUMENT_KEY] = heap->mutator->arguments[GW_ARGUMENT_VALUE] = 0;
    return (void *)cell;
}

struct gw_weak *gw_weak_new_from(void *target, gw_weak_kind kind, const struct gw_entry *entry)
{
    if (kind != GW_WEAK_SHORT && kind != GW_WEAK_LONG) {
        gw_fail(GW_ERROR_ARGUMENT, "gw_weak_new: %d is no kind of weak reference", (int)kind);
        return NULL;
    }
    return new_cell(kind == GW_WEAK_LONG ? GW_CELL_WEAK_LONG : GW_CELL_WEAK, target, NULL, entry, "gw_weak_new");
}

void *gw_weak_get(const struct gw_weak *weak)
{
    struct gw_heap *heap GW_INSIDE = heap_of(weak, false, "gw_weak_get");
    return (void *)gw_weak_read(heap, kind_of(weak), *(const uintptr_t *)weak);
}

void gw_weak_clear(struct gw_weak *weak)
{
    struct gw_heap *heap GW_INSIDE = heap_of(weak, false, "gw_weak_clear");
    gw_cell_clear(heap, (struct gw_cell *)weak);
}

struct gw_ephemeron *gw_ephemeron_new_from(void *key, void *value, const struct gw_entry *entry)
{
    return new_cell(GW_CELL_EPHEMERON, key, value, entry, "gw_ephemeron_new");
}

void *gw_ephemeron_key(const struct gw_ephemeron *ephemeron)
{
    struct gw_heap *heap GW_INSIDE = heap_of(ephemeron, true, "gw_ephemeron_key");
    return (void *)gw_weak_read(heap, GW_CELL_EPHEMERON, ((const struct gw_cell *)ephemeron)->key);
}

/* A live value may belong to a dead key that has not been cleared yet. */
void *gw_ephemeron_value(const struct gw_ephemeron *ephemeron)
{
    struct gw_heap *heap GW_INSIDE = heap_of(ephemeron, true, "gw_ephemeron_value");
    const struct gw_cell *cell = (const struct gw_cell *)ephemeron;
    if (cell->key && !gw_weak_read(heap, GW_CELL_EPHEMERON, cell->key)) return NULL;
    return (void *)gw_weak_read(heap, GW_CELL_EPHEMERON, cell->value);
}

gw_status gw_ephemeron_set(struct gw_ephemeron *ephemeron, void *value)
{
    struct gw_heap *heap GW_INSIDE = heap_of(ephemeron, true, "gw_ephemeron_set");
    gw_refuse_other_heaps(heap, value, "gw_ephemeron_set");
    struct gw_cell *cell = (struct gw_cell *)ephemeron;
    if (!cell->key || !gw_weak_read(heap, GW_CELL_EPHEMERON, cell->key))
        return gw_fail(GW_ERROR_STATE, "gw_ephemeron_set: its key is dead");
    return gw_cell_set_value(heap, cell, (uintptr_t)value) ? GW_OK : GW_ERROR_MEMORY;
}

void gw_ephemeron_clear(struct gw_ephemeron *ephemeron)
{
    struct gw_heap *heap GW_INSIDE = heap_of(ephemeron, true, "gw_ephemeron_clear");
    gw_cell_clear(heap, (struct gw_cell *)ephemeron);
}
