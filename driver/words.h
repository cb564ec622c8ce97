/* Words of a command line, and of the files that it names. */
#ifndef GW_DRIVER_WORDS_H
#define GW_DRIVER_WORDS_H

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

#endif
