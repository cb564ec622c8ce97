/* Weak cells: objects with words that tracing does not follow.
 *
 * A weak reference, an ephemeron and an entry of a weak map are objects like others, but their words `key` and `value`
 * are hidden from their types' layouts. Collections find them by two lists: `young` holds every cell that is young or holds
 * a young word, `old` every other one. What the words mean depends on the kind:
 *
 *     WEAK, WEAK_LONG     key does not keep its object alive; cleared before, or after, finalizers are ordered
 *     EPHEMERON, ENTRY    value is alive as long as the cell and key are; both cleared when key dies (Hayes 1997)
 *     ENTRY_BOTH          neither keeps its object alive; both cleared when one dies
 *
 * An ephemeron whose key is not known to be alive waits for it, in a table by the key's address; a cell that is not known to
 * be alive itself waits for its own address. Marking or moving an awaited object wakes what waits for it, so that all is
 * linear whatever the order. The tables are chained through the cells' `link`; indices count from 1, 0 ends a chain.
 */
#ifndef GW_HEAP_WEAK_CELLS_H
#define GW_HEAP_WEAK_CELLS_H

#include "base/word_list.h"
#include "spaces/object.h"

enum gw_cell_kind { GW_CELL_WEAK, GW_CELL_WEAK_LONG, GW_CELL_EPHEMERON, GW_CELL_ENTRY, GW_CELL_ENTRY_BOTH, GW_CELL_KINDS };

/* Weak references end after `key`. */
struct gw_cell {
    uintptr_t key, value;
    uint64_t link; /* of the awaiting table */
};

struct gw_map_entry {
    struct gw_cell cell;
    struct gw_map_entry *next; /* in its bucket; an ordinary reference */
    uint64_t hash;
};

/* Indexed by kind: an object is a cell when its type lies in this array. */
extern const struct gw_type gw_cell_types[GW_CELL_KINDS];

struct gw_awaiting {
    uint32_t *heads; /* first in the chain of a hash value, or 0; all 0 while `active` is false */
    unsigned bits;   /* 1 << bits heads are in use */
    unsigned capacity_bits;
    uint32_t woken; /* chain of cells to look at again */
    bool active;
};

struct gw_weak_cells {
    struct gw_word_list young, old; /* a word of `young` with its low bit set is in `old` as well */
    struct gw_awaiting young_awaiting, old_awaiting;
    size_t cursor, kept; /* of the phase at work on `old` */
    enum gw_weak_stage { GW_WEAK_CLEAR, GW_WEAK_ORDER, GW_WEAK_END, GW_WEAK_IDENTITY, GW_WEAK_SAMPLES } stage;
};

void gw_weak_cells_destroy(struct gw_weak_cells *cells);

/* Room for one cell more in whatever list it may come to. False when native memory is out. */
bool gw_weak_cells_reserve(struct gw_weak_cells *cells);

GW_ALWAYS_INLINE enum gw_cell_kind gw_cell_kind_of(const struct gw_type *type)
{
    return (enum gw_cell_kind)(type - gw_cell_types);
}

GW_ALWAYS_INLINE bool gw_is_cell(const struct gw_type *type)
{
    return type >= gw_cell_types && type < gw_cell_types + GW_CELL_KINDS;
}

GW_ALWAYS_INLINE bool gw_kind_has_value(enum gw_cell_kind kind)
{
    return kind >= GW_CELL_EPHEMERON;
}

/* Whether `value` is alive because `key` is. */
GW_ALWAYS_INLINE bool gw_kind_is_ephemeron(enum gw_cell_kind kind)
{
    return kind == GW_CELL_EPHEMERON || kind == GW_CELL_ENTRY;
}

/* ---- Waiting --------------------------------------------------------------------------------------- */

/* Cell number `index` of `list` waits until `object`, itself or its key, turns out to be alive. */
void gw_awaiting_add(struct gw_awaiting *awaiting, const struct gw_word_list *list, size_t index, uintptr_t object);

/* `object` is alive: what waits for it is woken. */
void gw_awaiting_wake(struct gw_awaiting *awaiting, const struct gw_word_list *list, uintptr_t object);

/* The index of a woken cell, or SIZE_MAX. */
size_t gw_awaiting_next(struct gw_awaiting *awaiting, const struct gw_word_list *list);

/* Nobody waits for `object` any more. Called for every object that may have been waited for, it empties the table. */
void gw_awaiting_forget(struct gw_awaiting *awaiting, uintptr_t object);

#endif
