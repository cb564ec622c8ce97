#include "source.h"

#include <stdlib.h>

#define SECTION_DEPTH 16
#define CFI_DEPTH 16

struct reading {
    struct source *source;
    struct function *function;
    struct reader reader;
    struct statement statement;
    function_visitor *finished;
    void *context;
    uint32_t section, previous, pushed[SECTION_DEPTH];
    unsigned depth;
    struct text typed; /* the last .type …, @function */
    struct cfa_rule cfa, remembered[CFI_DEPTH];
    unsigned remembered_count;
    bool in_function, inline_assembler;
    bool repeats;        /* the statement before was a bare `rep` */
    bool has_successors; /* the next instruction ends a block, and the compiler says where it leads: */
    struct text successors;
    uint32_t pushed_arguments;
    struct text data_label; /* the last label in a data section */
    struct text except[3];  /* the last three `.uleb128 a-b` of an exception table: their a */
    unsigned except_count;
    bool except_table;
};

/* ---- Functions known by name ----------------------------------------------------------------------- */

static uint32_t *known_slot(const struct source *source, struct text name)
{
    size_t mask = source->known_index.count - 1;
    for (size_t i = text_hash(name) & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &source->known_index.at[i];
        if (!*slot || text_equal(source->known.at[*slot - 1].name, name)) return slot;
    }
}

const struct known_function *source_known(const struct source *source, struct text name)
{
    if (!source->known_index.count) return NULL;
    uint32_t found = *known_slot(source, name);
    return found ? &source->known.at[found - 1] : NULL;
}

static void grow_known(struct source *source)
{
    size_t size = source->known_index.count ? source->known_index.count * 2 : 64;
    source->known_index.at = vector_grown(source->known_index.at, &source->known_index.room, size, sizeof(uint32_t));
    source->known_index.count = size;
    memset(source->known_index.at, 0, size * sizeof(uint32_t));
    for (size_t i = 0; i < source->known.count; i++) *known_slot(source, source->known.at[i].name) = (uint32_t)i + 1;
}

void source_remember(struct source *source, struct known_function known)
{
    if ((source->known.count + 1) * 2 > source->known_index.count) grow_known(source);
    uint32_t *slot = known_slot(source, known.name);
    if (*slot) {
        if (source->known.at[*slot - 1].declared) known.declared = known.never_collects = true;
        known.read |= source->known.at[*slot - 1].read;
        source->known.at[*slot - 1] = known;
        return;
    }
    vector_push(&source->known, known);
    *slot = (uint32_t)source->known.count;
}

uint32_t source_number(struct source *source, struct text name)
{
    if (!source_known(source, name)) source_remember(source, (struct known_function){.name = name});
    return *known_slot(source, name) - 1;
}

/* ---- Sections -------------------------------------------------------------------------------------- */

static struct section *section_here(struct reading *reading)
{
    return &reading->source->sections.at[reading->section];
}

static bool contains(struct text text, char c)
{
    return text.size && memchr(text.at, c, text.size);
}

static struct section make_section(struct text name, struct text arguments)
{
    struct section section = {.name = name, .arguments = arguments};
    struct text list = arguments, item;
    struct text items[8] = {{0}};
    for (unsigned i = 0; i < 8 && text_next_item(&list, &item); i++) items[i] = item;
    section.code = text_equal(name, TEXT(".text")) || text_starts(name, TEXT(".text.")) || contains(items[1], 'x');
    section.debug = text_starts(name, TEXT(".debug")) || text_starts(name, TEXT(".gnu.debug"));
    section.exceptions = text_starts(name, TEXT(".gcc_except_table"));
    if (contains(items[1], 'G')) section.group = items[contains(items[1], 'M') ? 4 : 3];
    return section;
}

static uint32_t *section_slot(const struct source *source, struct text name)
{
    size_t mask = source->section_index.count - 1;
    for (size_t i = text_hash(name) & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &source->section_index.at[i];
        if (!*slot || text_equal(source->sections.at[*slot - 1].name, name)) return slot;
    }
}

