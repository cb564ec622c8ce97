/* Weak cells in the major cycle. */
#include "life/weak.h"

#include "base/report.h"
#include "engine/mark.h"

#define CELLS_AT_ONCE 8 /* in a unit: each may miss the cache three times */

static struct gw_cell *old_cell(const struct gw_heap *heap, size_t index)
{
    return (struct gw_cell *)heap->cells.old.at[index];
}

/* ---- Ephemerons in marking ------------------------------------------------------------------------- */

static void look_at(struct gw_heap *heap, size_t index)
{
    struct gw_weak_cells *cells = &heap->cells;
    struct gw_cell *cell = old_cell(heap, index);
    if (!gw_kind_is_ephemeron(gw_cell_kind_of(gw_object_type((uintptr_t)cell)))) return;
    if (gw_is_unmarked(heap, (uintptr_t)cell)) gw_awaiting_add(&cells->old_awaiting, &cells->old, index, (uintptr_t)cell);
    else if (gw_is_unmarked(heap, cell->key)) gw_awaiting_add(&cells->old_awaiting, &cells->old, index, cell->key);
    else gw_mark_slot(heap, &cell->value);
}

bool gw_weak_look_at_some(struct gw_heap *heap)
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

/* ---- After marking --------------------------------------------------------------------------------- */

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

bool gw_weak_clear_step(struct gw_heap *heap, size_t units)
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
    if (gw_cell_kind_of(gw_object_type((uintptr_t)cell)) == GW_CELL_WEAK_LONG && gw_is_unmarked(heap, cell->key)) cell->key = 0;
}

bool gw_weak_end_step(struct gw_heap *heap, size_t units)
{
    struct gw_weak_cells *cells = &heap->cells;
    for (; units && cells->cursor < cells->old.count; units--)
        for (unsigned i = 0; i < CELLS_AT_ONCE && cells->cursor < cells->old.count; i++) end_cell(heap, cells->cursor++);
    if (cells->cursor < cells->old.count) return false;
    cells->old.count = cells->cursor = cells->kept;
    return true;
}

/* ---- Writing --------------------------------------------------------------------------------------- */

/* An old cell may come to hold a young value: it is listed as young once more. While marking goes on an old value turns grey:
 * the cell may have been looked at already. */
bool gw_cell_set_value(struct gw_heap *heap, struct gw_cell *cell, uintptr_t value)
{
    const struct gw_old_space *old = &heap->old;
    bool listed_young = gw_is_young(old, (uintptr_t)cell) || gw_is_young(old, cell->key) || gw_is_young(old, cell->value);
    if (gw_is_young(old, value) && !listed_young) {
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
    if (gw_kind_is_ephemeron(kind) && awaiting->active) gw_awaiting_wake(awaiting, &heap->cells.old, cell->key);
    else if (gw_kind_is_ephemeron(kind) && heap->cycle.phase == GW_PHASE_WEAK) gw_awaiting_forget(awaiting, cell->key);
    cell->key = 0;
    if (gw_kind_has_value(kind)) cell->value = 0;
}

/* ---- Checking -------------------------------------------------------------------------------------- */

static bool is_live_word(const struct gw_heap *heap, uintptr_t word)
{
    if (!gw_is_reference(word)) return true;
    if (!gw_heap_contains(heap, word)) return gw_is_static_object(word);
    return gw_is_young(&heap->old, word) || gw_old_is_object(&heap->old, word);
}

static void check_cell(const struct gw_heap *heap, uintptr_t word, bool young)
{
    const struct gw_cell *cell = (const struct gw_cell *)(word & ~(uintptr_t)1);
    if (!is_live_word(heap, (uintptr_t)cell)) gw_fatal("weak cells: %p is listed and is no object", (const void *)cell);
    const struct gw_type *type = gw_object_type((uintptr_t)cell);
    enum gw_cell_kind kind = gw_cell_kind_of(type);
    if (!gw_is_cell(type)) gw_fatal("weak cells: %p is listed and is a '%s'", (const void *)cell, type->name);
    uintptr_t value = gw_kind_has_value(kind) ? cell->value : 0;
    if (!is_live_word(heap, cell->key) || !is_live_word(heap, value))
        gw_fatal("the %s at %p holds %p and %p, of which one is neither an object of this heap nor static", type->name, (const void *)cell,
                 (void *)cell->key, (void *)value);
    bool holds_young = gw_is_young(&heap->old, (uintptr_t)cell) || gw_is_young(&heap->old, cell->key);
    if (!young && holds_young) gw_fatal("the %s at %p has to do with young objects and is listed as old", type->name, (const void *)cell);
}

void gw_weak_check(const struct gw_heap *heap)
{
    const struct gw_weak_cells *cells = &heap->cells;
    bool compacting = heap->cycle.phase == GW_PHASE_WEAK && cells->stage == GW_WEAK_END;
    for (size_t i = 0; i < cells->young.count; i++) check_cell(heap, cells->young.at[i], true);
    for (size_t i = 0; i < cells->old.count; i++)
        if (!compacting || i < cells->kept || i >= cells->cursor) check_cell(heap, cells->old.at[i], false);
}
