/* Each kind of root by its own finder. */
#include "verify/root_places.h"

#include "arch/stacks.h"
#include "engine/roots.h"
#include "mutator/shadow_stack.h"
#include "roots/global_records.h"
#include "roots/globals.h"
#include "roots/stack_walk.h"
#include "verify/reach.h"
#include "verify/trace.h"

static void tell(const struct gw_root_visitor *visitor, struct gw_root_place place)
{
    visitor->place(visitor->context, &place);
}

/* ---- Stacks ---------------------------------------------------------------------------------------- */

struct frames {
    const struct gw_root_visitor *visitor;
    struct gw_root_place place;
};

static void visit_frame(void *context, uintptr_t pc)
{
    struct frames *frames = context;
    frames->place.at = pc;
    tell(frames->visitor, frames->place);
}

static void visit_frame_slot(void *context, uintptr_t *slot)
{
    const struct frames *frames = context;
    frames->visitor->slot(frames->visitor->context, slot);
}

static void visit_frames(const struct gw_entry *entry, enum gw_root_kind kind, uint64_t stack, const struct gw_root_visitor *visitor)
{
    struct frames frames = {visitor, {.kind = kind, .number = stack}};
    gw_each_frame(entry, visit_frame, visit_frame_slot, &frames);
}

static void visit_waiting(const struct gw_stack *stack, const struct gw_root_visitor *visitor)
{
    if (stack->state != GW_STACK_NEW) {
        visit_frames(stack->entry, GW_ROOT_WAITING_FRAME, stack->number, visitor);
        return;
    }
    tell(visitor, (struct gw_root_place){.kind = GW_ROOT_WAITING_FRAME, .number = stack->number});
    visitor->slot(visitor->context, gw_stack_argument(stack->entry));
}

static void visit_words(struct gw_shadow_words words, uint64_t stack, const struct gw_entry *entry, const struct gw_root_visitor *visitor)
{
    if (words.base == words.top) return;
    tell(visitor, (struct gw_root_place){.kind = GW_ROOT_SHADOW, .number = stack});
    gw_shadow_words_visit(&words, (uintptr_t)(entry + 1), visitor->slot, visitor->context);
}

static void visit_shadow(struct gw_heap *heap, const struct gw_entry *entry, const struct gw_root_visitor *visitor)
{
    if (entry) visit_words(gw_shadow_words_of_thread(heap->mutator->thread), 0, entry, visitor);
    for (const struct gw_stack *stack = heap->stacks.all; stack; stack = stack->next) {
        const struct gw_stack_part *part = &stack->part;
        struct gw_shadow_words words = {part->shadow_base, part->shadow_top, part->shadow_limit};
        if (gw_stack_was_left(stack)) visit_words(words, stack->number, stack->entry, visitor);
    }
}

/* ---- Variables and native memory ------------------------------------------------------------------- */

static void visit_variable(void *context, const struct gw_global_record *record)
{
    uintptr_t target = (uintptr_t)&record->address + (uintptr_t)(intptr_t)record->address;
    bool has_accessor = record->kind & GW_GLOBAL_THREAD_LOCAL;
    tell(context, (struct gw_root_place){
                      .kind = GW_ROOT_VARIABLE, .at = (uintptr_t)gw_global_variable(record), .accessor = has_accessor ? target : 0});
}

static void visit_variable_slot(void *context, uintptr_t *slot)
{
    const struct gw_root_visitor *visitor = context;
    visitor->slot(visitor->context, slot);
}

static void visit_statics(struct gw_heap *heap, const struct gw_root_visitor *visitor)
{
    for (size_t i = 0; i < heap->recorded.static_count; i++) {
        uintptr_t ref = gw_static_at(&heap->recorded, i);
        tell(visitor, (struct gw_root_place){.kind = GW_ROOT_STATIC, .at = ref});
        gw_each_field(ref, gw_object_type(ref), visitor->slot, visitor->context);
    }
}

static void visit_range(uintptr_t *words, size_t count, const struct gw_root_visitor *visitor)
{
    tell(visitor, (struct gw_root_place){.kind = GW_ROOT_RANGE, .at = (uintptr_t)words, .words = count});
    for (size_t i = 0; i < count; i++) visitor->slot(visitor->context, &words[i]);
}

static void visit_ranges(const struct gw_registered_roots *roots, const struct gw_root_visitor *visitor)
{
    for (size_t i = 0; i < roots->count; i++) visit_range(roots->ranges[i].words, roots->ranges[i].count, visitor);
    for (size_t i = 0; i < roots->tracked_count; i++) visit_range(roots->tracked[i]->words, roots->tracked[i]->count, visitor);
}

/* ---- All of them ----------------------------------------------------------------------------------- */

/* Thread-local variables of other threads, whose names only these know. */
static void visit_others_variables(struct gw_heap *heap, const struct gw_root_visitor *visitor)
{
    for (struct gw_mutator *each = heap->mutators; each; each = each->next) {
        if (each == heap->mutator) continue;
        tell(visitor, (struct gw_root_place){.kind = GW_ROOT_VARIABLE});
        gw_root_index_each(&each->thread_roots.index, visitor->slot, visitor->context);
    }
}

static void visit_waiting_stacks(const struct gw_stacks *stacks, const struct gw_root_visitor *visitor)
{
    for (const struct gw_stack *stack = stacks->all; stack; stack = stack->next)
        if (gw_stack_waits(stack)) visit_waiting(stack, visitor);
}

void gw_visit_root_places(struct gw_heap *heap, const struct gw_entry *entry, enum gw_root_kind kind, const struct gw_root_visitor *visitor)
{
    gw_slot_visitor *slot = visitor->slot;
    void *context = visitor->context;
    switch (kind) {
    case GW_ROOT_FRAME:
        if (entry) visit_frames(entry, kind, 0, visitor);
        break;
    case GW_ROOT_WAITING_FRAME: visit_waiting_stacks(&heap->stacks, visitor); break;
    case GW_ROOT_SHADOW: visit_shadow(heap, entry, visitor); break;
    case GW_ROOT_VARIABLE:
        gw_visit_each_global(visit_variable, visit_variable_slot, (void *)(uintptr_t)visitor);
        visit_others_variables(heap, visitor);
        break;
    case GW_ROOT_STATIC: visit_statics(heap, visitor); break;
    case GW_ROOT_RANGE: visit_ranges(&heap->registered, visitor); break;
    case GW_ROOT_HANDLE: gw_handles_visit(&heap->handles, slot, context); break;
    case GW_ROOT_SCOPED_HANDLE: gw_scopes_visit(&heap->stacks, slot, context); break;
    case GW_ROOT_PINNED: gw_visit_pinned(heap, slot, context); break;
    case GW_ROOT_READY: gw_visit_ready(heap, slot, context); break;
    case GW_ROOT_RUNTIME: gw_visit_arguments(heap, slot, context); break;
    case GW_ROOT_FROZEN: gw_visit_frozen(heap, slot, context); break;
    case GW_ROOT_KINDS: break;
    }
}
