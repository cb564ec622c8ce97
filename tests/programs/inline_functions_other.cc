#include "inline_functions.h"

struct twin {
    struct node GW *first, *second;
};
GW_TYPE(twin, struct twin);

const struct gw_type *twin_of_the_other_file()
{
    return &gw_type_twin;
}

bool other_file_says_node(void GW *object)
{
    return gw_type_of(object) == &gw_type_node;
}

int64_t from_the_other_file(int64_t value)
{
    int64_t result = holder<3>::put(value + 100);
    shared_variable = holder<3>::at[(value + 100) % 3];
    holder<3>::at[value % 3] = shared_variable;
    return result;
}
