#include "source.h"
#include "notes.h"
#include "second_return.h"

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
    struct text last_label; /* behind which nothing has come yet, in this section; or empty */
    struct cfa_rule cfa, remembered[CFI_DEPTH];
    unsigned remembered_count;
    bool in_function, inline_assembler;
    uint32_t before_app;                    /* instructions when the inline assembler began */
    struct origin origin, assembler_origin; /* by .loc; of the inline assembler here */
    bool repeats;        /* the statement before was a bare `rep` */
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
        known.typed |= source->known.at[*slot - 1].typed;
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

/* ---- Lines of the program -------------------------------------------------------------------------- */

static unsigned number_at(struct text text)
{
    unsigned number = 0;
    for (size_t i = 0; i < text.size && i < 9 && text.at[i] >= '0' && text.at[i] <= '9'; i++)
        number = number * 10 + (unsigned)(text.at[i] - '0');
    return number;
}

static struct origin origin_here(const struct reading *reading)
{
    return reading->assembler_origin.line ? reading->assembler_origin : reading->origin;
}

static struct where where(const struct reading *reading)
{
    struct text function = reading->in_function ? reading->function->name : (struct text){0};
    return (struct where){reading->statement.line, function, reading->statement.whole, origin_here(reading)};
}

/* `# 4 "f.c" 1` in front of inline assembler, and `# 0 "" 2` behind it. */
static void read_origin(struct reading *reading, const struct statement *statement)
{
    reading->assembler_origin = (struct origin){statement->rest, number_at(statement->name)};
}

static struct text next_word(struct text *list)
{
    size_t size = 0;
    while (size < list->size && list->at[size] != ' ' && list->at[size] != '\t') size++;
    struct text word = {list->at, size};
    *list = text_trimmed((struct text){list->at + size, list->size - size});
    return word;
}

#define MOST_FILES 65536u

/* .file 1 "f.c", or .file 1 "/folder" "f.c" */
static void read_file(struct source *source, struct text rest)
{
    unsigned number = number_at(next_word(&rest));
    const char *last = rest.size > 1 && rest.at[rest.size - 1] == '"' ? rest.at + rest.size - 1 : NULL;
    const char *first = last;
    while (first && first > rest.at && first[-1] != '"') first--;
    if (!first || first == rest.at || number >= MOST_FILES) return;
    while (source->files.count <= number) vector_push(&source->files, (struct text){0});
    source->files.at[number] = (struct text){first, (size_t)(last - first)};
}

/* .loc 1 17 5 */
static void read_loc(struct reading *reading, struct text rest)
{
    unsigned file = number_at(next_word(&rest)), line = number_at(next_word(&rest));
    bool known = file < reading->source->files.count && reading->source->files.at[file].size;
    reading->origin = known ? (struct origin){reading->source->files.at[file], line} : (struct origin){0};
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

/* Code may lie in sections without the flag too: read_code_label and read_instruction see it. */
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
    reading->last_label = (struct text){0};
}

static void note_unsupported(struct reading *reading)
{
    if (!reading->source->unsupported.line) reading->source->unsupported = where(reading);
}

/* `.text 1`: a piece of the section that the assembler puts behind all with smaller numbers. */
static bool is_subsection(struct text number)
{
    return number.size && *number.at >= '0' && *number.at <= '9' && !text_equal(number, TEXT("0"));
}

