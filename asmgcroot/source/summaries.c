/* The greatest solution of: a function never collects if all it calls are functions that never do. So recursion among
 * such functions is found to be harmless too. */
#include "source/summaries.h"
#include "source/collecting.h"

#include <stdlib.h>

struct call_edge {
    uint32_t caller; /* in source->known */
    bool bound;      /* what is read of the callee in this file is what runs */
    struct text callee;
};

struct summaries {
    VECTOR(struct call_edge) calls; /* by name */
};

static void write_all(struct known_function *known)
{
    known->writes |= CALL_CLOBBERED;
    known->vector_writes = ~0u;
    known->mask_writes = ALL_MASKS;
}

static void add_call(struct summaries *summaries, struct known_function *known, uint32_t caller, const struct instruction *call)
{
    const struct operand *callee = &call->op[0];
    if (call->operand_count && is_named(callee)) {
        vector_push(&summaries->calls, (struct call_edge){caller, is_bound(callee), symbol_of(callee)});
        return;
    }
    write_all(known);
    known->never_collects = false;
}

static void summarise(void *context, struct source *source, struct function *function)
{
    struct summaries *summaries = context;
    struct known_function known = {.name = function->name, .never_collects = !function->weak, .read = true};
    uint32_t caller = source_number(source, function->name);
    for (uint32_t i = 0; i < function->instructions.count; i++) {
        const struct instruction *instruction = &function->instructions.at[i];
        if (instruction->operation == OP_CALL || function_leaves_by_jump(function, i)) add_call(summaries, &known, caller, instruction);
        known.writes |= instruction->operation == OP_CALL ? 0 : instruction->writes;
        known.vector_writes |= instruction->operation == OP_CALL ? 0 : instruction->vector_writes;
        known.mask_writes |= instruction->operation == OP_CALL ? 0 : instruction->mask_writes;
        if (instruction->operation != OP_UNKNOWN) continue;
        known.never_collects = false;
        write_all(&known);
    }
    if (function->weak) write_all(&known);
    source_remember(source, known);
}

/* Takes over what the callee does. True when that is news. */
static bool take_over(struct source *source, const struct call_edge *call)
{
    struct known_function *caller = &source->known.at[call->caller];
    const struct known_function *callee = call->bound ? source_known(source, call->callee) : NULL;
    struct known_function before = *caller;
    bool read = callee && callee->read, harmless = !callee_may_collect(source, call->callee, call->bound);
    caller->writes |= read ? callee->writes : CALL_CLOBBERED;
    caller->vector_writes |= read ? callee->vector_writes : ~0u;
    caller->mask_writes |= read ? callee->mask_writes : ALL_MASKS;
    if (!harmless && !caller->declared) caller->never_collects = false;
    return caller->writes != before.writes || caller->vector_writes != before.vector_writes || caller->mask_writes != before.mask_writes ||
           caller->never_collects != before.never_collects;
}

/* Calls out of this file have told all they can. */
static void keep_calls_inside(struct summaries *summaries, const struct source *source)
{
    size_t kept = 0;
    for (size_t i = 0; i < summaries->calls.count; i++) {
        const struct known_function *callee = source_known(source, summaries->calls.at[i].callee);
        if (callee && callee->read) summaries->calls.at[kept++] = summaries->calls.at[i];
    }
    summaries->calls.count = kept;
}

/* A call of another name is one of what it stands for. */
static void add_other_names(struct summaries *summaries, struct source *source)
{
    for (uint32_t i = 0; i < source->known.count; i++) {
        struct known_function *known = &source->known.at[i];
        if (!known->stands_for.size) continue;
        known->writes = 0;
        known->vector_writes = 0;
        known->mask_writes = 0;
        known->never_collects = true;
        vector_push(&summaries->calls, (struct call_edge){i, true, known->stands_for});
    }
}

void summaries_make(struct source *source)
{
    struct summaries summaries = {0};
    source_read(source, summarise, &summaries);
    add_other_names(&summaries, source);
    for (bool news = true; news;) {
        news = false;
        for (size_t i = summaries.calls.count; i-- > 0;) news |= take_over(source, &summaries.calls.at[i]);
        keep_calls_inside(&summaries, source);
    }
    vector_free(&summaries.calls);
    source_rewind(source);
}
