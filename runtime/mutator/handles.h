/* Roots that native code makes one by one: handles, freed singly or with their scope. */
#ifndef GW_MUTATOR_HANDLES_H
#define GW_MUTATOR_HANDLES_H

#include "base/word_list.h"
#include "mutator/handle_slabs.h"
#include "spaces/object.h"
#include <greywave/greywave.h>

struct gw_handles {
    struct gw_handle_slab *slabs, *open; /* all, and those with places */
    struct gw_changed_slabs changed;
};

void gw_handles_destroy(struct gw_handles *handles);

/* Its word is in the index of the heap's native roots. NULL: native memory is out. */
gw_handle gw_handles_take(struct gw_handles *handles, struct gw_root_index *index, uintptr_t word);
/* Of one that gw_handle_word has answered for; fatal for a scope's. */
void gw_handles_give_back(struct gw_handles *handles, gw_handle handle);

/* Where a handle's reference is. Fatal, in the name of `function`, for one that is none any more, or of another heap than the one whose
 * roots `index` knows. */
uintptr_t *gw_handle_word(const struct gw_root_index *index, gw_handle handle, const char *function);
/* Sets the handle, which minor collections will read. */
void gw_handle_put(const struct gw_root_index *index, gw_handle handle, uintptr_t word, const char *function);
void gw_handles_visit(struct gw_handles *handles, gw_field_visitor *visit, void *context);

/* What the scopes of all stacks of a heap share. */
struct gw_scope_slabs {
    struct gw_changed_slabs changed;
    struct gw_handle_slab *spare; /* without handles */
};

/* Handles in the order in which they were made, in slabs that never move. */
struct gw_scoped_handles {
    struct gw_word_list slabs; /* addresses of struct gw_handle_slab */
    size_t count;
    struct gw_scope_slabs *shared;
};

/* NULL: native memory is out. */
gw_handle gw_scoped_handles_add(struct gw_scoped_handles *handles, struct gw_root_index *roots, uintptr_t word);

/* Frees all but the first `count`. */
void gw_scoped_handles_cut(struct gw_scoped_handles *handles, size_t count);
/* Frees all; the slabs are spare then. */
void gw_scoped_handles_destroy(struct gw_scoped_handles *handles);
void gw_scope_slabs_destroy(struct gw_scope_slabs *slabs);
void gw_scoped_handles_visit(const struct gw_scoped_handles *handles, gw_field_visitor *visit, void *context);

#endif
