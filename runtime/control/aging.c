#include "control/aging.h"

#include "heap/options.h"

#define ENOUGH ((size_t)64 << 10) /* kept, to tell */
#define FIRST_SPELL 4
#define LONGEST_SPELL 16 /* what it promotes of another kind of survivors meanwhile is found by the next cycle */

bool gw_aging_is_in_vain(const struct gw_heap *heap)
{
    return heap->aging.left && heap->options.age == GW_AGE_BY_SURVIVAL;
}

static unsigned next_spell(unsigned last)
{
    unsigned twice = last ? 2 * last : FIRST_SPELL;
    return twice < LONGEST_SPELL ? twice : LONGEST_SPELL;
}

void gw_aging_note_minor(struct gw_heap *heap, size_t kept)
{
    struct gw_aging *aging = &heap->aging;
    if (aging->left) {
        aging->left--;
        return;
    }
    aging->kept += kept;
    aging->survived += aging->again;
    if (aging->kept < ENOUGH) return;
    aging->spell = aging->left = aging->survived > aging->kept / 4 * 3 ? next_spell(aging->spell) : 0;
    aging->kept = aging->survived = 0;
}