static void grow_sections(struct source *source)
{
    size_t size = source->section_index.count ? source->section_index.count * 2 : 64;
    source->section_index.at =
        vector_grown(source->section_index.at, &source->section_index.room, size, sizeof(uint32_t));
    source->section_index.count = size;
    memset(source->section_index.at, 0, size * sizeof(uint32_t));
    for (size_t i = 0; i < source->sections.count; i++)
        *section_slot(source, source->sections.at[i].name) = (uint32_t)i + 1;
}

/* The section's number; a directive may name one again without its flags. */
static uint32_t section_number(struct reading *reading, struct text name, struct text arguments)
{
    struct section section = make_section(name, arguments);
    struct source *source = reading->source;
    bool bare = !contains(arguments, ',');
    if ((source->sections.count + 1) * 2 > source->section_index.count) grow_sections(source);
    uint32_t *slot = section_slot(source, name);
    for (uint32_t i = *slot; i; i = source->sections.at[i - 1].same_name)
        if (bare || text_equal(source->sections.at[i - 1].group, section.group)) return i - 1;
    section.same_name = *slot;
    vector_push(&source->sections, section);
    *slot = (uint32_t)source->sections.count;
    return *slot - 1;
}

static void enter_section(struct reading *reading, uint32_t section)
{
    reading->previous = reading->section;
    reading->section = section;
}

static bool read_section_directive(struct reading *reading, struct text name, struct text rest)
{
    struct text list = rest, item = {0};
    if (text_equal(name, TEXT(".text")) || text_equal(name, TEXT(".data")) || text_equal(name, TEXT(".bss"))) {
        enter_section(reading, section_number(reading, name, (struct text){0}));
    } else if (text_equal(name, TEXT(".section")) || text_equal(name, TEXT(".pushsection"))) {
        if (text_equal(name, TEXT(".pushsection")) && reading->depth < SECTION_DEPTH)
            reading->pushed[reading->depth++] = reading->section;
        if (text_next_item(&list, &item)) enter_section(reading, section_number(reading, item, rest));
    } else if (text_equal(name, TEXT(".popsection"))) {
        if (reading->depth) enter_section(reading, reading->pushed[--reading->depth]);
    } else if (text_equal(name, TEXT(".previous"))) {
        enter_section(reading, reading->previous);
    } else {
        return false;
    }
    reading->data_label = (struct text){0};
    return true;
}

/* ---- .cfi directives ------------------------------------------------------------------------------- */

static uint8_t cfi_register(struct text text)
{
    static const uint8_t of_dwarf[17] = {RAX, RDX, RCX, RBX, RSI, RDI, RBP, RSP,         R8,
                                         R9,  R10, R11, R12, R13, R14, R15, REGISTER_RIP};
    uint8_t width;
    if (text.size && *text.at == '%') return register_named((struct text){text.at + 1, text.size - 1}, &width);
    struct operand number = operand_read(text);
    return !number.symbolic && number.number >= 0 && number.number < 17 ? of_dwarf[number.number] : REGISTER_OTHER;
}

static int32_t cfi_number(struct text text)
{
    struct operand number = operand_read(text);
    return number.symbolic || number.number < INT32_MIN || number.number > INT32_MAX ? INT32_MAX
                                                                                     : (int32_t)number.number;
}

static uint8_t cfa_base(uint8_t reg)
{
    return reg < GENERAL_REGISTERS ? reg : REGISTER_OTHER;
}

/* DW_CFA_def_cfa_expression, and DW_CFA_GNU_args_size with a number of one byte or more. */
static void read_cfi_escape(struct reading *reading, struct text operation, struct text number)
{
    int32_t code = cfi_number(operation), bytes = cfi_number(number);
    if (code == 0x0f) reading->cfa.base = REGISTER_OTHER;
    if (code == 0x2e) reading->pushed_arguments = bytes >= 0 && bytes < 0x80 ? (uint32_t)bytes : UINT32_MAX;
}

