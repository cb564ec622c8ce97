#include "source/labels.h"
#include "source/parts.h"
#include "source/sections.h"

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
void begin_untyped(struct reading *reading)
{
    const struct function *function = reading->function;
    const struct part *last = reading->in_function ? &function->parts.at[function->parts.count - 1] : NULL;
    section_here(reading)->code = true;
    if (!reading->last_label.size || (last && last->first == function->instructions.count && last->section == reading->section)) return;
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

void read_label(struct reading *reading, struct text name)
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
