/* Ranges of native memory that the program registered as roots: read whole by every minor collection, or, where it promised to tell what it
 * changes, only in those parts. */
#ifndef GW_MUTATOR_REGISTERED_ROOTS_H
#define GW_MUTATOR_REGISTERED_ROOTS_H

#include "roots/root_index.h"
#include "spaces/object.h"

struct gw_root_range {
    uintptr_t *words;
    size_t count;
};

#define GW_TRACKED_PART 64 /* words that one bit stands for */

struct gw_tracked_range {
    uintptr_t *words;
    size_t count;
    struct gw_tracked_range *next_changed;
    bool is_listed;     /* among the changed ones: exactly when a bit is set */
    uint64_t changed[]; /* one bit a part: to be read by the next minor collection */
};

struct gw_registered_roots {
    struct gw_root_range *ranges; /* read whole */
    size_t count, capacity;
    struct gw_tracked_range **tracked; /* by address; they do not overlap */
    size_t tracked_count, tracked_capacity;
    struct gw_tracked_range *changed;
};

/* False: native memory is out. */
bool gw_registered_roots_add(struct gw_registered_roots *roots, struct gw_root_index *index, void *words, size_t count);

/* The same for words whose changes the program tells; all count as changed. No other tracked range overlaps this one. */
bool gw_tracked_roots_add(struct gw_registered_roots *roots, struct gw_root_index *index, void *words, size_t count);
bool gw_tracked_roots_overlap(const struct gw_registered_roots *roots, const void *words, size_t count);

/* False: these words lie in no tracked range. */
bool gw_tracked_roots_changed(struct gw_registered_roots *roots, const void *words, size_t count);

/* Of either kind; false: nothing is registered there. */
bool gw_registered_roots_remove(struct gw_registered_roots *roots, struct gw_root_index *index, const void *words);
void gw_registered_roots_destroy(struct gw_registered_roots *roots);

/* All words. */
void gw_registered_roots_visit(const struct gw_registered_roots *roots, gw_field_visitor *visit, void *context);

/* Where a visit in parts has come to. Ranges may come and go in between; those that come are read by the next minor collection. */
struct gw_registered_cursor {
    size_t range, word; /* of those that are read whole */
    uintptr_t tracked;  /* an address */
};

/* About `*words` words, which it counts down; true when none is left. */
bool gw_registered_roots_visit_some(const struct gw_registered_roots *roots, struct gw_registered_cursor *at, size_t *words,
                                    gw_field_visitor *visit, void *context);

/* For a minor collection, which moves what they refer to: those that are not tracked, and the changed parts of others. Afterwards only
 * those count as changed that refer to one of the `young_bytes` bytes from `young` on. */
void gw_registered_roots_visit_changed(struct gw_registered_roots *roots, uintptr_t young, size_t young_bytes, gw_field_visitor *visit,
                                       void *context);

/* The words that it leaves out. */
void gw_registered_roots_visit_unchanged(const struct gw_registered_roots *roots, gw_field_visitor *visit, void *context);

/* Fatal when the tracked ranges are not in order, or not listed as they say. */
void gw_registered_roots_check(const struct gw_registered_roots *roots);

#endif
