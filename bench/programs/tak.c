/* Takeuchi's function on boxed numbers. Stresses calls: four in each function, with up to five references held over
 * them. */
#include "boxed.h"

static struct number GW *tak(const struct number GW *x, const struct number GW *y, const struct number GW *z)
{
    if (y->value >= x->value) return box(z->value);
    struct number GW *less, *a, *b, *c, *result;
    GW_CALL(less = box(x->value - 1), x, y, z);
    GW_CALL(a = tak(less, y, z), x, y, z);
    memory_release(less);
    GW_CALL(less = box(y->value - 1), x, y, z, a);
    GW_CALL(b = tak(less, z, x), x, y, z, a);
    memory_release(less);
    GW_CALL(less = box(z->value - 1), x, y, a, b);
    GW_CALL(c = tak(less, x, y), a, b);
    memory_release(less);
#if MEMORY_EXPLICIT
    result = tak(a, b, c);
    memory_release(a);
    memory_release(b);
    memory_release(c);
    return result;
#else
    (void)result;
    return tak(a, b, c);
#endif
}

int main(int argc, char **argv)
{
    long size = demo_size(argc, argv, 10, 12);
    uint64_t started = memory_start();
    struct number GW *x, *y, *z;
    x = box(3 * size);
    GW_CALL(y = box(2 * size), x);
    GW_CALL(z = box(size), x, y);
    struct number GW *result = tak(x, y, z);
    printf("tak %ld\n", result->value);
    return memory_finish(started);
}
