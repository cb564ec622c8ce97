/* The stack walker over frames written by hand (frames_${GREYWAVE_MACHINE}.S), with native frames of this file between them.
 *
 * The collector here adds MOVED to every root: a root that was missed stays, one that was visited twice moves twice. */
#include "hand_written_frames.h"
#include "roots/modules.h"
#include "roots/stack_walk.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOVED 0x1000000u

static struct gw_walk last;
static bool verify;

static void move_root(void *context, uintptr_t *slot)
{
    (void)context;
    *slot += MOVED;
}

void walk_from_door(int unused, const struct gw_entry *entry)
{
    (void)unused;
    last = (struct gw_walk){.visit = move_root, .verify = verify};
    gw_walk_stack(&last, entry);
}

/* A stack to build: frames outermost first, ending in a collection. A NULL frame is the native function itself. */
struct plan {
    managed *const *frames;
    int left;
    uintptr_t root;
};

/* Runs what is left of the plan and checks that every root moved once. Keeps its state in callee-saved registers. */
static __attribute__((noinline)) uintptr_t run(void *argument)
{
    struct plan plan = *(struct plan *)argument;
    if (plan.left == 0) {
        walk_door(0);
        return 0;
    }
    managed *frame = plan.frames[0];
    struct plan rest = {plan.frames + 1, plan.left - 1, plan.root + 0x110};
    if (!frame) return run(&rest);
    uintptr_t found = frame(plan.root, run, &rest);
    uintptr_t wanted = plan.root + MOVED + (frame == derived_frame ? 24 : 0);
    if (frame == static_frame || frame == register_frame || frame == dynamic_frame || frame == derived_frame || frame == region_frame)
        cr_assert_eq(found, wanted, "frame %d from the inside: %#zx, not %#zx", plan.left, found, wanted);
    return plan.root;
}

static void collect_under(managed *const *frames, int count)
{
    struct plan plan = {frames, count, 0x2000};
    run(&plan);
}

static void setup(void)
{
    cr_assert_eq(gw_module_register(&module), GW_OK, "%s", gw_error_text());
}

TestSuite(stack_walk, .init = setup);

#define COLLECT_UNDER(...)                                                                                                                 \
    do {                                                                                                                                   \
        managed *const frames_[] = {__VA_ARGS__};                                                                                          \
        collect_under(frames_, (int)(sizeof frames_ / sizeof *frames_));                                                                   \
    } while (0)

Test(stack_walk, given_no_managed_frame_then_the_end_is_reached)
{
    COLLECT_UNDER(NULL, NULL);
    cr_assert_eq(last.frames, 0);
    cr_assert_eq(last.roots, 0);
}

Test(stack_walk, given_each_kind_of_frame_then_its_root_moves)
{
    for (int pass = 0; pass < 3; pass++) { /* learn the recipe, replay it, verify the replay */
        verify = pass == 2;
        COLLECT_UNDER(static_frame);
        cr_assert_eq(last.frames, 1);
        COLLECT_UNDER(register_frame);
        COLLECT_UNDER(dynamic_frame);
        COLLECT_UNDER(derived_frame);
        cr_assert_eq(last.roots, 1);
        COLLECT_UNDER(region_frame);
        cr_assert_eq(last.roots, 2);
    }
}

Test(stack_walk, given_all_kinds_with_native_frames_between_then_all_roots_move)
{
    for (int pass = 0; pass < 3; pass++) {
        verify = pass == 2;
        COLLECT_UNDER(register_frame, register_frame, dynamic_frame, NULL, NULL, static_frame, register_frame, NULL, dynamic_frame,
                      derived_frame, NULL, register_frame, region_frame, dynamic_frame);
        cr_assert_eq(last.frames, 10);
        cr_assert_eq(last.roots, 11);
    }
}

Test(stack_walk, given_dynamic_frames_of_many_sizes_then_one_recipe_serves)
{
    managed *frames[100];
    for (int i = 0; i < 100; i++) frames[i] = i % 3 ? dynamic_frame : register_frame;
    for (int pass = 0; pass < 2; pass++) {
        verify = pass;
        collect_under(frames, 100);
        cr_assert_eq(last.frames, 100);
    }
}

