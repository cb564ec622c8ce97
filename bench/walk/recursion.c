/* A thousand managed frames with two references each, under a native function that measures. Compiled by gwcc, twice:
 * with and without frame pointers. */
#include "measure.h"
#include <greywave/greywave.h>

struct node {
    struct node GW *next;
    long value;
};
GW_TYPE(node, struct node);

/* One function that calls itself: every frame has the same return address. */
static __attribute__((noinline)) long alone(int depth, struct node GW *outer)
{
    struct node GW *own = gw_new(node);
    own->value = depth;
    long below = 0;
    if (depth > 1) below = alone(depth - 1, own);
    else measure();
    return below + own->value + outer->value;
}

/* Eight functions in turn: neighbouring frames have nothing in common. */
#define MEMBER(name, next)                                                                                                                 \
    static long next(int depth, struct node GW *outer);                                                                                    \
    static __attribute__((noinline)) long name(int depth, struct node GW *outer)                                                           \
    {                                                                                                                                      \
        struct node GW *own = gw_new(node);                                                                                                \
        own->value = depth;                                                                                                                \
        long below = 0;                                                                                                                    \
        if (depth > 1) below = next(depth - 1, own);                                                                                       \
        else measure();                                                                                                                    \
        return below + own->value + outer->value;                                                                                          \
    }
MEMBER(first, second)
MEMBER(second, third)
MEMBER(third, fourth)
MEMBER(fourth, fifth)
MEMBER(fifth, sixth)
MEMBER(sixth, seventh)
MEMBER(seventh, eighth)
MEMBER(eighth, first)

#ifdef WITH_FRAME_POINTERS
#define RUN run_with_frame_pointers
#else
#define RUN run_without_frame_pointers
#endif

void RUN(bool together)
{
    struct node GW *root = gw_new(node);
    if (together) first(FRAMES, root);
    else alone(FRAMES, root);
}
