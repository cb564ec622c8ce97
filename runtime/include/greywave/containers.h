/* A byte string and a growable array of references, in terms of the other headers: use them, or copy them and change them. Not included by
 * greywave.h. docs/porting.md says where a ported program needs them. Any compiler; each function says whether it may collect.
 */
#ifndef GREYWAVE_CONTAINERS_H
#define GREYWAVE_CONTAINERS_H

#include <greywave/objects.h>
#include <greywave/roots.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers" /* of C++: the macros name the fields that are not 0 */

/* ---- Strings --------------------------------------------------------------------------------------- */

/* Bytes and a NUL behind them, which is counted in `room`. The bytes may be anything, and may be written; their number is fixed. */
struct gw_string {
    uint64_t room;
    char bytes[];
};
GW_TYPE_BYTES(gw_string, struct gw_string, room, bytes);

/* The bytes as C's functions want them, up to the next call that may collect: do not keep it, and take it again behind such a call. */
#define gw_string_text(string) ((char *)(string)->bytes)

/* Without the NUL. Never collects. */
static inline size_t gw_string_length(const struct gw_string GW *string)
{
    return string->room - 1;
}

/* `length` bytes 0. NULL: out of memory, as gw_alloc. May collect. */
static inline struct gw_string GW *gw_string_blank(size_t length)
{
    return length == SIZE_MAX ? NULL : gw_new_array(gw_string, length + 1);
}

/* A copy of native memory: `bytes` is not the text of a collected string, which may move meanwhile; that is what gw_string_slice is for.
 * NULL: out of memory. May collect. */
static inline struct gw_string GW *gw_string_new(const char *bytes, size_t length)
{
    struct gw_string GW *made = gw_string_blank(length);
    if (made) memcpy(gw_string_text(made), bytes, length);
    return made;
}

/* `length` bytes of a string from byte `from` on, or as many as there are. NULL: out of memory. May collect. */
static inline struct gw_string GW *gw_string_slice(struct gw_string GW *string, size_t from, size_t length)
{
    size_t all = gw_string_length(string), start = from < all ? from : all;
    size_t taken = length < all - start ? length : all - start;
    struct gw_string GW *made;
    GW_CALL(made = gw_string_blank(taken), string);
    if (made) memcpy(gw_string_text(made), gw_string_text(string) + start, taken);
    return made;
}

/* Both, one behind the other. NULL: out of memory. May collect. */
static inline struct gw_string GW *gw_string_join(struct gw_string GW *first, struct gw_string GW *second)
{
    size_t length = gw_string_length(first);
    struct gw_string GW *made;
    GW_CALL(made = gw_string_blank(length + gw_string_length(second)), first, second);
    if (!made) return NULL;
    memcpy(gw_string_text(made), gw_string_text(first), length);
    memcpy(gw_string_text(made) + length, gw_string_text(second), gw_string_length(second));
    return made;
}

/* As memcmp, and a string comes behind one that it begins with. Never collects. */
static inline int gw_string_compare(const struct gw_string GW *a, const struct gw_string GW *b)
{
    size_t first = gw_string_length(a), second = gw_string_length(b);
    int order = memcmp((const char *)a->bytes, (const char *)b->bytes, first < second ? first : second);
    return order ? order : (first > second) - (first < second);
}

/* Of the bytes, not of the address, which changes: for tables. FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv. Never collects. */
static inline uint64_t gw_string_hash(const struct gw_string GW *string)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < gw_string_length(string); i++) hash = (hash ^ (unsigned char)string->bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* ---- Lists ----------------------------------------------------------------------------------------- */

/* Where a list keeps its references. */
struct gw_slots {
    uint64_t length;
    void GW *at[];
};
GW_TYPE_REFERENCES(gw_slots, struct gw_slots, length, at);

/* A growable array of `count` references, null or immediates. */
struct gw_list {
    struct gw_slots GW *slots; /* NULL while nothing was pushed */
    uint64_t count;
};
GW_TYPE_FIELDS(gw_list, struct gw_list, slots);

/* NULL: out of memory. May collect. */
static inline struct gw_list GW *gw_list_new(void)
{
    return gw_new(gw_list);
}

/* Makes room for `count` references in all. False: out of memory, and the list is as before. May collect. */
static inline bool gw_list_reserve(struct gw_list GW *list, uint64_t count)
{
    uint64_t room = list->slots ? list->slots->length : 0;
    if (count <= room) return true;
    uint64_t wanted = count < 2 * room ? 2 * room : count < 4 ? 4 : count;
    struct gw_slots GW *slots;
    GW_CALL(slots = gw_new_array(gw_slots, wanted), list);
    if (!slots) return false;
    if (list->count) gw_array_copy(slots, 0, list->slots, 0, list->count);
    GW_STORE(list, slots, slots);
    return true;
}

/* False: out of memory. May collect. */
static inline bool gw_list_push(struct gw_list GW *list, void GW *value)
{
    bool fits;
    GW_CALL(fits = gw_list_reserve(list, list->count + 1), list, value);
    if (!fits) return false;
    struct gw_slots GW *slots = list->slots;
    GW_STORE(slots, at[list->count], value);
    list->count++;
    return true;
}

/* `at` is less than the list's count; otherwise NULL, and nothing is set. Never collect. */
static inline void GW *gw_list_get(const struct gw_list GW *list, uint64_t at)
{
    return at < list->count ? list->slots->at[at] : NULL;
}
static inline void gw_list_set(struct gw_list GW *list, uint64_t at, void GW *value)
{
    struct gw_slots GW *slots = list->slots;
    if (at < list->count) GW_STORE(slots, at[at], value);
}

/* The last one, which the list forgets; NULL when it is empty. Never collects. */
static inline void GW *gw_list_pop(struct gw_list GW *list)
{
    if (!list->count) return NULL;
    struct gw_slots GW *slots = list->slots;
    void GW *value = slots->at[--list->count];
    slots->at[list->count] = NULL;
    return value;
}

#pragma GCC diagnostic pop

#endif
