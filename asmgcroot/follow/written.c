#include "follow/written.h"
#include "x86_64/transfer.h"

#include <stdlib.h>

static int compare_pieces(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    if (x->symbol != y->symbol) return x->symbol < y->symbol ? -1 : 1;
    return (x->start > y->start) - (x->start < y->start);
}

/* Elements of an array may lie anywhere. */
static struct piece piece_of(const struct place *place)
{
    if (place->indexed) return (struct piece){place->start.symbol, INT64_MIN, INT64_MAX};
    int64_t start = place->start.offset;
    return (struct piece){place->start.symbol, start, place->span == UINT32_MAX ? INT64_MAX : start + place->span};
}

/* Sorts them and joins those that overlap or touch. */
static void join(struct follow *follow)
{
    size_t kept = 0;
    struct piece *pieces = follow->written.at;
    if (follow->written.count) qsort(pieces, follow->written.count, sizeof *pieces, compare_pieces);
    for (size_t i = 0; i < follow->written.count; i++) {
        struct piece *last = kept ? &pieces[kept - 1] : NULL;
        if (!last || last->symbol != pieces[i].symbol || last->end < pieces[i].start) pieces[kept++] = pieces[i];
        else if (last->end < pieces[i].end) last->end = pieces[i].end;
    }
    follow->written.count = kept;
}

void note_written(struct walk *walk)
{
    vector_clear(&walk->follow->written);
    for (uint32_t at = 0; at < walk->analysed->function->instructions.count; at++) {
        const struct place *place = &walk->analysed->frame->places.at[at];
        if (is_reached(walk, at) && writes_memory(at_position(walk, at)) && is_stack(place->start))
            vector_push(&walk->follow->written, piece_of(place));
    }
    join(walk->follow);
    walk->follow->written_known = true;
}

bool is_written(const struct follow *follow, struct value slot)
{
    const struct piece *pieces = follow->written.at;
    size_t low = 0, high = follow->written.count;
    const struct piece behind = {slot.symbol, slot.offset + 8, 0};
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_pieces(&pieces[middle], &behind) < 0) low = middle + 1;
        else high = middle;
    }
    return low && pieces[low - 1].symbol == slot.symbol && pieces[low - 1].end > slot.offset;
}
