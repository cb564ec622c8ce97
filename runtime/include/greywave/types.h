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
 * the plug-in checks them against T. T is aligned to 16 bytes at most. Unions with references: unions.h.
 *
 * What else a type has stands behind, in any order: GW_TYPE(file, struct file, GW_DESTROY(close_file), GW_ALIGN(16)); also behind
 * GW_TYPE_ARRAY, GW_TYPE_LEAF, GW_TYPE_REFERENCES and GW_TYPE_BYTES. GW_DESTROY(f): f is run when an object dies (gw_destroy_function,
 * abi.h). GW_TRACE(f): references are where f tells, see GW_TYPE_TRACED. GW_ALIGN(16): objects are aligned so though T is not. */
#define GW_DESTROY(function) (0, (), (.destroy = function, ))
#define GW_TRACE(function) (0, (.trace = function, ), ())
#define GW_ALIGN(bytes) (GW_ALIGN_TO_##bytes##_WHICH_IS_8_OR_16, (), ())
#define GW_ALIGN_TO_8_WHICH_IS_8_OR_16 0
#define GW_ALIGN_TO_16_WHICH_IS_8_OR_16 GW_TYPE_ALIGN16

/* | flag of each option; then the fields that they set, in the order of struct gw_type. */
#define GW_OPTION_FLAGS_(...) GW_EACH_(GW_OPTION_FLAG_, __VA_ARGS__)
#define GW_OPTIONS_(...) GW_EACH_(GW_OPTION_TRACE_, __VA_ARGS__) GW_EACH_(GW_OPTION_DESTROY_, __VA_ARGS__)
#define GW_OPTION_NONE_ (0, (), ()) /* the first of each list, for no list of strict ISO C is empty */
#define GW_OPTION_FLAG_(option, n) | GW_FIRST_ option
#define GW_OPTION_TRACE_(option, n) GW_SECOND_ option
#define GW_OPTION_DESTROY_(option, n) GW_THIRD_ option
#define GW_FIRST_(flag, trace, destroy) (flag)
#define GW_SECOND_(flag, trace, destroy) GW_INSIDE_ trace
#define GW_THIRD_(flag, trace, destroy) GW_INSIDE_ destroy

#ifdef __GREYWAVE__
#ifdef __cplusplus /* never defined: T may have no constructor that fits */
#define GW_LAYOUT_(suffix, T) extern T gw_layout##suffix;
#else
#define GW_LAYOUT_(suffix, T) static T gw_layout##suffix __attribute__((used));
#endif
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

