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

struct native_two native_exchanged(struct native_two two, struct native_two (*visit)(struct native_two))
{
    return visit((struct native_two){two.b, two.a});
}

struct native_one native_handed(long a, long b, long c, long d, long e, long f, long g, struct native_one one,
                                struct native_one (*visit)(struct native_one))
{
    return a + b + c + d + e + f + g == 28 ? visit(one) : (struct native_one){0};
}
