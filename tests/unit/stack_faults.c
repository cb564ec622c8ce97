/* Planted faults: a collector that leaves out a part of what stacks hold, each time another one. Runs that move objects, poison what was
 * vacated and verify must say so, and the same run without a fault must end well.
 *
 * Functions of the runtime's that look at stacks are wrapped (-Wl,--wrap): while they run, what the fault names is hidden from them. */
#include "arch/stacks.h"
#include "engine/stacks.h"
#include "hand_written_frames.h"
#include "heap_fixture.h"
#include "mutator/stacks.h"
#include "roots/modules.h"

#include <stdio.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

void walk_from_door(int unused, const struct gw_entry *entry)
{
    (void)unused, (void)entry;
}

/* ---- Faults ---------------------------------------------------------------------------------------- */

enum part { NOTHING, ARGUMENTS, FRAMES, BROUGHT, SHADOW_WORDS, SCOPES, ARGUMENT_AT_HAND, FREEING, GOAL };
static struct {
    enum part part;
    bool in_minor, in_cycle;
} fault;

#define FEW 16
static struct {
    struct gw_stack *stack, before;
} hidden[FEW];

static bool is_hidden(const struct gw_stack *stack)
{
    switch (fault.part) {
    case ARGUMENTS: return stack->state == GW_STACK_NEW;
    case FRAMES: return stack->state == GW_STACK_WAITS;
    case BROUGHT: return stack->brought && stack->state == GW_STACK_AWAY;
    case SHADOW_WORDS:
    case SCOPES: return gw_stack_was_left(stack);
    default: return false;
    }
}

static void hide_part(struct gw_stack *stack)
{
    if (fault.part == SHADOW_WORDS) stack->part.shadow_top = stack->part.shadow_base;
    else if (fault.part == SCOPES) memset(&stack->scoped, 0, sizeof stack->scoped);
    else stack->state = GW_STACK_DONE;
}

static size_t hide(struct gw_heap *heap)
{
    size_t count = 0;
    for (struct gw_stack *stack = heap->stacks.all; stack && count < FEW; stack = stack->next) {
        if (!is_hidden(stack)) continue;
        hidden[count].stack = stack;
        hidden[count++].before = *stack;
        hide_part(stack);
    }
    return count;
}

static void show_all(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hidden[i].stack->state = hidden[i].before.state;
        hidden[i].stack->part = hidden[i].before.part;
        hidden[i].stack->scoped = hidden[i].before.scoped;
    }
}

/* Minor collections visit words one by one. */
static bool is_word_of_part(const struct gw_stack *stack, const uintptr_t *slot)
{
    const struct gw_stack_part *part = &stack->part;
    if (!is_hidden(stack)) return false;
    if (fault.part == ARGUMENTS) return slot == gw_stack_argument(stack->entry);
    if (fault.part == SHADOW_WORDS) return slot >= (uintptr_t *)part->shadow_base && slot < (uintptr_t *)part->shadow_top;
    return (uintptr_t)slot - stack->bounds.low < stack->bounds.bytes;
}

struct visit {
    const struct gw_stacks *stacks;
    gw_slot_visitor *visit;
    void *context;
};

static void visit_others(void *context, uintptr_t *slot)
{
    const struct visit *visit = context;
    for (const struct gw_stack *stack = visit->stacks->all; stack; stack = stack->next)
        if (is_word_of_part(stack, slot)) return;
    visit->visit(visit->context, slot);
}

void __real_gw_visit_changed_stacks(struct gw_heap *heap, gw_slot_visitor *visit, void *context);
void __wrap_gw_visit_changed_stacks(struct gw_heap *heap, gw_slot_visitor *visit, void *context);
void __wrap_gw_visit_changed_stacks(struct gw_heap *heap, gw_slot_visitor *visit, void *context)
{
    struct visit others = {&heap->stacks, visit, context};
    if (fault.in_minor) __real_gw_visit_changed_stacks(heap, visit_others, &others);
    else __real_gw_visit_changed_stacks(heap, visit, context);
}

bool __real_gw_mark_stacks_step(struct gw_heap *heap, size_t count);
bool __wrap_gw_mark_stacks_step(struct gw_heap *heap, size_t count);
bool __wrap_gw_mark_stacks_step(struct gw_heap *heap, size_t stacks)
{
    size_t count = fault.in_cycle ? hide(heap) : 0;
    bool done = __real_gw_mark_stacks_step(heap, stacks);
    show_all(count);
    return done;
}

/* The argument of a stack for which there is no memory yet waits in the heap's record. */
static unsigned full_ones; /* how often the system has no memory */

uintptr_t __real_gw_stack_memory_take(struct gw_stack_pool *pool, size_t bytes);
uintptr_t __wrap_gw_stack_memory_take(struct gw_stack_pool *pool, size_t bytes);
uintptr_t __wrap_gw_stack_memory_take(struct gw_stack_pool *pool, size_t bytes)
{
    if (full_ones == 0) return __real_gw_stack_memory_take(pool, bytes);
    full_ones--;
    return 0;
}