static bool read_cfi(struct reading *reading, struct text name, struct text rest)
{
    struct text first = {0}, second = {0};
    struct cfa_rule *cfa = &reading->cfa;
    if (!text_starts(name, TEXT(".cfi_"))) return false;
    text_next_item(&rest, &first);
    text_next_item(&rest, &second);
    if (text_equal(name, TEXT(".cfi_startproc"))) {
        *cfa = (struct cfa_rule){RSP, 8};
        reading->remembered_count = reading->pushed_arguments = 0;
    } else if (text_equal(name, TEXT(".cfi_endproc"))) {
        cfa->base = NO_REGISTER;
    } else if (text_equal(name, TEXT(".cfi_def_cfa"))) {
        *cfa = (struct cfa_rule){cfa_base(cfi_register(first)), cfi_number(second)};
    } else if (text_equal(name, TEXT(".cfi_def_cfa_offset"))) {
        cfa->offset = cfi_number(first);
    } else if (text_equal(name, TEXT(".cfi_adjust_cfa_offset"))) {
        cfa->offset = (int32_t)((uint32_t)cfa->offset + (uint32_t)cfi_number(first));
    } else if (text_equal(name, TEXT(".cfi_def_cfa_register"))) {
        cfa->base = cfa_base(cfi_register(first));
    } else if (text_equal(name, TEXT(".cfi_escape"))) {
        read_cfi_escape(reading, first, second);
    } else if (text_equal(name, TEXT(".cfi_remember_state"))) {
        if (reading->remembered_count < CFI_DEPTH) reading->remembered[reading->remembered_count++] = *cfa;
    } else if (text_equal(name, TEXT(".cfi_restore_state"))) {
        if (reading->remembered_count) *cfa = reading->remembered[--reading->remembered_count];
    }
    return true;
}

/* ---- Functions ------------------------------------------------------------------------------------- */

static void finish_function(struct reading *reading)
{
    if (reading->in_function && reading->function->instructions.count)
        reading->finished(reading->context, reading->source, reading->function);
    reading->in_function = false;
    function_clear(reading->function);
}

/* f.cold, or f.cold.1, of the function f at hand. */
static bool is_cold_part(const struct reading *reading, struct text name)
{
    size_t at = reading->function->name.size;
    return reading->in_function && text_starts(name, reading->function->name) && name.size >= at + 5 &&
           memcmp(name.at + at, ".cold", 5) == 0 && (name.size == at + 5 || name.at[at + 5] == '.');
}

static bool is_weak(const struct source *source, struct text name)
{
    for (size_t i = source->weak.count; i-- > 0;)
        if (text_equal(source->weak.at[i], name)) return true;
    return false;
}

static void begin_part(struct reading *reading, struct text symbol)
{
    struct function *function = reading->function;
    vector_push(&function->parts, (struct part){(uint32_t)function->instructions.count, reading->section, symbol});
}

/* GCC's .LFB0 stands right behind the function's name and cannot be preempted as that can. */
static bool is_begin_label(struct text name)
{
    return text_starts(name, TEXT(".LFB")) || text_starts(name, TEXT(".LFSB"));
}

static void begin_function(struct reading *reading, struct text name)
{
    bool cold = is_cold_part(reading, name);
    if (!cold) {
        finish_function(reading);
        reading->in_function = true;
        reading->function->name = name;
        reading->function->weak = is_weak(reading->source, name);
        vector_clear(&reading->source->weak);
    }
    begin_part(reading, name);
    function_add_label(reading->function, name, !cold);
}

