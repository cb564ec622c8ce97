#include "follow/locations.h"
#include "follow/hash.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t slot_hash(struct value slot)
{
    return mixed((uint64_t)slot.offset ^ (uint64_t)slot.symbol << 40);
}

static void grow_slots(struct locations *locations)
{
    size_t size = locations->index.count ? locations->index.count * 2 : 64;
    locations->index.at = vector_grown(locations->index.at, &locations->index.room, size, sizeof(uint32_t));
    locations->index.count = size;
    memset(locations->index.at, 0, size * sizeof(uint32_t));
    for (uint32_t i = 0; i < locations->slots.count; i++) {
        size_t at = slot_hash(locations->slots.at[i]) & (size - 1);
        while (locations->index.at[at]) at = (at + 1) & (size - 1);
        locations->index.at[at] = i + 1;
    }
}

uint32_t slot_location(struct locations *locations, struct value slot)
{
    if ((locations->slots.count + 1) * 2 > locations->index.count) grow_slots(locations);
    size_t mask = locations->index.count - 1;
    size_t at = slot_hash(slot) & mask;
    for (; locations->index.at[at]; at = (at + 1) & mask)
        if (value_equal(locations->slots.at[locations->index.at[at] - 1], slot)) return LOCATION_SLOT + locations->index.at[at] - 1;
    vector_push(&locations->slots, slot);
    locations->index.at[at] = (uint32_t)locations->slots.count;
    return LOCATION_SLOT + (uint32_t)locations->slots.count - 1;
}

const char *location_name(const struct locations *locations, uint32_t location, char text[64])
{
    if (location < GENERAL_REGISTERS) return register_name(location);
    if (is_mask_location(location)) {
        snprintf(text, 64, "%%k%u", location - LOCATION_MASK);
        return text;
    }
    if (location < LOCATION_SLOT) {
        snprintf(text, 64, "%%xmm%u word %u", location_vector(location), location_lane(location));
        return text;
    }
    struct value slot = location_slot(locations, location);
    if (slot.symbol == SYMBOL_FRAME) snprintf(text, 64, "frame address %+lld", (long long)slot.offset);
    else snprintf(text, 64, "stack %d %+lld", slot.symbol - SYMBOL_INSTRUCTION, (long long)slot.offset);
    return text;
}

void locations_clear(struct locations *locations)
{
    vector_clear(&locations->slots);
    if (locations->index.count) memset(locations->index.at, 0, locations->index.count * sizeof(uint32_t));
}

void locations_free(struct locations *locations)
{
    vector_free(&locations->slots);
    vector_free(&locations->index);
}
