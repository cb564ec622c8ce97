/* Blocks begin at labels and behind instructions that jump, return, do not come back or may throw.
 *
 * Where an indirect jump leads, the compiler says (-dA): a table of labels may stand anywhere in the file, and the jump
 * that uses it may not name it. Without that note a jump is accepted only if the function has one table, the jump's
 * block names it, and no other label's address is taken. */
#include "follow/graph.h"
#include "source/notes.h"

#include <stdlib.h>

struct building {
    struct graph *graph;
    const struct function *function;
    struct complaints *complaints;
    bool ok;
};

static void refuse(struct building *building, uint32_t at, const char *what)
{
    const struct instruction *instruction = &building->function->instructions.at[at];
    complain(building->complaints, function_where(building->function, instruction), "%s", what);
    building->ok = false;
}

/* ---- Blocks ---------------------------------------------------------------------------------------- */

static bool ends_block(const struct function *function, uint32_t at)
{
    const struct instruction *instruction = &function->instructions.at[at];
    if (ends_flow(instruction) || instruction->operation == OP_BRANCH || instruction->goes_elsewhere) return true;
    return instruction->operation == OP_CALL && function->pads.count;
}

/* Where the compiler says that control comes from elsewhere than the instruction before. */
static void mark_successors(const struct function *function, const struct instruction *instruction, uint32_t *leader)
{
    struct text list = instruction->successors;
    for (struct successor successor; next_successor(&list, &successor);) {
        int64_t to = function_block(function, successor.block);
        if (to >= 0 && (size_t)to < function->instructions.count) leader[to] |= 1;
    }
}

static void mark_leaders(const struct function *function, uint32_t *leader)
{
    size_t count = function->instructions.count;
    leader[0] = 1;
    for (size_t i = 0; i < function->labels.count; i++) {
        uint32_t at = function->labels.at[i].at;
        if (at < count) leader[at] |= function->labels.at[i].entry ? 3 : 1;
    }
    for (size_t i = 0; i < function->parts.count; i++)
        if (function->parts.at[i].first < count) leader[function->parts.at[i].first] |= 1;
    for (uint32_t i = 0; i < count; i++) {
        if (i + 1 < count && ends_block(function, i)) leader[i + 1] |= 1;
        if (function->instructions.at[i].goes_elsewhere) mark_successors(function, &function->instructions.at[i], leader);
    }
}

static void make_blocks(struct building *building)
{
    struct graph *graph = building->graph;
    size_t count = building->function->instructions.count;
    vector_clear(&graph->blocks);
    graph->block_of.at = vector_grown(graph->block_of.at, &graph->block_of.room, count, sizeof(uint32_t));
    graph->block_of.count = count;
    memset(graph->block_of.at, 0, count * sizeof(uint32_t));
    mark_leaders(building->function, graph->block_of.at);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t leader = graph->block_of.at[i];
        if (leader) vector_push(&graph->blocks, (struct block){i, i, (leader & 2) != 0});
        graph->block_of.at[i] = (uint32_t)graph->blocks.count - 1;
        graph->blocks.at[graph->blocks.count - 1].end = i + 1;
    }
    graph->blocks.at[0].entry = true;
}

/* ---- Edges ----------------------------------------------------------------------------------------- */

static void add_edge(struct building *building, uint32_t from, uint32_t to_instruction, enum edge_kind kind)
{
    vector_push(&building->graph->edges, (struct edge){from, building->graph->block_of.at[to_instruction], kind});
}

/* A local label, or a name of this function. False: outside. */
static bool add_jump(struct building *building, uint32_t from, uint32_t at, struct text target, enum edge_kind kind)
{
    int64_t to = function_target(building->function, at, target);
    if (to < 0 || (size_t)to >= building->function->instructions.count) return false;
    add_edge(building, from, (uint32_t)to, kind);
    return true;
}

static bool has_edge(const struct building *building, uint32_t from, uint32_t to_instruction)
{
    const struct graph *graph = building->graph;
    for (size_t e = graph->edges.count; e-- > 0 && graph->edges.at[e].from == from;)
        if (graph->edges.at[e].to == graph->block_of.at[to_instruction]) return true;
    return false;
}

/* An instruction that goes where it says: only then is an edge that it does not name a contradiction. */
static bool may_jump_unseen(const struct instruction *instruction)
{
    return instruction->inline_assembler || (instruction->operation == OP_JUMP && !instruction->leaves);
}

/* Where the compiler says that control goes on: an indirect jump, one through a piece of code that stands in for it
 * (-mindirect-branch=thunk), inline assembler that jumps in whatever way. Whatever else must lead there by itself: a call that may
 * come back in another way is known by its function (comes_back), and its exceptions by their table. */
