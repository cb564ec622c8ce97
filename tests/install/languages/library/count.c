#include "native.h"

long next_value(long value)
{
    return value + 1;
}
