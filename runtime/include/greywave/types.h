/* What objects look like. Each kind of them has a constant struct gw_type (abi.h), which the macros here define: GW_TYPE(node, …) as
 * gw_type_node, and as gw_typeof_node the C type, for gw_new(node). */
#ifndef GREYWAVE_TYPES_H
#define GREYWAVE_TYPES_H

#include <greywave/abi.h>
#include <greywave/macros.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

#ifdef __cplusplus
extern "C" {
#endif

/* GW_TYPE(name, T): objects of C type T, layout derived by the plug-in from T. Visible in this file only; may stand
 * in a header: what several files define alike is one type, at one address, for all of an image (C++ and C by clang; GCC makes one a
 * file). GW_TYPE_ARRAY(name, T, length, tail): T ends in the flexible array `tail`, and `length` is a uint64_t
 * field that the allocator fills in. The _FIELDS forms list the reference fields and work with any compiler;
 * the plug-in checks them against T. T is aligned to 16 bytes at most. */
#ifdef __GREYWAVE__
#define GW_LAYOUT_(suffix, T) static T gw_layout##suffix __attribute__((used));
#define GW_LAYOUT_OF_(suffix) &gw_layout##suffix
#else
/* The plug-in refuses by the layout, in its own words. */
#define GW_LAYOUT_(suffix, T) GW_STATIC_ASSERT(__alignof__(T) <= 16, "objects are aligned to 16 bytes at most: lower the alignment of " #T);
#define GW_LAYOUT_OF_(suffix) 0
#endif

#if GW_ROOTS_IN_GCC_
#define GW_DERIVED_(form) GW_STATIC_ASSERT(0, "GCC cannot derive a layout: list the reference fields with " form);
#else
#define GW_DERIVED_(form)
#endif

#define GW_TYPE(name, T) GW_DERIVED_("GW_TYPE_FIELDS") GW_DESCRIBE_(#name, _##name, T, sizeof(T), GW_TYPE_DERIVE, )
#define GW_TYPE_ARRAY(name, T, length, tail)                                                                                               \
    GW_DERIVED_("GW_TYPE_REFERENCES or GW_TYPE_BYTES")                                                                                     \
    GW_LENGTH_(T, length)                                                                                                                  \
    GW_DESCRIBE_(#name, _##name, T, offsetof(T, tail), GW_TYPE_DERIVE, GW_ELEMENTS_(T, length, tail))

/* Explicit lists: GW_TYPE_FIELDS(node, struct node, left, right), up to eight fields; GW_TYPE_LEAF(name, T) has none.
 * GW_TYPE_OFFSETS(name, T, …) takes byte offsets, any number. */
#define GW_TYPE_FIELDS(name, T, ...) GW_AT_OFFSETS_(#name, _##name, T, GW_OFFSETS_OF_(T, __VA_ARGS__))
#define GW_TYPE_OFFSETS(name, T, ...) GW_AT_OFFSETS_(#name, _##name, T, __VA_ARGS__)
#define GW_TYPE_LEAF(name, T) GW_DESCRIBE_(#name, _##name, T, sizeof(T), 0, )

/* Array whose elements are references (GW_TYPE_REFERENCES) or hold none (GW_TYPE_BYTES). */
#define GW_TYPE_REFERENCES(name, T, length, tail)                                                                                          \
    GW_LENGTH_(T, length)                                                                                                                  \
    static const uint32_t gw_offsets_##name[] = {0};                                                                                       \
    GW_DESCRIBE_(#name, _##name, T, offsetof(T, tail), 0, .element_offset_count = 1,                                                       \
                 GW_ELEMENTS_(T, length, tail).offsets = gw_offsets_##name, )
#define GW_TYPE_BYTES(name, T, length, tail)                                                                                               \
    GW_LENGTH_(T, length)                                                                                                                  \
    GW_DESCRIBE_(#name, _##name, T, offsetof(T, tail), 0, GW_ELEMENTS_(T, length, tail))

/* Anything else: `size` and further members of struct gw_type (abi.h) in their order, such as .destroy = close_file. */
#define GW_TYPE_WITH(name, T, size, ...) GW_DESCRIBE_(#name, _##name, T, size, 0, __VA_ARGS__, )

/* All of them. `suffix` is the name with an underscore in front: a name that is a macro as well, as bool may be, is pasted before it
 * is replaced. The last argument is more of the initialiser. */
#define GW_DESCRIBE_(text, suffix, T, bytes, kind, ...)                                                                                    \
    typedef T gw_typeof##suffix;                                                                                                           \
    GW_LAYOUT_(suffix, T)                                                                                                                  \
    __attribute__((unused)) static const struct gw_type gw_type##suffix = {.name = text,                                                   \
                                                                           .size = bytes,                                                  \
                                                                           .flags = (kind) | (__alignof__(T) > 8 ? GW_TYPE_ALIGN16 : 0),   \
                                                                           __VA_ARGS__.layout = GW_LAYOUT_OF_(suffix)}
#define GW_AT_OFFSETS_(text, suffix, T, ...)                                                                                               \
    static const uint32_t gw_offsets##suffix[] = {__VA_ARGS__};                                                                            \
    GW_DESCRIBE_(text, suffix, T, sizeof(T), 0, .offset_count = sizeof(gw_offsets##suffix) / sizeof(uint32_t),                             \
                 .offsets = gw_offsets##suffix, )
#define GW_LENGTH_(T, length)                                                                                                              \
    GW_STATIC_ASSERT(sizeof(((T *)0)->length) == 8,                                                                                        \
                     "the allocator writes an array's length as a uint64_t: declare '" #length "' of " #T " so");
#define GW_ELEMENTS_(T, length, tail) .element_size = sizeof(((T *)0)->tail[0]), .length_offset = offsetof(T, length),

/* For custom trace functions: `slot` is the address of a word of the object that may hold a reference. */
GW_NOCOLLECT void gw_trace_edge(struct gw_tracer *tracer, void *slot);

#ifdef __cplusplus
}
#endif

#pragma GCC visibility pop
#endif
