/* gwcc: compiles and links like cc, with the collector's pass plug-in and runtime.
 *
 * Everything that is not an option of gwcc itself goes to clang as it stands. The parts (plug-in, headers, runtime)
 * are found relative to this executable, so a build tree and an install prefix work the same way:
 * <prefix>/bin/gwcc, <prefix>/lib/libgreywave*, <prefix>/include/greywave.
 */
#include "command.h"
#include "inputs.h"
#include "installed.h"
#include "options.h"
#include "running.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void read_arguments(struct driver *driver, const struct words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        const char *argument = words->at[i], *next = i + 1 < words->count ? words->at[i + 1] : NULL;
        if (starts_with(argument, "--") && argument[2] && !is_compiler_long_option(argument)) {
            read_own_option(driver, argument);
            continue;
        }
        note_argument(driver, argument, next);
        if (strcmp(argument, "-target") == 0 && next) read_target(driver, next);
        if (takes_value(argument) && next) {
            push(driver, argument);
            argument = next;
            i++;
        }
        read_compiler_option(driver, argument);
    }
    if (strcmp(driver->llvm, "22") != 0 && strcmp(driver->llvm, "19") != 0) refuse("--llvm=%s: LLVM 22 and 19 are supported", driver->llvm);
    check_roots(driver);
}

/* gwc++, as a link to gwcc, or whatever name ends so. */
static bool is_named_for_cplusplus(const char *name)
{
    size_t length = name ? strlen(name) : 0;
    return length > 2 && strcmp(name + length - 2, "++") == 0;
}

static void print_command(const struct driver *driver)
{
    for (size_t i = 0; i < driver->arguments.count; i++) printf(i ? " '%s'" : "%s", driver->arguments.at[i]);
    putchar('\n');
}

int main(int argc, char **argv)
{
    const char *llvm = getenv("GWCC_LLVM");
    struct driver driver = {.llvm = llvm && *llvm ? llvm : "22", .roots = "statepoint", .links = true};
    struct words words = {NULL, 0, 0};
    driver.is_cplusplus = driver.has_cplusplus = is_named_for_cplusplus(argv[0]);
    find_prefix(&driver);
    push(&driver, NULL);                            /* the compiler, once its version is known */
    if (isatty(STDERR_FILENO)) push(&driver, NULL); /* and that its words may have colours, though clang sees a pipe */
    for (int i = 1; i < argc; i++)
        if (!add_expanded(&words, argv[i])) refuse("%s: there is no memory for its words, or it names itself", argv[i]);
    read_arguments(&driver, &words);
    if (!driver.has_input) refuse("no input files; see gwcc --help");
    driver.arguments.at[0] = (char *)(driver.gcc ? driver.gcc : compiler(&driver));
    if (!driver.arguments.at[1]) driver.arguments.at[1] = (char *)(driver.gcc ? "-fdiagnostics-color=always" : "-fcolor-diagnostics");
    check_inputs(&driver);
    const char *libraries = library_directory(&driver);
    if (driver.gcc) push_gcc_options(&driver, libraries);
    else push_compile_options(&driver, libraries);
    if (driver.links) push_link_options(&driver, libraries);
    if (driver.print) {
        print_command(&driver);
        return 0;
    }
    push(&driver, NULL);
    return run_compiler(&driver);
}