static void add_successors(struct building *building, uint32_t from, uint32_t at)
{
    const struct function *function = building->function;
    const struct instruction *last = &function->instructions.at[at];
    struct text list = last->successors;
    for (struct successor successor; next_successor(&list, &successor);) {
        int64_t to = function_block(function, successor.block);
        bool falls = successor.falls_through && last->operation != OP_JUMP;
        if (falls || (successor.abnormal && !successor.exception && last->operation == OP_CALL)) continue;
        if (to < 0 || (size_t)to >= function->instructions.count)
            refuse(building, at,
                   "the compiler's note says that this jump leads to a block that is not there; report it with the assembler file");
        else if (has_edge(building, from, (uint32_t)to)) continue;
        else if (may_jump_unseen(last)) add_edge(building, from, (uint32_t)to, EDGE_TABLE);
        else
            refuse(building, at,
                   "the compiler's note says that control goes on elsewhere too, and nothing here leads there; compile without "
                   "-fnon-call-exceptions");
    }
}

static void add_table(struct building *building, uint32_t from, uint32_t at, const struct table *table)
{
    for (uint32_t i = 0; i < table->count; i++) add_jump(building, from, at, building->function->targets.at[table->first + i], EDGE_TABLE);
}

/* The symbol of an operand without @… and sums, if it names a jump table. */
static const struct table *named_table(const struct function *function, const struct operand *operand)
{
    if (!operand->symbolic || !text_starts(operand->symbol, TEXT(".L"))) return NULL;
    struct text name = operand->symbol;
    for (size_t i = 0; i < name.size; i++)
        if (name.at[i] == '-' || name.at[i] == '+' || name.at[i] == '@') name.size = i;
    return function_table(function, name);
}

/* Named in the block that ends with the jump, behind any call. */
static const struct table *table_near(const struct building *building, uint32_t at)
{
    const struct graph *graph = building->graph;
    const struct function *function = building->function;
    for (uint32_t i = at + 1; i-- > graph->blocks.at[graph->block_of.at[at]].first;) {
        const struct instruction *instruction = &function->instructions.at[i];
        if (instruction->operation == OP_CALL) return NULL;
        for (unsigned o = 0; o < instruction->operand_count; o++) {
            const struct table *table = named_table(function, &instruction->op[o]);
            if (table) return table;
        }
    }
    return NULL;
}

/* `leaq .L5(%rip), %rax`: of anything but the table. */
static bool takes_address(const struct function *function, const struct instruction *instruction)
{
    if (instruction->operation != OP_LEA && instruction->operation != OP_MOVE) return false;
    return instruction->op[0].symbolic && function_label(function, instruction->op[0].symbol);
}

/* The only table, and nothing else by which a jump could go: without notes. */
static const struct table *table_only(const struct building *building, uint32_t at)
{
    const struct function *function = building->function;
    const struct table *table = table_near(building, at);
    if (!table || function->tables.count != 1) return NULL;
    for (uint32_t i = 0; i < function->instructions.count; i++)
        if (takes_address(function, &function->instructions.at[i])) return NULL;
    return table;
}

static void add_indirect(struct building *building, uint32_t from, uint32_t at)
{
    const struct function *function = building->function;
    const struct instruction *jump = &function->instructions.at[at];
    if (jump->leaves || jump->told) return; /* add_successors */
    const struct table *table = function->has_block_notes ? NULL : table_only(building, at);
    if (table) add_table(building, from, at, table);
    else refuse(building, at, "nothing says where this jump leads; compile with -dA, as gwcc does");
}

static void add_pads(struct building *building, uint32_t from, uint32_t at)
{
    const struct function *function = building->function;
    for (size_t i = 0; i < function->pads.count; i++) {
        const struct call_site_range *range = &function->pads.at[i];
        int64_t start = function_target(function, at, range->start), end = function_target(function, at, range->end);
        if (start < 0 || end < 0)
            refuse(building, at, "the exception table names labels that are not in the function; report it with the assembler file");
        else if (at >= start && at < end && !add_jump(building, from, at, range->pad, EDGE_PAD))
            refuse(building, at, "the exception table's landing pad is not in the function; report it with the assembler file");
    }
}

static bool is_padding(const struct instruction *instruction)
{
    return instruction->operation == OP_NOTHING || instruction->operation == OP_TRAP;
}

