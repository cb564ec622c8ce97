/* Recorded writes: which old objects were written to since the last minor collection.
 *
 * The remembered set lists objects whose GW_HEADER_TRACK bit the barrier cleared. A large object with GW_HEADER_CARDS keeps
 * its bit, dirties the card of the slot (one byte for 512 bytes of heap) and is listed once. Static objects are listed for
 * good at their first write: from then on they are roots of cycles. Minor collections look at those that were written since.
 *
 * A large object that is written all the time, mostly into cards that are dirty already, is remembered as a whole besides: its bit is
 * clear like any object's, no store into it takes the slow path any more, and the next minor collection scans all its cards.
 *
 * The lists are bounded. When the remembered set is full it says so (`overflowed`), and the next minor collection finds the
 * objects by walking the old generation for cleared bits: slower, never wrong, and the barrier never needs memory.
 */
#ifndef GW_SPACES_RECORDED_H
#define GW_SPACES_RECORDED_H

#include "abi/sizes.h"
#include "spaces/object.h"

#define GW_CARD_PATIENCE 4096                      /* stores into dirty cards cost about as much */
#define GW_CARD_PATIENCE_EARNS ((size_t)256 << 10) /* as scanning so many bytes */
#define GW_LINE_BYTES 64
#define GW_REMEMBERED_CAPACITY ((size_t)1 << 18)
#define GW_REMEMBERED_HIGH (GW_REMEMBERED_CAPACITY * 3 / 4) /* asks for a minor collection */
#define GW_STATIC_CAPACITY ((size_t)1 << 20)

struct gw_recorded {
    uintptr_t *remembered;
    size_t remembered_count;
    uintptr_t *listed; /* large objects with dirty cards */
    size_t listed_count;
    bool overflowed;
    uint8_t *cards; /* biased by nothing: index (address - base) >> GW_CARD_SHIFT */
    size_t cards_bytes;
    uintptr_t base;
    size_t whole_lines;    /* of GW_LINE_BYTES bytes, of large objects that are to be scanned whole, since the last minor collection */
    size_t whole_bytes;    /* of large objects that are remembered as a whole */
    size_t whole_earned;   /* bytes that may be, for stores into dirty cards; both since the last minor collection */
    uintptr_t *statics;    /* static objects written to, in the order of their first write; with bit 0: listed as changed */
    uintptr_t *static_set; /* by address, open-addressed: places in `statics`, from 1; sparse, so only its touched pages cost memory */
    size_t static_count;
    uintptr_t *changed_statics; /* places of those written since the last minor collection, or that refer to young objects */
    size_t changed_static_count;
};

bool gw_recorded_init(struct gw_recorded *recorded, uintptr_t base, size_t bytes);
/* The cards of the range's first `bytes` bytes, and the lists that the barrier fills, get their memory now. False: the system has not got
 * so much. */
bool gw_recorded_touch(struct gw_recorded *recorded, size_t bytes);
void gw_recorded_destroy(struct gw_recorded *recorded);

/* Static objects in `bytes` bytes from `from` on are no more. */
void gw_recorded_forget_statics(struct gw_recorded *recorded, uintptr_t from, size_t bytes);

/* Fatal when a listed object is not recorded, or a count is beyond its capacity. */
void gw_recorded_check(const struct gw_recorded *recorded);

GW_ALWAYS_INLINE uint8_t *gw_card(const struct gw_recorded *recorded, uintptr_t address)
{
    return &recorded->cards[(address - recorded->base) >> GW_CARD_SHIFT];
}

/* Returns how many were clean. */
GW_ALWAYS_INLINE size_t gw_dirty_cards(struct gw_recorded *recorded, uintptr_t from, size_t bytes)
{
    uint8_t *first = gw_card(recorded, from), *last = gw_card(recorded, from + bytes - 1);
    size_t clean = 0;
    for (uint8_t *card = first; card <= last; card++) {
        clean += !*card;
        *card = 1;
    }
    return clean;
}

/* The first dirty card from `card` on, or one past `last`. Eight at a time where they are clean. */
GW_ALWAYS_INLINE uint8_t *gw_next_dirty(uint8_t *card, const uint8_t *last)
{
    while (card <= last && !*card) {
        uint64_t eight = 1;
        if ((uintptr_t)card % 8 == 0 && last - card >= 7) memcpy(&eight, card, 8);
        card += eight ? 1 : 8;
    }
    return card;
}

/* Clears an object's tracking bit and lists it, or notes that the list is full. */
GW_ALWAYS_INLINE void gw_remember(struct gw_recorded *recorded, uintptr_t object)
{
    gw_set_header(object, *gw_header(object) & ~(uint64_t)GW_HEADER_TRACK);
    if (recorded->remembered_count == GW_REMEMBERED_CAPACITY) recorded->overflowed = true;
    else recorded->remembered[recorded->remembered_count++] = object;
}

/* What is scanned whole costs by its size. */
GW_ALWAYS_INLINE void gw_charge_whole(struct gw_recorded *recorded, size_t bytes)
{
    if (bytes >= GW_CARDS_FROM_BYTES) recorded->whole_lines += bytes / GW_LINE_BYTES;
}

GW_ALWAYS_INLINE uintptr_t gw_static_at(const struct gw_recorded *recorded, size_t place)
{
    return recorded->statics[place] & ~(uintptr_t)1;
}

GW_ALWAYS_INLINE bool gw_static_is_changed(const struct gw_recorded *recorded, size_t place)
{
    return recorded->statics[place] & 1;
}

/* Where a static object is in `static_set`, or would be. */
GW_ALWAYS_INLINE size_t gw_static_slot(const struct gw_recorded *recorded, uintptr_t object)
{
    size_t mask = GW_STATIC_CAPACITY - 1;
    size_t at = ((object >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 44) & mask;
    while (recorded->static_set[at] && gw_static_at(recorded, recorded->static_set[at] - 1) != object) at = (at + 1) & mask;
    return at;
}

GW_ALWAYS_INLINE void gw_static_changed(struct gw_recorded *recorded, size_t place)
{
    if (gw_static_is_changed(recorded, place)) return;
    recorded->statics[place] |= 1;
    recorded->changed_statics[recorded->changed_static_count++] = place;
}

/* The same for an object with dirty cards, which is not listed yet. */
GW_ALWAYS_INLINE void gw_list_for_cards(struct gw_recorded *recorded, uintptr_t object)
{
    gw_set_header(object, *gw_header(object) | GW_HEADER_LISTED);
    if (recorded->listed_count == GW_REMEMBERED_CAPACITY) recorded->overflowed = true;
    else recorded->listed[recorded->listed_count++] = object;
}

/* GW_HEADER_CARDS for an object of `bytes` bytes that is to have it, or 0. Where only a small fixed part holds references, or only the
 * type's own trace function knows where they are, there is nothing to be gained. */
GW_ALWAYS_INLINE uint64_t gw_cards_flag(const struct gw_type *type, size_t bytes)
{
    if (gw_likely(bytes < GW_CARDS_FROM_BYTES)) return 0;
    bool takes = gw_has_layout(type) && gw_cell_bytes(gw_referring_bytes(type, bytes - GW_HEADER_SIZE)) >= GW_CARDS_FROM_BYTES;
    return takes ? GW_HEADER_CARDS : 0;
}

#endif
