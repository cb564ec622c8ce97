#include "chain.h"
#include "native.h"

GW_TYPE(link, struct link);

struct link GW *chain_make(long count)
{
    struct link GW *first = nullptr;
    for (long value = 0; value < count; value = next_value(value)) {
        struct link GW *made = gw_new(link);
        made->next = first;
        made->value = value;
        first = made;
    }
    return first;
}

long chain_sum(long count)
{
    if (gw_init(nullptr) != GW_OK) return -1;
    long sum = 0;
    struct link GW *first = chain_make(count);
    for (long i = 0; i < 10; i++) chain_make(10);
    for (; first; first = first->next) sum += first->value;
    return sum;
}
