#include "source/source.h"
#include "source/directives.h"
#include "source/labels.h"
#include "source/lines.h"
#include "source/parts.h"
#include "source/sections.h"
#include "source/statements.h"

#include <stdlib.h>

static void read_successors(struct reading *reading)
{
    struct function *function = reading->function;
    if (!function->notes.count) vector_push(&function->notes, (struct block_note){0});
    struct block_note *note = &function->notes.at[function->notes.count - 1];
    note->at = (uint32_t)function->instructions.count;
    note->line = reading->statement.line;
    note->successors = reading->statement.rest;
}

static void begin_inline_assembler(struct reading *reading)
{
    reading->inline_assembler = reading->assembler_open = true;
    reading->before_assembler = (uint32_t)reading->function->instructions.count;
}

/* Inline assembler of no instruction may still jump: something writes one there when the program runs. */
static void end_inline_assembler(struct reading *reading)
{
    bool empty = reading->assembler_open && reading->function->instructions.count == reading->before_assembler;
    if (empty && reading->in_function && section_here(reading)->code) add_instruction(reading)->operation = OP_NOTHING;
    reading->assembler_open = false;
}

/* GCC says #NO_APP in front of its own next line only, which may be one of the next block. */
static void begin_block(struct reading *reading, struct text number)
{
    end_inline_assembler(reading);
    reading->function->has_block_notes = true;
    function_begin_block(reading->function, text_number(number));
}

static void leave_inline_assembler(struct reading *reading)
{
    end_inline_assembler(reading);
    reading->inline_assembler = false;
    reading->assembler_origin = (struct origin){0};
}

static void read_statement(struct reading *reading)
{
    const struct statement *statement = &reading->statement;
    switch (statement->kind) {
    case STATEMENT_LABEL: read_label(reading, statement->name); break;
    case STATEMENT_DIRECTIVE: read_directive(reading, statement); break;
    case STATEMENT_INSTRUCTION: read_instruction(reading, statement); break;
    case STATEMENT_MARKER: read_marker(reading, statement); break;
    case STATEMENT_BLOCK: begin_block(reading, statement->rest); break;
    case STATEMENT_SUCCESSORS: read_successors(reading); break;
    case STATEMENT_APP: begin_inline_assembler(reading); break;
    case STATEMENT_NO_APP: leave_inline_assembler(reading); break;
    case STATEMENT_ASSIGNMENT: read_alias(reading, statement->name, (struct text){0}); break;
    case STATEMENT_ORIGIN:
        read_origin(reading, statement);
        if (reading->inline_assembler && reading->assembler_origin.line) begin_inline_assembler(reading); /* one more */
        break;
    }
}

void source_read(struct source *source, function_visitor *finished, void *context)
{
    struct reading reading = {.source = source,
                              .function = &source->function,
                              .reader = reader_on(source->text),
                              .finished = finished,
                              .context = context,
                              .cfa = {.base = NO_REGISTER}};
    reading.section = section_number(&reading, TEXT(".text"), (struct text){0});
    reading.previous = reading.section;
    while (next_statement(&reading.reader, &reading.statement)) read_statement(&reading);
    finish_function(&reading);
    source->lines = reading.reader.line;
}

void source_rewind(struct source *source)
{
    vector_clear(&source->sections);
    if (source->section_index.count) memset(source->section_index.at, 0, source->section_index.count * sizeof(uint32_t));
    vector_clear(&source->weak);
    vector_clear(&source->files);
    source->calls = 0;
    source->summarised = true;
}

void source_free(struct source *source)
{
    function_free(&source->function);
    vector_free(&source->sections);
    vector_free(&source->section_index);
    vector_free(&source->weak);
    vector_free(&source->files);
    vector_free(&source->known);
    vector_free(&source->known_index);
}
