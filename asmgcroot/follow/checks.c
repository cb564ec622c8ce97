#include "follow/checks.h"
#include "follow/roots.h"
#include "source/collecting.h"

void check_derived(struct walk *walk)
{
    struct follow *follow = walk->follow;
    for (size_t i = 0; i < follow->derived.count; i++) {
        const struct root *derived = &follow->derived.at[i];
        if (!is_root(follow, derived)) continue;
        walk->now = (struct follow_work){.location = derived->location, .marker = derived->marker, .mode = ROOT};
        refuse(walk, derived->call,
               "and was computed from what was there since this call: an address inside an object is no reference; mark the variable of "
               "the object alone, and compute the address from it behind each call");
        return;
    }
}

#define ARRAY_BYTES 4096 /* from the address that a load names to an element; either way, for the index may be negative */

/* Whether the call lists a word near the one that an indexed load names. */
static bool lists_element(const struct follow *follow, const struct root *array)
{
    struct value start = location_slot(&follow->locations, array->location);
    for (size_t i = 0; i < follow->roots.count; i++) {
        const struct root *root = &follow->roots.at[i];
        if (root->call != array->call || !is_slot(root->location)) continue;
        struct value slot = location_slot(&follow->locations, root->location);
        int64_t distance = slot.offset - start.offset;
        if (slot.symbol == start.symbol && distance < ARRAY_BYTES && distance > -ARRAY_BYTES) return true;
    }
    return false;
}

static const char unmarked_array[] = "as an element of an array that is not marked after this call; name its elements in GW_CALL, or "
                                     "mark it with GW_ROOT_ARRAY";

static void refuse_element(struct walk *walk, const struct root *array)
{
    walk->now = (struct follow_work){.location = array->location, .marker = array->marker, .mode = ROOT};
    refuse(walk, array->call, unmarked_array);
}

void check_arrays(struct walk *walk)
{
    for (size_t i = 0; i < walk->follow->elements.count; i++)
        if (!is_root(walk->follow, &walk->follow->elements.at[i])) return refuse_element(walk, &walk->follow->elements.at[i]);
    for (size_t i = 0; i < walk->follow->arrays.count; i++) {
        const struct root *array = &walk->follow->arrays.at[i];
        if (lists_element(walk->follow, array)) continue;
        return refuse_element(walk, array);
    }
}

/* An instruction that cannot be followed wherever it stands. NULL: none. */
static const char *obstacle(const struct walk *walk, uint32_t at)
{
    const struct instruction *instruction = at_position(walk, at);
    bool reached = is_reached(walk, at);
    bool matters =
        instruction->operation == OP_MARKER || (instruction->operation == OP_CALL && may_collect(walk->analysed->source, instruction));
    if (reached && instruction->operation == OP_UNKNOWN)
        return "this instruction is unknown, and a function with references cannot contain it; put it into another function, and report it";
    return !reached && matters
               ? "nothing is known that leads to this place, and a function with references cannot contain it; write jumps in C"
               : NULL;
}

static const char split_stack[] = "frames of -fsplit-stack lie on pieces of stack that are not walked; compile without it";

void check_instructions(struct walk *walk)
{
    const struct analysed *analysed = walk->analysed;
    for (uint32_t at = 0; at < analysed->function->instructions.count; at++) {
        const struct instruction *instruction = at_position(walk, at);
        const char *what = analysed->function->splits_stack ? split_stack : obstacle(walk, at);
        if (!what) continue;
        complain(analysed->complaints, function_where(analysed->function, instruction), "%s", what);
        walk->ok = false;
        return;
    }
}
