/* Size classes of the old generation: every block holds cells of one of these sizes, header included.
 *
 * Steps of 8 bytes to 128, then eight steps a doubling, then the sizes that divide a block by 7 to 2: internal waste
 * stays below an eighth up to 4 KiB. From 144 on all are multiples of 16, so that 16-byte aligned types fit any.
 */
#ifndef GW_SPACES_SIZE_CLASS_H
#define GW_SPACES_SIZE_CLASS_H

#include "spaces/object.h"

#define GW_BLOCK_SHIFT 15
#define GW_BLOCK_BYTES ((size_t)1 << GW_BLOCK_SHIFT)
/* Cells start 8 bytes into the block: a header there puts the payload on a 16-byte boundary. */
#define GW_BLOCK_FIRST_CELL 8
#define GW_SMALLEST_CELL 16
#define GW_LARGEST_CELL 16368
#define GW_SIZE_CLASSES 61

struct gw_size_classes {
    uint32_t cell[GW_SIZE_CLASSES];      /* bytes */
    uint8_t of[GW_LARGEST_CELL / 8 + 1]; /* class of a size, indexed by size / 8 */
};

void gw_size_classes_init(struct gw_size_classes *classes);

/* `bytes`: header included, a multiple of 8, at most GW_LARGEST_CELL. */
GW_ALWAYS_INLINE unsigned gw_size_class(const struct gw_size_classes *classes, size_t bytes)
{
    return classes->of[bytes >> 3];
}

/* The smallest class from `size_class` on whose cells keep payloads on 16-byte boundaries. */
GW_ALWAYS_INLINE unsigned gw_size_class_align16(const struct gw_size_classes *classes, unsigned size_class)
{
    return size_class + (classes->cell[size_class] & 15 ? 1 : 0);
}

#endif
