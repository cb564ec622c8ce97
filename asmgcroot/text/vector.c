#include "text/vector.h"
#include "text/complaint.h"

#include <stdlib.h>

void *vector_grown(void *at, size_t *room, size_t count, size_t size)
{
    while (*room < count) *room = *room ? *room * 2 : 16;
    at = realloc(at, *room * size);
    if (!at) give_up("out of memory: %zu bytes are wanted", *room * size);
    return at;
}
