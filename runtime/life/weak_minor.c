/* Weak cells that have to do with young objects, in a minor collection. */
#include "life/weak.h"

#include <string.h>

/* ---- Ephemerons ------------------------------------------------------------------------------------ */

/* As few heads as the cells need: clearing them is part of every minor collection that meets a cell. */
static void begin_waiting(struct gw_awaiting *awaiting, size_t count)
{
    if (!count) return;
    awaiting->bits = 4;
    while (count > (size_t)1 << awaiting->bits) awaiting->bits++;
    memset(awaiting->heads, 0, sizeof *awaiting->heads << awaiting->bits);
    awaiting->woken = 0;
    awaiting->active = true;
}

/* The cell at `index`, its word in the list brought up to date, or NULL when it has been left behind. */
static struct gw_cell *moved_cell(const struct gw_evacuation *evacuation, size_t index)
{
    uintptr_t *word = &evacuation->heap->cells.young.at[index], twice = *word & 1, ref = *word - twice;
    if (gw_is_left_behind(evacuation, ref)) return NULL;
    ref = gw_moved_to(evacuation, ref);
    *word = ref + twice;
    return (struct gw_cell *)ref;
}

static void look_at(const struct gw_evacuation *evacuation, size_t index)
{
    struct gw_weak_cells *cells = &evacuation->heap->cells;
    uintptr_t unmoved = cells->young.at[index];
    struct gw_cell *cell = moved_cell(evacuation, index);
    uintptr_t ref = cell ? (uintptr_t)cell : unmoved;
    if (!gw_kind_is_ephemeron(gw_cell_kind_of(gw_object_type(ref)))) return;
    if (!cell) {
        gw_awaiting_add(&cells->young_awaiting, &cells->young, index, unmoved);
    } else if (gw_is_left_behind(evacuation, cell->key)) {
        gw_awaiting_add(&cells->young_awaiting, &cells->young, index, cell->key);
    } else {
        cell->key = gw_moved_to(evacuation, cell->key);
        evacuation->evacuate(evacuation->minor, &cell->value);
    }
}

void gw_weak_begin_minor(const struct gw_evacuation *evacuation)
{
    struct gw_weak_cells *cells = &evacuation->heap->cells;
    begin_waiting(&cells->young_awaiting, cells->young.count);
    for (size_t i = 0; i < cells->young.count; i++) look_at(evacuation, i);
}

void gw_weak_settle_minor(const struct gw_evacuation *evacuation)
{
    struct gw_weak_cells *cells = &evacuation->heap->cells;
    evacuation->drain(evacuation->minor);
    for (size_t index; (index = gw_awaiting_next(&cells->young_awaiting, &cells->young)) != SIZE_MAX;) {
        look_at(evacuation, index);
        evacuation->drain(evacuation->minor);
    }
}

/* ---- Clearing -------------------------------------------------------------------------------------- */

static void clear_dead_words(const struct gw_evacuation *evacuation, struct gw_cell *cell, enum gw_cell_kind kind)
{
    if (kind == GW_CELL_WEAK_LONG) return;
    bool broken = gw_is_left_behind(evacuation, cell->key) || (kind == GW_CELL_ENTRY_BOTH && gw_is_left_behind(evacuation, cell->value));
    if (!broken) return;
    cell->key = 0;
    if (gw_kind_has_value(kind)) cell->value = 0;
}

/* Dead cells too: a finalizer's object may refer to one. */
void gw_weak_clear_minor(const struct gw_evacuation *evacuation)
{
    struct gw_word_list *young = &evacuation->heap->cells.young;
    for (size_t i = 0; i < young->count; i++) {
        struct gw_cell *cell = moved_cell(evacuation, i);
        uintptr_t unmoved = young->at[i] & ~(uintptr_t)1;
        enum gw_cell_kind kind = gw_cell_kind_of(gw_object_type(cell ? (uintptr_t)cell : unmoved));
        clear_dead_words(evacuation, cell ? cell : (struct gw_cell *)unmoved, kind);
    }
}

/* ---- The lists ------------------------------------------------------------------------------------- */

static bool has_to_do_with_young(const struct gw_heap *heap, const struct gw_cell *cell, enum gw_cell_kind kind)
{
    const struct gw_old_space *old = &heap->old;
    return gw_is_young(old, (uintptr_t)cell) || gw_is_young(old, cell->key) || (gw_kind_has_value(kind) && gw_is_young(old, cell->value));
}

static void bring_up_to_date(const struct gw_evacuation *evacuation, struct gw_cell *cell, enum gw_cell_kind kind)
{
    bool dead = gw_is_left_behind(evacuation, cell->key); /* only a long reference's key can be, here */
    cell->key = dead ? 0 : gw_moved_to(evacuation, cell->key);
    if (kind == GW_CELL_ENTRY_BOTH) cell->value = gw_moved_to(evacuation, cell->value);
}

void gw_weak_end_minor(const struct gw_evacuation *evacuation)
{
    struct gw_heap *heap = evacuation->heap;
    heap->cells.young_awaiting.active = false;
    struct gw_word_list *young = &heap->cells.young;
    size_t kept = 0;
    for (size_t i = 0; i < young->count; i++) {
        struct gw_cell *cell = moved_cell(evacuation, i);
        if (!cell) continue;
        enum gw_cell_kind kind = gw_cell_kind_of(gw_object_type((uintptr_t)cell));
        uintptr_t word = young->at[i];
        bring_up_to_date(evacuation, cell, kind);
        if (has_to_do_with_young(heap, cell, kind)) young->at[kept++] = word;
        else if (!(word & 1)) gw_word_list_add(&heap->cells.old, word);
    }
    young->count = kept;
}
