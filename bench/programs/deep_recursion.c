/* A list built and summed by recursion without tail calls, 100,000 frames deep, with garbage on the way. Stresses the
 * walk of deep stacks: each frame holds a reference. */
#include "boxed.h"

enum { DEPTH = 100000, SMALL_DEPTH = 1000, GARBAGE = 8 };

struct cell {
    struct cell GW *next;
    struct number GW *number;
};
GW_TYPE_FIELDS(cell, struct cell, next, number);

static long wasted(long n)
{
    long sum = 0;
    for (long i = 0; i < GARBAGE; i++) {
        struct number GW *number = box(n + i);
        sum += number->value;
        memory_release(number);
    }
    return sum % 7;
}

static struct cell GW *build(long n)
{
    if (n == 0) return NULL;
    struct number GW *number = box(n);
    struct cell GW *rest, *cell;
    long extra;
    GW_CALL(extra = wasted(n), number);
    number->value += extra;
    GW_CALL(rest = build(n - 1), number);
    GW_CALL(cell = gw_new(cell), number, rest);
    GW_STORE(cell, next, rest);
    GW_STORE(cell, number, number);
    return cell;
}

static long sum(struct cell GW *cell)
{
    if (!cell) return 0;
    long rest, extra;
    GW_CALL(rest = sum(cell->next), cell);
    GW_CALL(extra = wasted(cell->number->value), cell);
    long result = checksum(rest + extra, cell->number->value);
    memory_release(cell->number);
    memory_release(cell);
    return result;
}

int main(int argc, char **argv)
{
    long rounds = demo_size(argc, argv, 20, 100000);
    need_stack((size_t)256 << 20, argv);
    uint64_t started = memory_start();
    long result = 0, depth = rounds < 2 ? SMALL_DEPTH : DEPTH;
    for (long i = 0; i < rounds; i++) result = checksum(result, sum(build(depth)));
    printf("%ld lists of %ld numbers, checksum %ld\n", rounds, depth, result);
    return memory_finish(started);
}
