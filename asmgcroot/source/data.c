#include "source/data.h"
#include "source/parts.h"
#include "source/sections.h"

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
    static const struct text names[] = {TEXT(".align"),     TEXT(".balign"), TEXT(".p2align"), TEXT(".globl"),    TEXT(".global"),
                                        TEXT(".local"),     TEXT(".size"),   TEXT(".hidden"),  TEXT(".internal"), TEXT(".symver"),
                                        TEXT(".protected"), TEXT(".comm"),   TEXT(".loc"),     TEXT(".file"),     TEXT(".ident"),
                                        TEXT(".reloc"),     TEXT(".extern"), TEXT(".lcomm")};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equal(name, names[i])) return true;
    return false;
}

void read_data(struct reading *reading, struct text name, struct text rest)
{
    const struct section *section = section_here(reading);
    if (!reading->in_function || section->debug) return;
    if (section->exceptions) {
        if (reading->except_table && text_equal(name, TEXT(".uleb128"))) read_exception_word(reading, rest);
        return;
    }
    if (section->code && reading->inline_assembler && !is_silent(name)) add_unknown(reading);
    static const struct text words[] = {TEXT(".long"), TEXT(".quad"), TEXT(".word"), TEXT(".value"), TEXT(".byte"), TEXT(".int")};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct text item;
        if (!text_equal(name, words[i])) continue;
        while (text_next_item(&rest, &item))
            if (text_starts(item, TEXT(".L"))) add_table_entry(reading, before_minus(item));
        return;
    }
}