void __real_gw_collect_full(struct gw_heap *heap, const struct gw_entry *entry);
void __wrap_gw_collect_full(struct gw_heap *heap, const struct gw_entry *entry);
void __wrap_gw_collect_full(struct gw_heap *heap, const struct gw_entry *entry)
{
    uintptr_t *argument = &heap->mutator->arguments[GW_ARGUMENT_OF_STACK], before = *argument;
    bool plants = fault.part == ARGUMENT_AT_HAND && before;
    if (plants) *argument = 0;
    __real_gw_collect_full(heap, entry);
    if (plants) *argument = before;
}

bool __real_gw_stacks_free(struct gw_stacks *stacks, struct gw_stack *stack);
bool __wrap_gw_stacks_free(struct gw_stacks *stacks, struct gw_stack *stack);
bool __wrap_gw_stacks_free(struct gw_stacks *stacks, struct gw_stack *stack)
{
    return fault.part != FREEING && __real_gw_stacks_free(stacks, stack);
}

void __real_gw_stacks_set_goal(struct gw_stacks *stacks);
void __wrap_gw_stacks_set_goal(struct gw_stacks *stacks);
void __wrap_gw_stacks_set_goal(struct gw_stacks *stacks)
{
    __real_gw_stacks_set_goal(stacks);
    if (fault.part == GOAL) stacks->goal = SIZE_MAX;
}

/* ---- What the program does ------------------------------------------------------------------------- */

static void *immediate(uintptr_t number)
{
    return (void *)(number << 3 | 1);
}

static void check_number(const struct node *node, uint64_t number)
{
    if (node->number == number) return;
    fprintf(stderr, "a node has the number %lu, not %lu\n", (unsigned long)node->number, (unsigned long)number);
    _exit(1);
}

/* What was refused in words, as gw_stack_new does. */
static void require(bool is, const char *what)
{
    if (is) return;
    fprintf(stderr, "%s: %s\n", what, gw_error_text());
    _exit(1);
}

static void work(void)
{
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 300; k++) new_node(1);
        gw_collect(i == 1 ? GW_FULL : GW_MINOR);
    }
}

static void *has_argument(void *argument, void *value)
{
    check_number(argument, (uintptr_t)value >> 3);
    return NULL;
}

static void begin_late(void)
{
    gw_stack *stacks[4];
    for (uint64_t i = 0; i < 4; i++) stacks[i] = gw_stack_new(0, has_argument, new_node(i));
    work();
    for (uintptr_t i = 0; i < 4; i++) gw_stack_switch(stacks[i], immediate(i));
}

static uintptr_t yield_once(void *unused)
{
    (void)unused;
    gw_stack_yield(NULL);
    return 0;
}

static void *has_frame(void *argument, void *value)
{
    (void)value;
    check_number((struct node *)marked_frame((uintptr_t)argument, yield_once, NULL), 5);
    return NULL;
}

static void *has_shadow_word(void *argument, void *value)
{
    (void)value;
    gw_shadow_reserve(1);
    *gw_current_thread.shadow_top++ = argument;
    gw_stack_yield(NULL);
    check_number(*--gw_current_thread.shadow_top, 5);
    return NULL;
}

static void *has_scope(void *argument, void *value)
{
    (void)value;
    gw_scope scope = gw_scope_begin();
    gw_handle handle = gw_scope_handle(argument);
    gw_stack_yield(NULL);
    check_number(gw_handle_get(handle), 5);
    gw_scope_end(scope);
    return NULL;
}

static void wait_with(gw_stack_function *body)
{
    gw_stack *stack = gw_stack_new(0, body, new_node(5));
    gw_stack_switch(stack, NULL);
    work();
    gw_stack_switch(stack, NULL);
    require(gw_stack_is_done(stack), "the stack did not go on");
}

static void wait_with_frame(void)
{
    wait_with(has_frame);
}

static void wait_with_shadow_word(void)
{
    wait_with(has_shadow_word);
}

static void wait_with_scope(void)
{
    wait_with(has_scope);
}

/* ---- A stack of the program's own */

static ucontext_t first, second;
static gw_stack *own;

static void *go(void *unused)
{
    (void)unused;
    swapcontext(&first, &second);
    return NULL;
}

static void *go_back(void *unused)
{
    (void)unused;
    swapcontext(&second, &first);
    return NULL;
}

static uintptr_t leave_once(void *unused)
{
    gw_stack_switch_by(own, go_back, unused);
    return 0;
}

static void on_second(void)
{
    check_number((struct node *)marked_frame((uintptr_t)new_node(5), leave_once, NULL), 5);
    gw_stack_leave(own);
}

static void wait_on_brought_stack(void)
{
    static char memory[256 << 10] __attribute__((aligned(16)));
    getcontext(&second);
    second.uc_stack.ss_sp = memory;
    second.uc_stack.ss_size = sizeof memory;
    second.uc_link = &first;
    makecontext(&second, on_second, 0);
    own = gw_stack_current();
    gw_stack *brought = gw_stack_add(memory, sizeof memory);
    gw_stack_switch_by(brought, go, NULL);
    work();
    gw_stack_switch_by(brought, go, NULL);
    require(gw_stack_is_done(brought), "the stack did not go on");
}

