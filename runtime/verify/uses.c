/* Stacks first, which say what runs; then roots, then all objects, word by word: a closure keeps the address of its code in a number. */
#include "verify/uses.h"

#include "arch/stacks.h"
#include "base/report.h"
#include "engine/roots.h"
#include "engine/stacks.h"
#include "heap/callbacks.h"
#include "heap/existing.h"
#include "heap/questions.h"
#include "os/linux/loaded_code.h"
#include "roots/stack_walk.h"
#include "verify/reach.h"

#include <stdio.h>

struct uses {
    const struct gw_extent *extents;
    size_t count;
    uintptr_t low, high; /* around all of them */
    char *text;
    size_t room;
    const struct gw_type *other; /* the last type that was looked at and found to lie elsewhere; objects of one type lie side by side */
    bool found;
};

static struct uses begin(const struct gw_extent *extents, size_t count, char *text, size_t room)
{
    struct uses uses = {.extents = extents, .count = count, .low = UINTPTR_MAX, .text = text, .room = room};
    for (size_t i = 0; i < count; i++) {
        uintptr_t from = (uintptr_t)extents[i].from, end = from + extents[i].bytes;
        if (from < uses.low) uses.low = from;
        if (end > uses.high) uses.high = end;
    }
    return uses;
}

GW_ALWAYS_INLINE bool holds(const struct uses *uses, uintptr_t address)
{
    if (gw_likely(address - uses->low >= uses->high - uses->low)) return false;
    for (size_t i = 0; i < uses->count; i++)
        if (address - (uintptr_t)uses->extents[i].from < uses->extents[i].bytes) return true;
    return false;
}

/* ---- Stacks ---------------------------------------------------------------------------------------- */

/* A call that never returns may be a function's last instruction. */
static bool returns_within(const void *uses, uintptr_t pc)
{
    return holds(uses, pc - 1);
}

static bool search(const struct gw_code_of *code, const struct gw_entry *entry, const char *which, uintptr_t at)
{
    char name[200];
    struct gw_frame_search search = {.within = code->within, .code = code->of};
    gw_search_stack(&search, entry);
    if (search.end) return false;
    if (!search.found) {
        snprintf(code->text, code->room, "%s stack at %#lx cannot be looked through to its end", which, (unsigned long)at);
        return true;
    }
    gw_name_code(search.met, name, sizeof name);
    snprintf(code->text, code->room, "a frame of it, which goes on at %#lx (%s), is on %s stack at %#lx", (unsigned long)search.met, name,
             which, (unsigned long)at);
    return true;
}

static bool is_on_stack(const struct gw_code_of *code, const struct gw_stack *stack)
{
    if (gw_stack_was_left(stack)) return search(code, stack->entry, "the waiting", stack->bounds.low);
    if (stack->state != GW_STACK_NEW || !code->within(code->of, gw_stack_first_function(stack->entry) + 1)) return false;
    snprintf(code->text, code->room, "the stack at %#lx, which has not begun, is to begin in it", (unsigned long)stack->bounds.low);
    return true;
}

bool gw_stacks_have(const struct gw_code_of *code, const struct gw_heap *heap, const struct gw_entry *entry)
{
    if (entry && search(code, entry, "the running", gw_native_stack.low)) return true;
    for (const struct gw_mutator *each = heap->mutators; each; each = each->next)
        if (!each->runs && search(code, each->entry, "the resting", each->native_stack->low)) return true;
    for (const struct gw_stack *stack = heap->stacks.all; stack; stack = stack->next)
        if (is_on_stack(code, stack)) return true;
    return false;
}

/* ---- Roots and objects ----------------------------------------------------------------------------- */

/* What the module itself refers to does not keep it. */
static void look_at_root(void *context, uintptr_t *slot)
{
    struct uses *uses = context;
    if (uses->found || !holds(uses, *slot) || !gw_is_reference(*slot) || holds(uses, (uintptr_t)slot)) return;
    uses->found = true;
    snprintf(uses->text, uses->room, "the static object at %#lx is referred to by a variable, a handle or a frame (at %p)",
             (unsigned long)*slot, (void *)slot);
}

static bool has_type_within(const struct uses *uses, const struct gw_type *type)
{
    return holds(uses, (uintptr_t)type) || holds(uses, (uintptr_t)type->name) || holds(uses, (uintptr_t)type->offsets) ||
           holds(uses, (uintptr_t)type->trace) || holds(uses, (uintptr_t)type->destroy);
}

static void look_at_object(void *context, uintptr_t ref)
{
    struct uses *uses = context;
    const struct gw_type *type = gw_object_type(ref);
    if (uses->found) return;
    if (type != uses->other) uses->found = has_type_within(uses, type);
    uses->other = type;
    if (uses->found) snprintf(uses->text, uses->room, "the object at %#lx has the type '%.64s'", (unsigned long)ref, type->name);
    const uintptr_t *word = (const uintptr_t *)ref, *end = (const uintptr_t *)(ref + gw_object_bytes(ref, type) - GW_HEADER_SIZE);
    for (; word < end && !uses->found; word++) {
        if (gw_likely(!holds(uses, *word))) continue;
        uses->found = true;
        snprintf(uses->text, uses->room, "the '%.64s' at %#lx has an address in it, %#lx, in byte %lu", type->name, (unsigned long)ref,
                 (unsigned long)*word, (unsigned long)((uintptr_t)word - ref));
    }
}

