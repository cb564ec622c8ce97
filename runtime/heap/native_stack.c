/* Finding a thread's stack without reading files: a daemon may have closed every descriptor, and used their numbers again.
 *
 * A thread made by pthread_create knows its stack. The first thread's ends where the program was entered, which the dynamic linker
 * notes, and may grow down as far as RLIMIT_STACK lets it; pthread_getattr_np would read /proc/self/maps to find that. */
#define _GNU_SOURCE /* pthread_getattr_np, gettid */
#include "heap/native_stack.h"

#include "observe/report.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#define PAGE ((uintptr_t)4096)
#define WITHOUT_LIMIT ((size_t)64 << 20) /* what is taken for the first thread's stack until it is seen to be larger */
#define STEP ((size_t)1 << 20)           /* by which it is extended then */

/* Where the first thread's outermost frame may lie, below and above the stack pointer with which the program was entered: it is
 * _start's, or the dynamic linker's while that runs constructors, which may have taken words of its own off the stack before. */
#define BELOW_ENTRY ((uintptr_t)256)
#define ABOVE_ENTRY ((uintptr_t)4096)

GW_THREAD_LOCAL struct gw_native_stack gw_native_stack;

extern void *__libc_stack_end; /* the stack pointer with which the program was entered */

/* SIZE_MAX: none. */
static size_t limit_bytes(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
    return (size_t)limit.rlim_cur;
}

static struct gw_native_stack first_stack(size_t bytes)
{
    uintptr_t end = ((uintptr_t)__libc_stack_end & ~(PAGE - 1)) + PAGE;
    if (bytes > end - PAGE) bytes = end - PAGE;
    return (struct gw_native_stack){.low = end - bytes, .bytes = bytes};
}

static struct gw_native_stack limited_first_stack(void)
{
    size_t limit = limit_bytes();
    return first_stack(limit == SIZE_MAX ? WITHOUT_LIMIT : limit);
}

/* A child that another thread forked has one thread, too, and that runs on the other thread's stack. */
static bool is_first_thread(uintptr_t here)
{
    struct gw_native_stack first = limited_first_stack();
    return getpid() == gettid() && here - first.low < first.bytes;
}

gw_status gw_native_stack_find(void)
{
    if (gw_native_stack.bytes) return GW_OK;
    if (is_first_thread((uintptr_t)__builtin_frame_address(0))) {
        gw_native_stack = limited_first_stack();
        return GW_OK;
    }
    pthread_attr_t attributes;
    void *low = NULL;
    size_t bytes = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return gw_fail(GW_ERROR_MEMORY, "gw_attach: the system does not say where this thread's stack is");
    pthread_attr_getstack(&attributes, &low, &bytes);
    pthread_attr_destroy(&attributes);
    gw_native_stack = (struct gw_native_stack){.low = (uintptr_t)low, .bytes = bytes};
    return GW_OK;
}

static bool on_signal_stack(void)
{
    stack_t stack;
    return sigaltstack(NULL, &stack) == 0 && (stack.ss_flags & SS_ONSTACK);
}

void gw_native_stack_extend(uintptr_t address)
{
    uintptr_t end = gw_native_stack.low + gw_native_stack.bytes;
    size_t bytes = limit_bytes();
    if (!gw_on_native_stack((uintptr_t)__libc_stack_end) || address >= gw_native_stack.low || on_signal_stack()) return;
    if (bytes == SIZE_MAX) bytes = end - address + STEP;
    struct gw_native_stack now = first_stack(bytes);
    if (now.low <= address) gw_native_stack = now;
}

bool gw_native_stack_starts_at(uintptr_t sp)
{
    struct gw_native_stack *stack = &gw_native_stack;
    uintptr_t entered = (uintptr_t)__libc_stack_end;
    if (!stack->bytes) return true;
    if (gw_on_native_stack(entered)) return sp - (entered - BELOW_ENTRY) < BELOW_ENTRY + ABOVE_ENTRY;
    if (!gw_on_native_stack(sp)) return false;
    if (!stack->start) stack->start = sp;
    return sp == stack->start;
}
