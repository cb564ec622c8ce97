#include "follow/walk.h"

/* Notes it if it was not. */
static bool was_refused(struct follow *follow, uint32_t at, const char *what)
{
    for (size_t i = 0; i < follow->refusals.count; i++)
        if (follow->refusals.at[i].at == at && follow->refusals.at[i].what == what) return true;
    vector_push(&follow->refusals, (struct refusal){at, what});
    return false;
}

void refuse(struct walk *walk, uint32_t at, const char *what)
{
    if (walk->now.mode == SOURCE) return; /* only ever asks whether a reference is involved */
    walk->ok = false;
    if (was_refused(walk->follow, at, what)) return;
    char text[64];
    const struct analysed *analysed = walk->analysed;
    const struct instruction *instruction = at_position(walk, at), *marker = at_position(walk, walk->now.marker);
    unsigned line = marker->origin.line ? marker->origin.line : marker->line;
    complain(analysed->complaints, function_where(analysed->function, instruction),
             "the reference marked at line %u (%.*s) was in %s here, %s", line, (int)marker->text.size, marker->text.at,
             location_name(&walk->follow->locations, walk->now.location, text), what);
}

int64_t operand_location(struct walk *walk, uint32_t at, const struct operand *operand, uint32_t word)
{
    if (is_general(operand)) return operand->reg;
    if (is_vector(operand)) return lane_location(operand->reg, word);
    if (is_mask(operand)) return LOCATION_MASK + operand->reg - MASK_REGISTER;
    const struct place *place = &walk->analysed->frame->places.at[at];
    if (operand->kind != OPERAND_MEMORY || !is_stack(place->start) || place->indexed) return -1;
    struct value slot = place->start;
    slot.offset += (int64_t)word * 8;
    return (int64_t)slot_location(&walk->follow->locations, slot);
}
