/* Whether a word of native memory is a root that does not lie on a stack: by address, in constant time.
 *
 * One bit for each word of the pages that hold roots, in an open-addressed hash by page. A look takes no lock, waits for
 * nobody, and is right beside changes that another thread makes: it tells how things stood before or after the change of
 * the word. Changes are made by one thread at a time, which is the owner's business.
 */
#ifndef GW_ROOTS_ROOT_INDEX_H
#define GW_ROOTS_ROOT_INDEX_H

#include "roots/slot.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GW_INDEX_PAGE_SHIFT 12 /* a page of the index, whatever the machine's are */
#define GW_INDEX_PAGE_WORDS 512
#define GW_INDEX_LINES (GW_INDEX_PAGE_WORDS / 64)

struct gw_root_pages;

/* All zero: empty. */
struct gw_root_index {
    struct gw_root_pages *_Atomic pages; /* NULL: nothing was ever added */
    _Atomic unsigned replaced;           /* how often a table was; a look that meets it looks again */
    struct gw_root_pages *retired;       /* tables of before, which a look may still be in; used again, freed at the end */
    bool overlaps;                       /* a word was added while it was in: words are not counted */
};

/* Adds `words` words from `start` on, 8-byte aligned. False when native memory is out; some may have been added. */
bool gw_root_index_add(struct gw_root_index *index, uintptr_t start, size_t words);

/* Takes them out. Where `overlaps` is set, whoever else added some of them must add them again. */
void gw_root_index_remove(struct gw_root_index *index, uintptr_t start, size_t words);

/* On any thread. Words that are not 8-byte aligned are no roots. */
bool gw_root_index_contains(const struct gw_root_index *index, uintptr_t word);

/* On any thread: whether any word of the index's page around `address` is a root. */
bool gw_root_index_has_page(const struct gw_root_index *index, uintptr_t address);

/* Calls visit(context, word) for each word that is in. Nobody changes the index meanwhile. */
void gw_root_index_each(const struct gw_root_index *index, gw_slot_visitor *visit, void *context);

/* Takes all out; memory is kept. */
void gw_root_index_clear(struct gw_root_index *index);

/* Frees its memory: nobody looks any more. */
void gw_root_index_destroy(struct gw_root_index *index);

/* Every page is reachable from its hash, the counts are right, and at least half of the table is free. */
bool gw_root_index_check(const struct gw_root_index *index);

#endif
