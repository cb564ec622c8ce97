#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool add_word(struct words *words, const char *word)
{
    if (words->count == words->capacity) {
        size_t capacity = words->capacity ? words->capacity * 2 : 64;
        char **at = realloc(words->at, capacity * sizeof *at);
        if (!at) return false;
        words->at = at;
        words->capacity = capacity;
    }
    words->at[words->count++] = (char *)word;
    return true;
}

/* ---- Response files -------------------------------------------------------------------------------- */

static char *whole_text(const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "r");
    if (!file) return NULL;
    if (getdelim(&text, &size, '\0', file) < 0) {
        free(text);
        text = ferror(file) ? NULL : strdup("");
    }
    fclose(file);
    return text;
}

static bool is_space(char c)
{
    return c && strchr(" \t\n\r\f\v", c);
}

/* Ends the word that begins at *from, with its quotes and backslashes gone, and moves *from behind it. */
static void cut_word(char **from)
{
    char *in = *from, *out = in, quote = 0;
    for (; *in && (quote || !is_space(*in)); in++) {
        if (*in == '\\' && in[1]) *out++ = *++in;
        else if (quote ? *in == quote : *in == '"' || *in == '\'') quote = quote ? 0 : *in;
        else *out++ = *in;
    }
    *from = *in ? in + 1 : in;
    *out = 0;
}

static bool add_nested(struct words *words, const char *word, unsigned depth)
{
    char *text = word[0] == '@' && word[1] ? whole_text(word + 1) : NULL;
    if (!text) return add_word(words, word);
    if (depth == 64) return false;
    while (*text) { /* which stays: the words lie in it */
        char *next = text;
        if (is_space(*next)) {
            text++;
            continue;
        }
        cut_word(&next);
        if (!add_nested(words, text, depth + 1)) return false;
        text = next;
    }
    return true;
}

bool add_expanded(struct words *words, const char *word)
{
    return add_nested(words, word, 0);
}
