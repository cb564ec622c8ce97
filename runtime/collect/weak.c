/* Weak cells in the major cycle, and the program's side of them. */
#include "collect/weak.h"

#include "collect/allocate.h"
#include "collect/finalizer_order.h"
#include "collect/finalizers.h"
#include "collect/freeze.h"
#include "collect/mark.h"
#include "collect/pin.h"
#include "collect/verify.h"
#include "observe/report.h"

#define CELLS_AT_ONCE 8  /* in a unit: each may miss the cache three times */
#define MARKS_AT_ONCE 64
#define LOOK_UNITS 32    /* a look at so many cells, in the unit of marking: a slot */

static struct gw_cell *old_cell(const struct gw_heap *heap, size_t index)
{
    return (struct gw_cell *)heap->cells.old.at[index];
}

/* ---- Ephemerons in marking ------------------------------------------------------------------------- */

void gw_ephemerons_begin(struct gw_heap *heap)
{
    heap->cells.cursor = 0;
    heap->cells.old_awaiting.woken = 0;
    gw_finalizers_begin_marking(heap);
    gw_pins_begin_marking(heap);
    gw_frozen_begin_marking(heap);
}

static void look_at(struct gw_heap *heap, size_t index)
{
    struct gw_weak_cells *cells = &heap->cells;
    struct gw_cell *cell = old_cell(heap, index);
    if (!gw_kind_is_ephemeron(gw_cell_kind_of(gw_object_type((uintptr_t)cell)))) return;
    if (gw_is_unmarked(heap, (uintptr_t)cell))
        gw_awaiting_add(&cells->old_awaiting, &cells->old, index, (uintptr_t)cell);
    else if (gw_is_unmarked(heap, cell->key))
        gw_awaiting_add(&cells->old_awaiting, &cells->old, index, cell->key);
    else
        gw_mark_slot(heap, &cell->value);
}

static bool look_at_some(struct gw_heap *heap)
{
    struct gw_weak_cells *cells = &heap->cells;
    size_t woken = gw_awaiting_next(&cells->old_awaiting, &cells->old);
    if (woken != SIZE_MAX) {
        look_at(heap, woken);
        return true;
    }
    if (cells->cursor == cells->old.count) return false;
    size_t end = cells->cursor + CELLS_AT_ONCE < cells->old.count ? cells->cursor + CELLS_AT_ONCE : cells->old.count;
    while (cells->cursor < end) look_at(heap, cells->cursor++);
    return true;
}

static bool mark_from_tables(struct gw_heap *heap)
{
    return gw_finalizers_mark_some(heap) || gw_pins_mark_some(heap) || gw_frozen_mark_some(heap);
}

/* Whatever a unit is spent on costs about the same: the caller adapts their number to time. */
bool gw_ephemerons_step(struct gw_heap *heap, size_t units)
{
    heap->cells.old_awaiting.active = heap->cells.old_awaiting.heads != NULL;
    for (;;) {
        size_t marks = units < MARKS_AT_ONCE ? units : MARKS_AT_ONCE, cost = LOOK_UNITS;
        if (!look_at_some(heap) && !mark_from_tables(heap)) {
            if (gw_mark_step(heap, marks) && !heap->cells.old_awaiting.woken) return true;
            cost = marks;
        }
        if (units <= cost) return false;
        units -= cost;
    }
}

/* ---- After marking --------------------------------------------------------------------------------- */

void gw_weak_begin(struct gw_heap *heap)
{
    heap->cells.old_awaiting.active = false;
    heap->cells.cursor = heap->cells.kept = 0;
    heap->cells.stage = GW_WEAK_CLEAR;
}

/* What the cell may have waited for is forgotten, then its dead words go. */
static void clear_dead_words(struct gw_heap *heap, struct gw_cell *cell)
{
    enum gw_cell_kind kind = gw_cell_kind_of(gw_object_type((uintptr_t)cell));
    if (gw_kind_is_ephemeron(kind)) {
        gw_awaiting_forget(&heap->cells.old_awaiting, (uintptr_t)cell);
        gw_awaiting_forget(&heap->cells.old_awaiting, cell->key);
    }
    if (kind == GW_CELL_WEAK_LONG) return;
    bool broken = gw_is_unmarked(heap, cell->key) || (kind == GW_CELL_ENTRY_BOTH && gw_is_unmarked(heap, cell->value));
    if (!broken) return;
    cell->key = 0;
    if (gw_kind_has_value(kind)) cell->value = 0;
}

