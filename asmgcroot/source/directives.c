#include "source/directives.h"
#include "source/cfi.h"
#include "source/data.h"
#include "source/lines.h"
#include "source/sections.h"

/* Directives under which the text is not what the assembler sees, or not in that order. */
static bool is_unsupported(struct text name, struct text rest)
{
    static const struct text names[] = {TEXT(".macro"),   TEXT(".rept"),      TEXT(".rep"),         TEXT(".irp"),  TEXT(".irpc"),
                                        TEXT(".irep"),    TEXT(".irepc"),     TEXT(".endm"),        TEXT(".endr"), TEXT(".exitm"),
                                        TEXT(".purgem"),  TEXT(".altmacro"),  TEXT(".mri"),         TEXT(".else"), TEXT(".elseif"),
                                        TEXT(".include"), TEXT(".incbin"),    TEXT(".subsection"),  TEXT(".end"),  TEXT(".code16"),
                                        TEXT(".code32"),  TEXT(".code16gcc"), TEXT(".intel_syntax")};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equal(name, names[i])) return true;
    if (text_equal(name, TEXT(".att_syntax"))) return rest.size && !text_equal(rest, TEXT("prefix"));
    return text_starts(name, TEXT(".if"));
}

/* .type f, @function; also %function, "function", STT_FUNC, with a blank for the comma. */
static void read_type(struct reading *reading, struct text rest)
{
    static const struct text types[] = {TEXT("function"),      TEXT("STT_FUNC"), TEXT("2"), TEXT("gnu_indirect_function"),
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

static bool is_weak(const struct source *source, struct text name)
{
    for (size_t i = 0; i < source->weak.count; i++)
        if (text_equal(source->weak.at[i], name)) return true;
    return false;
}

/* Another name for something. GCC gives functions of the same code one body and several names, and knows what calls by any of them leave
 * alone. Nothing is known of what is named twice, or weakly, though it have the name of one that never collects. */
void read_alias(struct reading *reading, struct text name, struct text target)
{
    struct source *source = reading->source;
    if (source->summarised) return; /* read before */
    const struct known_function *before = source_known(source, name);
    bool one = !(before && before->read) && !is_weak(source, name);
    source_remember(source, (struct known_function){.name = name,
                                                    .read = true,
                                                    .writes = CALL_CLOBBERED,
                                                    .vector_writes = ~0u,
                                                    .mask_writes = ALL_MASKS,
                                                    .stands_for = one ? target : (struct text){0}});
}

static bool is_alias(struct text name)
{
    return text_equal(name, TEXT(".set")) || text_equal(name, TEXT(".equ")) || text_equal(name, TEXT(".equiv")) ||
           text_equal(name, TEXT(".eqv"));
}

void read_directive(struct reading *reading, const struct statement *statement)
{
    struct text name = statement->name, rest = statement->rest, item = {0};
    if (read_cfi(reading, name, rest) || read_section_directive(reading, name, rest)) return;
    if (text_equal(name, TEXT(".type"))) {
        read_type(reading, rest);
    } else if (text_equal(name, TEXT(".weak"))) {
        while (text_next_item(&rest, &item)) {
            const struct known_function *known = source_known(reading->source, text_unquoted(item));
            vector_push(&reading->source->weak, text_unquoted(item));
            if (known && known->stands_for.size) read_alias(reading, text_unquoted(item), (struct text){0});
        }
    } else if (is_alias(name)) {
        if (text_next_item(&rest, &item) && !text_starts(item, TEXT(".L")))
            read_alias(reading, text_unquoted(item), text_unquoted(text_trimmed(rest)));
    } else if (text_equal(name, TEXT(".weakref"))) {
        if (text_next_item(&rest, &item)) read_alias(reading, text_unquoted(item), (struct text){0});
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
