/* Frames that leave the usual order: calls that take their caller's place, and stacks that wait with references in their frames. */
#include "statements.h"

#include <stdio.h>

static const char tail_calls[] = "#ifdef __clang__\n"
                                 "#define TAIL __attribute__((musttail)) return\n"
                                 "#else\n"
                                 "#define TAIL return\n"
                                 "#endif\n"
                                 "static uint64_t tail_odd(struct t0 GW *list, uint64_t n, struct t0 GW *kept);\n"
                                 "__attribute__((noinline)) static uint64_t tail_even(struct t0 GW *list, uint64_t n, struct t0 GW *kept)\n"
                                 "{\n"
                                 "    struct t0 GW *mine = new_t0();\n"
                                 "    if (!n) return (list ? list->tag : 1) + (kept ? kept->tag : 2) + mine->tag;\n"
                                 "    mine->f0 = n % 3 ? list : kept;\n"
                                 "    TAIL tail_odd(n % 5 ? mine : list, n - 1, kept);\n"
                                 "}\n"
                                 "__attribute__((noinline)) static uint64_t tail_odd(struct t0 GW *list, uint64_t n, struct t0 GW *kept)\n"
                                 "{\n"
                                 "    uint64_t GW *tag = list ? &list->tag : NULL;\n"
                                 "    if (!n) return tag ? *tag : 3;\n"
                                 "    if (n % 7 == 1) mix(callbacks[0]((void GW *)list, n));\n"
                                 "    mix(tag ? *tag : 4);\n"
                                 "    TAIL tail_even(list ? list->f0 : list, n - 1, n % 4 ? kept : list);\n"
                                 "}\n\n";

static const char coroutines[] =
    "__attribute__((noinline)) static struct t0 GW *yield_deep(int depth, struct t0 GW *list)\n"
    "{\n"
    "    struct t0 GW *mine = new_t0();\n"
    "    mine->f0 = list;\n"
    "    struct t0 GW *got = depth ? yield_deep(depth - 1, mine) : (struct t0 GW *)gw_stack_yield((void GW *)mine);\n"
    "    mix(mine->tag + (mine->f0 == list) + (got ? got->tag : 5));\n"
    "    return got ? got : mine;\n"
    "}\n"
    "static void GW *produce(void GW *argument, void GW *value)\n"
    "{\n"
    "    struct t0 GW *first = (struct t0 GW *)argument, *held[2] = {first, (struct t0 GW *)value};\n"
    "    for (int turn = 0; turn < 4; turn++) {\n"
    "        held[turn & 1] = yield_deep(turn, held[1 - (turn & 1)]);\n"
    "        if (turn == 2) mix(callbacks[0]((void GW *)first, 6));\n"
    "        mix(held[0] ? held[0]->tag : 7);\n"
    "    }\n"
    "    return (void GW *)(held[1] ? held[1] : first);\n"
    "}\n"
    "/* Two that take turns, and are left where they are when the fuel is used up. */\n"
    "__attribute__((noinline)) static struct t0 GW *take_turns(struct t0 GW *list, int turns)\n"
    "{\n"
    "    gw_stack *one = gw_stack_new(8 << 20, produce, (void GW *)list), *other = gw_stack_new(8 << 20, produce, NULL);\n"
    "    struct t0 GW *taken = list, *start = list;\n"
    "    if (!one || !other) program_exhausted();\n"
    "    for (int turn = 0; turn < turns && spend(); turn++) {\n"
    "        gw_stack *next = turn % 3 ? one : other;\n"
    "        if (gw_stack_is_done(next)) continue;\n"
    "        taken = (struct t0 GW *)gw_stack_switch(next, turn % 5 ? (void GW *)taken : NULL);\n"
    "        mix((taken ? taken->tag : 8) + (start ? start->tag : 9));\n"
    "    }\n"
    "    gw_stack_free(one);\n"
    "    gw_stack_free(other);\n"
    "    return taken ? taken : start;\n"
    "}\n\n";

void print_stacks(struct program *program)
{
    if (has_feature(program, "tail-calls")) fputs(tail_calls, program->out);
    if (has_feature(program, "coroutines")) fputs(coroutines, program->out);
}

bool call_in_place(struct program *program)
{
    const struct variable *list = pick_variable(program, reference_to(0), false);
    int turns = (int)random_below(&program->random, 40);
    line(program, "mix(tail_even(%s, %d, %s));", list->name, turns, pick_variable(program, reference_to(0), false)->name);
    return true;
}

bool switch_stacks(struct program *program)
{
    const struct variable *list = pick_variable(program, reference_to(0), false);
    int turns = (int)random_below(&program->random, 16);
    line(program, "%s = take_turns(%s, %d);", list->name, pick_variable(program, reference_to(0), false)->name, turns);
    return true;
}
