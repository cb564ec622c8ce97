/* What the entry stubs of gw_check_store and gw_check_copy call (`gwcc --check`). */
#ifndef GW_COLLECT_CHECK_STORE_H
#define GW_COLLECT_CHECK_STORE_H

#include "roots/stack_walk.h"
#include <stddef.h>

/* `word` is about to be stored at `slot`. Fatal when it is a reference and `slot` is no root. */
void gw_check_store_from(const uintptr_t *slot, uintptr_t word, const struct gw_entry *entry);
/* The same for each word of a copy. Plain words that happen to be addresses in the heap count as references. */
void gw_check_copy_from(const uintptr_t *to, const uintptr_t *from, size_t bytes, const struct gw_entry *entry);

#endif
