/* Gathers the root finders. */
#include "engine/roots.h"

#include "heap/entered.h"
#include "mutator/native_stack.h"
#include "mutator/shadow_stack.h"
#include "mutator/stack_marks.h"
#include "base/report.h"
#include "roots/globals.h"
#include "roots/modules.h"

static void visit_statics(const struct gw_recorded *recorded, gw_slot_visitor *visit, void *context)
{
    for (size_t i = 0; i < recorded->static_count; i++) {
        uintptr_t ref = recorded->statics[i];
        gw_each_field(ref, gw_object_type(ref), visit, context);
    }
}

static void refuse_without_roots(const struct gw_heap *heap)
{
    bool without_roots = gw_registry_read()->without_roots;
    gw_registry_read_end();
    if (without_roots)
        gw_fatal("a collection begins, but parts of the program were compiled with --roots=none; make the nursery larger "
                 "than all that it allocates (now nursery=%zuk)",
                 heap->nursery.eden_bytes >> 10);
}

void gw_visit_own_roots(struct gw_heap *heap, gw_slot_visitor *visit, void *context)
{
    gw_handles_visit(&heap->handles, visit, context);
    gw_scoped_handles_visit(&heap->mutator.scoped, visit, context);
    gw_registered_roots_visit(&heap->registered, visit, context);
    gw_finalizers_visit_young(&heap->finalizers, visit, context);
    for (size_t i = 0; i < GW_ARGUMENTS; i++) visit(context, &heap->mutator.arguments[i]);
}

struct shared_visit {
    gw_slot_visitor *visit;
    void *context;
};

/* A variable may be another heap's, whose thread writes to it meanwhile: what that wrote stays. */
static void visit_shared(void *context, uintptr_t *slot)
{
    const struct shared_visit *shared = context;
    uintptr_t before = gw_slot_word(slot), word = before;
    shared->visit(shared->context, &word);
    if (word != before) __atomic_compare_exchange_n(slot, &before, word, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/* Variables, and static objects. `moves`: the visitor may change what it is shown. */
static void visit_variables(struct gw_heap *heap, bool moves, gw_slot_visitor *visit, void *context)
{
    struct shared_visit shared = {visit, context};
    if (moves) {
        visit = visit_shared;
        context = &shared;
    }
    gw_visit_globals(visit, context);
    visit_statics(&heap->recorded, visit, context);
}

/* Marks of variables that were left by an exception or longjmp which native code caught: it goes on there. */
static void forget_marks(void *thread, uintptr_t from, uintptr_t to)
{
    gw_marks_forget(thread, from, to);
}

static void visit_all(struct gw_heap *heap, const struct gw_entry *entry, struct gw_survey *survey, gw_slot_visitor *visit, void *context)
{
    refuse_without_roots(heap);
    struct gw_walk walk = {.visit = visit,
                           .context = context,
                           .verify = heap->options.verify_walk,
                           .survey = survey,
                           .native_part = forget_marks,
                           .native_context = heap->mutator.thread};
    uintptr_t sp = (uintptr_t)(entry + 1);
    gw_marks_forget_below(heap->mutator.thread, sp);
    gw_walk_stack(&walk, entry);
    if (gw_unlikely(walk.end && !gw_native_stack_starts_at(walk.end))) gw_refuse_other_stack("a collection", walk.end);
    heap->stats.frames_walked += walk.frames;
    heap->stats.roots_visited += walk.roots + gw_shadow_stack_visit(heap->mutator.thread, sp, visit, context);
    visit_variables(heap, survey != NULL, visit, context);
    gw_visit_own_roots(heap, visit, context);
}

void gw_visit_roots(struct gw_heap *heap, const struct gw_entry *entry, gw_slot_visitor *visit, void *context)
{
    visit_all(heap, entry, NULL, visit, context);
}

void gw_visit_young_roots(struct gw_heap *heap, const struct gw_entry *entry, gw_slot_visitor *visit, void *context)
{
    struct gw_survey survey = {.known = &heap->mutator.known_stack,
                               .number = ++heap->mutator.thread->surveys,
                               .young = (uintptr_t)heap->nursery.base,
                               .young_bytes = gw_nursery_bytes(&heap->nursery)};
    visit_all(heap, entry, &survey, visit, context);
    heap->stats.walks_stopped += survey.stopped;
}
