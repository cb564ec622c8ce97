/* Checks of stores. Owns what a thread remembers of its thread-local variables and native frames; looks at marks and indexes, and
 * unwinds the caller's stack only for a place on it that nobody marked. */
#include "api/check_store.h"

#include "heap/world.h"
#include "mutator/native_stack.h"
#include "mutator/stack_marks.h"
#include "base/report.h"
#include "os/linux/loaded_code.h"
#include "roots/modules.h"
#include "verify/reach.h"

/* ---- Roots by address ------------------------------------------------------------------------------ */

static bool is_thread_local(struct gw_thread_roots *roots, uintptr_t slot)
{
    gw_thread_roots_learn(roots);
    return gw_root_index_contains(&roots->index, slot);
}

/* A store to a handle's word is what gw_handle_set does. */
static bool is_native_root(struct gw_heap *heap, uintptr_t slot)
{
    if (!gw_root_index_contains(&heap->native_roots, slot)) return false;
    if (!gw_may_be_handle(&heap->native_roots, slot)) return true;
    gw_handle_may_change(&heap->handles.changed, (const uintptr_t *)slot);
    gw_handle_may_change(&heap->stacks.scopes.changed, (const uintptr_t *)slot);
    return true;
}

/* The other stack that a place lies on; NULL: none. */
static const struct gw_stack *other_stack_of(struct gw_heap *heap, uintptr_t slot)
{
    return gw_on_native_stack(slot) ? NULL : gw_stacks_find(&heap->stacks, slot);
}

/* A variable of a function that another thread runs, which may be waiting for what is stored there. */
static bool is_marked_by_others(const struct gw_heap *heap, uintptr_t slot)
{
    bool marked = false;
    for (const struct gw_mutator *each = heap->mutators; each; each = each->next)
        marked |= each != heap->mutator && gw_is_marked_variable(each->thread, slot);
    return marked;
}

static bool is_marked_elsewhere(struct gw_heap *heap, uintptr_t slot)
{
    if (is_marked_by_others(heap, slot)) return true;
    const struct gw_stack *stack = other_stack_of(heap, slot);
    uintptr_t index = stack ? (slot - stack->part.marks_from) >> 3 : 0;
    return stack && index < stack->part.marks_count && stack->part.marks[index];
}

static bool is_root(struct gw_heap *heap, uintptr_t slot)
{
    return gw_is_marked_variable(heap->mutator->thread, slot) || gw_root_index_contains(gw_registry_globals(), slot) ||
           is_native_root(heap, slot) || is_thread_local(&heap->mutator->thread_roots, slot) || is_marked_elsewhere(heap, slot);
}

/* ---- Places on the stack that are not marked -------------------------------------------------------- */

static struct gw_native_place *entry_for(struct gw_heap *heap, uintptr_t slot)
{
    return &heap->mutator->native_places[slot / 8 % GW_NATIVE_PLACES];
}

static bool is_known_native(struct gw_heap *heap, uintptr_t slot, const struct gw_entry *entry)
{
    const struct gw_native_place *known = entry_for(heap, slot);
    return known->place == slot && known->checked_from == entry->return_address && *known->return_place == known->return_address;
}

/* The frame that `slot` lies in, and its caller's stack pointer. GW_UNWOUND_END and GW_UNWOUND_NO_INFO: none that far. */
static enum gw_unwound find_frame(uintptr_t slot, const struct gw_entry *entry, struct gw_machine_frame *frame, uintptr_t *caller_sp)
{
    struct gw_machine_frame at = gw_frame_outside(entry);
    struct gw_unwinder unwinder;
    enum gw_unwound left;
    gw_registry_read();
    gw_unwinder_start(&unwinder, &at);
    do {
        *frame = at;
        left = gw_unwinder_step(&unwinder, &at);
    } while (left == GW_UNWOUND_FRAME && (slot < frame->sp || slot >= at.sp));
    gw_registry_read_end();
    *caller_sp = at.sp;
    return left;
}

static bool marks_its_variables(uintptr_t pc)
{
    const struct gw_code_range *code = gw_registry_find_code(gw_registry_read(), pc);
    bool marks = code && code->marks;
    gw_registry_read_end();
    return marks;
}

/* Whether marks say nothing about a place on the stack that `other` is, or that runs. */
static bool lacks_marks(struct gw_heap *heap, const struct gw_stack *other, uintptr_t slot)
{
    return other ? other->bounds.unmarked : !gw_has_marks_for(heap->mutator->thread, slot);
}

/* Whether the place may hold a reference although nobody marked it: it lies in the frame of a function that marks nothing, or
 * on a stack of which nothing is known. */
