/* A growable list of words in native memory: addresses of objects that some part of a collection must find again.
 *
 * Growing is the only thing that can fail, and it is apart from adding: what collections add, the program has reserved. */
#ifndef GW_BASE_WORD_LIST_H
#define GW_BASE_WORD_LIST_H

#include "base/compiler.h"

struct gw_word_list {
    uintptr_t *at;
    size_t count, capacity;
};

/* Room for `count` words in all; false when native memory is out, and nothing has changed. */
bool gw_word_list_reserve(struct gw_word_list *list, size_t count);
void gw_word_list_destroy(struct gw_word_list *list);

/* The room was reserved. */
GW_ALWAYS_INLINE void gw_word_list_add(struct gw_word_list *list, uintptr_t word)
{
    list->at[list->count++] = word;
}

#endif
