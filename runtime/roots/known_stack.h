/* What a walk that moved references leaves known about a stack, so that the next one need not go to its end.
 *
 * Compiled code clears a word in its frame, the frame mark, before the first call that may lead back to its function; a
 * surveying walk writes its number there. A frame that still has a number is the activation that an earlier walk met.
 * So whatever is older has waited for it to return ever since and is as the last walk left it: nobody but the frame's
 * own code writes to the words of a frame with a mark. What holds nothing young by then needs no further look until the
 * program is back in it.
 *
 * Frames without a mark at their call (other compilers', variables whose address is known elsewhere) are `open`: their
 * words may change while the frame waits, so they are listed one by one and visited without walking. (Generational
 * stack collection, Cheng, Harper and Lee 1998; they patch return addresses, which upsets debuggers and shadow stacks
 * of the processor.)
 *
 * All frames of a stack that was switched away from (mutator/stacks.h) wait, until it runs again. There no frame mark is needed for knowing
 * that, and open are those words alone that are marked as variables which others may write to, and all of functions that mark nothing.
 *
 * Stack pointers are compared as numbers, so nothing is known after a walk over more than one stack (a signal's own),
 * and what was learnt on one stack does not hold on another. Stacks whose contents are copied elsewhere and back are
 * not supported.
 */
#ifndef GW_ROOTS_KNOWN_STACK_H
#define GW_ROOTS_KNOWN_STACK_H

#include "roots/unwinder.h"
#include "roots/frame_map.h"
#include "roots/slot.h"

struct gw_open_word {
    uintptr_t frame; /* stack pointer of its frame */
    uintptr_t *word;
};

/* One block from malloc, which its owner may free at any time between walks: then nothing is known. */
struct gw_known_stack {
    uint64_t walk;        /* number of the walk that left this; 0: nothing is known */
    uintptr_t begin, end; /* that walk's first stack pointer, and where the stack ends */
    uintptr_t settled;    /* frames from this stack pointer on hold nothing young, but for open words */
    size_t open_count, open_room;
    struct gw_open_word open[]; /* oldest frame first */
};

/* A stack that waits: marks of its variables, as in struct gw_thread, and whether some that needed one have none. */
struct gw_waiting {
    const uint8_t *marks;
    uintptr_t marks_from;
    size_t marks_count;
    bool unmarked;
};

/* A walk that surveys. */
struct gw_survey {
    struct gw_known_stack **known; /* NULL there: nothing is known yet. Replaced */
    uint64_t number;               /* of this walk: gw_survey_next */
    uintptr_t young;               /* words in [young, young + young_bytes) may move again */
    size_t young_bytes;
    const struct gw_waiting *waits; /* NULL: the stack runs */
    bool only_young;                /* what else is visited, the visitor leaves as it is: it may be left out */
    bool stopped;                   /* result: older frames were left out */

    /* Progress. */
    struct gw_known_stack before; /* without open words */
    uintptr_t settled;            /* frames from here to the one at hand hold nothing young */
    bool met_mark, met_again, lost;
};

/* A number for the next walk of a thread that has made so many: more than that of any earlier one on the thread, and on the stack, where
 * other threads may have walked. */
static inline uint64_t gw_survey_next(uint64_t *surveys, const struct gw_known_stack *known)
{
    if (known && *surveys < known->walk) *surveys = known->walk;
    return ++*surveys;
}

/* For a stack that waits: whether the last walk left something young in frames, beside open words; then it is to be walked next time. */
bool gw_survey_left_young(const struct gw_survey *survey);

/* Begins at the youngest frame. Without memory nothing will be known. */
void gw_survey_begin(struct gw_survey *survey, uintptr_t sp);

static inline bool gw_survey_is_young(const struct gw_survey *survey, uintptr_t word)
{
    return word - survey->young < survey->young_bytes && !(word & 7);
}

/* Whether the mark of the frame at `sp` was written on this stack, by the last walk at the latest. */
static inline bool gw_survey_was_met(const struct gw_survey *survey, uintptr_t sp, uint64_t mark)
{
    const struct gw_known_stack *before = &survey->before;
    return mark && mark <= before->walk && sp >= before->begin && sp <= before->end;
}

static inline void gw_survey_mark(struct gw_survey *survey, uintptr_t sp, uint64_t *mark)
{
    survey->met_mark = true;
    if (!*mark) *mark = survey->number;
    else survey->met_again |= gw_survey_was_met(survey, sp, *mark);
}

/* Notes a frame whose words were visited. True when it has to be visited next time: tell gw_survey_unsettled, once it
 * is left. */
bool gw_survey_frame(struct gw_survey *survey, const struct gw_machine_frame *frame, const struct gw_frame_map *map);

/* `sp`: of the next older frame. */
static inline void gw_survey_unsettled(struct gw_survey *survey, uintptr_t sp)
{
    survey->settled = sp;
}

/* Whether the frame at `sp` and all older ones are as the last walk left them, and hold nothing young but open words.
 */
static inline bool gw_survey_may_stop(const struct gw_survey *survey, uintptr_t sp)
{
    return survey->met_again && sp >= survey->before.settled;
}

/* At the stack's end, or where the walk may stop: visits the open words of the frames that were left out, and keeps
 * what is known. */
void gw_survey_end(struct gw_survey *survey, uintptr_t sp, gw_slot_visitor *visit, void *context);

/* The next walk goes to the stack's end. `known` may be NULL. */
void gw_known_stack_forget(struct gw_known_stack *known);

/* Open words stand in the order of their frames, and settled frames within the stack. */
bool gw_known_stack_check(const struct gw_known_stack *known);

#endif