/* ---- Memory for stacks */

static void make_without_memory(void)
{
    for (uintptr_t i = 0; i < 3; i++) {
        full_ones = 1;
        gw_stack *stack = gw_stack_new(0, has_argument, new_node(i));
        require(stack, "gw_stack_new");
        gw_stack_switch(stack, immediate(i));
    }
}

/* ---- Running it ------------------------------------------------------------------------------------ */

static char said[1 << 16];

/* In a process of its own, by options; its exit status. */
static int run(void (*body)(void), const char *options)
{
    int pipes[2], status;
    size_t length = 0;
    cr_assert_eq(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(pipes[1], 2);
        cr_assert_eq(gw_module_register(&module), GW_OK);
        start_heap(options);
        body();
        _exit(0);
    }
    close(pipes[1]);
    for (ssize_t count; length < sizeof said - 1 && (count = read(pipes[0], said + length, sizeof said - 1 - length)) > 0;)
        length += (size_t)count;
    said[length] = 0;
    close(pipes[0]);
    cr_assert_eq(waitpid(child, &status, 0), child);
    return status;
}

#define STRICT "nursery=64k,stress=3+move,poison=1,verify=1"
#define CYCLES "nursery=64k,age=0,poison=1,verify=1"

/* `words` are said with the fault, and nothing without. */
static void plant(void (*body)(void), const char *options, enum part part, const char *words)
{
    fault.part = NOTHING;
    cr_assert_eq(run(body, options), 0, "without a fault: %s", said);
    fault.part = part;
    cr_assert_neq(run(body, options), 0, "the fault is not seen");
    cr_assert(strstr(said, words), "%s", said);
}

static void plant_in_minor(void (*body)(void), enum part part, const char *words)
{
    fault.in_minor = true;
    plant(body, STRICT, part, words);
}

static void plant_in_cycle(void (*body)(void), enum part part, const char *words)
{
    fault.in_cycle = true;
    plant(body, CYCLES, part, words);
}

static const char unmarked[] = "is reachable, and not marked: it would be freed too early";
static const char vacated[] = "refers to vacated memory";

Test(stack_faults, the_argument_of_a_stack_that_has_not_begun_is_not_updated)
{
    plant_in_minor(begin_late, ARGUMENTS, vacated);
}

Test(stack_faults, the_argument_of_a_stack_that_has_not_begun_is_not_marked)
{
    plant_in_cycle(begin_late, ARGUMENTS, unmarked);
}

Test(stack_faults, frames_of_a_stack_that_waits_are_not_updated)
{
    plant_in_minor(wait_with_frame, FRAMES, vacated);
}

Test(stack_faults, frames_of_a_stack_that_waits_are_not_marked)
{
    plant_in_cycle(wait_with_frame, FRAMES, unmarked);
}

Test(stack_faults, frames_of_a_stack_that_was_brought_are_not_updated)
{
    plant_in_minor(wait_on_brought_stack, BROUGHT, vacated);
}

Test(stack_faults, frames_of_a_stack_that_was_brought_are_not_marked)
{
    plant_in_cycle(wait_on_brought_stack, BROUGHT, unmarked);
}

Test(stack_faults, shadow_words_of_a_stack_that_waits_are_not_updated)
{
    plant_in_minor(wait_with_shadow_word, SHADOW_WORDS, vacated);
}

Test(stack_faults, shadow_words_of_a_stack_that_waits_are_not_marked)
{
    plant_in_cycle(wait_with_shadow_word, SHADOW_WORDS, unmarked);
}

/* Minor collections find handles by their slabs, whatever stack they belong to. */
Test(stack_faults, handles_of_a_stack_that_waits_are_not_marked)
{
    plant_in_cycle(wait_with_scope, SCOPES, unmarked);
}

Test(stack_faults, the_argument_is_not_kept_while_memory_for_its_stack_is_made)
{
    plant(make_without_memory, STRICT, ARGUMENT_AT_HAND, "a node has the number");
}

#ifndef CRITERION_EMULATED /* cycles keep up by the clock */
struct holder {
    gw_stack *stack;
};
static void free_held(void *payload)
{
    gw_stack_free(((struct holder *)payload)->stack);
}
static const struct gw_type holder_type = {.name = "holder", .size = sizeof(struct holder), .destroy = free_held};

static void drop_many(void)
{
    for (int i = 0; i < 10000; i++) {
        roots[1] = gw_alloc(&holder_type);
        gw_stack *stack = gw_stack_new(0, has_argument, NULL);
        require(stack, "gw_stack_new");
        ((struct holder *)roots[1])->stack = stack;
    }
    size_t count = gw_current_thread.heap->stacks.count;
    if (count < 4000) return;
    fprintf(stderr, "%zu stacks of dead objects are left\n", count);
    _exit(1);
}

Test(stack_faults, stacks_of_dead_objects_are_not_freed)
{
    plant(drop_many, "nursery=1m", FREEING, "stacks of dead objects are left");
}

Test(stack_faults, many_stacks_start_no_cycle)
{
    plant(drop_many, "nursery=1m", GOAL, "stacks of dead objects are left");
}
#endif
