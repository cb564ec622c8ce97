/* In place of the runtime, for the build without the plug-in: memory is never given back. */
#include <stdlib.h>

extern const char gw_this_code_has_not_seen_the_greywave_passes;
const char gw_this_code_has_not_seen_the_greywave_passes = 0;

int gw_init(const char *options);
int gw_init(const char *options)
{
    (void)options;
    return 0;
}

struct type { /* the beginning of struct gw_type */
    const char *name;
    unsigned size;
};
void *gw_alloc(const struct type *type);
void *gw_alloc(const struct type *type)
{
    static char *at, *end;
    size_t bytes = (type->size + 15) & ~(size_t)15;
    if (!at || (size_t)(end - at) < bytes) {
        at = calloc(1, 1 << 20);
        if (!at) abort();
        end = at + (1 << 20);
    }
    return at += bytes, at - bytes;
}