/* Callees that no call returns from; for assembler without notes. */
static bool never_returns(const struct operand *callee)
{
    static const struct text names[] = {TEXT("abort"),         TEXT("exit"),           TEXT("_exit"),       TEXT("__stack_chk_fail"),
                                        TEXT("__assert_fail"), TEXT("longjmp"),        TEXT("_longjmp"),    TEXT("siglongjmp"),
                                        TEXT("__longjmp_chk"), TEXT("_Unwind_Resume"), TEXT("__cxa_throw"), TEXT("__cxa_rethrow"),
                                        TEXT("quick_exit")};
    struct text name = symbol_of(callee);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equal(name, names[i])) return true;
    return false;
}

/* Whether control can go on behind `at`. A call at the end of a block may be one that does not return: only the
 * compiler knows, and says so with -dA. */
static bool falls_through(struct building *building, uint32_t at)
{
    const struct function *function = building->function;
    const struct instruction *last = &function->instructions.at[at];
    if (ends_flow(last)) return false;
    bool at_end = function_next(function, at) < 0;
    if (last->operation == OP_CALL) {
        if (at_end) return false; /* returning would leave the function: it does not */
        if (function->has_block_notes) return true;
        if (never_returns(&last->op[0])) return false;
        refuse(building, at, "nothing says whether this call returns; compile with -dA, as gwcc does");
    }
    if (at_end && !is_padding(last))
        refuse(building, at, "control falls out of the function's end; return from it, or end it with __builtin_trap()");
    return !at_end;
}

/* A tail call, or a jump through a piece of code that stands in for an indirect jump. */
static void check_outside(struct building *building, uint32_t at)
{
    const struct instruction *jump = &building->function->instructions.at[at];
    if (text_starts(jump->op[0].symbol, TEXT(".L"))) refuse(building, at, "a jump to a local label outside the function; write jumps in C");
}

static void add_jumps(struct building *building, uint32_t from, uint32_t at)
{
    const struct instruction *last = &building->function->instructions.at[at];
    if (last->operation != OP_JUMP && last->operation != OP_BRANCH) return;
    if (last->operand_count != 1) refuse(building, at, "a jump without a target; write jumps in C");
    else if (last->op[0].indirect) add_indirect(building, from, at);
    else if (!add_jump(building, from, at, last->op[0].symbol, EDGE_JUMP)) check_outside(building, at);
}

static void add_edges_of(struct building *building, uint32_t from)
{
    const struct block *block = &building->graph->blocks.at[from];
    uint32_t at = block->end - 1;
    const struct instruction *last = &building->function->instructions.at[at];
    if (falls_through(building, at)) add_edge(building, from, (uint32_t)function_next(building->function, at), EDGE_FALL);
    if (last->operation == OP_CALL) add_pads(building, from, at);
    add_jumps(building, from, at);
    if (last->told) add_successors(building, from, at);
}

/* ---- Incoming edges -------------------------------------------------------------------------------- */

static void sort_edges(struct graph *graph)
{
    size_t blocks = graph->blocks.count, edges = graph->edges.count;
    graph->first_edge.at = vector_grown(graph->first_edge.at, &graph->first_edge.room, blocks + 1, sizeof(uint32_t));
    graph->first_incoming.at = vector_grown(graph->first_incoming.at, &graph->first_incoming.room, blocks + 2, sizeof(uint32_t));
    graph->incoming.at = vector_grown(graph->incoming.at, &graph->incoming.room, edges + 1, sizeof(uint32_t));
    uint32_t *start = graph->first_incoming.at;
    memset(start, 0, (blocks + 2) * sizeof(uint32_t));
    for (size_t e = 0, b = 0; b <= blocks; b++) {
        graph->first_edge.at[b] = (uint32_t)e;
        while (e < edges && graph->edges.at[e].from == b) e++;
    }
    for (size_t e = 0; e < edges; e++) start[graph->edges.at[e].to + 2]++;
    for (size_t b = 2; b < blocks + 2; b++) start[b] += start[b - 1];
    for (size_t e = 0; e < edges; e++) graph->incoming.at[start[graph->edges.at[e].to + 1]++] = (uint32_t)e;
}

bool graph_build(struct graph *graph, const struct function *function, struct complaints *complaints)
{
    struct building building = {graph, function, complaints, true};
    vector_clear(&graph->edges);
    if (function->lost_note) {
        complain(complaints, (struct where){.line = function->lost_note, .function = function->name, .origin = function->origin},
                 "the compiler's note tells of a jump that is not there; report it with the assembler file");
        return false;
    }
    make_blocks(&building);
    for (uint32_t b = 0; b < graph->blocks.count; b++) add_edges_of(&building, b);
    sort_edges(graph);
    return building.ok;
}

void graph_free(struct graph *graph)
{
    vector_free(&graph->blocks);
    vector_free(&graph->edges);
    vector_free(&graph->incoming);
    vector_free(&graph->first_edge);
    vector_free(&graph->first_incoming);
    vector_free(&graph->block_of);
}
