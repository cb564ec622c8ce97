/* Unions in objects. What a compiler shows of a union is one of its members, so that a union with references is declared:
 *
 *   all members are references              GW_UNION_OF_REFERENCES(union key): precise wherever it stands, also in variables
 *   a field says which member counts        GW_TYPE_TAGGED: the collector reads the field
 *   anything else                           GW_TYPE_TRACED: a function of the program's tells the collector
 *   a reference or a number of 61 bits      no union, but a `void GW *` with gw_small_integer (objects.h)
 *
 * Stores through any member of such a union have their barrier. In a variable, a union of references and numbers stays refused: keep the
 * members in a variable each, or in a struct.
 */
#ifndef GREYWAVE_UNIONS_H
#define GREYWAVE_UNIONS_H

#include <greywave/types.h>
#include <stddef.h>
#include <stdint.h>

/* At file scope, in front of the types whose objects have such a union: all members of the union T are references, or structs and arrays
 * of nothing else. A number that is stored there all the same is refused where the compiler sees it. Only the plug-in needs it. */
#ifdef __GREYWAVE__
#define GW_UNION_OF_REFERENCES(T)                                                                                                          \
    GW_STATIC_ASSERT(sizeof(T) % sizeof(void *) == 0, "a union of references is made of words");                                           \
    static T GW_PASTE_(gw_layout_union_of_references_, __COUNTER__) __attribute__((used))
#else
#define GW_UNION_OF_REFERENCES(T) GW_STATIC_ASSERT(sizeof(T) % sizeof(void *) == 0, "a union of references is made of words")
#endif

/* GW_TYPE_TRACED(name, T, trace): the collector calls `trace` (gw_trace_function, abi.h) wherever it looks at such an object, which calls
 * gw_trace_edge for each word that may hold a reference by what the object says itself, also one that T shows as a number of 8 bytes or
 * more: where the file has the type, stores there by T have their barrier. Elsewhere (GW_TYPE_EXTERN) only references stored as GW pointers
 * and whole structs have it, so a union with a GW member is the better T. Objects of any size are traced whole. Further options as of
 * GW_TYPE. GW_TYPE_TRACED_ARRAY: as of GW_TYPE_ARRAY. */