static bool read_section_directive(struct reading *reading, struct text name, struct text rest)
{
    struct text list = rest, item = {0};
    if (text_equal(name, TEXT(".text")) || text_equal(name, TEXT(".data")) || text_equal(name, TEXT(".bss"))) {
        if (is_subsection(rest)) note_unsupported(reading);
        enter_section(reading, section_number(reading, name, (struct text){0}));
    } else if (text_equal(name, TEXT(".section")) || text_equal(name, TEXT(".pushsection"))) {
        if (text_equal(name, TEXT(".pushsection")) && reading->depth < SECTION_DEPTH)
            reading->pushed[reading->depth++] = reading->section;
        if (text_next_item(&list, &item)) enter_section(reading, section_number(reading, text_unquoted(item), rest));
        if (text_next_item(&list, &item) && is_subsection(item)) note_unsupported(reading);
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

/* ---- Functions ------------------------------------------------------------------------------------- */

static void finish_function(struct reading *reading)
{
    notes_settle(reading->function);
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
    uint32_t canonical = 0;
    while (canonical < function->parts.count && function->parts.at[canonical].section != reading->section) canonical++;
    vector_push(&function->parts,
                (struct part){(uint32_t)function->instructions.count, reading->section, canonical, symbol});
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
        reading->origin = (struct origin){0};
        vector_clear(&reading->source->weak);
    }
    begin_part(reading, name);
    function_add_label(reading->function, name, !cold);
}

/* .cfi_startproc says that a function begins here, though nothing has declared the name in front of it one. */
static void begin_untyped(struct reading *reading)
{
    const struct function *function = reading->function;
    const struct part *last = reading->in_function ? &function->parts.at[function->parts.count - 1] : NULL;
    section_here(reading)->code = true;
    if (!reading->last_label.size || (last && last->first == function->instructions.count && last->section == reading->section))
        return;
    begin_function(reading, reading->last_label);
}

static bool is_local_label(struct text name)
{
    return text_starts(name, TEXT(".L")) || (*name.at >= '0' && *name.at <= '9');
}

static void read_code_label(struct reading *reading, struct text name)
{
    struct function *function = reading->function;
    const struct known_function *known = is_local_label(name) ? NULL : source_known(reading->source, name);
    if (known && known->typed) {
        section_here(reading)->code = true;
        begin_function(reading, name);
        return;
    }
    if (!is_local_label(name)) reading->last_label = name;
    if (!reading->in_function) return;
    struct part *part = &function->parts.at[function->parts.count - 1];
    if (is_begin_label(name) && part->first == function->instructions.count && part->section == reading->section) {
        part->symbol = name;
        struct section *section = section_here(reading);
        if (!section->anchor.size) section->anchor = name;
    }
    function_add_label(function, name, !is_local_label(name));
}

static void read_label(struct reading *reading, struct text name)
{
    const struct known_function *known = source_known(reading->source, name);
    if (!name.size) return;
    if (section_here(reading)->code || (known && known->typed)) {
        read_code_label(reading, name);
    } else {
        if (!is_local_label(name)) reading->last_label = name;
        reading->data_label = name;
        if (section_here(reading)->exceptions && text_starts(name, TEXT(".LLSDACSB"))) reading->except_table = true;
        if (section_here(reading)->exceptions && text_starts(name, TEXT(".LLSDACSE"))) reading->except_table = false;
        reading->except_count = 0;
    }
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

static void note_saved(struct cfa_rule *cfa, uint8_t reg, bool saved)
{
    if (reg >= GENERAL_REGISTERS) return;
    if (saved) cfa->saved |= (uint16_t)BIT(reg);
    else cfa->saved &= (uint16_t)~BIT(reg);
}

/* DW_CFA_def_cfa_expression; DW_CFA_expression, of a register in a realigned frame; and DW_CFA_GNU_args_size with a number of
 * one byte or more. */
static void read_cfi_escape(struct reading *reading, struct text operation, struct text number)
{
    int32_t code = cfi_number(operation), bytes = cfi_number(number);
    if (code == 0x0f) reading->cfa.base = REGISTER_OTHER;
    if (code == 0x10) note_saved(&reading->cfa, cfi_register(number), true);
    if (code == 0x2e) reading->pushed_arguments = bytes >= 0 && bytes < 0x80 ? (uint32_t)bytes : UINT32_MAX;
}

/* What becomes of the caller's value of a register. False: another directive. */
static bool read_cfi_register(struct cfa_rule *cfa, struct text name, struct text reg)
{
    bool saved = text_equal(name, TEXT(".cfi_offset")) || text_equal(name, TEXT(".cfi_rel_offset"));
    bool known = saved || text_equal(name, TEXT(".cfi_restore")) || text_equal(name, TEXT(".cfi_same_value")) ||
                 text_equal(name, TEXT(".cfi_undefined")) || text_equal(name, TEXT(".cfi_register"));
    if (known) note_saved(cfa, cfi_register(reg), saved);
    return known;
}

static bool read_cfi(struct reading *reading, struct text name, struct text rest)
{
    struct text first = {0}, second = {0};
    struct cfa_rule *cfa = &reading->cfa;
    if (!text_starts(name, TEXT(".cfi_"))) return false;
    text_next_item(&rest, &first);
    text_next_item(&rest, &second);
    if (read_cfi_register(cfa, name, first)) return true;
    if (text_equal(name, TEXT(".cfi_startproc"))) {
        begin_untyped(reading);
        *cfa = (struct cfa_rule){.base = RSP, .offset = 8};
        reading->remembered_count = reading->pushed_arguments = 0;
    } else if (text_equal(name, TEXT(".cfi_endproc"))) {
        *cfa = (struct cfa_rule){.base = NO_REGISTER};
    } else if (text_equal(name, TEXT(".cfi_def_cfa"))) {
        cfa->base = cfa_base(cfi_register(first));
        cfa->offset = cfi_number(second);
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

static struct instruction *add_instruction(struct reading *reading)
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

/* Directives that put no bytes in their place, or only padding. What is not known is taken for an instruction. */
static bool is_silent(struct text name)
{
    static const struct text names[] = {
        TEXT(".align"), TEXT(".balign"), TEXT(".p2align"),  TEXT(".globl"),  TEXT(".global"),    TEXT(".local"),
        TEXT(".size"),  TEXT(".hidden"), TEXT(".internal"), TEXT(".symver"), TEXT(".protected"), TEXT(".comm"),
        TEXT(".loc"),   TEXT(".file"),   TEXT(".ident"),    TEXT(".reloc"),  TEXT(".extern"),    TEXT(".lcomm")};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equal(name, names[i])) return true;
    return false;
}

static void read_data(struct reading *reading, struct text name, struct text rest)
{
    const struct section *section = section_here(reading);
    if (!reading->in_function || section->debug) return;
    if (section->exceptions) {
        if (reading->except_table && text_equal(name, TEXT(".uleb128"))) read_exception_word(reading, rest);
        return;
    }
    if (section->code && reading->inline_assembler && !is_silent(name)) add_unknown(reading);
    static const struct text words[] = {TEXT(".long"),  TEXT(".quad"), TEXT(".word"),
                                        TEXT(".value"), TEXT(".byte"), TEXT(".int")};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct text item;
        if (!text_equal(name, words[i])) continue;
        while (text_next_item(&rest, &item))
            if (text_starts(item, TEXT(".L"))) add_table_entry(reading, before_minus(item));
        return;
    }
}

/* ---- Directives ------------------------------------------------------------------------------------ */

/* Directives under which the text is not what the assembler sees, or not in that order. */
static bool is_unsupported(struct text name, struct text rest)
{
    static const struct text names[] = {
        TEXT(".macro"), TEXT(".rept"),   TEXT(".rep"),    TEXT(".irp"),       TEXT(".irpc"),     TEXT(".irep"),
        TEXT(".irepc"), TEXT(".endm"),   TEXT(".endr"),   TEXT(".exitm"),     TEXT(".purgem"),   TEXT(".altmacro"),
        TEXT(".mri"),   TEXT(".else"),   TEXT(".elseif"), TEXT(".include"),   TEXT(".incbin"),   TEXT(".subsection"),
        TEXT(".end"),   TEXT(".code16"), TEXT(".code32"), TEXT(".code16gcc"), TEXT(".intel_syntax")};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equal(name, names[i])) return true;
    if (text_equal(name, TEXT(".att_syntax"))) return rest.size && !text_equal(rest, TEXT("prefix"));
    return text_starts(name, TEXT(".if"));
}

/* .type f, @function; also %function, "function", STT_FUNC, with a blank for the comma. */
static void read_type(struct reading *reading, struct text rest)
{
    static const struct text types[] = {TEXT("function"), TEXT("STT_FUNC"), TEXT("2"), TEXT("gnu_indirect_function"),
                                        TEXT("STT_GNU_IFUNC"), TEXT("10")};
    struct text name = {0}, type = {0};
    text_next_item(&rest, &name);
    if (!text_next_item(&rest, &type))
        for (size_t i = name.size; i-- > 0;)
            if (name.at[i] == ' ' || name.at[i] == '\t') {
                type = (struct text){name.at + i + 1, name.size - i - 1};
                name = text_trimmed((struct text){name.at, i});
                break;
            }
    type = text_unquoted(type);
    if (type.size && strchr("@%#", *type.at)) type.at++, type.size--;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (text_equal(type, types[i])) {
            uint32_t known = source_number(reading->source, text_unquoted(name));
            reading->source->known.at[known].typed = true;
        }
}

/* Another name for something: nothing is known of a function under it, though it be the name of one that never collects. */
static void read_alias(struct reading *reading, struct text name)
{
    source_remember(reading->source, (struct known_function){.name = text_unquoted(name),
                                                             .read = true,
                                                             .writes = CALL_CLOBBERED,
                                                             .vector_writes = ~0u});
}

static bool is_alias(struct text name)
{
    return text_equal(name, TEXT(".set")) || text_equal(name, TEXT(".equ")) || text_equal(name, TEXT(".equiv")) ||
           text_equal(name, TEXT(".eqv")) || text_equal(name, TEXT(".weakref"));
}

static void read_directive(struct reading *reading, const struct statement *statement)
{
    struct text name = statement->name, rest = statement->rest, item = {0};
    if (read_cfi(reading, name, rest) || read_section_directive(reading, name, rest)) return;
    if (text_equal(name, TEXT(".type"))) {
        read_type(reading, rest);
    } else if (text_equal(name, TEXT(".weak"))) {
        while (text_next_item(&rest, &item)) vector_push(&reading->source->weak, text_unquoted(item));
    } else if (is_alias(name)) {
        if (text_next_item(&rest, &item) && !text_starts(item, TEXT(".L"))) read_alias(reading, item);
    } else if (text_equal(name, TEXT(".loc"))) {
        read_loc(reading, rest);
    } else if (text_equal(name, TEXT(".file"))) {
        read_file(reading->source, rest);
    } else if (is_unsupported(name, rest)) {
        note_unsupported(reading);
    } else {
        read_data(reading, name, rest);
    }
}

/* ---- Instructions ---------------------------------------------------------------------------------- */

static bool is_repeat(struct text prefix)
{
    return text_starts(prefix, TEXT("rep"));
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
    if (text_equal(name, TEXT("__morestack"))) reading->function->splits_stack = true;
    if (is_profiling(name)) instruction->writes = 0, instruction->vector_writes = 0;
}

/* With its prefixes, which may also be statements of their own (`rep; stosq`). */
static void read_prefixed(struct reading *reading, struct instruction *instruction, struct text mnemonic,
                          struct text rest)
{
    char small[24];
    instruction_read(instruction, mnemonic, rest);
    for (unsigned prefixes = 0; instruction->operation == OP_PREFIX && rest.size && prefixes < 4; prefixes++) {
        instruction->repeated |= is_repeat(mnemonic);
        size_t size = 0;
        while (size < rest.size && rest.at[size] != ' ' && rest.at[size] != '\t') size++;
        mnemonic = text_in_small_letters((struct text){rest.at, size}, small);
        rest = text_trimmed((struct text){rest.at + size, rest.size - size});
        instruction_read(instruction, mnemonic, rest);
    }
    instruction->repeated |= reading->repeats;
    reading->repeats = instruction->operation == OP_PREFIX && (instruction->repeated || is_repeat(mnemonic));
}

/* By its name in a call, or by its address: a call through a register may be one. */
static bool mentions_second_return(const struct instruction *instruction)
{
    for (unsigned o = 0; o < instruction->operand_count; o++)
        if (instruction->op[o].symbolic && returns_twice(symbol_of(&instruction->op[o]))) return true;
    return false;
}

static void read_instruction(struct reading *reading, const struct statement *statement)
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
        complain(reading->source->complaints, where(reading),
                 "a marker outside any function that is known here: its label has no .type, and no .cfi_startproc is behind it");
        return;
    }
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
    if (!reading->function->markers++ && marker->origin.line) reading->function->origin = marker->origin;
}

