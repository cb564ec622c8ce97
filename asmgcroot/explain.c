#include "explain.h"
#include "source/collecting.h"

static void print_value(FILE *out, struct value value)
{
    if (value.symbol == SYMBOL_UNKNOWN) fputs("?", out);
    else if (value.symbol == SYMBOL_CONSTANT) fprintf(out, "%lld", (long long)value.offset);
    else if (value.symbol == SYMBOL_FRAME) fprintf(out, "frame address %+lld", (long long)value.offset);
    else fprintf(out, "stack %d %+lld", value.symbol - SYMBOL_INSTRUCTION, (long long)value.offset);
}

static void print_call(FILE *out, const struct analysed *analysed, const struct follow *follow, uint32_t at, const char *before,
                       const char *after)
{
    const struct frame_state *state = &analysed->frame->calls.at[analysed->frame->call_of.at[at]];
    fprintf(out, "%srsp = ", before);
    print_value(out, state->reg[STACK_POINTER]);
    fputs(", rbp = ", out);
    print_value(out, state->reg[FRAME_POINTER]);
    fputs(after, out);
    const struct instruction *call = &analysed->function->instructions.at[at];
    if (!may_collect(analysed->source, call)) fprintf(out, "%snever collects%s", before, after);
    for (size_t i = 0; follow && i < follow->roots.count; i++) {
        const struct root *root = &follow->roots.at[i];
        char name[64];
        if (root->call != at) continue;
        fprintf(out, "%sreference in %s (marked at line %u)%s", before, location_name(&follow->locations, root->location, name),
                analysed->function->instructions.at[root->marker].line, after);
    }
}

static const char *edge_name(enum edge_kind kind)
{
    static const char *const names[] = {"falls to", "jumps to", "switches to", "lands in"};
    return names[kind];
}

void explain_text(FILE *out, const struct analysed *analysed, const struct follow *follow)
{
    const struct graph *graph = analysed->graph;
    const struct function *function = analysed->function;
    fprintf(out, "%.*s: %zu blocks, %zu instructions, %u markers\n", (int)function->name.size, function->name.at, graph->blocks.count,
            function->instructions.count, function->markers);
    for (uint32_t b = 0; b < graph->blocks.count; b++) {
        const struct block *block = &graph->blocks.at[b];
        fprintf(out, "block %u%s%s\n", b, block->entry ? ", entry" : "", analysed->frame->reached.at[b] ? "" : ", never reached");
        for (uint32_t i = block->first; i < block->end; i++) {
            const struct instruction *instruction = &function->instructions.at[i];
            if (instruction->operation == OP_CALL && analysed->frame->reached.at[b])
                print_call(out, analysed, follow, i, "          | ", "\n");
            fprintf(out, "  %6u  %.*s\n", instruction->line, (int)instruction->text.size, instruction->text.at);
        }
        for (uint32_t e = graph->first_edge.at[b]; e < graph->first_edge.at[b + 1]; e++)
            fprintf(out, "          -> %s block %u\n", edge_name(graph->edges.at[e].kind), graph->edges.at[e].to);
    }
}

/* The instruction, with what Graphviz would take for syntax quoted. */
static void print_quoted(FILE *out, struct text text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] == '"' || text.at[i] == '\\') fputc('\\', out);
        fputc(text.at[i] == '\n' ? ' ' : text.at[i], out);
    }
}

void explain_dot(FILE *out, const struct analysed *analysed, const struct follow *follow)
{
    const struct graph *graph = analysed->graph;
    const struct function *function = analysed->function;
    fprintf(out, "digraph \"%.*s\" {\n  node [shape=box, fontname=monospace]\n", (int)function->name.size, function->name.at);
    for (uint32_t b = 0; b < graph->blocks.count; b++) {
        fprintf(out, "  b%u [label=\"block %u\\l", b, b);
        for (uint32_t i = graph->blocks.at[b].first; i < graph->blocks.at[b].end; i++) {
            const struct instruction *instruction = &function->instructions.at[i];
            if (instruction->operation == OP_CALL && analysed->frame->reached.at[b]) print_call(out, analysed, follow, i, "  | ", "\\l");
            print_quoted(out, instruction->text);
            fputs("\\l", out);
        }
        fputs("\"]\n", out);
    }
    for (uint32_t e = 0; e < graph->edges.count; e++)
        fprintf(out, "  b%u -> b%u [label=\"%s\"]\n", graph->edges.at[e].from, graph->edges.at[e].to, edge_name(graph->edges.at[e].kind));
    fputs("}\n", out);
}
