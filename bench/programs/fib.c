/* Fibonacci numbers by definition, on boxed numbers. Stresses calls: two in each function that holds a reference. */
#include "boxed.h"

static struct number GW *fib(const struct number GW *n)
{
    if (n->value < 2) return box(n->value);
    struct number GW *smaller, *a, *b;
    GW_CALL(smaller = box(n->value - 1), n);
    GW_CALL(a = fib(smaller), n);
    memory_release(smaller);
    GW_CALL(smaller = box(n->value - 2), a);
    GW_CALL(b = fib(smaller), a);
    memory_release(smaller);
    long sum = a->value + b->value;
    memory_release(a);
    memory_release(b);
    return box(sum);
}

int main(int argc, char **argv)
{
    long size = demo_size(argc, argv, 37, 60);
    uint64_t started = memory_start();
    struct number GW *n = box(size);
    struct number GW *result = fib(n);
    printf("fib %ld\n", result->value);
    return memory_finish(started);
}