static bool is_native_place(struct gw_heap *heap, uintptr_t slot, const struct gw_entry *entry)
{
    struct gw_machine_frame frame;
    uintptr_t caller_sp;
    if (is_known_native(heap, slot, entry)) return true;
    const struct gw_stack *other = other_stack_of(heap, slot);
    const struct gw_entry *youngest = other ? other->entry : entry;
    bool on_known_stack = other || gw_on_native_stack((uintptr_t)(entry + 1));
    if (on_known_stack && (slot < (uintptr_t)(youngest + 1) || !(other || gw_on_native_stack(slot)))) return false;
    if (on_known_stack && lacks_marks(heap, other, slot)) return true;
    enum gw_unwound found = find_frame(slot, youngest, &frame, &caller_sp);
    if (found != GW_UNWOUND_FRAME) return on_known_stack && found == GW_UNWOUND_NO_INFO;
    if (!on_known_stack) return true;
    if (marks_its_variables(frame.pc)) return false;
    const uintptr_t *return_place = (const uintptr_t *)caller_sp - 1;
    *entry_for(heap, slot) = (struct gw_native_place){slot, entry->return_address, return_place, *return_place};
    return true;
}

/* ---- Checks ---------------------------------------------------------------------------------------- */

static bool is_reference(const struct gw_heap *heap, uintptr_t word)
{
    return !(word & GW_IMMEDIATE_MASK) && gw_heap_contains(heap, word);
}

static void check_place(struct gw_heap *heap, uintptr_t slot, uintptr_t word, const char *how, const struct gw_entry *entry)
{
    bool inside = gw_heap_contains(heap, slot);
    if (!inside && (is_root(heap, slot) || is_native_place(heap, slot, entry))) return;
    char name[512];
    gw_name_code(entry->return_address, name, sizeof name);
    gw_fatal("check: %s: a reference to %p is %s %p, %s", name, (void *)word, how, (void *)slot,
             inside ? "inside an object, through a plain pointer, which leaves out the write barrier: keep the GW pointer"
                    : "where the collector does not look: keep it in a variable or an object, register the memory with gw_add_roots, or "
                      "store a handle");
}

/* Inside; NULL: none is attached, and nothing needs a check. */
static struct gw_heap *attached_heap(void)
{
    return gw_current_thread.heap ? gw_heap_beside_marker("a check") : NULL;
}

void gw_check_store_from(const uintptr_t *slot, uintptr_t word, const struct gw_entry *entry)
{
    struct gw_heap *heap GW_INSIDE = attached_heap();
    if (heap && is_reference(heap, word)) check_place(heap, (uintptr_t)slot, word, "stored at", entry);
}

/* From the word at `from` on, how many lie in one page of the index, and whether any of them may be a root or in an object. */
static bool may_hold_references(struct gw_heap *heap, uintptr_t from, size_t *words)
{
    size_t room = GW_INDEX_PAGE_WORDS - from / 8 % GW_INDEX_PAGE_WORDS;
    if (*words > room) *words = room;
    return gw_heap_contains(heap, from) || (from - heap->mutator->thread->marks_from) >> 3 < heap->mutator->thread->marks_count ||
           gw_root_index_has_page(gw_registry_globals(), from) || gw_root_index_has_page(&heap->native_roots, from) ||
           is_thread_local(&heap->mutator->thread_roots, from) || gw_root_index_has_page(&heap->mutator->thread_roots.index, from);
}

void gw_check_copy_from(const uintptr_t *to, const uintptr_t *from, size_t bytes, const struct gw_entry *entry)
{
    struct gw_heap *heap GW_INSIDE = attached_heap();
    if (!heap || ((uintptr_t)to | (uintptr_t)from) % 8) return; /* references are aligned at both ends, or not followed */
    for (size_t left = bytes / 8, words; left; left -= words, to += words, from += words) {
        words = left;
        if (!may_hold_references(heap, (uintptr_t)from, &words)) continue;
        for (size_t i = 0; i < words; i++)
            if (is_reference(heap, from[i]) && (gw_heap_contains(heap, (uintptr_t)(from + i)) || is_root(heap, (uintptr_t)(from + i))))
                check_place(heap, (uintptr_t)(to + i), from[i], "copied to", entry);
    }
}

/* Where other threads allocate, objects cannot be gone through: each word of one counts. */
static bool may_be_followed(struct gw_heap *heap, uintptr_t place)
{
    if (!gw_heap_contains(heap, place)) return is_root(heap, place);
    return gw_world_is_shared(heap) || gw_is_followed(heap, place);
}

/* Objects are gone through, maybe: a marker waits. */
void gw_check_word_from(const uintptr_t *place, uintptr_t word, const struct gw_entry *entry)
{
    struct gw_heap *heap GW_INSIDE = gw_current_thread.heap ? gw_heap_inside("a check") : NULL;
    if (!heap || !is_reference(heap, word)) return;
    if (!may_be_followed(heap, (uintptr_t)place)) return;
    char name[512];
    gw_name_code(entry->return_address, name, sizeof name);
    gw_fatal("check: %s: the bits of a reference, %p, are written at %p as a number that was read before a call that may collect: what it "
             "refers to may have moved; read and write it as a GW pointer",
             name, (void *)word, (void *)place);
}

/* The call is the last instruction of its function, maybe, and what lies behind it another's. */
void gw_refuse_immediate(uintptr_t word)
{
    char name[512];
    gw_name_code((uintptr_t)__builtin_return_address(0) - 1, name, sizeof name);
    gw_fatal("check: %s: gw_immediate_word is given %p, which the collector would follow: one of the low three bits must be set, as "
             "gw_small_integer does",
             name, (void *)word);
}
