#include "source/parts.h"
#include "source/lines.h"
#include "source/notes.h"

void finish_function(struct reading *reading)
{
    notes_settle(reading->function);
    if (reading->in_function && reading->function->instructions.count)
        reading->finished(reading->context, reading->source, reading->function);
    reading->in_function = false;
    function_clear(reading->function);
}

void begin_part(struct reading *reading, struct text symbol)
{
    struct function *function = reading->function;
    uint32_t canonical = 0;
    while (canonical < function->parts.count && function->parts.at[canonical].section != reading->section) canonical++;
    vector_push(&function->parts, (struct part){(uint32_t)function->instructions.count, reading->section, canonical, symbol});
}

struct instruction *add_instruction(struct reading *reading)
{
    const struct statement *statement = &reading->statement;
    const struct function *function = reading->function;
    if (function->parts.at[function->parts.count - 1].section != reading->section) begin_part(reading, (struct text){0});
    reading->last_label = (struct text){0};
    struct instruction *instruction = vector_add(&reading->function->instructions);
    *instruction = (struct instruction){.text = statement->whole,
                                        .line = statement->line,
                                        .origin = origin_here(reading),
                                        .cfa = reading->cfa,
                                        .pushed_arguments = reading->pushed_arguments};
    instruction->inline_assembler = reading->inline_assembler;
    if (!function->origin.line) reading->function->origin = instruction->origin;
    return instruction;
}
