#include "chain.h"
#include "native.h"

GW_TYPE(link, struct link);

long chain_sum(long count)
{
    if (gw_init(NULL) != GW_OK) return -1;
    struct link GW *first = NULL;
    for (long value = 0; value < count; value++) {
        struct link GW *made = gw_new(link);
        made->next = first;
        made->value = value;
        first = made;
    }
    long sum = 0;
    for (; first; first = first->next) sum += first->value;
    return sum;
}
