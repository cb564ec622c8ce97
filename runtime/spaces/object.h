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
 * user space, whatever the machine ignores of the highest bits, so a program that follows it stops at once. */
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

/* Flags of an old object, whose type a marker may read meanwhile. */
GW_ALWAYS_INLINE void gw_set_header(uintptr_t ref, uint64_t header)
{
    __atomic_store_n(gw_header(ref), header, __ATOMIC_RELAXED);
}

GW_ALWAYS_INLINE const struct gw_type *gw_object_type(uintptr_t ref)
{
    return gw_header_type(__atomic_load_n(gw_header(ref), __ATOMIC_RELAXED));
}

/* Null and immediates are not references. */
GW_ALWAYS_INLINE bool gw_is_reference(uintptr_t word)
{
    return word != 0 && (word & GW_IMMEDIATE_MASK) == 0;
}

/* An object that has grown old where it was is as old as can be, for good. */
#define GW_AGE_IN_PLACE 15

GW_ALWAYS_INLINE unsigned gw_header_age(uint64_t header)
{
    return (header & GW_HEADER_AGE_MASK) >> GW_HEADER_AGE_SHIFT;
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

/* ---- Layouts --------------------------------------------------------------------------------------- */

/* Whether it is known which words of an object hold references: not with a trace function of the program's. */
GW_ALWAYS_INLINE bool gw_has_layout(const struct gw_type *type)
{
    return !type->trace || (type->flags & GW_TYPE_RUNS);
}

GW_ALWAYS_INLINE bool gw_elements_refer(const struct gw_type *type)
{
    return type->flags & GW_TYPE_RUNS ? type->offsets[1] != 0 : type->element_offset_count != 0;
}

/* Bytes at the front of a payload of `payload` bytes that hold all its references, for a type with a layout. */
GW_ALWAYS_INLINE size_t gw_referring_bytes(const struct gw_type *type, size_t payload)
{
    return gw_elements_refer(type) ? payload : gw_type_has_references(type) ? type->size : 0;
}

/* Where one part of an object, the fixed one or an element, holds references: byte offsets, or runs. */
struct gw_part {
    const uint32_t *offsets;
    const uint32_t *runs; /* NULL: offsets */
    uint32_t count;
    uint32_t words; /* of a run */
};

GW_STATIC_ASSERT(sizeof(struct gw_run) == 12 && sizeof(struct gw_tagged_run) == 32, "lists of runs are words");

GW_ALWAYS_INLINE uint32_t gw_run_words(const struct gw_type *type)
{
    return (type->flags & GW_TYPE_TAGS ? sizeof(struct gw_tagged_run) : sizeof(struct gw_run)) / 4;
}

GW_ALWAYS_INLINE struct gw_part gw_fixed_part(const struct gw_type *type)
{
    if (gw_likely(!(type->flags & GW_TYPE_RUNS))) return (struct gw_part){type->offsets, NULL, type->offset_count, 0};
    return (struct gw_part){NULL, type->offsets + 2, type->offsets[0], gw_run_words(type)};
}

GW_ALWAYS_INLINE struct gw_part gw_element_part(const struct gw_type *type)
{
    if (gw_likely(!(type->flags & GW_TYPE_RUNS)))
        return (struct gw_part){type->offsets + type->offset_count, NULL, type->element_offset_count, 0};
    uint32_t words = gw_run_words(type);
    return (struct gw_part){NULL, type->offsets + 2 + (size_t)type->offsets[0] * words, type->offsets[1], words};
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

GW_ALWAYS_INLINE void gw_each_offset(uintptr_t base, const uint32_t *offsets, uint32_t count, gw_field_visitor *visit, void *context)
{
    for (uint32_t i = 0; i < count; i++) visit(context, (uintptr_t *)(base + offsets[i]));
}

/* The run's tag, or NULL. */
GW_ALWAYS_INLINE const struct gw_tag *gw_tag_of(const struct gw_run *run, struct gw_part part)
{
    if (gw_likely(part.words * 4 == sizeof *run)) return NULL;
    const struct gw_tag *tag = &((const struct gw_tagged_run *)run)->tag;
    return tag->bytes ? tag : NULL;
}

/* Whether the tag at `at` says that its word is a reference. */
GW_ALWAYS_INLINE bool gw_tag_refers(const struct gw_tag *tag, uintptr_t at)
{
    uint32_t value = tag->bytes == 1 ? *(const uint8_t *)at : tag->bytes == 2 ? *(const uint16_t *)at : *(const uint32_t *)at;
    uint32_t bits = UINT32_MAX >> (32 - 8 * tag->bytes);
    return (((value & tag->mask) - tag->low) & bits) <= tag->span;
}

/* Of a run with a tag, the words from `first` on at addresses below `end` that are references now. */
GW_ALWAYS_INLINE void gw_each_tagged_word(uintptr_t base, const struct gw_run *run, const struct gw_tag *tag, uint64_t first, uintptr_t end,
                                          gw_field_visitor *visit, void *context)
{
    uintptr_t slot = base + run->start + first * run->stride;
    for (uint64_t i = first; i < run->count && slot < end; i++, slot += run->stride)
        if (gw_tag_refers(tag, slot - run->start + tag->offset)) visit(context, (uintptr_t *)slot);
}

GW_ALWAYS_INLINE void gw_each_run(uintptr_t base, struct gw_part part, gw_field_visitor *visit, void *context)
{
    const uint32_t *at = part.runs;
    for (uint32_t left = part.count; left > 0; left--, at += part.words) {
        const struct gw_run *run = (const struct gw_run *)at;
        const struct gw_tag *tag = gw_tag_of(run, part);
        uintptr_t slot = base + run->start;
        if (gw_unlikely(tag)) gw_each_tagged_word(base, run, tag, 0, UINTPTR_MAX, visit, context);
        else
            for (uint32_t i = 0; i < run->count; i++, slot += run->stride) visit(context, (uintptr_t *)slot);
    }
}

/* Of a part at `base`, the slots at addresses in [from, end). */
GW_ALWAYS_INLINE void gw_each_run_within(uintptr_t base, struct gw_part part, uintptr_t from, uintptr_t end, gw_field_visitor *visit,
                                         void *context)
{
    const uint32_t *at = part.runs;
    for (uint32_t left = part.count; left > 0; left--, at += part.words) {
        const struct gw_run *run = (const struct gw_run *)at;
        const struct gw_tag *tag = gw_tag_of(run, part);
        uintptr_t slot = base + run->start;
        if (slot >= end) return;
        uint64_t i = from > slot ? (from - slot + run->stride - 1) / run->stride : 0;
        if (gw_unlikely(tag)) gw_each_tagged_word(base, run, tag, i, end, visit, context);
        else
            for (slot += i * run->stride; i < run->count && slot < end; i++, slot += run->stride) visit(context, (uintptr_t *)slot);
    }
}

/* How many of ascending offsets lie below one. */
GW_ALWAYS_INLINE uint32_t gw_offsets_below(const uint32_t *offsets, uint32_t count, uint64_t limit)
{
    uint32_t low = 0;
    while (low < count) {
        uint32_t middle = low + (count - low) / 2;
        if (offsets[middle] < limit) low = middle + 1;
        else count = middle;
    }
    return low;
}

GW_ALWAYS_INLINE void gw_each_slot_within(uintptr_t base, struct gw_part part, uintptr_t from, uintptr_t end, gw_field_visitor *visit,
                                          void *context)
{
    if (gw_unlikely(part.runs)) {
        gw_each_run_within(base, part, from, end, visit, context);
        return;
    }
    uint32_t i = from > base ? gw_offsets_below(part.offsets, part.count, from - base) : 0;
    for (; i < part.count && base + part.offsets[i] < end; i++) visit(context, (uintptr_t *)(base + part.offsets[i]));
}

/* The reference fields of elements [begin, end). */
GW_ALWAYS_INLINE void gw_each_element_field(uintptr_t ref, const struct gw_type *type, uint64_t begin, uint64_t end,
                                            gw_field_visitor *visit, void *context)
{
    struct gw_part part = gw_element_part(type);
    uintptr_t element = ref + type->size + begin * type->element_size;
    for (uint64_t i = begin; i < end; i++, element += type->element_size)
        if (gw_unlikely(part.runs)) gw_each_run(element, part, visit, context);
        else gw_each_offset(element, part.offsets, part.count, visit, context);
}

/* The reference fields of elements at addresses in [from, end): elements may reach across either. */
GW_ALWAYS_INLINE void gw_each_element_field_within(uintptr_t ref, const struct gw_type *type, uintptr_t from, uintptr_t end,
                                                   gw_field_visitor *visit, void *context)
{
    struct gw_part part = gw_element_part(type);
    uintptr_t first = ref + type->size, size = type->element_size;
    if (end <= first) return;
    uint64_t length = gw_object_length(ref, type), begin = from > first ? (from - first) / size : 0, whole = (end - first) / size;
    if (begin < length && first + begin * size < from) gw_each_slot_within(first + begin++ * size, part, from, end, visit, context);
    gw_each_element_field(ref, type, begin, whole < length ? whole : length, visit, context);
    if (whole >= begin && whole < length) gw_each_slot_within(first + whole * size, part, from, end, visit, context);
}

/* All that lie at addresses in [from, end), for a type with a layout: the work is for what lies there, not for the object. */
GW_ALWAYS_INLINE void gw_each_field_within(uintptr_t ref, const struct gw_type *type, uintptr_t from, uintptr_t end,
                                           gw_field_visitor *visit, void *context)
{
    gw_each_slot_within(ref, gw_fixed_part(type), from, end, visit, context);
    if (gw_elements_refer(type)) gw_each_element_field_within(ref, type, from, end, visit, context);
}

GW_ALWAYS_INLINE void gw_each_field(uintptr_t ref, const struct gw_type *type, gw_field_visitor *visit, void *context)
{
    if (gw_unlikely(type->trace != NULL)) {
        struct gw_tracer tracer = {visit, context};
        gw_call_trace(type, ref, &tracer);
        return;
    }
    gw_each_offset(ref, type->offsets, type->offset_count, visit, context);
    if (!type->element_offset_count) return;
    const uint32_t *offsets = type->offsets + type->offset_count;
    uintptr_t element = ref + type->size;
    for (uint64_t i = gw_object_length(ref, type); i; i--, element += type->element_size)
        gw_each_offset(element, offsets, type->element_offset_count, visit, context);
}

/* Whether the word before `ref` can be a header at all: a plausible, aligned, readable type is the caller's to check. */
GW_ALWAYS_INLINE bool gw_header_is_plausible(uint64_t header)
{
    return gw_header_type(header) != NULL && !(header & GW_HEADER_FORWARDED) && (header >> GW_HEADER_ORDER_SHIFT) == 0;
}

/* Whether a word that leads out of the heap leads to a static object, as far as the system lets that be seen. */
bool gw_is_static_object(uintptr_t ref);

#endif
