/* The stacks of a heap: their records, lists and memory. Changes from one to the other are in the header; nothing here walks one. */
#include "mutator/stacks.h"

#include "arch/stacks.h"
#include "arch/valgrind.h"
#include "base/lock.h"
#include "base/report.h"
#include "mutator/shadow_stack.h"
#include "mutator/stack_marks.h"

#include <stdlib.h>
#include <string.h>

/* ---- Records --------------------------------------------------------------------------------------- */

static struct gw_lock lock = GW_LOCK;
static struct gw_stack *oldest, *newest; /* retired */
static _Atomic uint64_t stacks_made;

static __attribute__((constructor)) void prepare(void)
{
    gw_lock_prepare(&lock);
}

static void retire(struct gw_stack *stack)
{
    stack->next = NULL;
    gw_lock_take(&lock);
    if (newest) newest->next = stack;
    else oldest = stack;
    newest = stack;
    gw_lock_release(&lock);
}

static struct gw_stack *reuse(void)
{
    gw_lock_take(&lock);
    struct gw_stack *stack = oldest;
    if (stack) oldest = stack->next;
    if (!oldest) newest = NULL;
    gw_lock_release(&lock);
    return stack;
}

static void begin_record(struct gw_stacks *stacks, struct gw_stack *stack, enum gw_stack_state state)
{
    *stack = (struct gw_stack){.of = stacks, .thread = &gw_current_thread, .state = state, .number = ++stacks_made};
    stack->scoped.shared = &stacks->scopes;
    stack->bounds.made = stack;
}

static void enlist(struct gw_stacks *stacks, struct gw_stack *stack)
{
    stack->next = stacks->all;
    stack->previous = NULL;
    if (stack->next) stack->next->previous = stack;
    stacks->all = stack;
}

static void delist(struct gw_stacks *stacks, struct gw_stack *stack)
{
    if (stacks->unmarked == stack) stacks->unmarked = stack->next;
    if (stacks->found == stack) stacks->found = NULL;
    if (stack->next) stack->next->previous = stack->previous;
    if (stack->previous) stack->previous->next = stack->next;
    else stacks->all = stack->next;
}

static struct gw_stack *new_record(struct gw_stacks *stacks, enum gw_stack_state state)
{
    struct gw_stack *stack = reuse();
    if (!stack) stack = malloc(sizeof *stack);
    if (!stack) return NULL;
    begin_record(stacks, stack, state);
    enlist(stacks, stack);
    return stack;
}

/* ---- Making and freeing ---------------------------------------------------------------------------- */

struct gw_stack *gw_stacks_make(struct gw_stacks *stacks, size_t bytes, const char *base, uintptr_t function, uintptr_t argument)
{
    uintptr_t low = gw_stack_memory_take(&stacks->pool, bytes);
    struct gw_stack *stack = low ? new_record(stacks, GW_STACK_NEW) : NULL;
    if (!stack) {
        if (low) gw_stack_memory_put(&stacks->pool, low, bytes, false);
        return NULL;
    }
    stack->bounds.low = low;
    stack->bounds.bytes = bytes;
    stack->bounds.start = gw_stack_base_sp(low + bytes);
    stack->entry = gw_stack_lay_out(low + bytes, base, function, argument);
    gw_stack_note_change(stacks, stack);
    stacks->count++;
    return stack;
}

struct gw_stack *gw_stacks_bring(struct gw_stacks *stacks, uintptr_t low, size_t bytes)
{
    struct gw_stack *stack = new_record(stacks, GW_STACK_ADDED);
    if (!stack) return NULL;
    stack->bounds.low = low;
    stack->bounds.bytes = bytes;
    stack->brought = true;
    gw_valgrind_stack(low, bytes);
    return stack;
}

/* What a stack has beside its record. */
static void give_back(struct gw_stacks *stacks, struct gw_stack *stack)
{
    struct gw_native_stack *bounds = &stack->bounds;
    free(stack->known);
    stack->known = NULL;
    gw_scoped_handles_destroy(&stack->scoped);
    if (!bounds->made) bounds->bytes = 0; /* the thread's own */
    if (stack->brought) {
        gw_shadow_words_release(stack->part.shadow_base, bounds->bytes);
        gw_marks_release(stack->part.marks, stack->part.marks_count);
    } else if (bounds->bytes) {
        gw_stack_memory_put(&stacks->pool, bounds->low, bounds->bytes, stack->part.marks != NULL);
        stacks->count--;
    }
    bounds->bytes = 0;
    stack->part = (struct gw_stack_part){0};
}

void gw_stacks_end(struct gw_stacks *stacks, struct gw_stack *stack)
{
    stack->state = GW_STACK_DONE;
    stack->ran = false;
    give_back(stacks, stack);
}

/* A record that is listed is retired when the list is next gone through. */
bool gw_stacks_free(struct gw_stacks *stacks, struct gw_stack *stack, struct gw_stack *running)
{
    bool gone = stack->brought;
    gw_sanitizers_forget(stack, running);
    give_back(stacks, stack);
    delist(stacks, stack);
    stack->state = GW_STACK_FREE;
    stack->of = NULL;
    stack->number = 0;
    if (!stack->listed) retire(stack);
    return gw_stack_pool_trim(&stacks->pool) || gone;
}

void gw_stack_unlist(struct gw_stack *stack)
{
    stack->listed = false;
    if (stack->state == GW_STACK_FREE) retire(stack);
}

#define LEAST_GOAL 1024 /* a sixtieth of the ranges that a process has by default, and little memory */

