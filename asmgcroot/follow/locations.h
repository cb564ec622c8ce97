/* Where a reference can be, as a number: a word in a register (registers.h), or a word of the frame, which gets one when it is first
 * met. */
#ifndef GW_ASMGCROOT_LOCATIONS_H
#define GW_ASMGCROOT_LOCATIONS_H

#include "text/vector.h"
#include "x86_64/frame_state.h"

struct locations {
    VECTOR(struct value) slots; /* words of the frame: locations from LOCATION_SLOT on */
    VECTOR(uint32_t) index;     /* open-addressed by value: its index in `slots` + 1 */
};

void locations_clear(struct locations *locations);
void locations_free(struct locations *locations);

uint32_t slot_location(struct locations *locations, struct value slot);

/* The word of the frame that a location is. */
static inline struct value location_slot(const struct locations *locations, uint32_t location)
{
    return locations->slots.at[location - LOCATION_SLOT];
}

/* "%rbx", or "frame address +8": for messages. */
const char *location_name(const struct locations *locations, uint32_t location, char text[64]);

#endif
