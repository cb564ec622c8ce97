/* The roots as they are at one moment, by place. Variables and static objects may be written to by other threads while a snapshot goes
 * through them more than once: what it works with is a copy. */
#ifndef GW_SNAPSHOT_ROOT_COPY_H
#define GW_SNAPSHOT_ROOT_COPY_H

#include "base/word_list.h"
#include "snapshot/names.h"
#include "verify/root_places.h"

/* A place that refers to objects of the heap. Kinds without places have one. */
struct gw_copied_place {
    enum gw_root_kind kind;
    uint64_t name;   /* its number; 0: the kind has no places */
    uint64_t number; /* of its stack */
    size_t first, count;
};

struct gw_root_copy {
    const struct gw_heap *heap;
    struct gw_names *names;
    struct gw_word_list words;      /* references into the heap */
    struct gw_copied_place *places; /* in the order of their kinds */
    size_t count, capacity;
    bool failed; /* no native memory */
};

/* False: no native memory. The copy is to be destroyed all the same. Without what is frozen, which may be the whole heap. */
bool gw_root_copy_make(struct gw_root_copy *copy, struct gw_heap *heap, const struct gw_entry *entry, struct gw_names *names);
void gw_root_copy_destroy(struct gw_root_copy *copy);

#endif
