/* Bulk copies of array elements, with their barrier. The barrier comes first and covers the whole target range: a black
 * target turns grey again at the next minor collection, whatever was copied into it. */
#include "heap/world.h"
#include "base/report.h"

#include <greywave/greywave.h>

static void check_range(const char *which, uintptr_t array, const struct gw_type *type, size_t from, size_t count)
{
    uint64_t length = gw_object_length(array, type);
    if (from > length || count > length - from)
        gw_fatal("gw_array_copy: elements %zu to %zu of the %s array '%s', which has %lu", from, from + count, which, type->name,
                 (unsigned long)length);
}

/* A marker would read what is being written, in whatever parts memmove writes it. */
static void move(char *slot, const char *values, size_t bytes)
{
    struct gw_heap *own = gw_current_thread.heap;
    struct gw_heap *heap GW_INSIDE = own && own->marker.exists ? gw_heap_inside("gw_array_copy") : NULL;
    memmove(slot, values, bytes);
    (void)heap;
}

void gw_array_copy(void *target, size_t to, const void *source, size_t from, size_t count)
{
    gw_refuse_null(target, "gw_array_copy");
    gw_refuse_null(source, "gw_array_copy");
    uintptr_t target_ref = (uintptr_t)target, source_ref = (uintptr_t)source;
    const struct gw_type *type = gw_object_type(target_ref), *other = gw_object_type(source_ref);
    bool same = type->element_size == other->element_size && type->element_offset_count == other->element_offset_count &&
                ((type->flags ^ other->flags) & (GW_TYPE_RUNS | GW_TYPE_TAGS)) == 0;
    if (type->element_size == 0 || !same)
        gw_fatal("gw_array_copy: from '%s' to '%s', which are not arrays of the same elements", other->name, type->name);
    check_range("target", target_ref, type, to, count);
    check_range("source", source_ref, other, from, count);

    size_t bytes = count * type->element_size;
    char *slot = (char *)target_ref + type->size + to * type->element_size;
    const char *values = (const char *)source_ref + other->size + from * type->element_size;
    if (gw_type_has_references(type)) gw_barrier_range(target, slot, bytes);
    move(slot, values, bytes);
}
