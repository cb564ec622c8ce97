#include "source/sections.h"
#include "source/lines.h"

struct section *section_here(struct reading *reading)
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
    source->section_index.at = vector_grown(source->section_index.at, &source->section_index.room, size, sizeof(uint32_t));
    source->section_index.count = size;
    memset(source->section_index.at, 0, size * sizeof(uint32_t));
    for (size_t i = 0; i < source->sections.count; i++) *section_slot(source, source->sections.at[i].name) = (uint32_t)i + 1;
}

/* The section's number; a directive may name one again without its flags. */
uint32_t section_number(struct reading *reading, struct text name, struct text arguments)
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

void note_unsupported(struct reading *reading)
{
    if (!reading->source->unsupported.line) reading->source->unsupported = where_reading(reading);
}

/* `.text 1`: a piece of the section that the assembler puts behind all with smaller numbers. */
static bool is_subsection(struct text number)
{
    return number.size && *number.at >= '0' && *number.at <= '9' && !text_equal(number, TEXT("0"));
}

bool read_section_directive(struct reading *reading, struct text name, struct text rest)
{
    struct text list = rest, item = {0};
    if (text_equal(name, TEXT(".text")) || text_equal(name, TEXT(".data")) || text_equal(name, TEXT(".bss"))) {
        if (is_subsection(rest)) note_unsupported(reading);
        enter_section(reading, section_number(reading, name, (struct text){0}));
    } else if (text_equal(name, TEXT(".section")) || text_equal(name, TEXT(".pushsection"))) {
        if (text_equal(name, TEXT(".pushsection")) && reading->depth < SECTION_DEPTH) reading->pushed[reading->depth++] = reading->section;
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