/* Roots of a heap that is attached nowhere; variables are those of threads that run. */
static void look_at_own_roots(struct gw_heap *heap, struct uses *uses)
{
    gw_visit_own_roots(heap, look_at_root, uses);
    gw_visit_waiting_stacks(heap, look_at_root, uses);
}

static bool is_needed(struct gw_heap *heap, const struct gw_entry *entry, struct uses *uses)
{
    struct gw_code_of code = {returns_within, uses, uses->text, uses->room};
    uses->found = gw_stacks_have(&code, heap, entry);
    if (uses->found) return true;
    if (entry) gw_visit_roots(heap, entry, look_at_root, uses);
    else look_at_own_roots(heap, uses);
    if (!uses->found) gw_visit_held(heap, look_at_root, uses);
    if (!uses->found) gw_each_object(heap, look_at_object, uses);
    return uses->found;
}

/* ---- Heaps of other threads ------------------------------------------------------------------------- */

/* Static objects that were written to are listed in the heap that wrote, and only its thread may take them off the list: where it removes
 * the module (gw_module_forget). */
static bool has_written(const struct gw_recorded *recorded, struct uses *uses)
{
    for (size_t i = 0; i < recorded->static_count && !uses->found; i++) {
        if (!holds(uses, gw_static_at(recorded, i))) continue;
        uses->found = true;
        snprintf(uses->text, uses->room,
                 "the static object at %#lx was written to there, which is to be undone there: remove the module "
                 "on the thread that has that heap, or destroy the heap",
                 (unsigned long)gw_static_at(recorded, i));
    }
    return uses->found;
}

static bool is_needed_elsewhere(struct gw_heap *heap, const struct gw_entry *entry, struct uses *uses)
{
    return is_needed(heap, entry, uses) || has_written(&heap->recorded, uses);
}

void gw_answer_questions(struct gw_heap *heap, const struct gw_entry *entry)
{
    for (struct gw_question *question; (question = gw_next_question(heap));) {
        struct uses uses = begin(question->extents, question->count, question->text, sizeof question->text);
        gw_answer_question(question, is_needed_elsewhere(heap, entry, &uses) ? GW_ANSWER_USED : GW_ANSWER_FREE);
    }
}

struct asking {
    struct uses uses;
    bool waits; /* for an answer */
};

static void ask(void *context, struct gw_heap *heap)
{
    struct asking *asking = context;
    struct uses *uses = &asking->uses;
    if (uses->found) return;
    if (!heap->world.attached) {
        is_needed_elsewhere(heap, NULL, uses);
        return;
    }
    enum gw_answer answer = gw_ask(heap, uses->extents, uses->count, uses->text, uses->room);
    uses->found = answer == GW_ANSWER_USED;
    asking->waits |= answer == GW_ANSWER_NONE;
}

static void take_back(void *context, struct gw_heap *heap)
{
    const struct uses *uses = context;
    gw_take_answer_back(heap, uses->extents, uses->count);
}

/* Answers are kept as long as one is missing and nobody needs the module. */
static bool is_needed_by_others(const struct gw_heap *here, const struct gw_extent *extents, size_t count)
{
    char text[400] = "";
    struct asking asking = {.uses = begin(extents, count, text, sizeof text)};
    gw_existing_each_other(here, ask, &asking);
    if (!asking.waits || asking.uses.found) gw_existing_each_other(here, take_back, &asking.uses);
    if (asking.uses.found) gw_fail(GW_ERROR_STATE, "the module is in use: in the heap of another thread %s", text);
    else if (asking.waits)
        gw_fail(GW_ERROR_STATE, "the module may be in use: the heap of another thread has not answered yet; it does when that thread next "
                                "allocates, collects or polls; ask again then, or let threads that wait for long detach their heaps");
    return asking.uses.found || asking.waits;
}

/* The heap here comes first: as long as that needs the module nobody else is asked. */
bool gw_module_in_use_from(const struct gw_extent *extents, size_t count, const struct gw_entry *entry)
{
    char text[400] = "";
    struct gw_heap *heap = gw_current_thread.heap;
    if (!heap) return is_needed_by_others(NULL, extents, count);
    struct gw_heap *stopped GW_STOPPED = gw_heap_to_collect("gw_module_in_use", entry);
    gw_world_stop_surely(stopped, entry);
    gw_answer_questions(heap, entry);
    struct uses uses = begin(extents, count, text, sizeof text);
    if (!is_needed(heap, entry, &uses)) return is_needed_by_others(heap, extents, count);
    gw_existing_each_other(heap, take_back, &uses);
    gw_fail(GW_ERROR_STATE, "the module is in use: %s", text);
    return true;
}