static bool clear_step(struct gw_heap *heap, size_t units)
{
    struct gw_weak_cells *cells = &heap->cells;
    for (; units && cells->cursor < cells->old.count; units--)
        for (unsigned i = 0; i < CELLS_AT_ONCE && cells->cursor < cells->old.count; i++)
            clear_dead_words(heap, old_cell(heap, cells->cursor++));
    return cells->cursor == cells->old.count;
}

/* Drops dead cells from the list, and clears long references to what no finalizer has kept. */
static void end_cell(struct gw_heap *heap, size_t index)
{
    struct gw_weak_cells *cells = &heap->cells;
    struct gw_cell *cell = old_cell(heap, index);
    if (gw_is_unmarked(heap, (uintptr_t)cell)) return;
    cells->old.at[cells->kept++] = (uintptr_t)cell;
    if (gw_cell_kind_of(gw_object_type((uintptr_t)cell)) == GW_CELL_WEAK_LONG && gw_is_unmarked(heap, cell->key))
        cell->key = 0;
}

static bool end_step(struct gw_heap *heap, size_t units)
{
    struct gw_weak_cells *cells = &heap->cells;
    for (; units && cells->cursor < cells->old.count; units--)
        for (unsigned i = 0; i < CELLS_AT_ONCE && cells->cursor < cells->old.count; i++) end_cell(heap, cells->cursor++);
    if (cells->cursor < cells->old.count) return false;
    cells->old.count = cells->cursor = cells->kept;
    return true;
}

bool gw_weak_step(struct gw_heap *heap, size_t units)
{
    struct gw_weak_cells *cells = &heap->cells;
    switch (cells->stage) {
    case GW_WEAK_CLEAR:
        if (!clear_step(heap, units)) return false;
        gw_finalizer_order_begin(heap);
        cells->stage = GW_WEAK_ORDER;
        return false;
    case GW_WEAK_ORDER:
        if (!gw_finalizer_order_step(heap, units)) return false;
        cells->cursor = cells->kept = 0;
        cells->stage = GW_WEAK_END;
        return false;
    case GW_WEAK_END:
        if (!end_step(heap, units)) return false;
        gw_identity_begin_purge(&heap->identity);
        cells->stage = GW_WEAK_IDENTITY;
        return false;
    case GW_WEAK_IDENTITY: break;
    }
    return gw_identity_purge(&heap->identity, &heap->old, units);
}

/* ---- Reading and writing --------------------------------------------------------------------------- */

/* While marking goes on the object becomes grey, or black objects could come to refer to it unseen. While the marks are final
 * it may be dead. Whether a finalizer will keep the target of a long reference is known when the order is. */
uintptr_t gw_weak_read(struct gw_heap *heap, enum gw_cell_kind kind, uintptr_t word)
{
    if (!gw_is_reference(word) || !gw_old_contains(&heap->old, word)) return word;
    if (heap->cycle.phase == GW_PHASE_WEAK) {
        if (kind == GW_CELL_WEAK_LONG && gw_is_unmarked(heap, word))
            while (heap->cells.stage < GW_WEAK_END) gw_weak_step(heap, 1);
        return gw_is_unmarked(heap, word) ? 0 : word;
    }
    gw_mark_new(heap, word);
    heap->sanity.weak_read = true;
    return word;
}

uintptr_t gw_cell_new(struct gw_heap *heap, enum gw_cell_kind kind, const struct gw_entry *entry)
{
    if (!gw_weak_cells_reserve(&heap->cells)) {
        gw_fail(GW_ERROR_MEMORY, "no native memory to list another weak cell");
        return 0;
    }
    struct gw_cell *cell = gw_alloc_object(heap, &gw_cell_types[kind], 0, entry);
    if (!cell) return 0;
    gw_word_list_add(&heap->cells.young, (uintptr_t)cell);
    cell->key = heap->arguments[GW_ARGUMENT_KEY];
    if (gw_kind_has_value(kind)) cell->value = heap->arguments[GW_ARGUMENT_VALUE];
    return (uintptr_t)cell;
}

