/* Objects: header words, sizes, and the reference fields of one object.
 *
 * A reference is a uintptr_t here: the payload's address. The functions are the only places that know where the
 * header is, how long an object is and which of its words hold references.
 */
#ifndef GW_SPACES_OBJECT_H
#define GW_SPACES_OBJECT_H

#include "base/compiler.h"
#include <greywave/abi.h>
#include <string.h>

/* What vacated and freed words hold with poison=1: low bits zero, so a collector follows it, and not an address of
 * x86-64 user space, so a program that follows it stops at once. */
#define GW_POISON UINT64_C(0xdeadbeefdeadbee8)

GW_ALWAYS_INLINE void gw_poison(void *from, size_t bytes)
{
    for (size_t i = 0; i < bytes / 8; i++) ((uint64_t *)from)[i] = GW_POISON;
}

/* Objects are mostly a few words long: a call to memcpy costs more than the copy. `bytes` is a multiple of 8. */
GW_ALWAYS_INLINE void gw_copy_words(void *to, const void *from, size_t bytes)
{
    if (gw_unlikely(bytes > 64)) {
        memcpy(to, from, bytes);
        return;
    }
    for (size_t i = 0; i < bytes / 8; i++) {
        ((uint64_t *)to)[i] = ((const uint64_t *)from)[i];
        __asm__ volatile("" : : : "memory"); /* or the compiler recognises the loop and calls memcpy */
    }
}

GW_ALWAYS_INLINE uint64_t *gw_header(uintptr_t ref)
{
    return (uint64_t *)(ref - GW_HEADER_SIZE);
}

GW_ALWAYS_INLINE const struct gw_type *gw_header_type(uint64_t header)
{
    return (const struct gw_type *)(header & GW_HEADER_TYPE_MASK);
}

GW_ALWAYS_INLINE const struct gw_type *gw_object_type(uintptr_t ref)
{
    return gw_header_type(*gw_header(ref));
}

/* Null and immediates are not references. */
GW_ALWAYS_INLINE bool gw_is_reference(uintptr_t word)
{
    return word != 0 && (word & GW_IMMEDIATE_MASK) == 0;
}

GW_ALWAYS_INLINE uint64_t gw_object_length(uintptr_t ref, const struct gw_type *type)
{
    return type->element_size ? *(const uint64_t *)(ref + type->length_offset) : 0;
}

/* Bytes an object of `payload` bytes takes, header included: the unit of every space. */
GW_ALWAYS_INLINE size_t gw_cell_bytes(size_t payload)
{
    return GW_HEADER_SIZE + (payload > 8 ? gw_round_up(payload, 8) : 8);
}

GW_ALWAYS_INLINE size_t gw_object_bytes(uintptr_t ref, const struct gw_type *type)
{
    return gw_cell_bytes(type->size + gw_object_length(ref, type) * type->element_size);
}

GW_ALWAYS_INLINE bool gw_type_has_references(const struct gw_type *type)
{
    return type->offset_count != 0 || type->element_offset_count != 0 || type->trace;
}

/* ---- Fields ---------------------------------------------------------------------------------------- */

/* Visits a word that may hold a reference. Always a compile-time constant below, so that it is inlined. */
typedef void gw_field_visitor(void *context, uintptr_t *slot);

/* What gw_trace_edge of a custom trace function calls. */
struct gw_tracer {
    gw_field_visitor *visit;
    void *context;
};

/* Run the type's functions, which must return. */
void gw_call_trace(const struct gw_type *type, uintptr_t ref, struct gw_tracer *tracer);
void gw_call_destructor(const struct gw_type *type, uintptr_t ref);

GW_ALWAYS_INLINE void gw_each_fixed_field(uintptr_t ref, const struct gw_type *type, gw_field_visitor *visit, void *context)
{
    const uint32_t *offsets = type->offsets;
    for (uint32_t i = 0, n = type->offset_count; i < n; i++) visit(context, (uintptr_t *)(ref + offsets[i]));
}

/* The reference fields of elements [begin, end). */
GW_ALWAYS_INLINE void gw_each_element_field(uintptr_t ref, const struct gw_type *type, uint64_t begin, uint64_t end,
                                            gw_field_visitor *visit, void *context)
{
    const uint32_t *offsets = type->offsets + type->offset_count;
    uintptr_t element = ref + type->size + begin * type->element_size;
    for (uint64_t i = begin; i < end; i++, element += type->element_size)
        for (uint32_t k = 0, n = type->element_offset_count; k < n; k++) visit(context, (uintptr_t *)(element + offsets[k]));
}

GW_ALWAYS_INLINE void gw_each_field(uintptr_t ref, const struct gw_type *type, gw_field_visitor *visit, void *context)
{
    if (gw_unlikely(type->trace != NULL)) {
        struct gw_tracer tracer = {visit, context};
        gw_call_trace(type, ref, &tracer);
        return;
    }
    gw_each_fixed_field(ref, type, visit, context);
    if (type->element_offset_count) gw_each_element_field(ref, type, 0, gw_object_length(ref, type), visit, context);
}

/* Whether the word before `ref` can be a header at all: a plausible, aligned, readable type is the caller's to check. */
GW_ALWAYS_INLINE bool gw_header_is_plausible(uint64_t header)
{
    return gw_header_type(header) != NULL && !(header & GW_HEADER_FORWARDED) && (header >> GW_HEADER_ORDER_SHIFT) == 0;
}

/* Whether a word that leads out of the heap leads to a static object, as far as the system lets that be seen. */
bool gw_is_static_object(uintptr_t ref);

#endif
