/* What gwcc reads of its inputs before the compiler and the linker do. */
#ifndef GW_PLUGIN_GWCC_INPUTS_H
#define GW_PLUGIN_GWCC_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

struct words {
    char **at;
    size_t count, capacity;
};

/* Keeps the pointer. False: no memory. */
bool add_word(struct words *words, const char *word);

/* Adds the word, or for `@FILE` the words in that file, which may name files in turn. They are divided as clang and GCC
 * divide them: by white space, with quotes of both kinds, a backslash in front of what stands for itself. A file that
 * cannot be read leaves its word as it is, for the compiler to complain of. False: no memory, or files that name themselves. */
bool add_expanded(struct words *words, const char *word);

/* Code that is none yet: what links it makes machine code of it. */
enum intermediate { INTERMEDIATE_NONE, INTERMEDIATE_BITCODE, INTERMEDIATE_GCC };

/* What kind an object file is, or the first member of an archive that is of one. `member` gets the member's name, or "". */
enum intermediate intermediate_code_in(const char *path, char *member, size_t size);

/* The file that the linker takes for `-lNAME` or `-l:NAME`, of the directories, or NULL: none of them has it. The text is
 * overwritten by the next call. */
const char *find_library(const char *option, const struct words *directories, bool is_static);

#endif
