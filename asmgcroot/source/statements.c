#include "source/statements.h"
#include "source/cfi.h"
#include "source/parts.h"
#include "source/sections.h"
#include "source/second_return.h"
#include "source/lines.h"

/* ---- Instructions ---------------------------------------------------------------------------------- */

static bool is_repeat(struct text prefix)
{
    return text_starts(prefix, TEXT("rep"));
}

/* Called in front of the prologue, where arguments are in registers: keeps them all. */
static bool is_profiling(struct text name)
{
    return text_equal(name, TEXT("mcount")) || text_equal(name, TEXT("_mcount")) || text_equal(name, TEXT("__fentry__"));
}

static enum block_call block_call_named(struct text name)
{
    if (text_equal(name, TEXT("memset")) || text_equal(name, TEXT("__memset_chk"))) return BLOCK_FILL;
    static const struct text copies[] = {TEXT("memcpy"), TEXT("memmove"), TEXT("__memcpy_chk"), TEXT("__memmove_chk")};
    for (size_t i = 0; i < sizeof copies / sizeof *copies; i++)
        if (text_equal(name, copies[i])) return BLOCK_COPY;
    return NO_BLOCK_CALL;
}

static void read_call(struct reading *reading, struct instruction *instruction)
{
    reading->function->calls++;
    /* GCC allocates registers across calls to functions whose code it knows (-fipa-ra). */
    const struct known_function *known =
        is_bound(&instruction->op[0]) ? source_known(reading->source, symbol_of(&instruction->op[0])) : NULL;
    if (known && known->read && reading->source->summarised) {
        instruction->writes = known->writes & (uint16_t)~(CALLEE_SAVED | BIT(RSP));
        instruction->vector_writes = known->vector_writes;
        instruction->mask_writes = known->mask_writes;
    }
    if (!is_named(&instruction->op[0])) return;
    struct text name = symbol_of(&instruction->op[0]);
    if (text_equal(name, TEXT("__morestack"))) reading->function->splits_stack = true;
    if (is_profiling(name)) instruction->writes = 0, instruction->vector_writes = 0, instruction->mask_writes = 0;
    if (!source_known(reading->source, name)) instruction->block_call = block_call_named(name);
}

/* With its prefixes, which may also be statements of their own (`rep; stosq`). */
static void read_prefixed(struct reading *reading, struct instruction *instruction, struct text mnemonic, struct text rest)
{
    char small[24];
    instruction_read(instruction, mnemonic, rest);
    bool repeated = reading->repeats;
    for (unsigned prefixes = 0; instruction->operation == OP_PREFIX && rest.size && prefixes < 4; prefixes++) {
        repeated |= is_repeat(mnemonic);
        mnemonic = text_in_small_letters(text_next_word(&rest), small);
        instruction_read(instruction, mnemonic, rest);
    }
    if (repeated) instruction_repeat(instruction);
    reading->repeats = instruction->operation == OP_PREFIX && (repeated || is_repeat(mnemonic));
}

/* By its name in a call, or by its address: a call through a register may be one. */
static bool mentions_second_return(const struct instruction *instruction)
{
    for (unsigned o = 0; o < instruction->operand_count; o++)
        if (instruction->op[o].symbolic && returns_twice(symbol_of(&instruction->op[o]))) return true;
    return false;
}

void read_instruction(struct reading *reading, const struct statement *statement)
{
    /* The assembler's macro sees statements whose first word is `call`, wherever they stand. */
    bool numbered = text_equal(statement->name, TEXT("call"));
    uint32_t number = reading->source->calls;
    reading->source->calls += numbered;
    reading->last_label = (struct text){0};
    section_here(reading)->code = true;
    if (!reading->in_function) return;
    struct instruction *instruction = add_instruction(reading);
    read_prefixed(reading, instruction, statement->name, statement->rest);
    instruction->numbered = numbered;
    instruction->call_number = number;
    reading->function->comes_back |= mentions_second_return(instruction);
    if (instruction->operation == OP_CALL) read_call(reading, instruction);
}

/* ---- Markers --------------------------------------------------------------------------------------- */

static void read_root_marker(struct reading *reading, const struct statement *statement)
{
    reading->source->has_markers = true;
    if (!reading->in_function || !section_here(reading)->code) {
        if (!reading->source->summarised) return; /* it will be read again */
        complain(reading->source->complaints, where_reading(reading),
                 "a marker outside any function that is known here: its label has no .type, and no .cfi_startproc is behind it; write one "
                 "of them");
        return;
    }
    struct instruction *marker = add_instruction(reading);
    struct text operand = statement->rest;
    marker->operation = OP_MARKER;
    marker->marker_count = 1;
    if (text_equal(statement->name, TEXT("GCROOTS"))) { /* GCROOTS n operand */
        size_t size = 0;
        while (size < operand.size && operand.at[size] != ' ') size++;
        int32_t count = directive_number((struct text){operand.at, size});
        marker->marker_count = count > 0 && count <= 4096 ? (uint32_t)count : 0;
        operand = text_trimmed((struct text){operand.at + size, operand.size - size});
    }
    marker->operand_count = 1;
    marker->op[0] = operand_read(operand);
    if (!reading->function->markers++ && marker->origin.line) reading->function->origin = marker->origin;
}

void read_marker(struct reading *reading, const struct statement *statement)
{
    if (text_equal(statement->name, TEXT("GCNOCOLLECT")))
        source_remember(reading->source, (struct known_function){.name = text_unquoted(statement->rest),
                                                                 .never_collects = true,
                                                                 .declared = true,
                                                                 .writes = CALL_CLOBBERED,
                                                                 .vector_writes = ~0u,
                                                                 .mask_writes = ALL_MASKS});
    else read_root_marker(reading, statement);
}