static void read_marker(struct reading *reading, const struct statement *statement)
{
    if (text_equal(statement->name, TEXT("GCNOCOLLECT")))
        source_remember(reading->source, (struct known_function){.name = text_unquoted(statement->rest),
                                                                 .never_collects = true,
                                                                 .declared = true,
                                                                 .writes = CALL_CLOBBERED,
                                                                 .vector_writes = ~0u});
    else read_root_marker(reading, statement);
}

static void read_successors(struct reading *reading)
{
    struct function *function = reading->function;
    if (!function->notes.count) vector_push(&function->notes, (struct block_note){0});
    struct block_note *note = &function->notes.at[function->notes.count - 1];
    note->at = (uint32_t)function->instructions.count;
    note->line = reading->statement.line;
    note->successors = reading->statement.rest;
}

/* Inline assembler of no instruction may still jump: something writes one there when the program runs. */
static void leave_inline_assembler(struct reading *reading)
{
    const struct function *function = reading->function;
    if (reading->in_function && section_here(reading)->code && function->instructions.count == reading->before_app)
        add_instruction(reading)->operation = OP_NOTHING;
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
    case STATEMENT_BLOCK:
        reading->function->has_block_notes = true;
        function_begin_block(reading->function, number_at(statement->rest));
        break;
    case STATEMENT_SUCCESSORS:
        read_successors(reading);
        break;
    case STATEMENT_APP:
        reading->inline_assembler = true;
        reading->before_app = (uint32_t)reading->function->instructions.count;
        break;
    case STATEMENT_NO_APP: leave_inline_assembler(reading); break;
    case STATEMENT_ASSIGNMENT: read_alias(reading, statement->name); break;
    case STATEMENT_ORIGIN: read_origin(reading, statement); break;
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
