/* Recorded writes: which old objects were written to since the last minor collection.
 *
 * The remembered set lists objects whose GW_HEADER_TRACK bit the barrier cleared. An array with GW_HEADER_CARDS keeps
 * its bit, dirties the card of the slot (one byte for 512 bytes of heap) and is listed once. Static objects are listed for
 * good at their first write: from then on they are roots.
 *
 * An array that is written all the time, mostly into cards that are dirty already, is remembered as a whole besides: its bit is
 * clear like any object's, no store into it takes the slow path any more, and the next minor collection scans all its cards.
 *
 * The lists are bounded. When the remembered set is full it says so (`overflowed`), and the next minor collection finds the
 * objects by walking the old generation for cleared bits: slower, never wrong, and the barrier never needs memory.
 */
#ifndef GW_SPACES_RECORDED_H
#define GW_SPACES_RECORDED_H

#include "abi/sizes.h"
#include "spaces/object.h"

#define GW_CARD_ARRAY_BYTES 1024                   /* reference arrays of at least this size are recorded by card */
#define GW_CARD_PATIENCE 4096                      /* stores into dirty cards cost about as much */
#define GW_CARD_PATIENCE_EARNS ((size_t)256 << 10) /* as scanning so many bytes */
#define GW_REMEMBERED_CAPACITY ((size_t)1 << 18)
#define GW_REMEMBERED_HIGH (GW_REMEMBERED_CAPACITY * 3 / 4) /* asks for a minor collection */
#define GW_STATIC_CAPACITY ((size_t)1 << 20)

struct gw_recorded {
    uintptr_t *remembered;
    size_t remembered_count;
    uintptr_t *arrays; /* arrays with dirty cards */
    size_t array_count;
    bool overflowed;
    uint8_t *cards; /* biased by nothing: index (address - base) >> GW_CARD_SHIFT */
    size_t cards_bytes;
    uintptr_t base;
    size_t whole_bytes;    /* of arrays that are remembered as a whole */
    size_t whole_earned;   /* bytes that may be, for stores into dirty cards; both since the last minor collection */
    uintptr_t *statics;    /* static objects written to, in the order of their first write */
    uintptr_t *static_set; /* the same, open-addressed; sparse, so only its touched pages cost memory */
    size_t static_count;
};

bool gw_recorded_init(struct gw_recorded *recorded, uintptr_t base, size_t bytes);
void gw_recorded_destroy(struct gw_recorded *recorded);

/* Fatal when a listed object is not recorded, or a count is beyond its capacity. */
void gw_recorded_check(const struct gw_recorded *recorded);

GW_ALWAYS_INLINE uint8_t *gw_card(const struct gw_recorded *recorded, uintptr_t address)
{
    return &recorded->cards[(address - recorded->base) >> GW_CARD_SHIFT];
}

GW_ALWAYS_INLINE void gw_dirty_cards(struct gw_recorded *recorded, uintptr_t from, size_t bytes)
{
    uint8_t *first = gw_card(recorded, from), *last = gw_card(recorded, from + bytes - 1);
    for (uint8_t *card = first; card <= last; card++) *card = 1;
}

/* Clears the object's tracking bit and lists it, or notes that the list is full. */
GW_ALWAYS_INLINE void gw_remember(struct gw_recorded *recorded, uintptr_t object)
{
    *gw_header(object) &= ~(uint64_t)GW_HEADER_TRACK;
    if (recorded->remembered_count == GW_REMEMBERED_CAPACITY) recorded->overflowed = true;
    else recorded->remembered[recorded->remembered_count++] = object;
}

/* The same for an array with dirty cards, which is not listed yet. */
GW_ALWAYS_INLINE void gw_list_array(struct gw_recorded *recorded, uintptr_t array)
{
    *gw_header(array) |= GW_HEADER_LISTED;
    if (recorded->array_count == GW_REMEMBERED_CAPACITY) recorded->overflowed = true;
    else recorded->arrays[recorded->array_count++] = array;
}

GW_ALWAYS_INLINE bool gw_array_takes_cards(const struct gw_type *type, size_t bytes)
{
    return type->element_offset_count && !type->trace && bytes >= GW_CARD_ARRAY_BYTES;
}

#endif
