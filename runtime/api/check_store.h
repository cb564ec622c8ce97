/* Checks of stores and copies of references to memory of which the compiler knew nothing.
 *
 * A reference may be kept only where the collector looks: in a marked variable on the stack, in a global variable, in a
 * handle or a range given to gw_add_roots, all of which are known by address (mutator/stack_marks.h, roots/root_index.h). Anything
 * else ends the process, but for variables in the frames of functions that have no frame maps: native code may look at a
 * reference until it calls something that collects. No check is a safepoint, and none looks at other threads.
 */
#ifndef GW_API_CHECK_STORE_H
#define GW_API_CHECK_STORE_H

#include <stddef.h>
#include <stdint.h>

struct gw_entry;

/* `word` is about to be stored at `slot`. Fatal when it is a reference and the collector does not look there. */
void gw_check_store_from(const uintptr_t *slot, uintptr_t word, const struct gw_entry *entry);
/* The same for each word of a copy that comes from where references are kept: a root, or an object. Words from anywhere else
 * are numbers, whatever they look like. */
void gw_check_copy_from(const uintptr_t *to, const uintptr_t *from, size_t bytes, const struct gw_entry *entry);

/* `word`, a number that was read before a call that may collect, is about to be stored at `place`. Fatal when it is the address of an
 * object, which may have moved since, and the place is one where the collector looks. */
void gw_check_word_from(const uintptr_t *place, uintptr_t word, const struct gw_entry *entry);

#endif
