#include "maps.h"

#include "source/collecting.h"
#include "abi/map_format.h"

#include <ctype.h>
#include <stdlib.h>

/* A call that gets a site. */
static bool is_site(const struct analysed *analysed, uint32_t at)
{
    const struct instruction *call = &analysed->function->instructions.at[at];
    return call->operation == OP_CALL && may_collect(analysed->source, call);
}

static enum gw_frame_shape shape_of(const struct instruction *call)
{
    if (call->cfa.base == STACK_POINTER) return GW_FRAME_FIXED;
    return call->cfa.base == FRAME_POINTER && call->cfa.offset == 16 ? GW_FRAME_DYNAMIC : GW_FRAME_IRREGULAR;
}

/* ---- One site -------------------------------------------------------------------------------------- */

static void put_uleb(struct maps *maps, uint64_t number)
{
    do {
        vector_push(&maps->bytes, (uint8_t)((number & 0x7f) | (number > 0x7f ? 0x80 : 0)));
        number >>= 7;
    } while (number);
}

/* A word of the frame, from whichever register is at a known distance from it. */
static bool put_slot(struct maps *maps, const struct frame_state *state, struct value slot)
{
    static const uint8_t bases[] = {STACK_POINTER, FRAME_POINTER, RBX, R12, R13, R14, R15};
    if (!is_stack(slot)) return false;
    for (size_t i = 0; i < sizeof bases; i++) {
        struct value base = state->reg[bases[i]];
        int64_t distance = slot.offset - base.offset;
        if (base.symbol != slot.symbol) continue;
        if (distance % 8 || distance > INT32_MAX || distance < INT32_MIN) return false;
        if (bases[i] == STACK_POINTER && distance >= 0) {
            put_uleb(maps, gw_map_entry(GW_MAP_SP_SLOT, (uint64_t)distance / 8));
        } else if (bases[i] == FRAME_POINTER && distance <= 0) {
            put_uleb(maps, gw_map_entry(GW_MAP_FP_SLOT, (uint64_t)-distance / 8));
        } else if (bases[i] != STACK_POINTER) {
            put_uleb(maps, gw_map_entry(GW_MAP_REGISTER_SLOT, dwarf_of_register(bases[i])));
            put_uleb(maps, gw_map_zigzag(distance));
        } else {
            continue;
        }
        return true;
    }
    return false;
}

static bool put_root(struct maps *maps, const struct analysed *analysed, const struct follow *follow, const struct root *root)
{
    if (root->location < GENERAL_REGISTERS) {
        put_uleb(maps, gw_map_entry(GW_MAP_OTHER, GW_MAP_IN_REGISTER));
        put_uleb(maps, dwarf_of_register(root->location));
        return true;
    }
    const struct frame_state *state = &analysed->frame->calls.at[analysed->frame->call_of.at[root->call]];
    if (put_slot(maps, state, location_slot(&follow->locations, root->location))) return true;
    const struct instruction *call = &analysed->function->instructions.at[root->call];
    char text[64];
    complain(analysed->complaints, function_where(analysed->function, call),
             "a reference at %s cannot be described: no register is at a known distance, a multiple of 8, from it; keep references out of "
             "packed structs",
             location_name(&follow->locations, root->location, text));
    return false;
}

static bool put_roots(struct maps *maps, const struct analysed *analysed, const struct follow *follow, uint32_t at, size_t *next)
{
    size_t first = *next;
    while (follow && *next < follow->roots.count && follow->roots.at[*next].call == at) ++*next;
    vector_clear(&maps->bytes);
    put_uleb(maps, *next - first + GW_MAP_ENTRIES);
    for (size_t i = first; i < *next; i++)
        if (!put_root(maps, analysed, follow, &follow->roots.at[i])) return false;
    maps->roots += *next - first;
    return true;
}

static void write_bytes(const struct maps *maps)
{
    for (size_t i = 0; i < maps->bytes.count; i++)
        fprintf(maps->out, i % 16 ? ",%u" : i ? "\n\t.byte\t%u" : "\t.byte\t%u", maps->bytes.at[i]);
    fputc('\n', maps->out);
}

/* ---- One record: calls of one part under one rule for the frame address ---------------------------- */

struct record {
    uint32_t first, end; /* instructions */
    uint32_t calls, sites;
    uint32_t last_call; /* number */
    enum gw_frame_shape shape;
    bool after_call; /* starts at the label of call `start`, not at the part's symbol */
    uint32_t start;
    const struct part *part;
};

static bool is_plain(struct text name)
{
    for (size_t i = 0; i < name.size; i++)
        if (!isalnum((unsigned char)name.at[i]) && !strchr("_.$", name.at[i]) && name.at[i] >= 0) return false;
    return name.size && !isdigit((unsigned char)*name.at);
}

static void write_start(FILE *out, const struct record *record)
{
    struct text symbol = record->part->symbol;
    if (record->after_call) fprintf(out, ".Lgw_call%u", record->start);
    else fprintf(out, is_plain(symbol) ? "%.*s" : "\"%.*s\"", (int)symbol.size, symbol.at);
}

