/* Numbers as dynamic languages have them: each one an object. Every function returns a new number. */
#ifndef GW_BENCH_BOXED_H
#define GW_BENCH_BOXED_H

#include "program.h"

struct number {
    long value;
};
GW_TYPE_LEAF(number, struct number);

static inline struct number GW *box(long value)
{
    struct number GW *number = gw_new(number);
    number->value = value;
    return number;
}

#endif
