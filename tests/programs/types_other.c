#include "types.h"

GW_TYPE_DEFINE(pair, struct pair);
GW_TYPE_DEFINE_ARRAY(row, struct row, length, at);

void GW *other_makes(int which)
{
    return which == 0 ? (void GW *)gw_new(pair) : which == 1 ? (void GW *)gw_new_array(row, 5) : (void GW *)gw_new(file);
}

const struct gw_type *other_type(int which)
{
    return which == 0 ? &gw_type_pair : which == 1 ? &gw_type_row : &gw_type_file;
}

bool other_says(int which, void GW *object)
{
    return which == 0 ? gw_is(object, pair) : which == 1 ? gw_is(object, row) : gw_is(object, file);
}
