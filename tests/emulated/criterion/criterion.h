/* As much of Criterion as the unit tests use, where Criterion cannot run: it starts each test by executing the program anew, and an
 * emulator of user programs executes nothing. Here each test is a child of the program. */
#ifndef GREYWAVE_CRITERION_H
#define GREYWAVE_CRITERION_H

#define CRITERION_EMULATED 1

#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct criterion_test {
    const char *suite, *name;
    void (*run)(void);
    void (*init)(void), (*fini)(void);
    int signal;
    double timeout; /* seconds */
    struct criterion_test *next;
};

void criterion_add(struct criterion_test *test);
_Noreturn void criterion_fail(const char *file, int line, const char *condition, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#define CR_TEST_(s, n, ...)                                                                                                                \
    static void s##_##n##_run(void);                                                                                                       \
    __attribute__((constructor)) static void s##_##n##_add(void)                                                                           \
    {                                                                                                                                      \
        static struct criterion_test test = {.suite = #s, .name = #n, .run = s##_##n##_run, __VA_ARGS__};                                  \
        criterion_add(&test);                                                                                                              \
    }                                                                                                                                      \
    static void s##_##n##_run(void)
#define Test(...) CR_TEST_(__VA_ARGS__, .next = NULL)
#define TestSuite(s, ...)                                                                                                                  \
    __attribute__((constructor)) static void s##_suite(void)                                                                               \
    {                                                                                                                                      \
        static struct criterion_test suite = {.suite = #s, __VA_ARGS__};                                                                   \
        criterion_add(&suite);                                                                                                             \
    }                                                                                                                                      \
    struct s##_suite

#define CR_CHECK_(condition, text, ...)                                                                                                    \
    do {                                                                                                                                   \
        if (!(condition)) criterion_fail(__FILE__, __LINE__, text, "" __VA_ARGS__);                                                        \
    } while (0)
#define cr_assert(condition, ...) CR_CHECK_(condition, #condition, __VA_ARGS__)
#define cr_assert_not(condition, ...) CR_CHECK_(!(condition), "not " #condition, __VA_ARGS__)
#define cr_assert_eq(a, b, ...) CR_CHECK_((a) == (b), #a " == " #b, __VA_ARGS__)
#define cr_assert_neq(a, b, ...) CR_CHECK_((a) != (b), #a " != " #b, __VA_ARGS__)
#define cr_assert_lt(a, b, ...) CR_CHECK_((a) < (b), #a " < " #b, __VA_ARGS__)
#define cr_assert_leq(a, b, ...) CR_CHECK_((a) <= (b), #a " <= " #b, __VA_ARGS__)
#define cr_assert_gt(a, b, ...) CR_CHECK_((a) > (b), #a " > " #b, __VA_ARGS__)
#define cr_assert_geq(a, b, ...) CR_CHECK_((a) >= (b), #a " >= " #b, __VA_ARGS__)
#define cr_assert_null(a, ...) CR_CHECK_((a) == NULL, #a " is null", __VA_ARGS__)
#define cr_assert_not_null(a, ...) CR_CHECK_((a) != NULL, #a " is not null", __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...) CR_CHECK_(strcmp(a, b) == 0, #a " is the text " #b, __VA_ARGS__)
#define cr_assert_str_empty(a, ...) CR_CHECK_(!*(a), #a " is empty", __VA_ARGS__)
#define cr_assert_str_not_empty(a, ...) CR_CHECK_(*(a), #a " is not empty", __VA_ARGS__)
#define cr_assert_float_eq(a, b, far, ...) CR_CHECK_(fabs((double)(a) - (double)(b)) <= (far), #a " is about " #b, __VA_ARGS__)
#define cr_assert_arr_eq(a, b, size, ...) CR_CHECK_(memcmp(a, b, size) == 0, #a " holds " #b, __VA_ARGS__)
#define cr_log_info(...) ((void)fprintf(stderr, __VA_ARGS__))

#endif
