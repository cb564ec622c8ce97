#include "shapes.h"
#include <stdio.h>

int main(void)
{
    if (gw_init(NULL) != GW_OK) return 2;
    struct shape GW *first = shape_nest(1000), *second = shape_nest(10);
    long sum = 0;
    for (struct shape GW *shape = first; shape; shape = shape->inside) sum += shape->size;
    struct gw_stats stats;
    gw_get_stats(&stats);
    printf("%ld %ld %s\n", sum, second->size, stats.minor_collections >= 1000 ? "moved" : "not moved");
    return 0;
}
