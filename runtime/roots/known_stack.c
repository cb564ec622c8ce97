/* What is known about a stack. Owns the block behind survey->known, grows it, and writes frame marks; walks nothing. */
#include "roots/known_stack.h"

#include "roots/frame_words.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 16

/* The block itself; room for open words when there is one. */
static bool ensure(struct gw_survey *survey)
{
    if (!*survey->known) *survey->known = calloc(1, sizeof(struct gw_known_stack));
    return *survey->known;
}

static bool reserve(struct gw_survey *survey)
{
    struct gw_known_stack *known = *survey->known;
    if (known->open_count < known->open_room) return true;
    size_t room = known->open_room ? 2 * known->open_room : FIRST_ROOM;
    struct gw_known_stack *grown = realloc(known, sizeof *grown + room * sizeof *grown->open);
    if (!grown) return false;
    grown->open_room = room;
    *survey->known = grown;
    return true;
}

void gw_known_stack_forget(struct gw_known_stack *known)
{
    if (known) known->walk = 0;
}

void gw_survey_begin(struct gw_survey *survey, uintptr_t sp)
{
    survey->lost = !ensure(survey);
    survey->met_mark = survey->waits != NULL;
    survey->before = survey->lost ? (struct gw_known_stack){0} : **survey->known;
    if (survey->lost) return;
    (*survey->known)->walk = 0;
    (*survey->known)->begin = sp;
}

/* ---- One frame ------------------------------------------------------------------------------------- */

static void note_open(struct gw_survey *survey, uintptr_t frame, uintptr_t *word)
{
    if (survey->lost) return;
    if (!reserve(survey)) {
        survey->lost = true;
        return;
    }
    struct gw_known_stack *known = *survey->known;
    known->open[known->open_count++] = (struct gw_open_word){frame, word};
}

/* Calls the visitor for each word of the frame's regions. */
static void each_region_word(const struct gw_machine_frame *frame, const struct gw_frame_map *map, gw_slot_visitor *visit, void *context)
{
    for (const struct gw_region *region = map->regions; region < map->regions + map->region_count; region++) {
        uintptr_t *block = gw_frame_word(frame, region->start);
        for (uint32_t i = 0; i < region->count; i++, block += region->stride)
            for (uint32_t k = 0; k < region->offset_count; k++) visit(context, block + map->region_offsets[region->first_offset + k]);
    }
}

struct search {
    const struct gw_survey *survey;
    bool found;
};

static void look_for_young(void *context, uintptr_t *word)
{
    struct search *search = context;
    search->found |= gw_survey_is_young(search->survey, *word);
}

static bool holds_young(const struct gw_survey *survey, const struct gw_machine_frame *frame, const struct gw_frame_map *map)
{
    struct search search = {survey, false};
    for (uint32_t i = 0; i < map->slot_count; i++) look_for_young(&search, (uintptr_t *)frame->sp + map->slots[i]);
    for (uint32_t i = 0; i < map->base_count; i++) look_for_young(&search, gw_frame_word(frame, map->bases[i]));
    if (map->region_count) each_region_word(frame, map, look_for_young, &search);
    return search.found;
}

struct opening {
    struct gw_survey *survey;
    uintptr_t frame;
};

static void open_word(void *context, uintptr_t *word)
{
    struct opening *opening = context;
    note_open(opening->survey, opening->frame, word);
}

/* A register's value can be changed by nobody, but where it is saved changes with younger frames: it is not listed.
 * What is derived from an open word would have to follow it. */
static bool open_frame(struct gw_survey *survey, const struct gw_machine_frame *frame, const struct gw_frame_map *map)
{
    struct opening opening = {survey, frame->sp};
    bool unsettled = map->derived_count != 0;
    for (uint32_t i = 0; i < map->slot_count; i++) open_word(&opening, (uintptr_t *)frame->sp + map->slots[i]);
    for (uint32_t i = 0; i < map->base_count; i++) {
        uintptr_t *word = gw_frame_word(frame, map->bases[i]);
        if (map->bases[i].in_register) unsettled |= gw_survey_is_young(survey, *word);
        else open_word(&opening, word);
    }
    each_region_word(frame, map, open_word, &opening);
    return unsettled;
}