static void read_code_label(struct reading *reading, struct text name)
{
    struct function *function = reading->function;
    if (text_equal(name, reading->typed)) {
        begin_function(reading, name);
        return;
    }
    if (!reading->in_function) return;
    struct part *part = &function->parts.at[function->parts.count - 1];
    if (is_begin_label(name) && part->first == function->instructions.count && part->section == reading->section) {
        part->symbol = name;
        struct section *section = section_here(reading);
        if (!section->anchor.size) section->anchor = name;
    }
    bool local = text_starts(name, TEXT(".L")) || (*name.at >= '0' && *name.at <= '9');
    function_add_label(function, name, !local);
}

static void read_label(struct reading *reading, struct text name)
{
    if (section_here(reading)->code) {
        read_code_label(reading, name);
    } else {
        reading->data_label = name;
        if (section_here(reading)->exceptions && text_starts(name, TEXT(".LLSDACSB"))) reading->except_table = true;
        if (section_here(reading)->exceptions && text_starts(name, TEXT(".LLSDACSE"))) reading->except_table = false;
        reading->except_count = 0;
    }
}

static struct instruction *add_instruction(struct reading *reading)
{
    const struct statement *statement = &reading->statement;
    struct instruction *instruction = vector_add(&reading->function->instructions);
    *instruction = (struct instruction){.text = statement->whole,
                                        .line = statement->line,
                                        .cfa = reading->cfa,
                                        .pushed_arguments = reading->pushed_arguments};
    instruction->inline_assembler = reading->inline_assembler;
    return instruction;
}

/* ---- Data that mentions labels --------------------------------------------------------------------- */

static struct text before_minus(struct text item)
{
    const char *minus = item.size ? memchr(item.at, '-', item.size) : NULL;
    return text_trimmed(minus ? (struct text){item.at, (size_t)(minus - item.at)} : item);
}

static void add_table_entry(struct reading *reading, struct text target)
{
    struct function *function = reading->function;
    struct table *last = function->tables.count ? &function->tables.at[function->tables.count - 1] : NULL;
    if (!last || !text_equal(last->name, reading->data_label)) {
        vector_push(&function->tables, (struct table){reading->data_label, (uint32_t)function->targets.count, 0});
        last = &function->tables.at[function->tables.count - 1];
    }
    vector_push(&function->targets, target);
    last->count++;
}

/* Call-site records are four words: start, length, landing pad or 0, action. */
static void read_exception_word(struct reading *reading, struct text word)
{
    if (reading->except_count < 3) {
        reading->except[reading->except_count++] = before_minus(word);
        return;
    }
    reading->except_count = 0;
    struct text pad = reading->except[2];
    if (pad.size && *pad.at == '.')
        vector_push(&reading->function->pads, (struct call_site_range){reading->except[0], reading->except[1], pad});
}

/* An instruction written as bytes: whoever follows a reference stops here. */
static void add_unknown(struct reading *reading)
{
    add_instruction(reading)->operation = OP_UNKNOWN;
}

static void read_data(struct reading *reading, struct text name, struct text rest)
{
    const struct section *section = section_here(reading);
    if (!reading->in_function || section->debug) return;
    if (section->exceptions) {
        if (reading->except_table && text_equal(name, TEXT(".uleb128"))) read_exception_word(reading, rest);
        return;
    }
    static const struct text words[] = {TEXT(".long"),  TEXT(".quad"), TEXT(".word"),
                                        TEXT(".value"), TEXT(".byte"), TEXT(".int")};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct text item;
        if (!text_equal(name, words[i])) continue;
        if (section->code && reading->inline_assembler) add_unknown(reading);
        while (text_next_item(&rest, &item))
            if (text_starts(item, TEXT(".L"))) add_table_entry(reading, before_minus(item));
        return;
    }
}

/* ---- Directives ------------------------------------------------------------------------------------ */

/* Directives under which the text is not what the assembler sees. */
static bool is_unsupported(struct text name)
{
    static const struct text names[] = {TEXT(".macro"),   TEXT(".rept"),      TEXT(".irp"),          TEXT(".irpc"),
                                        TEXT(".include"), TEXT(".altmacro"),  TEXT(".intel_syntax"), TEXT(".purgem"),
                                        TEXT(".incbin"),  TEXT(".subsection")};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equal(name, names[i])) return true;
    return text_starts(name, TEXT(".if"));
}