/* An old cell may come to hold a young value: it is listed as young once more. While marking goes on an old value turns grey:
 * the cell may have been looked at already. */
bool gw_cell_set_value(struct gw_heap *heap, struct gw_cell *cell, uintptr_t value)
{
    const struct gw_nursery *nursery = &heap->nursery;
    bool listed_young = gw_nursery_contains(nursery, (uintptr_t)cell) || gw_nursery_contains(nursery, cell->key) ||
                        gw_nursery_contains(nursery, cell->value);
    if (gw_nursery_contains(nursery, value) && !listed_young) {
        if (!gw_weak_cells_reserve(&heap->cells)) {
            gw_fail(GW_ERROR_MEMORY, "no native memory to list a weak cell whose value is young");
            return false;
        }
        gw_word_list_add(&heap->cells.young, (uintptr_t)cell | 1);
    }
    if (gw_is_reference(value) && gw_old_contains(&heap->old, value)) gw_mark_new(heap, value);
    cell->value = value;
    return true;
}

/* Who waits for the key in the same chain must still be found there; when the marks are final nobody waits, and the chain, which
 * could not be found by this cell's key any more, goes at once. */
void gw_cell_clear(struct gw_heap *heap, struct gw_cell *cell)
{
    enum gw_cell_kind kind = gw_cell_kind_of(gw_object_type((uintptr_t)cell));
    struct gw_awaiting *awaiting = &heap->cells.old_awaiting;
    if (gw_kind_is_ephemeron(kind) && awaiting->active)
        gw_awaiting_wake(awaiting, &heap->cells.old, cell->key);
    else if (gw_kind_is_ephemeron(kind) && heap->cycle.phase == GW_PHASE_WEAK)
        gw_awaiting_forget(awaiting, cell->key);
    cell->key = 0;
    if (gw_kind_has_value(kind)) cell->value = 0;
}

/* ---- Checking -------------------------------------------------------------------------------------- */

static bool is_live_word(const struct gw_heap *heap, uintptr_t word)
{
    if (!gw_is_reference(word)) return true;
    if (!gw_heap_contains(heap, word)) return gw_is_static_object(word);
    return gw_nursery_contains(&heap->nursery, word) || gw_old_is_object(&heap->old, word);
}

static void check_cell(const struct gw_heap *heap, uintptr_t word, bool young)
{
    const struct gw_cell *cell = (const struct gw_cell *)(word & ~(uintptr_t)1);
    if (!is_live_word(heap, (uintptr_t)cell)) gw_fatal("weak cells: %p is listed and is no object", (const void *)cell);
    const struct gw_type *type = gw_object_type((uintptr_t)cell);
    enum gw_cell_kind kind = gw_cell_kind_of(type);
    if (!gw_is_cell(type))
        gw_fatal("weak cells: %p is listed and is a '%s'", (const void *)cell, type->name);
    uintptr_t value = gw_kind_has_value(kind) ? cell->value : 0;
    if (!is_live_word(heap, cell->key) || !is_live_word(heap, value))
        gw_fatal("the %s at %p holds %p and %p, of which one is neither an object of this heap nor static", type->name, (const void *)cell, (void *)cell->key,
                 (void *)value);
    bool holds_young = gw_nursery_contains(&heap->nursery, (uintptr_t)cell) || gw_nursery_contains(&heap->nursery, cell->key);
    if (!young && holds_young) gw_fatal("the %s at %p has to do with young objects and is listed as old", type->name, (const void *)cell);
}

void gw_weak_check(const struct gw_heap *heap)
{
    const struct gw_weak_cells *cells = &heap->cells;
    bool compacting = heap->cycle.phase == GW_PHASE_WEAK && cells->stage == GW_WEAK_END;
    for (size_t i = 0; i < cells->young.count; i++) check_cell(heap, cells->young.at[i], true);
    for (size_t i = 0; i < cells->old.count; i++)
        if (!compacting || i < cells->kept || i >= cells->cursor) check_cell(heap, cells->old.at[i], false);
    gw_finalizers_check(heap);
}
