/* Ackermann's function on boxed numbers. Stresses calls that are nested thousands deep while collections happen. */
#include "boxed.h"

static struct number GW *ackermann(const struct number GW *m, const struct number GW *n)
{
    struct number GW *smaller, *inner, *result;
    if (m->value == 0) return box(n->value + 1);
    if (n->value == 0) {
        GW_CALL(inner = box(1), m);
    } else {
        GW_CALL(smaller = box(n->value - 1), m);
        GW_CALL(inner = ackermann(m, smaller), m);
        memory_release(smaller);
    }
    GW_CALL(smaller = box(m->value - 1), inner);
    result = ackermann(smaller, inner);
    memory_release(smaller);
    memory_release(inner);
    return result;
}

int main(int argc, char **argv)
{
    long size = demo_size(argc, argv, 10, 14);
    need_stack((size_t)256 << 20, argv);
    uint64_t started = memory_start();
    struct number GW *m, *n;
    m = box(3);
    GW_CALL(n = box(size), m);
    struct number GW *result = ackermann(m, n);
    printf("ackermann(3, %ld) = %ld\n", size, result->value);
    return memory_finish(started);
}
