/* Option text: every key, every kind of mistake, and the environment variable. */
#include <criterion/criterion.h>
#include <greywave/greywave.h>
#include <stdlib.h>
#include <string.h>

Test(options, every_key_is_understood)
{
    struct gw_options options;
    cr_assert_eq(gw_options_parse("nursery=2m,max-heap=512m,growth=80,age=3,stress=alloc+move+step+stay,poison=1,verify=1,"
                                  "verify-walk=1,log=1,pause=250us,pretouch=100m",
                                  &options),
                 GW_OK, "%s", gw_error_text());
    cr_assert_eq(options.nursery, 2u << 20);
    cr_assert_eq(options.max_heap, 512u << 20);
    cr_assert_eq(options.growth, 80);
    cr_assert_eq(options.age, 3);
    cr_assert_eq(options.stress_every, 1);
    cr_assert_eq(options.pause_ns, 250000);
    cr_assert(options.stress_step && options.stress_move && options.stress_stay && options.poison && options.verify &&
              options.verify_walk && options.log);
    cr_assert_eq(options.pretouch_mb, 100);
    cr_assert_not(options.stress_safepoint);
}

Test(options, sizes_take_suffixes)
{
    static const struct {
        const char *text;
        size_t bytes;
    } cases[] = {{"nursery=131072", 131072}, {"nursery=128k", 131072}, {"nursery=3M", 3u << 20}, {"nursery=1g", 1u << 30}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gw_options options;
        cr_assert_eq(gw_options_parse(cases[i].text, &options), GW_OK, "%s", gw_error_text());
        cr_assert_eq(options.nursery, cases[i].bytes, "%s", cases[i].text);
    }
}

Test(options, mistakes_are_refused_in_words_that_name_the_key)
{
    static const struct {
        const char *text, *words;
    } cases[] = {{"nurserie=2m", "nurserie"},
                 {"nursery", "nursery"},
                 {"nursery=", "nursery"},
                 {"nursery=2x", "2x"},
                 {"nursery=1k", "out of range"},
                 {"nursery=99999999999999999999m", "nursery"},
                 {"max-heap=17179869184g", "max-heap"},
                 {"growth=5", "growth"},
                 {"age=15", "age"},
                 {"stress=never", "never"},
                 {"stress=", "stress"},
                 {"stress=0", "stress"},
                 {"poison=yes", "poison"},
                 {"verify=2", "verify"},
                 {"pause=5", "time"},
                 {"pause=1us", "out of range"},
                 {"pause=99999s", "pause"},
                 {"pretouch=yes", "size"},
                 {"stress=4294967296", "4294967296"},
                 {"nursery=-4m", "nursery"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gw_options options, defaults;
        gw_options_parse("", &defaults);
        cr_assert_eq(gw_options_parse(cases[i].text, &options), GW_ERROR_OPTION, "%s was accepted", cases[i].text);
        cr_assert_not_null(strstr(gw_error_text(), cases[i].words), "'%s': %s", cases[i].text, gw_error_text());
        cr_assert_arr_eq(&options, &defaults, sizeof options);
    }
}

Test(options, the_environment_wins_and_its_mistakes_are_named)
{
    setenv("GREYWAVE", "nursery=banana", 1);
    cr_assert_eq(gw_init(NULL), GW_ERROR_OPTION);
    cr_assert_not_null(strstr(gw_error_text(), "GREYWAVE"));
    cr_assert_not_null(strstr(gw_error_text(), "banana"));
    setenv("GREYWAVE", "nursery=128k", 1);
    cr_assert_eq(gw_init("nursery=1m"), GW_OK);
    cr_assert_eq(gw_current_thread.limit - gw_current_thread.alloc, 128 << 10);
}

static bool never_crashes(unsigned *seed)
{
    static const char alphabet[] = "nursery=max-hp,gowth0123456789kmg+stl vif";
    char text[64];
    size_t length = (size_t)rand_r(seed) % (sizeof text - 1);
    for (size_t i = 0; i < length; i++) text[i] = alphabet[(size_t)rand_r(seed) % (sizeof alphabet - 1)];
    text[length] = '\0';
    struct gw_options options;
    gw_status status = gw_options_parse(text, &options);
    return status == GW_OK || (status == GW_ERROR_OPTION && *gw_error_text());
}

Test(options, random_text_is_accepted_or_refused_in_words)
{
    unsigned seed = 4711;
    cr_log_info("seed %u", seed);
    for (int i = 0; i < 200000; i++) cr_assert(never_crashes(&seed));
}
