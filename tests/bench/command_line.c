/* Command lines of the benchmarks: what is given arrives, and what is wrong ends the program with 2, never with a
 * guess. */
#include "command_line.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <string.h>

static long rounds;
static const char *heap;
static bool quick;
static char words[64];

static bool take_word(void *context, const char *word)
{
    strcat((char *)context, word);
    return strcmp(word, "nonsense") != 0;
}

static void read_words(int argc, const char **argv, int *first_word)
{
    const struct known_option options[] = {
        {.name = "rounds", .argument = "N", .what = "rounds", .number = &rounds, .least = 1, .most = 100},
        {.name = "heap", .argument = "OPTIONS", .what = "the heap's", .text = &heap},
        {.name = "quick", .what = "in haste", .flag = &quick},
    };
    rounds = 3, heap = NULL, quick = false, *words = '\0';
    command_line_read(&(struct command_line){.program = "bench test",
                                             .what = "Tests.",
                                             .words = "[WORD...]",
                                             .options = options,
                                             .option_count = sizeof options / sizeof *options,
                                             .take_word = take_word,
                                             .context = words,
                                             .first_word = first_word},
                      argc, (char **)(size_t)argv);
}
#define READ(...)                                                                                                                          \
    read_words((int)(sizeof((const char *[]){"test", ##__VA_ARGS__}) / sizeof(char *)), (const char *[]){"test", ##__VA_ARGS__, NULL}, NULL)

Test(command_line, nothing_given_leaves_the_defaults)
{
    READ();
    cr_assert(rounds == 3 && !heap && !quick && !*words);
}

Test(command_line, options_stand_before_between_and_behind_words)
{
    READ("--rounds", "7", "fib", "--quick", "tak", "--heap=max-heap=1g");
    cr_assert_eq(rounds, 7);
    cr_assert_str_eq(heap, "max-heap=1g");
    cr_assert(quick);
    cr_assert_str_eq(words, "fibtak");
}

Test(command_line, reading_ends_at_the_first_word_when_it_is_asked_for)
{
    int first = 0;
    const char *argv[] = {"test", "--rounds=5", "latency", "--rounds", "nonsense", NULL};
    read_words(5, argv, &first);
    cr_assert_eq(first, 2);
    cr_assert_eq(rounds, 5);
    const char *without[] = {"test", NULL};
    read_words(1, without, &first);
    cr_assert_eq(first, 1);
}

Test(command_line, a_number_out_of_bounds_is_refused, .exit_code = 2)
{
    cr_redirect_stderr();
    READ("--rounds", "101");
}

Test(command_line, half_a_number_is_refused, .exit_code = 2)
{
    cr_redirect_stderr();
    READ("--rounds", "7x");
}

Test(command_line, an_unknown_word_is_refused, .exit_code = 2)
{
    cr_redirect_stderr();
    READ("nonsense");
}

Test(command_line, an_unknown_option_is_refused, .exit_code = 2)
{
    cr_redirect_stderr();
    READ("--fast");
}

Test(command_line, help_ends_with_success, .exit_code = 0)
{
    cr_redirect_stdout();
    READ("--help");
    cr_assert_fail("--help came back");
}
