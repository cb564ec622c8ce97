#include <greywave/greywave.h>

struct shape {
    struct shape GW *inside;
    long size;
};
GW_TYPE(shape, struct shape);

/* Nested shapes of sizes count - 1 to 0, the smallest innermost. */
struct shape GW *shape_nest(long count);
