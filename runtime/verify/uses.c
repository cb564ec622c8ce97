/* Stacks first, which say what runs; then roots, then all objects, word by word: a closure keeps the address of its code in a number. */
#include "verify/uses.h"

#include "arch/stacks.h"
#include "base/report.h"
#include "engine/roots.h"
#include "heap/callbacks.h"
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
    if (search(code, entry, "the running", gw_native_stack.low)) return true;
    for (const struct gw_stack *stack = heap->mutator.stacks.all; stack; stack = stack->next)
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

bool gw_module_in_use_from(const struct gw_extent *extents, size_t count, const struct gw_entry *entry)
{
    char text[400] = "";
    if (!gw_current_thread.heap) return false;
    struct gw_heap *heap = gw_heap_to_collect("gw_module_in_use", entry);
    struct uses uses = begin(extents, count, text, sizeof text);
    struct gw_code_of code = {returns_within, &uses, text, sizeof text};
    uses.found = gw_stacks_have(&code, heap, entry);
    if (!uses.found) gw_visit_roots(heap, entry, look_at_root, &uses);
    if (!uses.found) gw_visit_held(heap, look_at_root, &uses);
    if (!uses.found) gw_each_object(heap, look_at_object, &uses);
    if (uses.found) gw_fail(GW_ERROR_STATE, "the module is in use: %s", text);
    return uses.found;
}
