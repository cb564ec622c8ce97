#include "shapes.h"

struct shape GW *shape_nest(long count)
{
    struct shape GW *nest = NULL;
    for (long size = 0; size < count; size++) {
        struct shape GW *shape = gw_new(shape);
        shape->inside = nest;
        shape->size = size;
        nest = shape;
    }
    return nest;
}
