/* The assembler text as a row of statements. Knows comments, quotes, `;` and labels; nothing of instructions.
 *
 * Comments are statements where they say something: GW_ROOT's markers, and the compiler's notes of -dA on blocks. */
#ifndef GW_ASMGCROOT_STATEMENT_H
#define GW_ASMGCROOT_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
    const char *at;
    size_t size;
};

#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})

static inline bool text_equal(struct text a, struct text b)
{
    return a.size == b.size && (!a.size || memcmp(a.at, b.at, a.size) == 0);
}

static inline bool text_starts(struct text text, struct text prefix)
{
    return text.size >= prefix.size && memcmp(text.at, prefix.at, prefix.size) == 0;
}

uint64_t text_hash(struct text text);
/* A symbol's or section's name without the quotes around it, if there are any: "f" and f are one name. */
struct text text_unquoted(struct text text);
/* Without white space at both ends. */
struct text text_trimmed(struct text text);
/* Takes the next word: up to a blank or tab, which go with it. */
struct text text_next_word(struct text *text);
/* The decimal number that the text begins with, of at most nine digits; 0: none. */
unsigned text_number(struct text text);
/* Takes the next item of a comma-separated list, trimmed; commas inside parentheses and quotes do not count. False at
 * the end. */
bool text_next_item(struct text *list, struct text *item);

enum statement_kind {
    STATEMENT_LABEL,       /* name */
    STATEMENT_DIRECTIVE,   /* name with its dot, rest */
    STATEMENT_ASSIGNMENT,  /* name = rest */
    STATEMENT_INSTRUCTION, /* name: the mnemonic or a prefix, rest */
    STATEMENT_MARKER,      /* a comment of the header's macros: name GCROOT…, rest: the operand */
    STATEMENT_BLOCK,       /* "# BLOCK 3": a basic block begins; rest: its number */
    STATEMENT_SUCCESSORS,  /* "# SUCC: 3 [50.0%] EXIT": where the block's last instruction leads; rest: the list */
    STATEMENT_APP,         /* "#APP": inline assembler begins */
    STATEMENT_NO_APP,
    STATEMENT_ORIGIN, /* `# 4 "f.c" 1`: what follows was written there; name: the line, rest: the file */
};

struct statement {
    enum statement_kind kind;
    unsigned line;
    struct text name, rest; /* the assembler knows directives and mnemonics in any case: these are in small letters */
    struct text whole;      /* for messages */
    char small[24];         /* where `name` lies if it was not so in the text */
};

/* `word` in small letters, at `small` if need be. A word that does not fit is none that anybody knows, and stays. */
struct text text_in_small_letters(struct text word, char small[24]);

struct reader {
    const char *at, *end;
    unsigned line;
    bool line_starts; /* nothing but white space since the last newline */
};

struct reader reader_on(struct text source);
/* False at the end of the text. */
bool next_statement(struct reader *reader, struct statement *statement);

#endif
