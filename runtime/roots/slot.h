/* A slot is a word, in a frame, a register save area, a global, a handle or an object, that may hold a reference.
 * Root finders hand slots to a visitor; the visitor may replace the word. */
#ifndef GW_ROOTS_SLOT_H
#define GW_ROOTS_SLOT_H

#include <stdint.h>

typedef void gw_slot_visitor(void *context, uintptr_t *slot);

#endif
