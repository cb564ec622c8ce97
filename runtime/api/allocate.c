/* Allocation that compiled code does not do inline: the fast path, with doors behind it. */
#include "api/doors.h"
#include "base/report.h"
#include "heap/world.h"

/* Larger objects are none of the fast path's: there the way to it costs little. */
#define SMALL_BYTES ((size_t)512)

/* At least 16 bytes, a multiple of 8. The last two words may be cleared twice. */
GW_ALWAYS_INLINE void clear_small(char *at, size_t bytes)
{
    typedef uint64_t pair __attribute__((vector_size(16), aligned(8), may_alias));
    char *last = at + bytes - sizeof(pair);
    for (; at < last; at += sizeof(pair)) {
        *(pair *)at = (pair){0};
        __asm__("" : "+r"(at)); /* or it becomes a call of memset, which costs more than most objects */
    }
    *(pair *)last = (pair){0};
}

/* What compiled code does inline where it knows the size, with the same conditions: NULL when the slow path is to decide. */
GW_ALWAYS_INLINE void *allocate_small(const struct gw_type *type, size_t payload_bytes)
{
    struct gw_thread *thread = &gw_current_thread;
    size_t bytes = gw_cell_bytes(payload_bytes);
    char *at = thread->alloc;
    if (type->flags || type->destroy || bytes > SMALL_BYTES || at + bytes > __atomic_load_n(&thread->limit, __ATOMIC_RELAXED)) return NULL;
    thread->alloc = at + bytes;
    clear_small(at, bytes);
    *(uintptr_t *)at = (uintptr_t)type;
    return at + GW_HEADER_SIZE;
}

void *gw_alloc(const struct gw_type *type)
{
    gw_refuse_null(type, "gw_alloc");
    void *object = type->element_size ? NULL : allocate_small(type, type->size);
    return object ? object : gw_alloc_slow(type);
}

void *gw_alloc_array(const struct gw_type *type, size_t count)
{
    char *array = NULL;
    gw_refuse_null(type, "gw_alloc_array");
    if (type->element_size && count <= SMALL_BYTES) array = allocate_small(type, type->size + count * type->element_size);
    if (!array) return gw_alloc_array_slow(type, count);
    *(uint64_t *)(array + type->length_offset) = count;
    return array;
}

void gw_set_oom_handler(gw_oom_handler *handler, void *data)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_set_oom_handler");
    heap->exhaustion.handler = handler;
    heap->exhaustion.data = data;
}