void gw_stacks_set_goal(struct gw_stacks *stacks)
{
    stacks->goal = 2 * stacks->count > LEAST_GOAL ? 2 * stacks->count : LEAST_GOAL;
}

/* ---- With the heap --------------------------------------------------------------------------------- */

void gw_stacks_init(struct gw_stacks *stacks)
{
    gw_stacks_set_goal(stacks);
}

bool gw_thread_stacks_init(struct gw_thread_stacks *of, struct gw_stacks *stacks)
{
    of->running = of->own = new_record(stacks, GW_STACK_DONE);
    if (!of->own) return false;
    of->own->thread = NULL;
    of->own->number = 0;
    of->own->bounds.made = NULL;
    return true;
}

void gw_stacks_destroy(struct gw_stacks *stacks, struct gw_stack *running)
{
    for (struct gw_stack *stack = stacks->all, *next; stack; stack = next) {
        next = stack->next;
        gw_stacks_free(stacks, stack, running);
    }
    for (struct gw_stack *stack = stacks->changed, *next; stack; stack = next) {
        next = stack->next_changed;
        gw_stack_unlist(stack);
    }
    gw_scope_slabs_destroy(&stacks->scopes);
    gw_stack_pool_destroy(&stacks->pool);
}

__attribute__((weak)) struct gw_stack_exceptions *__cxa_get_globals(void);

void gw_stacks_attach(struct gw_thread_stacks *of)
{
    of->own->state = GW_STACK_RUNS;
    of->own->thread = &gw_current_thread;
    of->own->number = ++stacks_made;
    of->sanitized = gw_sanitizers_want_stacks();
    of->exceptions = __cxa_get_globals ? __cxa_get_globals() : of->sanitized ? &of->no_exceptions : NULL;
}

static void end_own(struct gw_thread_stacks *of)
{
    free(of->own->known);
    of->own->known = NULL;
    of->own->state = GW_STACK_DONE;
    of->own->thread = NULL;
    of->own->number = 0;
}

void gw_stacks_detach(struct gw_stacks *stacks, struct gw_thread_stacks *of)
{
    struct gw_stack *running = of->running;
    if (running != of->own) {
        gw_stacks_change(stacks, of, &gw_current_thread, of->own, false);
        gw_stacks_end(stacks, running);
    }
    end_own(of);
}

void gw_stacks_thread_is_gone(struct gw_stacks *stacks, struct gw_thread_stacks *of, const struct gw_thread *thread)
{
    if (of->running != of->own) gw_stacks_end(stacks, of->running);
    of->running = of->own;
    end_own(of);
    gw_stacks_thread_ends(stacks, thread);
}

void gw_stacks_thread_ends(struct gw_stacks *stacks, const struct gw_thread *thread)
{
    for (struct gw_stack *stack = stacks->all; stack; stack = stack->next)
        if (gw_stack_was_left(stack) && stack->thread == thread) stack->thread = NULL;
}

static bool holds(const struct gw_stack *stack, uintptr_t address)
{
    return gw_stack_was_left(stack) && address - stack->bounds.low < stack->bounds.bytes;
}

const struct gw_stack *gw_stacks_find(struct gw_stacks *stacks, uintptr_t address)
{
    struct gw_stack *stack = stacks->found;
    if (stack && holds(stack, address)) return stack;
    for (stack = stacks->all; stack && !holds(stack, address);) stack = stack->next;
    stacks->found = stack;
    return stack;
}

void gw_scopes_visit(const struct gw_stacks *stacks, gw_field_visitor *visit, void *context)
{
    for (const struct gw_stack *stack = stacks->all; stack; stack = stack->next) gw_scoped_handles_visit(&stack->scoped, visit, context);
}

/* ---- Checking -------------------------------------------------------------------------------------- */

static void check_shadow_words(const struct gw_stack *stack)
{
    const struct gw_stack_part *part = &stack->part;
    void **room = gw_stack_shadow(stack->bounds.low, stack->bounds.bytes);
    bool own = stack->brought || stack->bounds.made == NULL || !part->shadow_base || part->shadow_base == room;
    if (!own || part->shadow_top - part->shadow_base > part->shadow_limit - part->shadow_base)
        gw_fatal("the stack at %#lx has the shadow stack at %p, which is another one's", (unsigned long)stack->bounds.low,
                 (void *)part->shadow_base);
}

static void check_stack(const struct gw_stacks *stacks, const struct gw_stack *stack)
{
    if (stack->of != stacks || stack->number == 0)
        gw_fatal("the stack at %#lx is listed and not this heap's", (unsigned long)stack->bounds.low);
    if (!gw_stack_waits(stack)) return;
    if ((uintptr_t)stack->entry - stack->bounds.low >= stack->bounds.bytes)
        gw_fatal("the stack at %#lx was left at %p, which is on another one", (unsigned long)stack->bounds.low, (void *)stack->entry);
    if (stack->ran && !stack->listed)
        gw_fatal("the stack at %#lx has run, and no minor collection will look at it", (unsigned long)stack->bounds.low);
    check_shadow_words(stack);
}

void gw_stacks_check(const struct gw_stacks *stacks)
{
    for (const struct gw_stack *stack = stacks->all; stack; stack = stack->next)
        if (stack->number || stack->state != GW_STACK_DONE) check_stack(stacks, stack);
}

void gw_thread_stacks_check(const struct gw_thread_stacks *of)
{
    if (of->running->state != GW_STACK_RUNS && of->own->thread) gw_fatal("the stack that runs is said to wait");
}
