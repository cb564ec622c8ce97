#define _GNU_SOURCE /* asprintf */
#include "inputs.h"
#include "intermediate_code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void note(struct words *words, const char *word)
{
    if (!add_word(words, word)) refuse("out of memory");
}

/* An option's value, joined or in the next argument. */
static const char *value_of(const char *argument, const char *option, const char *next)
{
    if (!starts_with(argument, option)) return NULL;
    return argument[strlen(option)] ? argument + strlen(option) : next;
}

static void note_for_linker(struct driver *driver, const char *word)
{
    const char *directory = value_of(word, "-L", NULL);
    if (directory) note(&driver->libraries, directory);
    if (word[0] == '-' && !starts_with(word, "-l")) return;
    driver->has_input = true;
    note(&driver->linked, word);
}

/* -Wl,WORD,WORD…; the linker reads response files too. */
static void note_words_for_linker(struct driver *driver, const char *list)
{
    char *rest = strdup(list);
    struct words words = {NULL, 0, 0};
    if (!rest) refuse("out of memory");
    for (char *word; (word = strsep(&rest, ","));)
        if (!add_expanded(&words, word)) refuse("%s: cannot be read", word);
    for (size_t i = 0; i < words.count; i++) note_for_linker(driver, words.at[i]);
    free(words.at);
}

static bool is_cplusplus(const char *name)
{
    static const char *const suffixes[] = {".cc", ".cpp", ".cxx", ".c++", ".C", NULL};
    const char *dot = strrchr(name, '.');
    return dot && is_one_of(dot, suffixes);
}

/* Which clang compiles, and GCC hands to its linker or leaves alone. */
static bool is_ir(const struct driver *driver, const char *name)
{
    static const char *const suffixes[] = {".bc", ".ll", NULL};
    const char *dot = strrchr(name, '.');
    return driver->language ? strcmp(driver->language, "ir") == 0 : dot && is_one_of(dot, suffixes);
}

static void note_input(struct driver *driver, const char *name)
{
    driver->has_input = true;
    if (driver->language ? starts_with(driver->language, "c++") : is_cplusplus(name)) driver->has_cplusplus = true;
    if (is_ir(driver, name)) driver->ir = name;
    else if (!driver->language) note(&driver->linked, name);
}

void note_argument(struct driver *driver, const char *argument, const char *next)
{
    const char *value;
    if (argument[0] != '-' || strcmp(argument, "-") == 0) {
        note_input(driver, argument);
    } else if ((value = value_of(argument, "-x", next))) {
        driver->language = strcmp(value, "none") == 0 ? NULL : value;
    } else if ((value = value_of(argument, "-l", next))) {
        driver->has_input = true;
        char *option;
        if (asprintf(&option, "-l%s", value) < 0) refuse("out of memory");
        note(&driver->linked, option);
    } else if ((value = value_of(argument, "-L", next))) {
        note(&driver->libraries, value);
    } else if (strcmp(argument, "-Xlinker") == 0 && next) {
        note_words_for_linker(driver, next);
    } else if (starts_with(argument, "-Wl,")) {
        note_words_for_linker(driver, argument + strlen("-Wl,"));
    }
}

static void note_library_path(struct driver *driver)
{
    const char *path = getenv("LIBRARY_PATH");
    char *rest = strdup(path ? path : "");
    if (!rest) refuse("out of memory");
    for (char *directory; (directory = strsep(&rest, ":"));) note(&driver->libraries, *directory ? directory : ".");
}

/* The file that the linker takes for `-lNAME` or `-l:NAME`, of the directories, or NULL: none of them has it. The text is
 * overwritten by the next call. */
static const char *find_library(const char *option, const struct words *directories, bool is_static)
{
    static char path[PATH_MAX];
    const char *name = option + strlen("-l");
    for (size_t i = 0; i < directories->count; i++) {
        const char *directory = directories->at[i];
        if (name[0] == ':') {
            snprintf(path, sizeof path, "%s/%s", directory, name + 1);
            if (access(path, R_OK) == 0) return path;
            continue;
        }
        snprintf(path, sizeof path, "%s/lib%s.so", directory, name);
        if (!is_static && access(path, R_OK) == 0) return path;
        snprintf(path, sizeof path, "%s/lib%s.a", directory, name);
        if (access(path, R_OK) == 0) return path;
    }
    return NULL;
}

/* What is no machine code yet the linker would make such of, without maps. */
static void check_linked(const struct driver *driver, const char *word)
{
    char member[PATH_MAX], name[2 * PATH_MAX];
    const char *path = starts_with(word, "-l") ? find_library(word, &driver->libraries, driver->is_static) : word;
    enum intermediate kind = path ? intermediate_code_in(path, member, sizeof member) : INTERMEDIATE_NONE;
    if (!kind) return;
    snprintf(name, sizeof name, *member ? "%s(%s)" : "%s", path, member);
    if (kind == INTERMEDIATE_BITCODE && driver->gcc)
        refuse("%s is bitcode, of which GCC's linker would make code without maps; compile it without -flto", name);
    if (kind == INTERMEDIATE_BITCODE && !driver->has_lto)
        refuse("%s is bitcode, compiled for link-time optimisation; link with -flto or -flto=thin", name);
    if (kind == INTERMEDIATE_GCC && finds_by(driver, "asm"))
        refuse("%s was compiled by GCC with -flto: gw-asmgcroot reads the assembler output of each file, and link-time "
               "optimisation has none; compile it without",
               name);
}

void check_inputs(struct driver *driver)
{
    if (driver->gcc && driver->ir) refuse("%s is LLVM IR, which GCC does not compile; leave out --gcc and --roots=asm", driver->ir);
    if (!driver->links) return;
    note_library_path(driver);
    for (size_t i = 0; i < driver->linked.count; i++) check_linked(driver, driver->linked.at[i]);
}
