/* Walks that leave out what they know, over frames written by hand (frames_${GREYWAVE_MACHINE}.S) and native frames of this
 * file.
 *
 * The heap here is arithmetic: a young reference says in which collection it was right last, and survives one more as
 * young before it grows old. A word that a collection should have visited and did not is young and late: every later
 * look finds it. */
#include "hand_written_frames.h"
#include "machine_registers.h"
#include "roots/modules.h"
#include "roots/stack_walk.h"

#include <criterion/criterion.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- References ------------------------------------------------------------------------------------ */

#define YOUNG UINT64_C(0x100000000000)
#define YOUNG_BYTES UINT64_C(0x100000000000)
#define OLD UINT64_C(0x400000000000)
#define EPOCH_SHIFT 16 /* below: the object's name, and whether it has survived once */
#define SURVIVOR UINT64_C(0x8000)

static uint64_t epoch;

static uintptr_t new_young(uintptr_t name)
{
    return YOUNG + (epoch << EPOCH_SHIFT) + (name & 0x3ff0); /* what is derived from it stays below SURVIVOR */
}

static bool is_young(uintptr_t word)
{
    return word - YOUNG < YOUNG_BYTES;
}

static bool is_late(uintptr_t word)
{
    return is_young(word) && (word - YOUNG) >> EPOCH_SHIFT != epoch;
}

/* The collection at the end of which `epoch` is one more. Derived pointers follow their base, so the distance is kept.
 */
static void collect_root(void *context, uintptr_t *slot)
{
    (void)context;
    uintptr_t word = *slot;
    if (!is_young(word)) return;
    cr_assert_eq((word - YOUNG) >> EPOCH_SHIFT, epoch - 1, "%#zx was missed before collection %zu", word, (size_t)epoch);
    *slot = word & SURVIVOR ? OLD + (word & 0x7fff) : word + (UINT64_C(1) << EPOCH_SHIFT) + SURVIVOR;
}

static unsigned late;

static void count_late(void *context, uintptr_t *slot)
{
    (void)context;
    late += is_late(*slot);
}

/* ---- Walks ----------------------------------------------------------------------------------------- */

static struct gw_known_stack *known;
static uint64_t surveys;
static bool only_look;
static struct gw_walk last;
static struct gw_survey survey;

void walk_from_door(int unused, const struct gw_entry *entry)
{
    (void)unused;
    last = (struct gw_walk){.visit = only_look ? count_late : collect_root};
    if (!only_look) {
        survey = (struct gw_survey){.known = &known, .number = ++surveys, .young = YOUNG, .young_bytes = YOUNG_BYTES};
        last.survey = &survey;
    }
    gw_walk_stack(&last, entry);
}

/* Nothing may be late after a collection, wherever it stopped. Returns how many frames it visited. */
static __attribute__((noinline)) unsigned collect(void)
{
    epoch++;
    walk_door(0);
    unsigned frames = (unsigned)last.frames;
    cr_assert(gw_known_stack_check(known));
    only_look = true;
    walk_door(0);
    only_look = false;
    cr_assert_eq(late, 0, "%u words were missed by collection %zu", late, (size_t)epoch);
    return frames;
}

static void setup(void)
{
    cr_assert_eq(gw_module_register(&module), GW_OK, "%s", gw_error_text());
}

static void forget(void)
{
    free(known);
    known = NULL;
}

TestSuite(known_stack, .init = setup, .fini = forget);

/* ---- Known shapes ---------------------------------------------------------------------------------- */

struct plan {
    managed *frame;
    int left;
    void (*bottom)(void);
};

static __attribute__((noinline)) uintptr_t run(void *argument)
{
    struct plan *plan = argument;
    if (plan->left == 0) {
        plan->bottom();
        return 0;
    }
    struct plan rest = {plan->frame, plan->left - 1, plan->bottom};
    uintptr_t found = plan->frame(new_young((uintptr_t)plan->left << 4), run, &rest);
    cr_assert(!is_late(found) || plan->frame == forgetful_frame);
    return found;
}

static void run_under(managed *frame, int count, void (*bottom)(void))
{
    run(&(struct plan){frame, count, bottom});
}

/* Once as survivors, once as old, and then only the youngest frame, by which the rest is known. */
static void collect_until_settled(void)
{
    cr_assert_eq(collect(), 100);
    cr_assert_eq(collect(), 100);
    cr_assert_eq(collect(), 1);
    cr_assert(survey.stopped);
    cr_assert_eq(collect(), 1);
}

Test(known_stack, given_frames_that_wait_then_they_are_left_out_once_they_hold_nothing_young)
{
    run_under(marked_frame, 100, collect_until_settled);
}

Test(known_stack, given_marks_in_frames_of_varying_size_then_they_are_left_out_too)
{
    run_under(marked_dynamic_frame, 100, collect_until_settled);
}

static void collect_all_each_time(void)
{
    for (int i = 0; i < 4; i++) cr_assert_eq(collect(), 100);
}

Test(known_stack, given_no_marks_then_every_frame_is_visited)
{
    run_under(static_frame, 100, collect_all_each_time);
    cr_assert_eq(known->open_count, 0);
}

static void collect_over_open_frames(void)
{
    cr_assert_eq(collect(), 100 + 3);
    cr_assert_eq(known->open_count, 100);
    cr_assert_eq(collect(), 3);
    cr_assert_eq(collect(), 1);
    cr_assert_eq(known->open_count, 100);
}

static void marked_on_top(void)
{
    run_under(marked_frame, 3, collect_over_open_frames);
}

Test(known_stack, given_open_frames_below_marked_ones_then_their_words_are_visited_without_walking)
{
    run_under(static_frame, 100, marked_on_top);
}

