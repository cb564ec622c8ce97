/* Gathers the root finders. */
#include "engine/roots.h"

#include "engine/stacks.h"
#include "mutator/shadow_stack.h"
#include "mutator/stack_marks.h"
#include "base/report.h"
#include "roots/globals.h"
#include "roots/modules.h"
#include "roots/stack_walk.h"

static void visit_statics(const struct gw_recorded *recorded, gw_slot_visitor *visit, void *context)
{
    for (size_t i = 0; i < recorded->static_count; i++) {
        uintptr_t ref = gw_static_at(recorded, i);
        gw_each_field(ref, gw_object_type(ref), visit, context);
    }
}

struct young_search {
    const struct gw_old_space *old;
    bool found;
};

static void note_young(void *context, uintptr_t *slot)
{
    struct young_search *search = context;
    search->found |= gw_is_young(search->old, gw_slot_word(slot));
}

/* For a minor collection: afterwards those are listed that refer to young objects still. */
static void visit_changed_statics(struct gw_heap *heap, gw_slot_visitor *visit, void *context)
{
    struct gw_recorded *recorded = &heap->recorded;
    size_t kept = 0;
    for (size_t i = 0; i < recorded->changed_static_count; i++) {
        size_t place = recorded->changed_statics[i];
        uintptr_t ref = gw_static_at(recorded, place);
        struct young_search search = {&heap->old, false};
        gw_each_field(ref, gw_object_type(ref), visit, context);
        gw_each_field(ref, gw_object_type(ref), note_young, &search);
        if (search.found) recorded->changed_statics[kept++] = place;
        else recorded->statics[place] = ref;
    }
    recorded->changed_static_count = kept;
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

void gw_visit_arguments(struct gw_heap *heap, gw_slot_visitor *visit, void *context)
{
    for (struct gw_mutator *each = heap->mutators; each; each = each->next)
        for (size_t i = 0; i < GW_ARGUMENTS; i++) visit(context, &each->arguments[i]);
}

/* They hold little, and not for long. */
static void visit_passing(struct gw_heap *heap, gw_slot_visitor *visit, void *context)
{
    gw_finalizers_visit_young(&heap->finalizers, visit, context);
    gw_visit_arguments(heap, visit, context);
}

/* Of stacks that run, or would if their threads did not rest. */
static void visit_scoped_handles(struct gw_heap *heap, gw_slot_visitor *visit, void *context)
{
    for (struct gw_mutator *each = heap->mutators; each; each = each->next)
        gw_scoped_handles_visit(&each->stacks.running->scoped, visit, context);
}

void gw_visit_own_roots(struct gw_heap *heap, gw_slot_visitor *visit, void *context)
{
    gw_handles_visit(&heap->handles, visit, context);
    visit_scoped_handles(heap, visit, context);
    gw_registered_roots_visit(&heap->registered, visit, context);
    visit_passing(heap, visit, context);
}

/* Those of them that were set since the last minor collection, or refer to what it left young. */
static void visit_own_changed_roots(struct gw_heap *heap, gw_slot_visitor *visit, void *context)
{
    uintptr_t young = heap->nursery.from;
    size_t young_bytes = heap->nursery.bytes;
    gw_changed_slabs_visit(&heap->handles.changed, young, young_bytes, visit, context);
    gw_changed_slabs_visit(&heap->stacks.scopes.changed, young, young_bytes, visit, context);
    gw_registered_roots_visit_changed(&heap->registered, young, young_bytes, visit, context);
    visit_passing(heap, visit, context);
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

/* Only code that runs on a thread knows where its thread-local variables are: each one notes that before it rests. */
static void visit_others_variables(struct gw_heap *heap, gw_slot_visitor *visit, void *context)
{
    for (struct gw_mutator *each = heap->mutators; each; each = each->next)
        if (each != heap->mutator) gw_root_index_each(&each->thread_roots.index, visit, context);
}

/* For visitors that change nothing. */
static void visit_variables(struct gw_heap *heap, gw_slot_visitor *visit, void *context)
{
    gw_visit_globals(visit, context);
    visit_others_variables(heap, visit, context);
    visit_statics(&heap->recorded, visit, context);
}

/* What the threads that the heap was attached to before have left in variables, nobody knows: the first time all are read. */
static void visit_changed_variables(struct gw_heap *heap, gw_slot_visitor *visit, void *context)
{
    struct shared_visit shared = {visit, context};
    struct gw_settled settled = {(uintptr_t)heap->base, heap->nursery.from, heap->bytes, heap->nursery.bytes};
    if (heap->knows_variables) gw_visit_changed_globals(&settled, visit_shared, &shared);
    else gw_visit_globals(visit_shared, &shared);
    heap->knows_variables = true;
    visit_others_variables(heap, visit, context);
    visit_changed_statics(heap, visit_shared, &shared);
}

/* Marks of variables that were left by an exception or longjmp which native code caught: it goes on there. */
static void forget_marks(void *thread, uintptr_t from, uintptr_t to)
{
    gw_marks_forget(thread, from, to);
}

static void visit_running_stack(struct gw_heap *heap, const struct gw_mutator *mutator, const struct gw_entry *entry,
                                struct gw_survey *survey, gw_slot_visitor *visit, void *context)
{
    struct gw_walk walk = {.visit = visit,
                           .context = context,
                           .verify = heap->options.verify_walk,
                           .survey = survey,
                           .native_part = forget_marks,
                           .native_context = mutator->thread};
    uintptr_t sp = (uintptr_t)(entry + 1);
    gw_marks_forget_below(mutator->thread, sp);
    gw_walk_stack(&walk, entry);
    gw_check_stack_start(mutator->native_stack, walk.end);
    struct gw_shadow_words words = gw_shadow_words_of_thread(mutator->thread);
    heap->stats.frames_walked += walk.frames;
    heap->stats.roots_visited += walk.roots + gw_shadow_words_visit(&words, sp, visit, context);
}

static const struct gw_entry *entry_of(const struct gw_heap *heap, const struct gw_mutator *mutator, const struct gw_entry *entry)
{
    return mutator == heap->mutator ? entry : mutator->entry;
}

static void visit_running_stacks(struct gw_heap *heap, const struct gw_entry *entry, gw_slot_visitor *visit, void *context)
{
    refuse_without_roots(heap);
    for (const struct gw_mutator *each = heap->mutators; each; each = each->next)
        visit_running_stack(heap, each, entry_of(heap, each, entry), NULL, visit, context);
}

void gw_visit_running_roots(struct gw_heap *heap, const struct gw_entry *entry, gw_slot_visitor *visit, void *context)
{
    visit_running_stacks(heap, entry, visit, context);
    visit_others_variables(heap, visit, context);
    visit_scoped_handles(heap, visit, context);
    visit_passing(heap, visit, context);
}

void gw_visit_roots(struct gw_heap *heap, const struct gw_entry *entry, gw_slot_visitor *visit, void *context)
{
    visit_running_stacks(heap, entry, visit, context);
    visit_variables(heap, visit, context);
    gw_visit_own_roots(heap, visit, context);
    gw_visit_waiting_stacks(heap, visit, context);
}

static void survey_running_stack(struct gw_heap *heap, struct gw_mutator *mutator, const struct gw_entry *entry, gw_slot_visitor *visit,
                                 void *context)
{
    struct gw_known_stack **known = &mutator->stacks.running->known;
    struct gw_survey survey = {.known = known,
                               .number = gw_survey_next(&mutator->thread->surveys, *known),
                               .young = heap->nursery.from,
                               .young_bytes = heap->nursery.bytes,
                               .only_young = !gw_is_marking(heap)};
    visit_running_stack(heap, mutator, entry, &survey, visit, context);
    heap->stats.walks_stopped += survey.stopped;
}

void gw_visit_young_roots(struct gw_heap *heap, const struct gw_entry *entry, gw_slot_visitor *visit, void *context)
{
    refuse_without_roots(heap);
    for (struct gw_mutator *each = heap->mutators; each; each = each->next)
        survey_running_stack(heap, each, entry_of(heap, each, entry), visit, context);
    gw_visit_changed_stacks(heap, visit, context);
    visit_changed_variables(heap, visit, context);
    visit_own_changed_roots(heap, visit, context);
}
