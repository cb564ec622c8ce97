/* Without the plug-in: the object is held by a handle. */
#include <greywave/greywave.h>
#include <stdio.h>

struct cell {
    void *other;
    long value;
};
GW_TYPE_FIELDS(cell, struct cell, other);

int main(void)
{
    if (gw_init(NULL) != GW_OK) return 2;
    struct cell *cell = gw_new(cell);
    cell->value = 7;
    gw_handle handle = gw_handle_new(cell);
    gw_collect(GW_FULL);
    printf("%ld\n", ((struct cell *)gw_handle_get(handle))->value);
    gw_handle_free(handle);
    return 0;
}