#define GW_TYPE_TRACED(name, T, trace, ...)                                                                                                \
    GW_DESCRIBE_(#name, _##name, T, sizeof(T), 0 GW_OPTION_FLAGS_(GW_TRACE(trace), ##__VA_ARGS__),                                         \
                 GW_OPTIONS_(GW_TRACE(trace), ##__VA_ARGS__))
#define GW_TYPE_TRACED_ARRAY(name, T, length, tail, trace, ...)                                                                            \
    GW_LENGTH_(T, length, tail)                                                                                                            \
    GW_DESCRIBE_(#name, _##name, T, offsetof(T, tail), 0 GW_OPTION_FLAGS_(GW_TRACE(trace), ##__VA_ARGS__),                                 \
                 GW_ELEMENTS_(T, length, tail) GW_OPTIONS_(GW_TRACE(trace), ##__VA_ARGS__))

/* GW_TYPE_TAGGED(name, T, word…): lists the words that hold references, up to twelve of these:
 *
 *   GW_PLAIN(field)                        always
 *   GW_WHEN(tag, value, field)             while the number in the field `tag` is `value`
 *   GW_WHEN_IN(tag, low, high, field)      … is from `low` to `high`
 *   GW_WHEN_BITS(tag, bits, field)         … has all of `bits`
 *   GW_WHEN_EACH(array, tag, value, field) for each element of an array in T, whose fields these are
 *
 * A tag has 1, 2 or 4 bytes, with sign or without; values are constants that it can have. They stand in ascending order of the words; what
 * one word is may be listed for several values. GW_TYPE_TAGGED_ARRAY(name, T, length, tail, word…): T ends in the flexible array `tail`, of
 * which the words of the first element are listed last, such as GW_WHEN(tail[0].tag, NODE, tail[0].u.node).
 *
 * The program keeps tag and word together: both are written with no call between that may collect; the word is read as a reference only
 * while the tag says so. Where the tag says reference and the word is none, verify=1 ends the program with a message. */
#define GW_TYPE_TAGGED(name, T, ...) GW_TAGGED_(name, T, sizeof(T), , __VA_ARGS__)
#define GW_TYPE_TAGGED_ARRAY(name, T, length, tail, ...)                                                                                   \
    GW_LENGTH_(T, length, tail) GW_TAGGED_(name, T, offsetof(T, tail), GW_ELEMENTS_(T, length, tail), __VA_ARGS__)

#define GW_PLAIN(field) (PLAIN, field)
#define GW_WHEN(tag, value, field) (WHEN, tag, ~UINT32_C(0), value, value, field)
#define GW_WHEN_IN(tag, low, high, field) (WHEN, tag, ~UINT32_C(0), low, high, field)
#define GW_WHEN_BITS(tag, bits, field) (WHEN, tag, bits, bits, bits, field)
#define GW_WHEN_EACH(array, tag, value, field) (EACH, array, tag, value, field)

/* The words of one list entry: struct gw_tagged_run. `size` is that of the fixed part, behind which an element begins at 0. */
#define GW_RUN_PLAIN_(T, size, field) GW_AT_(T, size, field), 1, 8, 0, 0, 0, 0, 0,
#define GW_RUN_WHEN_(T, size, tag, mask, low, high, field)                                                                                 \
    GW_AT_(T, size, field), 1, 8, GW_AT_(T, size, tag), sizeof(((T *)0)->tag), (uint32_t)(mask), (uint32_t)(low),                          \
        (uint32_t)(high) - (uint32_t)(low),
#define GW_RUN_EACH_(T, size, array, tag, value, field)                                                                                    \
    GW_AT_(T, size, array[0].field), sizeof(((T *)0)->array) / sizeof(((T *)0)->array[0]), sizeof(((T *)0)->array[0]),                     \
        GW_AT_(T, size, array[0].tag), sizeof(((T *)0)->array[0].tag), ~UINT32_C(0), (uint32_t)(value), 0,
#define GW_AT_(T, size, field) (uint32_t)(offsetof(T, field) - (offsetof(T, field) < (size) ? 0 : (size)))

/* Whether the entry belongs to the fixed part: 1 or 0. */
#define GW_FIXED_PLAIN_(T, size, field) +(offsetof(T, field) < (size))
#define GW_FIXED_WHEN_(T, size, tag, mask, low, high, field) +(offsetof(T, field) < (size))
#define GW_FIXED_EACH_(T, size, array, tag, value, field) +(offsetof(T, array) < (size))

#define GW_TAG_FITS_(T, tag)                                                                                                               \
    GW_STATIC_ASSERT(sizeof(((T *)0)->tag) <= 4, "a tag has 1, 2 or 4 bytes: give '" #tag "' of " #T " a smaller type");
#define GW_FITS_PLAIN_(T, size, field)
#define GW_FITS_WHEN_(T, size, tag, mask, low, high, field)                                                                                \
    GW_TAG_FITS_(T, tag) GW_VALUE_FITS_(T, tag, mask, low) GW_VALUE_FITS_(T, tag, mask, high)
#define GW_FITS_EACH_(T, size, array, tag, value, field) GW_TAG_FITS_(T, array[0].tag) GW_VALUE_FITS_(T, array[0].tag, ~UINT32_C(0), value)
#define GW_VALUE_FITS_(T, tag, mask, value)                                                                                                \
    GW_STATIC_ASSERT((uint32_t)(mask) != ~UINT32_C(0) || (long long)(__typeof__(((T *)0)->tag))(value) == (long long)(value),              \
                     "the tag '" #tag "' of " #T " never has the value " #value);

#define GW_TAGGED_(name, T, bytes, elements, ...)                                                                                          \
    GW_EACH_ENTRY_(GW_FITS_, T, bytes, __VA_ARGS__)                                                                                        \
    static const uint32_t gw_offsets_##name[] = {0 GW_EACH_ENTRY_(GW_FIXED_, T, bytes, __VA_ARGS__),                                       \
                                                 GW_COUNT_(__VA_ARGS__) - (0 GW_EACH_ENTRY_(GW_FIXED_, T, bytes, __VA_ARGS__)),            \
                                                 GW_EACH_ENTRY_(GW_RUN_, T, bytes, __VA_ARGS__)};                                          \
    GW_DESCRIBE_(#name, _##name, T, bytes, GW_TYPE_RUNS | GW_TYPE_TAGS, elements.offsets = gw_offsets_##name, .trace = gw_trace_tagged, )

/* GW_EACH_ENTRY_(m_, T, size, (KIND, a…), …): m_KIND_(T, size, a…) and so on. */
#define GW_EACH_ENTRY_(m, T, s, ...) GW_COUNTED_(GW_EACH_ENTRY_, __VA_ARGS__)(m, T, s, __VA_ARGS__)
#define GW_ENTRY_(m, T, s, entry) GW_ENTRY_NOW_(m, T, s, GW_INSIDE_ entry)
#define GW_ENTRY_NOW_(m, T, s, ...) GW_ENTRY_OF_(m, T, s, __VA_ARGS__)
#define GW_ENTRY_OF_(m, T, s, kind, ...) m##kind##_(T, s, __VA_ARGS__)
#define GW_EACH_ENTRY_1_(m, T, s, a) GW_ENTRY_(m, T, s, a)
#define GW_EACH_ENTRY_2_(m, T, s, a, ...) GW_ENTRY_(m, T, s, a) GW_EACH_ENTRY_1_(m, T, s, __VA_ARGS__)
#define GW_EACH_ENTRY_3_(m, T, s, a, ...) GW_ENTRY_(m, T, s, a) GW_EACH_ENTRY_2_(m, T, s, __VA_ARGS__)
#define GW_EACH_ENTRY_4_(m, T, s, a, ...) GW_ENTRY_(m, T, s, a) GW_EACH_ENTRY_3_(m, T, s, __VA_ARGS__)
#define GW_EACH_ENTRY_5_(m, T, s, a, ...) GW_ENTRY_(m, T, s, a) GW_EACH_ENTRY_4_(m, T, s, __VA_ARGS__)
#define GW_EACH_ENTRY_6_(m, T, s, a, ...) GW_ENTRY_(m, T, s, a) GW_EACH_ENTRY_5_(m, T, s, __VA_ARGS__)
#define GW_EACH_ENTRY_7_(m, T, s, a, ...) GW_ENTRY_(m, T, s, a) GW_EACH_ENTRY_6_(m, T, s, __VA_ARGS__)
#define GW_EACH_ENTRY_8_(m, T, s, a, ...) GW_ENTRY_(m, T, s, a) GW_EACH_ENTRY_7_(m, T, s, __VA_ARGS__)
#define GW_EACH_ENTRY_9_(m, T, s, a, ...) GW_ENTRY_(m, T, s, a) GW_EACH_ENTRY_8_(m, T, s, __VA_ARGS__)
#define GW_EACH_ENTRY_10_(m, T, s, a, ...) GW_ENTRY_(m, T, s, a) GW_EACH_ENTRY_9_(m, T, s, __VA_ARGS__)
#define GW_EACH_ENTRY_11_(m, T, s, a, ...) GW_ENTRY_(m, T, s, a) GW_EACH_ENTRY_10_(m, T, s, __VA_ARGS__)
#define GW_EACH_ENTRY_12_(m, T, s, a, ...) GW_ENTRY_(m, T, s, a) GW_EACH_ENTRY_11_(m, T, s, __VA_ARGS__)

#endif
