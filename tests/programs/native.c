#include "native.h"

long native_each(long count, long (*visit)(void *data, long i), void *data)
{
    long sum = 0;
    for (long i = 0; i < count; i++) sum += visit(data, i);
    return sum;
}

long native_deep(long depth, long (*visit)(void *data, long i), void *data)
{
    return depth ? native_deep(depth - 1, visit, data) + 1 : visit(data, depth);
}