struct mark_search {
    const struct gw_waiting *waits;
    bool found;
};

static void look_for_mark(void *context, uintptr_t *word)
{
    struct mark_search *search = context;
    uintptr_t index = ((uintptr_t)word - search->waits->marks_from) >> 3;
    search->found |= index < search->waits->marks_count && search->waits->marks[index];
}

/* Whether nobody but the frame's own code writes to its words. */
static bool is_closed(const struct gw_waiting *waits, const struct gw_machine_frame *frame, const struct gw_frame_map *map)
{
    struct mark_search search = {waits, false};
    if (!map->marks || waits->unmarked) return false;
    if (!waits->marks) return true;
    for (uint32_t i = 0; i < map->slot_count; i++) look_for_mark(&search, (uintptr_t *)frame->sp + map->slots[i]);
    for (uint32_t i = 0; i < map->base_count; i++)
        if (!map->bases[i].in_register) look_for_mark(&search, gw_frame_word(frame, map->bases[i]));
    each_region_word(frame, map, look_for_mark, &search);
    return !search.found;
}

bool gw_survey_left_young(const struct gw_survey *survey)
{
    return survey->lost || survey->settled > (*survey->known)->begin;
}

/* Open frames younger than every mark are not worth listing: a later walk comes by them before it can know anything. */
bool gw_survey_frame(struct gw_survey *survey, const struct gw_machine_frame *frame, const struct gw_frame_map *map)
{
    if (!gw_frame_map_has_mark(map)) {
        if (survey->waits && is_closed(survey->waits, frame, map)) return holds_young(survey, frame, map);
        if (survey->met_mark) return open_frame(survey, frame, map);
        return gw_frame_map_root_count(map) != 0;
    }
    gw_survey_mark(survey, frame->sp, (uint64_t *)gw_frame_word(frame, map->mark));
    return holds_young(survey, frame, map);
}

/* ---- The end --------------------------------------------------------------------------------------- */

static void reverse(struct gw_open_word *words, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct gw_open_word word = words[i];
        words[i] = words[count - 1 - i];
        words[count - 1 - i] = word;
    }
}

/* Keeps the open words of frames from `sp` on, and puts those that this walk met behind them. */
static void keep_open_words(struct gw_known_stack *known, size_t before, uintptr_t sp)
{
    size_t kept = 0, met = known->open_count - before;
    while (kept < before && known->open[kept].frame >= sp) kept++;
    memmove(known->open + kept, known->open + before, met * sizeof *known->open);
    reverse(known->open + kept, met);
    known->open_count = kept + met;
}

void gw_survey_end(struct gw_survey *survey, uintptr_t sp, gw_slot_visitor *visit, void *context)
{
    struct gw_known_stack *known = *survey->known;
    if (!known) return;
    for (size_t i = 0; survey->stopped && i < survey->before.open_count && known->open[i].frame >= sp; i++)
        visit(context, known->open[i].word);
    keep_open_words(known, survey->before.open_count, survey->stopped ? sp : UINTPTR_MAX);
    known->settled = survey->settled;
    known->end = survey->stopped ? survey->before.end : sp;
    known->walk = survey->lost ? 0 : survey->number;
}

bool gw_known_stack_check(const struct gw_known_stack *known)
{
    if (known->open_count > known->open_room) return false;
    if (!known->walk) return true;
    for (size_t i = 0; i < known->open_count; i++)
        if (known->open[i].frame > known->end || (i && known->open[i].frame > known->open[i - 1].frame)) return false;
    return known->begin <= known->end;
}
