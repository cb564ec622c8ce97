/* Marks of stack variables. Owns each thread's map of bytes; ends no process: where there is no memory for it, nothing is
 * known of the stack, and checks let it be. */
#include "mutator/stack_marks.h"
#include "base/compiler.h"
#include "mutator/stacks.h"
#include "os/linux/memory.h"

#include <pthread.h>
#include <string.h>

#define LARGEST_STACK ((size_t)4 << 30) /* one that may grow further has marks up to here */

/* ---- The map --------------------------------------------------------------------------------------- */

static pthread_key_t at_thread_end;
static pthread_once_t once = PTHREAD_ONCE_INIT;

void gw_marks_release(uint8_t *marks, size_t count)
{
    gw_release(marks, count);
}

/* A thread that ends on another stack than its own leaves its map behind. */
static void release(void *thread_of)
{
    struct gw_thread *thread = thread_of;
    if (gw_native_stack.made) return;
    gw_release(thread->marks, thread->marks_count);
    thread->marks = NULL;
    thread->marks_from = thread->marks_count = 0;
}

static void make_key(void)
{
    pthread_key_create(&at_thread_end, release);
}

/* The first thread's stack may have grown beyond what was known. */
static bool is_on_stack(uintptr_t address)
{
    uintptr_t end = gw_native_stack.low + gw_native_stack.bytes;
    if (end - address - 1 < LARGEST_STACK) gw_native_stack_extend(address);
    return gw_on_native_stack(address);
}

/* Where a stack that the runtime made has room for its marks. */
static uint8_t *room_for_marks(size_t count)
{
    const struct gw_native_stack *stack = &gw_native_stack;
    if (stack->made && !stack->made->brought) return gw_stack_marks(stack->low, stack->bytes);
    return gw_reserve(count, 4096);
}

static void replace_map(struct gw_thread *thread, uint8_t *marks, uintptr_t from, size_t count)
{
    if (thread->marks) memcpy(marks + (thread->marks_from - from) / 8, thread->marks, thread->marks_count);
    gw_release(thread->marks, thread->marks_count);
    thread->marks = marks;
    thread->marks_from = from;
    thread->marks_count = count;
}

/* Makes the map for the stack that `address` lies on, or a larger one; marks stay. False on a stack of which nothing is known, and without
 * memory. */
static bool make_map(struct gw_thread *thread, uintptr_t address)
{
    if (gw_native_stack_find() != GW_OK || !is_on_stack(address)) return false;
    uintptr_t end = gw_round_up(gw_native_stack.low + gw_native_stack.bytes, 8);
    size_t count = gw_round_up(gw_native_stack.bytes, 4096) / 8;
    uint8_t *marks = room_for_marks(count);
    if (!marks) return false;
    replace_map(thread, marks, end - count * 8, count);
    if (gw_native_stack.made) return true;
    pthread_once(&once, make_key);
    pthread_setspecific(at_thread_end, thread);
    return true;
}

bool gw_has_marks_for(struct gw_thread *thread, uintptr_t address)
{
    return (address - thread->marks_from) >> 3 < thread->marks_count || make_map(thread, address);
}

uint8_t *gw_mark_variable(void *variable, const struct gw_shadow_layout *layout)
{
    struct gw_thread *thread = &gw_current_thread;
    uintptr_t block = (uintptr_t)variable;
    if (!gw_has_marks_for(thread, block)) {
        gw_native_stack.unmarked = true;
        return variable;
    }
    uint8_t *first = thread->marks + ((block - thread->marks_from) >> 3);
    for (uint32_t i = 0; i < layout->count; i++, block += layout->stride)
        for (uint32_t k = 0; k < layout->offset_count; k++) thread->marks[(block + layout->offsets[k] - thread->marks_from) >> 3] = 1;
    return first;
}

void gw_marks_forget(struct gw_thread *thread, uintptr_t from, uintptr_t to)
{
    if (from >= to || from < thread->marks_from || (to - thread->marks_from) >> 3 > thread->marks_count) return;
    memset(thread->marks + ((from - thread->marks_from) >> 3), 0, (to - from) >> 3);
}

/* Whole pages are given back, so that a deep stack that was left costs little. */
void gw_marks_forget_below(struct gw_thread *thread, uintptr_t sp)
{
    size_t count = (sp - thread->marks_from) >> 3;
    if (count >= thread->marks_count) return;
    size_t whole = count & ~(gw_page_bytes() - 1);
    memset(thread->marks + whole, 0, count - whole);
    if (whole && !gw_return_pages(thread->marks, whole)) memset(thread->marks, 0, whole);
}

/* Whatever lies below this function's frame was left. */
void gw_marks_unwound(void)
{
    gw_marks_forget_below(&gw_current_thread, (uintptr_t)__builtin_frame_address(0));
}

bool gw_stack_marks_check(const struct gw_thread *thread)
{
    if (!thread->marks) return !thread->marks_from && !thread->marks_count;
    return thread->marks_from % 8 == 0 && thread->marks_count % 512 == 0 && thread->marks_count != 0;
}
