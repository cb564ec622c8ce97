/* Stacks as the program makes, asks for and frees them. */
#include "api/switches.h"
#include "arch/stacks.h"
#include "base/report.h"
#include "heap/existing.h"

#include <string.h>

/* Where a stack begins: the outermost frame, in doors.S. */
extern const char gw_stack_base[];

struct gw_stack *gw_stack_new(size_t bytes, gw_stack_function *function, void *argument)
{
    struct gw_heap *heap = gw_heap_for(argument, "gw_stack_new");
    gw_refuse_null((const void *)(uintptr_t)function, "gw_stack_new");
    if (gw_returns_are_guarded()) {
        gw_fail(GW_ERROR_STATE, "gw_stack_new: the processor guards return addresses (CET), which stacks of the program's own do not "
                                "support; start the program without (GLIBC_TUNABLES=glibc.cpu.x86_shstk=off)");
        return NULL;
    }
    if (bytes == 0) bytes = GW_STACK_BYTES;
    if (bytes < GW_STACK_LEAST_BYTES) bytes = GW_STACK_LEAST_BYTES;
    struct gw_stack *stack = NULL;
    if (bytes <= SIZE_MAX - 4096)
        stack = gw_stacks_make(&heap->mutator.stacks, gw_round_up(bytes, 4096), gw_stack_base, (uintptr_t)function, (uintptr_t)argument);
    if (!stack) gw_fail(GW_ERROR_MEMORY, "gw_stack_new: the system gives no memory for a stack of %zu bytes", bytes);
    return stack;
}

struct gw_stack *gw_stack_add(void *low, size_t bytes)
{
    struct gw_heap *heap = gw_heap_here("gw_stack_add");
    if (!low || bytes < GW_STACK_LEAST_BYTES || (uintptr_t)low + bytes < (uintptr_t)low) {
        gw_fail(GW_ERROR_ARGUMENT, "gw_stack_add: %zu bytes at %p are no stack", bytes, low);
        return NULL;
    }
    struct gw_stack *stack = gw_stacks_bring(&heap->mutator.stacks, (uintptr_t)low, bytes);
    if (!stack) gw_fail(GW_ERROR_MEMORY, "gw_stack_add: no native memory for another stack");
    return stack;
}

gw_status gw_stack_free(struct gw_stack *stack)
{
    if (!stack) return GW_OK;
    struct gw_heap *heap = gw_heap_here("gw_stack_free");
    gw_known_stack(stack, heap, "gw_stack_free");
    struct gw_stacks *stacks = &heap->mutator.stacks;
    if (stack == stacks->own) return gw_fail(GW_ERROR_STATE, "gw_stack_free: this is the thread's own stack");
    if (stack->state == GW_STACK_RUNS) return gw_fail(GW_ERROR_STATE, "gw_stack_free: the stack runs");
    if (gw_stacks_free(stacks, stack)) memset(heap->mutator.native_places, 0, sizeof heap->mutator.native_places);
    return GW_OK;
}

struct gw_stack *gw_stack_current(void)
{
    return gw_heap_here("gw_stack_current")->mutator.stacks.running;
}

bool gw_stack_is_done(const struct gw_stack *stack)
{
    return gw_known_stack(stack, gw_heap_here("gw_stack_is_done"), "gw_stack_is_done")->state == GW_STACK_DONE;
}
