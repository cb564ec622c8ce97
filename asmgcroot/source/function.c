#include "source/function.h"

#include <stdlib.h>

/* Empties the index by its runs, so that a small function after a large one costs little. */
static void clear_index(struct function *function)
{
    size_t mask = function->label_index.count - 1;
    for (size_t i = 0; i < function->labels.count; i++)
        for (size_t at = text_hash(function->labels.at[i].name) & mask; function->label_index.at[at]; at = (at + 1) & mask)
            function->label_index.at[at] = 0;
}

void function_clear(struct function *function)
{
    clear_index(function);
    vector_clear(&function->instructions);
    vector_clear(&function->labels);
    vector_clear(&function->parts);
    vector_clear(&function->tables);
    vector_clear(&function->targets);
    vector_clear(&function->pads);
    vector_clear(&function->block_starts);
    vector_clear(&function->notes);
    function->markers = function->calls = function->lost_note = 0;
    function->has_block_notes = function->comes_back = function->splits_stack = function->weak = false;
    function->name = (struct text){0};
    function->origin = (struct origin){0};
}

struct where function_where(const struct function *function, const struct instruction *instruction)
{
    struct origin origin = instruction->origin.line ? instruction->origin : function->origin;
    return (struct where){instruction->line, function->name, instruction->text, origin};
}

void function_free(struct function *function)
{
    vector_free(&function->instructions);
    vector_free(&function->labels);
    vector_free(&function->parts);
    vector_free(&function->tables);
    vector_free(&function->targets);
    vector_free(&function->pads);
    vector_free(&function->block_starts);
    vector_free(&function->notes);
    vector_free(&function->label_index);
}

/* ---- Labels ---------------------------------------------------------------------------------------- */

static uint32_t *index_slot(const struct function *function, struct text name)
{
    size_t mask = function->label_index.count - 1;
    for (size_t i = text_hash(name) & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &function->label_index.at[i];
        if (!*slot || text_equal(function->labels.at[*slot - 1].name, name)) return slot;
    }
}

static void grow_index(struct function *function)
{
    size_t size = function->label_index.count ? function->label_index.count * 2 : 64;
    function->label_index.at = vector_grown(function->label_index.at, &function->label_index.room, size, sizeof(uint32_t));
    function->label_index.count = size;
    memset(function->label_index.at, 0, size * sizeof(uint32_t));
    for (size_t i = 0; i < function->labels.count; i++) *index_slot(function, function->labels.at[i].name) = (uint32_t)i + 1;
}

void function_add_label(struct function *function, struct text name, bool entry)
{
    vector_push(&function->labels, (struct label){name, (uint32_t)function->instructions.count, entry});
    if (function->labels.count * 2 > function->label_index.count) grow_index(function);
    *index_slot(function, name) = (uint32_t)function->labels.count;
}

const struct label *function_label(const struct function *function, struct text name)
{
    if (!function->label_index.count) return NULL;
    uint32_t found = *index_slot(function, name);
    return found ? &function->labels.at[found - 1] : NULL;
}

/* 1f or 1b: the nearest label 1 after or before. */
static int64_t numeric_target(const struct function *function, uint32_t from, struct text target)
{
    struct text digits = {target.at, target.size - 1};
    bool forward = target.at[target.size - 1] == 'f';
    int64_t best = -1;
    for (size_t i = 0; i < function->labels.count; i++) {
        const struct label *label = &function->labels.at[i];
        if (!text_equal(label->name, digits)) continue;
        if (!forward && label->at <= from) best = label->at;
        if (forward && label->at > from) return label->at;
    }
    return best;
}

int64_t function_target(const struct function *function, uint32_t from, struct text target)
{
    if (target.size > 1 && *target.at >= '0' && *target.at <= '9') return numeric_target(function, from, target);
    const struct label *label = function_label(function, target);
    return label ? (int64_t)label->at : -1;
}

bool function_leaves_by_jump(const struct function *function, uint32_t at)
{
    const struct instruction *jump = &function->instructions.at[at];
    if (jump->operation != OP_JUMP && jump->operation != OP_BRANCH) return false;
    if (jump->op[0].indirect) return jump->leaves || !jump->told;
    return function_target(function, at, jump->op[0].symbol) < 0;
}

/* ---- The compiler's blocks ------------------------------------------------------------------------- */

#define MOST_BLOCKS (1u << 20)

void function_begin_block(struct function *function, uint32_t number)
{
    uint32_t here = (uint32_t)function->instructions.count;
    vector_push(&function->notes, (struct block_note){.first = here, .at = here});
    if (number >= MOST_BLOCKS) return;
    while (function->block_starts.count <= number) vector_push(&function->block_starts, 0);
    function->block_starts.at[number] = here + 1;
}

int64_t function_block(const struct function *function, uint32_t number)
{
    return number < function->block_starts.count ? (int64_t)function->block_starts.at[number] - 1 : -1;
}

/* ---- Tables and parts ------------------------------------------------------------------------------ */

const struct table *function_table(const struct function *function, struct text name)
{
    for (size_t i = 0; i < function->tables.count; i++)
        if (text_equal(function->tables.at[i].name, name)) return &function->tables.at[i];
    return NULL;
}

const struct part *function_part(const struct function *function, uint32_t instruction)
{
    const struct part *part = NULL;
    for (size_t i = 0; i < function->parts.count; i++)
        if (function->parts.at[i].first <= instruction) part = &function->parts.at[i];
    return part ? &function->parts.at[part->canonical] : NULL;
}

int64_t function_next(const struct function *function, uint32_t at)
{
    const struct part *part = function_part(function, at);
    if (at + 1 < function->instructions.count && function_part(function, at + 1) == part) return (int64_t)at + 1;
    for (size_t i = 0; i < function->parts.count; i++) {
        const struct part *next = &function->parts.at[i];
        if (next->first > at && next->first < function->instructions.count && &function->parts.at[next->canonical] == part)
            return (int64_t)next->first;
    }
    return -1;
}
