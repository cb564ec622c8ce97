/* Memory of word lists. */
#include "base/word_list.h"

#include <stdlib.h>

#define FIRST_CAPACITY 256

bool gw_word_list_reserve(struct gw_word_list *list, size_t count)
{
    if (count <= list->capacity) return true;
    size_t capacity = list->capacity ? list->capacity * 2 : FIRST_CAPACITY;
    if (capacity < count) capacity = count;
    uintptr_t *at = realloc(list->at, capacity * sizeof *at);
    if (!at) return false;
    list->at = at;
    list->capacity = capacity;
    return true;
}

void gw_word_list_destroy(struct gw_word_list *list)
{
    free(list->at);
    *list = (struct gw_word_list){0};
}