/* Tied to the section of code by a name in it; the assembler takes none in quotes here. */
static void write_section(const struct maps *maps, const struct source *source, const struct record *record)
{
    const struct section *section = &source->sections.at[record->part->section];
    struct text anchor = section->anchor.size ? section->anchor : record->part->symbol;
    fprintf(maps->out, "\t.section\tgw_maps,\"%s\",@progbits,", section->group.size ? "aGo" : "ao");
    if (is_plain(anchor)) fprintf(maps->out, "%.*s", (int)anchor.size, anchor.at);
    else fprintf(maps->out, ".Lgw_call%u", record->last_call);
    if (section->group.size) fprintf(maps->out, ",%.*s,comdat", (int)section->group.size, section->group.at);
    fputc('\n', maps->out);
}

static void note_section(struct maps *maps, uint32_t section)
{
    while (maps->first_record.count <= section) vector_push(&maps->first_record, 0);
    if (!maps->first_record.at[section]) maps->first_record.at[section] = maps->records + 1;
}

static void write_head(struct maps *maps, const struct analysed *analysed, const struct record *record)
{
    FILE *out = maps->out;
    note_section(maps, record->part->section);
    unsigned n = maps->records++;
    struct text name = analysed->function->name;
    write_section(maps, analysed->source, record);
    fprintf(out, "\t.byte\t%u\t# %.*s\n.Lgw_address%u:\n\t.long\t", GW_MAP_RECORD_MARK, (int)name.size, name.at, n);
    write_start(out, record);
    fprintf(out, "-.Lgw_address%u\n\t.uleb128\t.Lgw_call%u-", n, record->last_call);
    write_start(out, record);
    fprintf(out, "\n\t.uleb128\t.Lgw_end%u-.Lgw_body%u\n.Lgw_body%u:\n\t.uleb128\t%u\n\t.uleb128\t%u\n", n, n, n, (unsigned)record->shape,
            record->sites);
}

static bool write_sites(struct maps *maps, const struct analysed *analysed, const struct follow *follow, const struct record *record,
                        size_t *next)
{
    uint32_t before = UINT32_MAX;
    for (uint32_t at = record->first; at < record->end; at++) {
        const struct instruction *call = &analysed->function->instructions.at[at];
        if (!is_site(analysed, at)) continue;
        fprintf(maps->out, "\t.uleb128\t.Lgw_call%u-", call->call_number);
        if (before == UINT32_MAX) write_start(maps->out, record);
        else fprintf(maps->out, ".Lgw_call%u", before);
        fputc('\n', maps->out);
        before = call->call_number;
        if (!put_roots(maps, analysed, follow, at, next)) return false;
        write_bytes(maps);
        maps->sites++;
    }
    return true;
}

static bool write_record(struct maps *maps, const struct analysed *analysed, const struct follow *follow, const struct record *record,
                         size_t *next)
{
    write_head(maps, analysed, record);
    if (!write_sites(maps, analysed, follow, record, next)) return false;
    fprintf(maps->out, ".Lgw_end%u:\n", maps->records - 1);
    return true;
}

/* Calls that cannot have a site make a function one without maps: its frames are native. Markers are then refused. */
static bool can_have_maps(const struct function *function)
{
    for (uint32_t i = 0; i < function->instructions.count; i++) {
        const struct instruction *instruction = &function->instructions.at[i];
        if (instruction->operation != OP_CALL) continue;
        if (!instruction->numbered || instruction->inline_assembler || instruction->cfa.base == NO_REGISTER ||
            !function_part(function, i)->symbol.size)
            return false;
    }
    return true;
}

/* Calls from `first` on, as long as part and rule stay the same. */
static struct record next_record(const struct analysed *analysed, uint32_t first, const struct record *previous)
{
    const struct function *function = analysed->function;
    struct record record = {.first = first, .end = first, .part = function_part(function, first)};
    for (; record.end < function->instructions.count && function_part(function, record.end) == record.part; record.end++) {
        const struct instruction *call = &function->instructions.at[record.end];
        if (call->operation != OP_CALL) continue;
        if (record.calls && shape_of(call) != record.shape) break;
        record.shape = shape_of(call);
        record.last_call = call->call_number;
        record.calls++;
        record.sites += is_site(analysed, record.end);
    }
    if (previous && previous->part == record.part) {
        record.after_call = true;
        record.start = previous->last_call;
    }
    return record;
}

bool maps_add(struct maps *maps, const struct analysed *analysed, const struct follow *follow)
{
    const struct function *function = analysed->function;
    if (!function->calls) return true;
    if (!can_have_maps(function)) {
        if (!function->markers) return true;
        struct where where = function_where(function, &function->instructions.at[0]);
        where.instruction = (struct text){0};
        complain(analysed->complaints, where,
                 "a function with references contains a call in inline assembler, one with a prefix, or one without .cfi "
                 "directives, and cannot have frame maps; write the call in C");
        return false;
    }
    size_t next = 0;
    struct record previous = {0};
    for (uint32_t at = 0; at < function->instructions.count;) {
        struct record record = next_record(analysed, at, previous.part ? &previous : NULL);
        at = record.end;
        /* Without a site any return address in it is fatal, as it must be where references are. */
        if (!record.calls || !(record.sites || function->markers)) continue;
        if (!write_record(maps, analysed, follow, &record, &next)) return false;
        previous = record;
    }
    return true;
}

void maps_free(struct maps *maps)
{
    vector_free(&maps->bytes);
    vector_free(&maps->first_record);
}
