/* Stacks as the program makes, asks for and frees them. */
#include "api/switches.h"
#include "arch/stacks.h"
#include "base/report.h"
#include "control/pacing.h"
#include "control/stops.h"
#include "heap/callbacks.h"
#include "heap/existing.h"
#include "os/linux/memory.h"

#include <string.h>

/* Where a stack begins: the outermost frame, in doors.S. */
extern const char gw_stack_base[];

static bool may_make_stacks(void)
{
    if (!gw_returns_are_guarded()) return true;
    gw_fail(GW_ERROR_STATE, "gw_stack_new: the processor guards return addresses (CET), which stacks of the program's own do not support; "
                            "start the program without (GLIBC_TUNABLES=glibc.cpu.x86_shstk=off)");
    return false;
}

/* Stacks that belong to dead objects go with them, and what those stacks alone referred to with the next cycle: as long as that helps. */
static struct gw_stack *collect_and_make(struct gw_heap *heap, size_t bytes, uintptr_t function, const struct gw_entry *entry)
{
    struct gw_stacks *stacks = &heap->stacks;
    struct gw_stack *made = NULL;
    for (size_t before = stacks->count + 1; !made && stacks->count < before && !heap->promise.bytes;) {
        before = stacks->count;
        gw_collect_full(heap, entry);
        made = gw_stacks_make(stacks, bytes, gw_stack_base, function, heap->mutator->arguments[GW_ARGUMENT_OF_STACK]);
    }
    return made;
}

/* The argument is one of the heap's own where a collection may move it. */
static struct gw_stack *make(struct gw_heap *heap, size_t bytes, uintptr_t function, uintptr_t argument, const struct gw_entry *entry)
{
    struct gw_stack *stack = gw_stacks_make(&heap->stacks, bytes, gw_stack_base, function, argument);
    if (stack) return stack;
    heap->mutator->arguments[GW_ARGUMENT_OF_STACK] = argument;
    stack = collect_and_make(heap, bytes, function, entry);
    heap->mutator->arguments[GW_ARGUMENT_OF_STACK] = 0;
    return stack;
}

struct gw_stack *gw_stack_new_from(size_t bytes, gw_stack_function *function, void *argument, const struct gw_entry *entry)
{
    uintptr_t given = (uintptr_t)argument;
    struct gw_heap *heap GW_INSIDE = gw_heap_to_collect_given("gw_stack_new", entry, &given, 1);
    gw_refuse_other_heaps(heap, (void *)given, "gw_stack_new");
    gw_refuse_null((const void *)(uintptr_t)function, "gw_stack_new");
    if (!may_make_stacks()) return NULL;
    if (bytes == 0) bytes = GW_STACK_BYTES;
    if (bytes < GW_STACK_LEAST_BYTES) bytes = GW_STACK_LEAST_BYTES;
    struct gw_stack *stack = NULL;
    if (bytes <= SIZE_MAX / 8) stack = make(heap, gw_round_up(bytes, gw_page_bytes()), (uintptr_t)function, given, entry);
    if (!stack)
        gw_fail(
            GW_ERROR_MEMORY,
            "gw_stack_new: the system gives no memory for a stack of %zu bytes beside %zu others that have not ended or been freed; free "
            "those that nobody needs, give the process more mappings (sysctl vm.max_map_count) or address space, or make stacks smaller",
            bytes, heap->stacks.count);
    else if (heap->stacks.count > heap->stacks.goal) gw_pacing_ask_for_cycle(heap); /* no number of stacks fills the nursery */
    return stack;
}

void *gw_stack_bounds(const struct gw_stack *stack, size_t *bytes)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_stack_bounds");
    const struct gw_native_stack *bounds = &gw_known_stack(stack, heap, "gw_stack_bounds")->bounds;
    if (stack == heap->mutator->stacks.running) bounds = &gw_native_stack;
    if (bytes) *bytes = bounds->bytes;
    return (void *)bounds->low;
}

struct gw_stack *gw_stack_add(void *low, size_t bytes)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_stack_add");
    if (!low || bytes < GW_STACK_LEAST_BYTES || (uintptr_t)low + bytes < (uintptr_t)low) {
        gw_fail(GW_ERROR_ARGUMENT, "gw_stack_add: %zu bytes at %p are no stack", bytes, low);
        return NULL;
    }
    struct gw_stack *stack = gw_stacks_bring(&heap->stacks, (uintptr_t)low, bytes);
    if (!stack) gw_fail(GW_ERROR_MEMORY, "gw_stack_add: no native memory for another stack");
    return stack;
}

/* Some lay on a stack whose memory is gone. */
static void forget_native_places(struct gw_heap *heap)
{
    for (struct gw_mutator *each = heap->mutators; each; each = each->next) memset(each->native_places, 0, sizeof each->native_places);
}

static bool is_a_threads_own(const struct gw_stack *stack)
{
    return !stack->bounds.made;
}

gw_status gw_stack_free(struct gw_stack *stack)
{
    if (!stack) return GW_OK;
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_stack_free");
    gw_known_stack(stack, heap, "gw_stack_free");
    struct gw_stacks *stacks = &heap->stacks;
    if (is_a_threads_own(stack)) return gw_fail(GW_ERROR_STATE, "gw_stack_free: this is a thread's own stack");
    if (stack->state == GW_STACK_RUNS) return gw_fail(GW_ERROR_STATE, "gw_stack_free: the stack runs");
    if (gw_stacks_free(stacks, stack, heap->mutator->stacks.running)) forget_native_places(heap);
    return GW_OK;
}

struct gw_stack *gw_stack_current(void)
{
    gw_heap_here("gw_stack_current");
    return gw_current_thread.mutator->stacks.running;
}

bool gw_stack_is_done(const struct gw_stack *stack)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_stack_is_done");
    return gw_known_stack(stack, heap, "gw_stack_is_done")->state == GW_STACK_DONE;
}

gw_status gw_stack_unbind(struct gw_stack *stack)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_stack_unbind");
    gw_known_stack(stack, heap, "gw_stack_unbind");
    if (is_a_threads_own(stack)) return gw_fail(GW_ERROR_STATE, "gw_stack_unbind: this is a thread's own stack");
    if (!GW_STACKS_MAY_MOVE)
        return gw_fail(GW_ERROR_STATE,
                       "gw_stack_unbind: compiled code for this machine keeps the address of its thread across calls, so that a "
                       "stack goes on on the thread on which it began");
    stack->unbound = true;
    return GW_OK;
}
