/* Copying the roots. */
#include "snapshot/root_copy.h"

#include "os/linux/loaded_code.h"

#include <stdlib.h>

/* A variable of an image has a name of its own; a thread-local one has that of what leads to it. */
static uint64_t name_of_variable(struct gw_names *names, const struct gw_root_place *place)
{
    if (!place->at) return GW_NAME_OTHERS_VARIABLES;
    if (place->accessor && !gw_os_is_loaded(place->at)) return gw_name_number(names, GW_NAME_OF_ACCESSOR, place->accessor);
    return gw_name_number(names, GW_NAME_OF_DATA, place->at);
}

static uint64_t name_of(struct gw_names *names, const struct gw_root_place *place)
{
    switch (place->kind) {
    case GW_ROOT_FRAME:
    case GW_ROOT_WAITING_FRAME: return place->at ? gw_name_number(names, GW_NAME_OF_CODE, place->at) : GW_NAME_ARGUMENT;
    case GW_ROOT_SHADOW: return GW_NAME_SHADOW_STACK;
    case GW_ROOT_VARIABLE: return name_of_variable(names, place);
    default: return gw_name_number(names, GW_NAME_OF_DATA, place->at);
    }
}

/* The last place goes when nothing was found in it. */
static void end_place(struct gw_root_copy *copy)
{
    if (!copy->count) return;
    struct gw_copied_place *last = &copy->places[copy->count - 1];
    last->count = copy->words.count - last->first;
    copy->count -= last->count == 0;
}

static void begin_place(struct gw_root_copy *copy, enum gw_root_kind kind, uint64_t name, uint64_t number)
{
    end_place(copy);
    if (copy->count == copy->capacity) {
        size_t capacity = copy->capacity ? 2 * copy->capacity : 64;
        struct gw_copied_place *places = realloc(copy->places, capacity * sizeof *places);
        copy->failed |= !places;
        if (!places) return;
        copy->places = places;
        copy->capacity = capacity;
    }
    copy->places[copy->count++] = (struct gw_copied_place){kind, name, number, copy->words.count, 0};
}

static void copy_place(void *context, const struct gw_root_place *place)
{
    struct gw_root_copy *copy = context;
    if (!copy->failed) begin_place(copy, place->kind, name_of(copy->names, place), place->number);
}

static void copy_slot(void *context, uintptr_t *slot)
{
    struct gw_root_copy *copy = context;
    uintptr_t ref = gw_slot_word(slot);
    if (copy->failed || !gw_is_reference(ref) || !gw_heap_contains(copy->heap, ref)) return;
    copy->failed = !gw_word_list_reserve(&copy->words, copy->words.count + 1);
    if (!copy->failed) gw_word_list_add(&copy->words, ref);
}

bool gw_root_copy_make(struct gw_root_copy *copy, struct gw_heap *heap, const struct gw_entry *entry, struct gw_names *names)
{
    *copy = (struct gw_root_copy){.heap = heap, .names = names};
    struct gw_root_visitor visitor = {copy_place, copy_slot, copy};
    for (enum gw_root_kind kind = 0; kind < GW_ROOT_FROZEN && !copy->failed; kind++) {
        if (kind >= GW_ROOT_HANDLE) begin_place(copy, kind, 0, 0);
        if (!copy->failed) gw_visit_root_places(heap, entry, kind, &visitor);
    }
    if (!copy->failed) end_place(copy);
    return !copy->failed && !names->failed;
}

void gw_root_copy_destroy(struct gw_root_copy *copy)
{
    free(copy->places);
    gw_word_list_destroy(&copy->words);
}