static void collect_after_another_heap(void)
{
    collect();
    collect();
    struct gw_known_stack *first = known;
    known = NULL;
    cr_assert_eq(collect(), 10, "what one heap knows is nothing to another");
    forget();
    known = first;
}

Test(known_stack, given_a_second_heap_then_it_knows_nothing)
{
    run_under(marked_frame, 10, collect_after_another_heap);
}

static void collect_twice(void)
{
    collect();
    collect();
}

static void collect_for_both(void)
{
    struct gw_known_stack *first = known;
    known = NULL;
    collect(); /* the other heap's walk is the first to mark the frames on top */
    forget();
    known = first;
    cr_assert_eq(collect(), 5 + 1);
}

static void more_on_top(void)
{
    run_under(marked_frame, 5, collect_twice); /* so that the first heap knows a stack as deep */
    run_under(marked_frame, 5, collect_for_both);
}

Test(known_stack, given_a_mark_by_a_later_walk_for_another_heap_then_it_tells_nothing)
{
    run_under(marked_frame, 5, more_on_top);
}

static void look_for_late(void)
{
    epoch++;
    walk_door(0);
    only_look = true;
    walk_door(0);
    only_look = false;
}

/* What the other tests rely on: a mark that was not cleared is believed, and the words that are missed then are seen.
 */
Test(known_stack, given_a_mark_that_is_not_cleared_then_the_missed_words_show)
{
    run_under(forgetful_frame, 20, collect_twice);
    run_under(forgetful_frame, 20, look_for_late);
    cr_assert_gt(late, 0);
}

static void collect_in_handler(int unused)
{
    (void)unused;
    collect();
    cr_assert(!known->walk, "a signal's stack may lie anywhere");
}

static void raise_over_native_code(void)
{
    collect();
    collect();
    signal(SIGUSR1, collect_in_handler);
    raise(SIGUSR1);
    cr_assert_eq(collect(), 10);
}

Test(known_stack, given_a_signal_then_nothing_is_known_afterwards)
{
    run_under(marked_frame, 10, raise_over_native_code);
}

/* ---- Any shape ------------------------------------------------------------------------------------- */

static uint64_t random_state;

static unsigned random_below(unsigned limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 33) % limit;
}

#define DEEPEST 200

/* Words of open frames that wait, and places to jump to, by depth. */
static struct level {
    uintptr_t *open;
    jmp_buf *target;
} levels[DEEPEST + 1];
static unsigned actions_left, stops;

struct descent {
    managed *frame;
    int depth;
};

static uintptr_t wander(void *argument);

static uintptr_t any_reference(void)
{
    uintptr_t name = (uintptr_t)random_below(0x400) << 4;
    return random_below(4) ? new_young(name) : OLD + name;
}

static void descend(int depth)
{
    static managed *const kinds[] = {marked_frame, marked_frame,   marked_frame,  marked_frame, marked_dynamic_frame,
                                     static_frame, register_frame, dynamic_frame, derived_frame};
    struct descent next = {kinds[random_below(sizeof kinds / sizeof *kinds)], depth + 1};
    uintptr_t found = next.frame(any_reference(), wander, &next);
    cr_assert(!is_late(found), "the frame at depth %d returned a word that was missed", depth + 1);
}

/* What a callee with the variable's address does, long after the frame was met by a collection. */
static void write_to_waiting_frame(int depth)
{
    uintptr_t *word = levels[random_below((unsigned)depth + 1)].open;
    if (word) *word = any_reference();
}

static void jump_out(int depth)
{
    jmp_buf *target = levels[random_below((unsigned)depth + 1)].target;
    if (target && random_below(4) == 0) longjmp(*target, 1);
}

/* Goes up and down the stack. Called by a managed frame, whose word is at the stack pointer plus 8 if it is a static
 * one. */
static __attribute__((noinline)) uintptr_t wander(void *argument)
{
    volatile int depth = ((const struct descent *)argument)->depth;
    bool is_static = ((const struct descent *)argument)->frame == static_frame;
    jmp_buf here;
    levels[depth] = (struct level){is_static ? (uintptr_t *)CALLERS_STACK_POINTER() + 1 : NULL, &here};
    setjmp(here);
    /* Saved in this frame, so that no register that is put back by longjmp still holds a register frame's root of that
     * time. */
    SAVE_ALL_REGISTERS();
    while (actions_left) {
        actions_left--;
        switch (random_below(16)) {
        case 0:
        case 1:
        case 2:
            collect();
            stops += survey.stopped;
            break;
        case 3:
        case 4: write_to_waiting_frame(depth); break;
        case 5: jump_out(depth); break;
        case 6:
        case 7:
        case 8:
        case 9:
            if (depth > 0) return 0;
            break;
        default:
            if (depth < DEEPEST) descend(depth);
        }
    }
    return 0;
}

#ifdef CRITERION_EMULATED /* each step takes many times as long */
enum { ROUNDS = 10 };
#else
enum { ROUNDS = 200 };
#endif

Test(known_stack, given_any_ups_and_downs_then_no_word_is_missed)
{
    uint64_t seed = (uint64_t)getpid() * 0x9e3779b97f4a7c15 + 1;
    const char *wanted = getenv("SEED");
    if (wanted) seed = strtoull(wanted, NULL, 0);
    for (int round = 0; round < ROUNDS; round++, seed += 2) {
        random_state = seed;
        actions_left = 2000;
        wander(&(struct descent){NULL, 0});
        cr_assert(!late, "SEED=%#zx", (size_t)seed);
    }
    cr_assert_gt(stops, 5 * ROUNDS);
    fprintf(stderr, "the last SEED was %#zx; %u walks stopped early\n", (size_t)seed, stops);
}
