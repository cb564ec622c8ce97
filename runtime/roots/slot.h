/* A slot is a word, in a frame, a register save area, a global, a handle or an object, that may hold a reference.
 * Root finders hand slots to a visitor; the visitor may replace the word. */
#ifndef GW_ROOTS_SLOT_H
#define GW_ROOTS_SLOT_H

#include <stdint.h>

typedef void gw_slot_visitor(void *context, uintptr_t *slot);

/* What a slot holds that may be a variable of the program: the collections of all heaps look at those, while the thread of the heap
 * whose references they hold writes to them. Whatever is read, none of it leads into another heap. */
static inline uintptr_t gw_slot_word(const uintptr_t *slot)
{
    return __atomic_load_n(slot, __ATOMIC_RELAXED);
}

#endif