#define GW_TYPE(name, T, ...)                                                                                                              \
    GW_DERIVED_("GW_TYPE_FIELDS")                                                                                                          \
    GW_DESCRIBE_(#name, _##name, T, sizeof(T), GW_TYPE_DERIVE GW_OPTION_FLAGS_(GW_OPTION_NONE_, ##__VA_ARGS__),                            \
                 GW_OPTIONS_(GW_OPTION_NONE_, ##__VA_ARGS__))
#define GW_TYPE_ARRAY(name, T, length, tail, ...)                                                                                          \
    GW_DERIVED_("GW_TYPE_REFERENCES or GW_TYPE_BYTES")                                                                                     \
    GW_LENGTH_(T, length, tail)                                                                                                            \
    GW_DESCRIBE_(#name, _##name, T, offsetof(T, tail), GW_TYPE_DERIVE GW_OPTION_FLAGS_(GW_OPTION_NONE_, ##__VA_ARGS__),                    \
                 GW_ELEMENTS_(T, length, tail) GW_OPTIONS_(GW_OPTION_NONE_, ##__VA_ARGS__))

/* Explicit lists: GW_TYPE_FIELDS(node, struct node, left, right), up to eight fields; GW_TYPE_LEAF(name, T) has none.
 * GW_TYPE_OFFSETS(name, T, …) takes byte offsets, any number. */
#define GW_TYPE_FIELDS(name, T, ...) GW_AT_OFFSETS_(#name, _##name, T, GW_OFFSETS_OF_(T, __VA_ARGS__))
#define GW_TYPE_OFFSETS(name, T, ...) GW_AT_OFFSETS_(#name, _##name, T, __VA_ARGS__)
#define GW_TYPE_LEAF(name, T, ...)                                                                                                         \
    GW_DESCRIBE_(#name, _##name, T, sizeof(T), 0 GW_OPTION_FLAGS_(GW_OPTION_NONE_, ##__VA_ARGS__),                                         \
                 GW_OPTIONS_(GW_OPTION_NONE_, ##__VA_ARGS__))

/* Array whose elements are references (GW_TYPE_REFERENCES) or hold none (GW_TYPE_BYTES). */
#define GW_TYPE_REFERENCES(name, T, length, tail, ...)                                                                                     \
    GW_LENGTH_(T, length, tail)                                                                                                            \
    static const uint32_t gw_offsets_##name[] = {0};                                                                                       \
    GW_DESCRIBE_(#name, _##name, T, offsetof(T, tail), 0 GW_OPTION_FLAGS_(GW_OPTION_NONE_, ##__VA_ARGS__), .element_offset_count = 1,      \
                 GW_ELEMENTS_(T, length, tail).offsets = gw_offsets_##name, GW_OPTIONS_(GW_OPTION_NONE_, ##__VA_ARGS__))
#define GW_TYPE_BYTES(name, T, length, tail, ...)                                                                                          \
    GW_LENGTH_(T, length, tail)                                                                                                            \
    GW_DESCRIBE_(#name, _##name, T, offsetof(T, tail), 0 GW_OPTION_FLAGS_(GW_OPTION_NONE_, ##__VA_ARGS__),                                 \
                 GW_ELEMENTS_(T, length, tail) GW_OPTIONS_(GW_OPTION_NONE_, ##__VA_ARGS__))

/* Anything else: `size` and further members of struct gw_type (abi.h) in their order, such as .destroy = close_file. */
#define GW_TYPE_WITH(name, T, size, ...) GW_DESCRIBE_(#name, _##name, T, size, 0, __VA_ARGS__, )

/* One type for all files of a program, by any compiler, in C and C++, and for code that names it in IR: GW_TYPE_EXTERN stands in a header,
 * GW_TYPE_DEFINE or its like in one file. Objects are allocated by a call where only the declaration is seen. (What GW_TYPE makes is one
 * type for all files of an image that the plug-in compiles, and one a file with GCC.) */
#define GW_TYPE_EXTERN(name, T)                                                                                                            \
    typedef T gw_typeof_##name;                                                                                                            \
    extern const struct gw_type gw_type_##name
#define GW_TYPE_DEFINE(name, T, ...)                                                                                                       \
    GW_DERIVED_("GW_TYPE_DEFINE_FIELDS")                                                                                                   \
    GW_DESCRIBE_AS_(extern, #name, _##name, T, sizeof(T), GW_TYPE_DERIVE GW_OPTION_FLAGS_(GW_OPTION_NONE_, ##__VA_ARGS__),                 \
                    GW_OPTIONS_(GW_OPTION_NONE_, ##__VA_ARGS__))
#define GW_TYPE_DEFINE_ARRAY(name, T, length, tail, ...)                                                                                   \
    GW_DERIVED_("GW_TYPE_DEFINE_FIELDS")                                                                                                   \
    GW_LENGTH_(T, length, tail)                                                                                                            \
    GW_DESCRIBE_AS_(extern, #name, _##name, T, offsetof(T, tail), GW_TYPE_DERIVE GW_OPTION_FLAGS_(GW_OPTION_NONE_, ##__VA_ARGS__),         \
                    GW_ELEMENTS_(T, length, tail) GW_OPTIONS_(GW_OPTION_NONE_, ##__VA_ARGS__))
#define GW_TYPE_DEFINE_FIELDS(name, T, ...)                                                                                                \
    static const uint32_t gw_offsets_##name[] = {GW_OFFSETS_OF_(T, __VA_ARGS__)};                                                          \
    GW_DESCRIBE_AS_(extern, #name, _##name, T, sizeof(T), 0, .offset_count = sizeof(gw_offsets_##name) / sizeof(uint32_t),                 \
                    .offsets = gw_offsets_##name, )

/* All of them. `suffix` is the name with an underscore in front: a name that is a macro as well, as bool may be, is pasted before it
 * is replaced. The last argument is more of the initialiser. */
#define GW_DESCRIBE_(text, suffix, T, bytes, kind, ...) GW_DESCRIBE_AS_(static, text, suffix, T, bytes, kind, __VA_ARGS__)
#define GW_DESCRIBE_AS_(storage, text, suffix, T, bytes, kind, ...)                                                                        \
    typedef T gw_typeof##suffix;                                                                                                           \
    GW_STATIC_ASSERT((bytes) <= UINT32_MAX, "the fixed part of an object is smaller than 4 GiB: make the large part of " #T " an array");  \
    GW_LAYOUT_(suffix, T)                                                                                                                  \
    GW_STORED_##storage##_ const struct gw_type gw_type##suffix = {.name = text,                                                           \
                                                                   .size = bytes,                                                          \
                                                                   .flags = (kind) | (__alignof__(T) > 8 ? GW_TYPE_ALIGN16 : 0),           \
                                                                   __VA_ARGS__.layout = GW_LAYOUT_OF_(suffix)}
#define GW_STORED_static_ __attribute__((unused)) static
#define GW_STORED_extern_
#define GW_AT_OFFSETS_(text, suffix, T, ...)                                                                                               \
    static const uint32_t gw_offsets##suffix[] = {__VA_ARGS__};                                                                            \
    GW_DESCRIBE_(text, suffix, T, sizeof(T), 0, .offset_count = sizeof(gw_offsets##suffix) / sizeof(uint32_t),                             \
                 .offsets = gw_offsets##suffix, )
#define GW_LENGTH_(T, length, tail)                                                                                                        \
    GW_STATIC_ASSERT(sizeof(((T *)0)->length) == 8,                                                                                        \
                     "the allocator writes an array's length as a uint64_t: declare '" #length "' of " #T " so");                          \
    GW_STATIC_ASSERT(sizeof(((T *)0)->tail[0]) <= UINT32_MAX,                                                                              \
                     "an element is smaller than 4 GiB: make '" #tail "' of " #T " an array of smaller ones");
#define GW_ELEMENTS_(T, length, tail) .element_size = sizeof(((T *)0)->tail[0]), .length_offset = offsetof(T, length),

/* For custom trace functions: `slot` is the address of a word of the object that may hold a reference. */
GW_NOCOLLECT void gw_trace_edge(struct gw_tracer *tracer, void *slot);

#ifdef __cplusplus
}
#endif

#pragma GCC visibility pop
#endif
