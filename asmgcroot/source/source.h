/* Reads a whole assembler file, function by function. Owns sections, the numbering of calls, and the account of .cfi
 * directives. */
#ifndef GW_ASMGCROOT_SOURCE_H
#define GW_ASMGCROOT_SOURCE_H

#include "source/function.h"
#include "source/known.h"

struct source {
    struct text text;
    struct complaints *complaints;
    struct function function;  /* the one being read */
    VECTOR(struct text) files; /* of the program, by the numbers of .file and .loc */
    VECTOR(struct section) sections;
    VECTOR(uint32_t) section_index; /* open-addressed by name: the latest section of that name + 1 */
    VECTOR(struct text) weak;       /* names declared .weak since the last function began */
    VECTOR(struct known_function) known;
    VECTOR(uint32_t) known_index;
    uint32_t calls; /* statements that the assembler's `call` macro will see */
    uint64_t lines;
    bool summarised;          /* `known` is complete */
    bool has_markers;         /* somewhere in the file */
    struct where unsupported; /* a directive under which the text is not what is assembled; line 0: none */
};

/* Calls `finished` for each function when all of it was read. */
typedef void function_visitor(void *context, struct source *source, struct function *function);
void source_read(struct source *source, function_visitor *finished, void *context);
/* Back to the start of the text; what is known of functions stays. */
void source_rewind(struct source *source);
void source_free(struct source *source);

#endif