static void *collect_on_thread(void *unused)
{
    (void)unused;
    for (int i = 0; i < 200; i++) COLLECT_UNDER(static_frame, NULL, register_frame, dynamic_frame);
    return NULL;
}

static void collecting_handler(int unused)
{
    (void)unused;
    COLLECT_UNDER(static_frame);
}

Test(stack_walk, given_a_signal_over_native_code_then_frames_on_both_sides_are_found)
{
    signal(SIGUSR1, collecting_handler);
    raise(SIGUSR1);
    cr_assert_eq(last.frames, 1);
}

Test(stack_walk, given_another_thread_then_its_stack_ends_too)
{
    pthread_t thread;
    pthread_create(&thread, NULL, collect_on_thread, NULL);
    pthread_join(thread, NULL);
}

/* ---- What must not be walked ----------------------------------------------------------------------- */

/* Runs `body` in a child; it must abort with a message that contains each of `words`. */
static void fatal_in(void (*body)(void), const char *const *words)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        body();
        _exit(0);
    }
    close(ends[1]);
    char text[2048] = "";
    size_t size = 0;
    for (ssize_t got; (got = read(ends[0], text + size, sizeof text - 1 - size)) > 0;) size += (size_t)got;
    close(ends[0]);
    int status;
    waitpid(child, &status, 0);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "the walk went on: %s", text);
    for (; *words; words++) cr_assert(strstr(text, *words), "no '%s' in: %s", *words, text);
}

static managed *const *fatal_frames;
static int fatal_count;

static void collect_fatally(void)
{
    collect_under(fatal_frames, fatal_count);
}

static void fatal_under(managed *const *frames, int count, const char *const *words)
{
    fatal_frames = frames;
    fatal_count = count;
    fatal_in(collect_fatally, words);
}

#define FATAL_UNDER(words, ...)                                                                                                            \
    do {                                                                                                                                   \
        managed *const fatal_[] = {__VA_ARGS__};                                                                                           \
        fatal_under(fatal_, (int)(sizeof fatal_ / sizeof *fatal_), words);                                                                 \
    } while (0)
#define WORDS(...)                                                                                                                         \
    (const char *const[])                                                                                                                  \
    {                                                                                                                                      \
        "greywave: fatal", __VA_ARGS__, NULL                                                                                               \
    }

Test(stack_walk, given_a_managed_call_without_a_map_then_fatal_with_its_name)
{
    FATAL_UNDER(WORDS("siteless_frame", "no frame map", "0x"), siteless_frame);
    FATAL_UNDER(WORDS("siteless_frame", "no frame map", "0x"), static_frame, siteless_frame, static_frame);
    FATAL_UNDER(WORDS("siteless_frame", "no frame map", "0x"), siteless_frame, NULL, static_frame);
}

Test(stack_walk, given_native_code_without_unwind_information_then_fatal_with_its_name)
{
    FATAL_UNDER(WORDS("bare_frame", "unwind information", "0x"), static_frame, bare_frame);
    FATAL_UNDER(WORDS("bare_frame", "unwind information", "0x"), bare_frame, static_frame);
    FATAL_UNDER(WORDS("bare_frame_null_rbp", "unwind information", "0x"), static_frame, bare_frame_null_rbp);
    FATAL_UNDER(WORDS("bare_frame_null_rbp", "unwind information", "0x"), bare_frame_null_rbp, static_frame);
}

Test(stack_walk, given_managed_code_without_unwind_information_then_fatal)
{
    FATAL_UNDER(WORDS("bare_managed_frame", "unwind information"), bare_managed_frame);
}

Test(stack_walk, given_a_map_that_lies_about_its_frame_then_verification_says_so)
{
    verify = true;
    FATAL_UNDER(WORDS("lying_frame", "disagree"), lying_frame, NULL, lying_frame);
}

static void collect_in_handler(int unused)
{
    (void)unused;
    walk_door(0);
}

static void collect_on_fault(void)
{
    signal(SIGSEGV, collect_in_handler);
    faulting_frame(16, NULL, NULL); /* where no memory is */
}

Test(stack_walk, given_a_signal_over_managed_code_then_fatal)
{
    fatal_in(collect_on_fault, WORDS("faulting_frame", "signal handler"));
}
