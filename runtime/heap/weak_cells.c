/* The lists of weak cells, and the tables of what they wait for. */
#include "heap/weak_cells.h"

#include <stdlib.h>

#define FIRST_BITS 8

static const uint32_t entry_offsets[] = {offsetof(struct gw_map_entry, next)};

const struct gw_type gw_cell_types[GW_CELL_KINDS] = {
    [GW_CELL_WEAK] = {.name = "weak reference", .size = sizeof(uintptr_t)},
    [GW_CELL_WEAK_LONG] = {.name = "long weak reference", .size = sizeof(uintptr_t)},
    [GW_CELL_EPHEMERON] = {.name = "ephemeron", .size = sizeof(struct gw_cell)},
    [GW_CELL_ENTRY] = {.name = "weak map entry", .size = sizeof(struct gw_map_entry), .offset_count = 1, .offsets = entry_offsets},
    [GW_CELL_ENTRY_BOTH] = {.name = "weak map entry", .size = sizeof(struct gw_map_entry), .offset_count = 1, .offsets = entry_offsets},
};

/* ---- Memory ---------------------------------------------------------------------------------------- */

void gw_weak_cells_destroy(struct gw_weak_cells *cells)
{
    gw_word_list_destroy(&cells->young);
    gw_word_list_destroy(&cells->old);
    free(cells->young_awaiting.heads);
    free(cells->old_awaiting.heads);
}

/* About one head a cell. A table in use cannot grow: its chains get longer until it is empty again. */
static bool reserve_heads(struct gw_awaiting *awaiting, size_t count)
{
    if (awaiting->heads && (awaiting->active || count <= (size_t)1 << awaiting->capacity_bits)) return true;
    unsigned bits = awaiting->heads ? awaiting->capacity_bits : FIRST_BITS;
    while (count > (size_t)1 << bits) bits++;
    uint32_t *heads = calloc((size_t)1 << bits, sizeof *heads);
    if (!heads) return false;
    free(awaiting->heads);
    awaiting->heads = heads;
    awaiting->bits = awaiting->capacity_bits = bits;
    return true;
}

bool gw_weak_cells_reserve(struct gw_weak_cells *cells)
{
    size_t young = cells->young.count + 1, all = cells->old.count + young;
    return gw_word_list_reserve(&cells->young, young) && gw_word_list_reserve(&cells->old, all) &&
           reserve_heads(&cells->young_awaiting, young) && reserve_heads(&cells->old_awaiting, all);
}

/* ---- Waiting --------------------------------------------------------------------------------------- */

static uint32_t *head_of(const struct gw_awaiting *awaiting, uintptr_t object)
{
    return &awaiting->heads[(object >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - awaiting->bits)];
}

static struct gw_cell *cell_at(const struct gw_word_list *list, uint32_t number)
{
    return (struct gw_cell *)(list->at[number - 1] & ~(uintptr_t)1);
}

void gw_awaiting_add(struct gw_awaiting *awaiting, const struct gw_word_list *list, size_t index, uintptr_t object)
{
    uint32_t number = (uint32_t)index + 1, *head = head_of(awaiting, object);
    cell_at(list, number)->link = *head;
    *head = number;
}

void gw_awaiting_wake(struct gw_awaiting *awaiting, const struct gw_word_list *list, uintptr_t object)
{
    uint32_t *head = head_of(awaiting, object), number = *head;
    struct gw_cell *before = NULL;
    while (number) {
        struct gw_cell *cell = cell_at(list, number);
        uint32_t next = (uint32_t)cell->link;
        if ((uintptr_t)cell == object || cell->key == object) {
            if (before) before->link = next;
            else *head = next;
            cell->link = awaiting->woken;
            awaiting->woken = number;
        } else {
            before = cell;
        }
        number = next;
    }
}

size_t gw_awaiting_next(struct gw_awaiting *awaiting, const struct gw_word_list *list)
{
    uint32_t number = awaiting->woken;
    if (!number) return SIZE_MAX;
    awaiting->woken = (uint32_t)cell_at(list, number)->link;
    return number - 1;
}

void gw_awaiting_forget(struct gw_awaiting *awaiting, uintptr_t object)
{
    *head_of(awaiting, object) = 0;
}
