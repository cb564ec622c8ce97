/* Looking at stacks that wait. */
#include "engine/stacks.h"

#include "arch/stacks.h"
#include "base/report.h"
#include "engine/mark.h"
#include "heap/entered.h"
#include "mutator/shadow_stack.h"
#include "roots/stack_walk.h"

void gw_check_stack_start(struct gw_native_stack *bounds, uintptr_t end)
{
    if (gw_unlikely(end && !gw_native_stack_starts_at(bounds, end))) gw_refuse_other_stack("a collection", end);
}

static struct gw_shadow_words shadow_words(const struct gw_stack *stack)
{
    return (struct gw_shadow_words){stack->part.shadow_base, stack->part.shadow_top, stack->part.shadow_limit};
}

/* Visits the words of frames. */
static void walk(struct gw_heap *heap, struct gw_stack *stack, struct gw_survey *survey, gw_slot_visitor *visit, void *context)
{
    struct gw_walk walk = {.visit = visit, .context = context, .verify = heap->options.verify_walk, .survey = survey};
    gw_walk_stack(&walk, stack->entry);
    gw_check_stack_start(&stack->bounds, walk.end);
    heap->stats.frames_walked += walk.frames;
    heap->stats.roots_visited += walk.roots;
}

static void visit_shadow_words(struct gw_heap *heap, struct gw_stack *stack, gw_slot_visitor *visit, void *context)
{
    struct gw_shadow_words words = shadow_words(stack);
    heap->stats.roots_visited += gw_shadow_words_visit(&words, (uintptr_t)(stack->entry + 1), visit, context);
}

/* All but handles. */
static void visit_frames(struct gw_heap *heap, struct gw_stack *stack, gw_slot_visitor *visit, void *context)
{
    if (stack->state == GW_STACK_NEW) {
        visit(context, gw_stack_argument(stack->entry));
        return;
    }
    walk(heap, stack, NULL, visit, context);
    visit_shadow_words(heap, stack, visit, context);
}

static void visit_whole(struct gw_heap *heap, struct gw_stack *stack, gw_slot_visitor *visit, void *context)
{
    visit_frames(heap, stack, visit, context);
    gw_scoped_handles_visit(&stack->scoped, visit, context);
}

/* ---- Minor collections ----------------------------------------------------------------------------- */

struct watch {
    gw_slot_visitor *visit;
    void *context;
    const struct gw_old_space *old;
    bool found_young;
};

static void visit_watching(void *context, uintptr_t *slot)
{
    struct watch *watch = context;
    watch->visit(watch->context, slot);
    watch->found_young |= gw_is_young(watch->old, *slot);
}

/* Whether frames refer to young objects still. */
static bool survey_frames(struct gw_heap *heap, struct gw_stack *stack, gw_slot_visitor *visit, void *context)
{
    struct gw_waiting waiting = {stack->part.marks, stack->part.marks_from, stack->part.marks_count, stack->bounds.unmarked};
    struct gw_survey survey = {.known = &stack->known,
                               .number = gw_survey_next(&heap->mutator->thread->surveys, stack->known),
                               .young = heap->nursery.from,
                               .young_bytes = heap->nursery.bytes,
                               .waits = &waiting};
    walk(heap, stack, &survey, visit, context);
    heap->stats.walks_stopped += survey.stopped;
    return gw_survey_left_young(&survey);
}

/* Variables on the shadow stack may be written to by others: such a stack is looked at as a whole each time. */
static bool survey(struct gw_heap *heap, struct gw_stack *stack, gw_slot_visitor *visit, void *context)
{
    struct watch watch = {visit, context, &heap->old, false};
    if (stack->state == GW_STACK_NEW) {
        visit_watching(&watch, gw_stack_argument(stack->entry));
        return watch.found_young;
    }
    bool young = survey_frames(heap, stack, visit, context);
    struct gw_shadow_words words = shadow_words(stack);
    visit_shadow_words(heap, stack, visit_watching, &watch);
    return young || watch.found_young || gw_shadow_words_have_variable(&words);
}

static bool has_open_words(const struct gw_stack *stack)
{
    return stack->known && stack->known->open_count;
}

/* True when the stack is to be looked at next time, too. */
static bool visit_changed(struct gw_heap *heap, struct gw_stack *stack, gw_slot_visitor *visit, void *context)
{
    if (!gw_stack_waits(stack)) return false;
    if (stack->ran || stack->young) stack->young = survey(heap, stack, visit, context);
    else
        for (size_t i = 0; i < stack->known->open_count; i++) visit(context, stack->known->open[i].word);
    stack->ran = false;
    return stack->young || has_open_words(stack);
}

void gw_visit_changed_stacks(struct gw_heap *heap, gw_slot_visitor *visit, void *context)
{
    struct gw_stack **link = &heap->stacks.changed;
    for (struct gw_stack *stack; (stack = *link);) {
        if (visit_changed(heap, stack, visit, context)) {
            link = &stack->next_changed;
            continue;
        }
        *link = stack->next_changed;
        gw_stack_unlist(stack);
    }
}

/* ---- All of them ----------------------------------------------------------------------------------- */

void gw_visit_waiting_stacks(struct gw_heap *heap, gw_slot_visitor *visit, void *context)
{
    for (struct gw_stack *stack = heap->stacks.all; stack; stack = stack->next)
        if (gw_stack_waits(stack)) visit_whole(heap, stack, visit, context);
}

void gw_visit_unchanged_stacks(struct gw_heap *heap, gw_slot_visitor *visit, void *context)
{
    for (struct gw_stack *stack = heap->stacks.all; stack; stack = stack->next)
        if (gw_stack_waits(stack) && !stack->listed) visit_frames(heap, stack, visit, context);
}

void gw_mark_stacks_begin(struct gw_heap *heap)
{
    heap->stacks.unmarked = heap->stacks.all;
}

/* One that runs now may have waited when the cycle began, and nobody has looked at its older frames: the minor collection that ends marking
 * does, when nothing is known of them. Handles that were set before it looks at for nobody. */
static void mark_running(struct gw_heap *heap, struct gw_stack *stack)
{
    gw_known_stack_forget(stack->known);
    gw_scoped_handles_visit(&stack->scoped, gw_mark_slot, heap);
}

bool gw_mark_stacks_step(struct gw_heap *heap, size_t count)
{
    struct gw_stacks *stacks = &heap->stacks;
    for (; stacks->unmarked && count; count--) {
        struct gw_stack *stack = stacks->unmarked;
        stacks->unmarked = stack->next;
        if (gw_stack_waits(stack)) visit_whole(heap, stack, gw_mark_slot, heap);
        else mark_running(heap, stack);
    }
    return !stacks->unmarked;
}
