#include "inline_functions.h"

int64_t from_the_other_file(int64_t value)
{
    int64_t result = holder<3>::put(value + 100);
    shared_variable = holder<3>::at[(value + 100) % 3];
    holder<3>::at[value % 3] = shared_variable;
    return result;
}
