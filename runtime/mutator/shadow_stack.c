/* The shadow stack. Made at the first push of a thread, which may come before a heap is attached; so the fields start
 * as null, and compiled code's test for room leads to gw_shadow_reserve. Never grows in place of an explicit message:
 * a reservation larger than what a thread's native stack can use is cheaper than moving words that frames count on. */
#include "mutator/shadow_stack.h"
#include "base/report.h"
#include "os/linux/memory.h"

#define SHADOW_BYTES (GW_SHADOW_WORDS * sizeof(void *))

/* A stack that is not the thread's own has as many bytes for references as for frames. */
static size_t bytes_for(size_t stack_bytes)
{
    return gw_round_up(stack_bytes, gw_page_bytes());
}

static void make(struct gw_thread *thread)
{
    const struct gw_native_stack *stack = &gw_native_stack;
    size_t bytes = stack->made ? bytes_for(stack->bytes) : SHADOW_BYTES;
    bool has_room = stack->made && !stack->made->brought;
    void *words = has_room ? gw_stack_shadow(stack->low, stack->bytes) : gw_reserve(bytes, 4096);
    if (!words) gw_fatal("shadow stack: the operating system refused %zu KB of address space; raise the limit (ulimit -v)", bytes >> 10);
    thread->shadow_base = thread->shadow_top = words;
    thread->shadow_limit = thread->shadow_base + bytes / sizeof(void *);
}

void gw_shadow_words_release(void **base, size_t stack_bytes)
{
    if (base) gw_release(base, bytes_for(stack_bytes));
}

void gw_shadow_reserve(size_t words)
{
    struct gw_thread *thread = &gw_current_thread;
    if (!thread->shadow_base) make(thread);
    struct gw_shadow_words now = gw_shadow_words_of_thread(thread);
    gw_shadow_words_check(&now);
    size_t room = (size_t)(thread->shadow_limit - thread->shadow_top);
    if (words > room)
        gw_fatal("shadow stack overflow: %zu references are wanted, and %zu of %zu are free; is a recursion endless?", words, room,
                 (size_t)(thread->shadow_limit - thread->shadow_base));
}

/* `words`: the variable's address and its layout's, both marked. */
static void visit_variable(void *const words[2], uintptr_t sp, gw_field_visitor *visit, void *context)
{
    uintptr_t variable = (uintptr_t)words[0] & ~GW_SHADOW_VARIABLE;
    if (gw_unlikely(variable < sp))
        gw_fatal("shadow stack: the frame with the variable at %p was left by longjmp or an exception; native code that goes on then puts "
                 "gw_current_thread.shadow_top back to what it was before the call",
                 (void *)variable);
    const struct gw_shadow_layout *layout = (const void *)((uintptr_t)words[1] & ~GW_SHADOW_VARIABLE);
    for (uint32_t block = 0; block < layout->count; block++)
        for (uint32_t i = 0; i < layout->offset_count; i++)
            visit(context, (uintptr_t *)(variable + (size_t)block * layout->stride + layout->offsets[i]));
}

static bool is_variable(const void *word)
{
    return ((uintptr_t)word & (GW_SHADOW_VARIABLE | GW_IMMEDIATE_MASK)) == GW_SHADOW_VARIABLE;
}

uint64_t gw_shadow_words_visit(const struct gw_shadow_words *words, uintptr_t sp, gw_field_visitor *visit, void *context)
{
    gw_shadow_words_check(words);
    for (void **word = words->base; word < words->top; word++) {
        if (!is_variable(*word)) {
            visit(context, (uintptr_t *)word);
            continue;
        }
        if (word + 1 >= words->top || !is_variable(word[1]))
            gw_fatal("shadow stack: the variable at %p has no layout behind it", (void *)word);
        visit_variable(word++, sp, visit, context);
    }
    return (uint64_t)(words->top - words->base);
}

bool gw_shadow_words_have_variable(const struct gw_shadow_words *words)
{
    bool found = false;
    for (void **word = words->base; word < words->top && !found; word++) found = is_variable(*word);
    return found;
}

void gw_shadow_stack_release(struct gw_thread *thread)
{
    if (!thread->shadow_base || thread->shadow_top != thread->shadow_base) return;
    gw_release(thread->shadow_base, SHADOW_BYTES);
    thread->shadow_base = thread->shadow_top = thread->shadow_limit = NULL;
}

void gw_shadow_words_check(const struct gw_shadow_words *words)
{
    uintptr_t base = (uintptr_t)words->base, top = (uintptr_t)words->top;
    if (top - base > (uintptr_t)words->limit - base || top % sizeof(void *))
        gw_fatal("shadow stack: its top %p lies outside [%p, %p]: a push without test for room, or a pop too many", (void *)words->top,
                 (void *)words->base, (void *)words->limit);
}
