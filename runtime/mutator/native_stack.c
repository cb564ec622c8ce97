/* Finding a thread's stack without reading files: a daemon may have closed every descriptor, and used their numbers again.
 *
 * A thread made by pthread_create knows its stack. The first thread's ends where the program was entered, and may grow down as far as
 * the limit on it lets it. */
#include "mutator/native_stack.h"

#include "base/report.h"
#include "os/linux/thread_stack.h"

#define PAGE ((uintptr_t)4096)
#define WITHOUT_LIMIT ((size_t)64 << 20) /* what is taken for the first thread's stack until it is seen to be larger */
#define STEP ((size_t)1 << 20)           /* by which it is extended then */

/* Where the first thread's outermost frame may lie, below and above the stack pointer with which the program was entered: it is
 * _start's, or the dynamic linker's while that runs constructors, which may have taken words of its own off the stack before. */
#define BELOW_ENTRY ((uintptr_t)256)
#define ABOVE_ENTRY ((uintptr_t)4096)

GW_THREAD_LOCAL struct gw_native_stack gw_native_stack;

static struct gw_native_stack first_stack(size_t bytes)
{
    uintptr_t end = (gw_os_entered_at() & ~(PAGE - 1)) + PAGE;
    if (bytes > end - PAGE) bytes = end - PAGE;
    return (struct gw_native_stack){.low = end - bytes, .bytes = bytes};
}

static struct gw_native_stack limited_first_stack(void)
{
    size_t bytes = WITHOUT_LIMIT;
    gw_os_stack_limit(&bytes);
    return first_stack(bytes);
}

static bool is_first_stack(uintptr_t here)
{
    struct gw_native_stack first = limited_first_stack();
    return gw_os_is_first_thread() && here - first.low < first.bytes;
}

gw_status gw_native_stack_find(void)
{
    struct gw_native_stack found = {0};
    if (gw_native_stack.bytes) return GW_OK;
    if (is_first_stack((uintptr_t)__builtin_frame_address(0))) found = limited_first_stack();
    else if (!gw_os_thread_stack(&found.low, &found.bytes))
        return gw_fail(GW_ERROR_MEMORY, "gw_attach: the system does not say where this thread's stack is");
    gw_native_stack = found;
    return GW_OK;
}

static bool is_first_threads(const struct gw_native_stack *stack)
{
    return gw_os_entered_at() - stack->low < stack->bytes;
}

void gw_native_stack_extend(uintptr_t address)
{
    struct gw_native_stack *stack = &gw_native_stack;
    size_t bytes = stack->low + stack->bytes - address + STEP;
    if (!is_first_threads(stack) || address >= stack->low || gw_os_on_signal_stack()) return;
    gw_os_stack_limit(&bytes);
    struct gw_native_stack now = first_stack(bytes);
    if (now.low <= address) *stack = now;
}

bool gw_native_stack_wants_start(void)
{
    return gw_native_stack.bytes && !gw_native_stack.start && !is_first_threads(&gw_native_stack);
}

bool gw_native_stack_starts_at(struct gw_native_stack *stack, uintptr_t sp)
{
    if (!stack->bytes) return true;
    if (is_first_threads(stack)) return sp - (gw_os_entered_at() - BELOW_ENTRY) < BELOW_ENTRY + ABOVE_ENTRY;
    if (sp - stack->low > stack->bytes) return false; /* makecontext leaves nothing above, where calls push nothing */
    if (!stack->start && stack->made && stack->low + stack->bytes - sp > PAGE) return false;
    if (!stack->start) stack->start = sp;
    return sp == stack->start;
}