static void read_type(struct reading *reading, struct text rest)
{
    struct text name = {0}, type = {0};
    text_next_item(&rest, &name);
    text_next_item(&rest, &type);
    if (text_equal(type, TEXT("@function")) || text_equal(type, TEXT("@gnu_indirect_function"))) reading->typed = name;
}

static void read_directive(struct reading *reading, const struct statement *statement)
{
    struct text name = statement->name, rest = statement->rest;
    if (read_cfi(reading, name, rest) || read_section_directive(reading, name, rest)) return;
    if (text_equal(name, TEXT(".type"))) {
        read_type(reading, rest);
    } else if (text_equal(name, TEXT(".weak"))) {
        vector_push(&reading->source->weak, rest);
    } else if (is_unsupported(name)) {
        if (reading->source->unsupported.size) return;
        reading->source->unsupported = name;
        reading->source->unsupported_line = statement->line;
    } else {
        read_data(reading, name, rest);
    }
}

/* ---- Instructions ---------------------------------------------------------------------------------- */

static bool is_repeat(struct text prefix)
{
    return text_starts(prefix, TEXT("rep"));
}

static bool is_setjmp(struct text name)
{
    return text_equal(name, TEXT("_setjmp")) || text_equal(name, TEXT("setjmp")) ||
           text_equal(name, TEXT("__sigsetjmp")) || text_equal(name, TEXT("sigsetjmp")) ||
           text_equal(name, TEXT("getcontext")) || text_equal(name, TEXT("vfork"));
}

/* Called in front of the prologue, where arguments are in registers: keeps them all. */
static bool is_profiling(struct text name)
{
    return text_equal(name, TEXT("mcount")) || text_equal(name, TEXT("_mcount")) ||
           text_equal(name, TEXT("__fentry__"));
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
    }
    if (!is_named(&instruction->op[0])) return;
    struct text name = symbol_of(&instruction->op[0]);
    if (is_setjmp(name)) reading->function->comes_back = true;
    if (text_equal(name, TEXT("__morestack"))) reading->function->splits_stack = true;
    if (is_profiling(name)) instruction->writes = 0, instruction->vector_writes = 0;
}

/* An exception comes back to a landing pad, which is known; anything else that comes back to a function does not only
 * end calls but brings back registers. */
static bool comes_back(struct text successors)
{
    static const struct text abnormal = TEXT("(ABNORMAL,ABNORMAL_CALL"), exception = TEXT(",EH");
    for (struct text rest = successors; rest.size >= abnormal.size + exception.size; rest.at++, rest.size--) {
        struct text behind = {rest.at + abnormal.size, exception.size};
        if (text_starts(rest, abnormal) && !text_equal(behind, exception)) return true;
    }
    return false;
}

static void take_successors(struct reading *reading, struct instruction *instruction)
{
    struct text list = reading->successors;
    instruction->no_return = !list.size;
    instruction->leaves = text_starts(list, TEXT("EXIT"));
    if (instruction->operation == OP_JUMP) instruction->successors = list;
    if (instruction->operation == OP_CALL && comes_back(list)) reading->function->comes_back = true;
    reading->has_successors = false;
}

/* With its prefixes, which may also be statements of their own (`rep; stosq`). */
static void read_prefixed(struct reading *reading, struct instruction *instruction, struct text mnemonic,
                          struct text rest)
{
    instruction_read(instruction, mnemonic, rest);
    for (unsigned prefixes = 0; instruction->operation == OP_PREFIX && rest.size && prefixes < 4; prefixes++) {
        instruction->repeated |= is_repeat(mnemonic);
        size_t size = 0;
        while (size < rest.size && rest.at[size] != ' ' && rest.at[size] != '\t') size++;
        mnemonic = (struct text){rest.at, size};
        rest = text_trimmed((struct text){rest.at + size, rest.size - size});
        instruction_read(instruction, mnemonic, rest);
    }
    instruction->repeated |= reading->repeats;
    reading->repeats = instruction->operation == OP_PREFIX && (instruction->repeated || is_repeat(mnemonic));
}

