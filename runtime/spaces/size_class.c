/* Fills the size class tables. */
#include "spaces/size_class.h"

static unsigned add_geometric_classes(uint32_t *cell, unsigned count)
{
    for (uint32_t base = 128; base < 4096; base *= 2)
        for (uint32_t step = 1; step <= 8; step++) cell[count++] = base + base / 8 * step;
    return count;
}

static unsigned add_fraction_classes(uint32_t *cell, unsigned count)
{
    for (uint32_t parts = 7; parts >= 2; parts--) cell[count++] = (uint32_t)((GW_BLOCK_BYTES - GW_BLOCK_FIRST_CELL) / parts) & ~15u;
    return count;
}

void gw_size_classes_init(struct gw_size_classes *classes)
{
    unsigned count = 0;
    for (uint32_t bytes = GW_SMALLEST_CELL; bytes <= 128; bytes += 8) classes->cell[count++] = bytes;
    count = add_geometric_classes(classes->cell, count);
    count = add_fraction_classes(classes->cell, count);
    _Static_assert(GW_SIZE_CLASSES == 15 + 8 * 5 + 6, "the three series above");

    unsigned current = 0;
    for (size_t bytes = 0; bytes <= GW_LARGEST_CELL; bytes += 8) {
        if (bytes > classes->cell[current]) current++;
        classes->of[bytes >> 3] = (uint8_t)current;
    }
}
