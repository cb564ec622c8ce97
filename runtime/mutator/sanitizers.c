/* Weak references: without a sanitizer there are no such functions (the interface headers of LLVM's compiler-rt).
 *
 * AddressSanitizer wants two calls, before and behind a switch. Both are made before: nothing that it instruments runs between, and behind
 * it there is only assembler. */
#include "mutator/sanitizers.h"

#include "mutator/stacks.h"

#define WEAK __attribute__((weak))
WEAK void __sanitizer_start_switch_fiber(void **frames, const void *low, size_t bytes);
WEAK void __sanitizer_finish_switch_fiber(void *frames, const void **low, size_t *bytes);
WEAK void *__tsan_get_current_fiber(void);
WEAK void *__tsan_create_fiber(unsigned flags);
WEAK void __tsan_destroy_fiber(void *fiber);
WEAK void __tsan_switch_to_fiber(void *fiber, unsigned flags);

bool gw_sanitizers_want_stacks(void)
{
    return __sanitizer_start_switch_fiber || __tsan_create_fiber;
}

/* `frames`: where those of the stack that is left are kept; NULL: they are given back. Those of the stack that runs are the sanitizer's,
 * and kept nowhere. */
static void change_frames(void **frames, struct gw_stack *to)
{
    if (!__sanitizer_start_switch_fiber) return;
    __sanitizer_start_switch_fiber(frames, (const void *)to->bounds.low, to->bounds.bytes);
    __sanitizer_finish_switch_fiber(to->sanitized.frames, NULL, NULL);
    to->sanitized.frames = NULL;
}

static void change_fiber(struct gw_stack *from, struct gw_stack *to)
{
    if (!__tsan_create_fiber) return;
    from->sanitized.fiber = __tsan_get_current_fiber();
    if (!to->sanitized.fiber) to->sanitized.fiber = __tsan_create_fiber(0);
    __tsan_switch_to_fiber(to->sanitized.fiber, 0);
}

static void forget_fiber(struct gw_stack *stack)
{
    if (stack->sanitized.fiber && stack->bounds.made) __tsan_destroy_fiber(stack->sanitized.fiber); /* the thread's own stays */
    stack->sanitized = (struct gw_sanitized){0};
}

void gw_sanitizers_leave(struct gw_stack *from, struct gw_stack *to)
{
    bool for_good = from->state == GW_STACK_DONE;
    change_frames(for_good ? NULL : &from->sanitized.frames, to);
    change_fiber(from, to);
    if (for_good) forget_fiber(from);
}

/* There is no call that gives back frames of another stack than the one that runs. */
void gw_sanitizers_forget(struct gw_stack *stack, struct gw_stack *running)
{
    if (stack->sanitized.frames) {
        change_frames(&running->sanitized.frames, stack);
        change_frames(NULL, running);
    }
    forget_fiber(stack);
}
