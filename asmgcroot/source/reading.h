/* What is known while a file is read, of what stands before the statement at hand. */
#ifndef GW_ASMGCROOT_READING_H
#define GW_ASMGCROOT_READING_H

#include "source/source.h"

enum { SECTION_DEPTH = 16, CFI_DEPTH = 16 };

struct reading {
    struct source *source;
    struct function *function;
    struct reader reader;
    struct statement statement;
    function_visitor *finished;
    void *context;
    uint32_t section, previous, pushed[SECTION_DEPTH];
    unsigned depth;
    struct text last_label; /* behind which nothing has come yet, in this section; or empty */
    struct cfa_rule cfa, remembered[CFI_DEPTH];
    unsigned remembered_count;
    bool in_function, inline_assembler;
    bool assembler_open;                    /* a piece of inline assembler has begun in this block and not ended */
    uint32_t before_assembler;              /* instructions when it began */
    struct origin origin, assembler_origin; /* by .loc; of the inline assembler here */
    bool repeats;                           /* the statement before was a bare `rep` */
    uint32_t pushed_arguments;
    struct text data_label; /* the last label in a data section */
    struct text except[3];  /* the last three `.uleb128 a-b` of an exception table: their a */
    unsigned except_count;
    bool except_table;
};

#endif