static void read_instruction(struct reading *reading, const struct statement *statement)
{
    /* The assembler's macro sees statements whose first word is `call`, wherever they stand. */
    bool numbered = text_equal(statement->name, TEXT("call"));
    uint32_t number = reading->source->calls;
    reading->source->calls += numbered;
    if (!reading->in_function || !section_here(reading)->code) return;
    struct instruction *instruction = add_instruction(reading);
    read_prefixed(reading, instruction, statement->name, statement->rest);
    instruction->numbered = numbered;
    instruction->call_number = number;
    if (reading->has_successors) take_successors(reading, instruction);
    if (instruction->operation == OP_CALL) read_call(reading, instruction);
}

/* ---- Markers --------------------------------------------------------------------------------------- */

static void read_root_marker(struct reading *reading, const struct statement *statement)
{
    reading->source->has_markers = true;
    if (!reading->in_function || !section_here(reading)->code) return;
    struct instruction *marker = add_instruction(reading);
    struct text operand = statement->rest;
    marker->operation = OP_MARKER;
    marker->marker_count = 1;
    if (text_equal(statement->name, TEXT("GCROOTS"))) { /* GCROOTS n operand */
        size_t size = 0;
        while (size < operand.size && operand.at[size] != ' ') size++;
        int32_t count = cfi_number((struct text){operand.at, size});
        marker->marker_count = count > 0 && count <= 4096 ? (uint32_t)count : 0;
        operand = text_trimmed((struct text){operand.at + size, operand.size - size});
    }
    marker->operand_count = 1;
    marker->op[0] = operand_read(operand);
    reading->function->markers++;
}

static void read_marker(struct reading *reading, const struct statement *statement)
{
    if (text_equal(statement->name, TEXT("GCNOCOLLECT")))
        source_remember(reading->source, (struct known_function){.name = statement->rest,
                                                                 .never_collects = true,
                                                                 .declared = true,
                                                                 .writes = (uint16_t)~(CALLEE_SAVED | BIT(RSP)),
                                                                 .vector_writes = ~0u});
    else read_root_marker(reading, statement);
}

static uint32_t note_number(struct text text)
{
    uint32_t number = 0;
    for (size_t i = 0; i < text.size && i < 9 && text.at[i] >= '0' && text.at[i] <= '9'; i++)
        number = number * 10 + (uint32_t)(text.at[i] - '0');
    return number;
}

static void read_statement(struct reading *reading)
{
    const struct statement *statement = &reading->statement;
    switch (statement->kind) {
    case STATEMENT_LABEL: read_label(reading, statement->name); break;
    case STATEMENT_DIRECTIVE: read_directive(reading, statement); break;
    case STATEMENT_INSTRUCTION: read_instruction(reading, statement); break;
    case STATEMENT_MARKER: read_marker(reading, statement); break;
    case STATEMENT_BLOCK:
        reading->has_successors = false;
        reading->function->has_block_notes = true;
        function_begin_block(reading->function, note_number(statement->rest));
        break;
    case STATEMENT_SUCCESSORS:
        reading->has_successors = true;
        reading->successors = statement->rest;
        break;
    case STATEMENT_APP: reading->inline_assembler = true; break;
    case STATEMENT_NO_APP: reading->inline_assembler = false; break;
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
    if (source->section_index.count)
        memset(source->section_index.at, 0, source->section_index.count * sizeof(uint32_t));
    vector_clear(&source->weak);
    source->calls = 0;
    source->summarised = true;
}

void source_free(struct source *source)
{
    function_free(&source->function);
    vector_free(&source->sections);
    vector_free(&source->section_index);
    vector_free(&source->weak);
    vector_free(&source->known);
    vector_free(&source->known_index);
}
