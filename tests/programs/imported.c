#include "imported.h"
#include <greywave/greywave.h>

struct box {
    struct box GW *before;
    long value;
};
GW_TYPE(box, struct box);

static struct box GW *last;

int imported_start(void)
{
    return gw_init(NULL) == GW_OK;
}

long imported_made(long value)
{
    struct box GW *box = gw_new(box);
    box->value = value;
    box->before = last;
    gw_collect(GW_MINOR);
    last = box;
    return box->value;
}

long imported_last(void)
{
    return last->value;
}
