/* Calls of variadic functions that collect: with words and places of references as arguments, and with results of all kinds.
 * A reference itself may not be such an argument. */
#include "statements.h"

static const char functions[] = "__attribute__((noinline)) static void add_up(uint64_t *sum, int count, ...)\n"
                                "{\n"
                                "    va_list list;\n"
                                "    va_start(list, count);\n"
                                "    for (int i = 0; i < count; i++) {\n"
                                "        struct t0 GW *made = new_t0();\n"
                                "        *sum = *sum * 3 + va_arg(list, uint64_t) + made->tag;\n"
                                "    }\n"
                                "    va_end(list);\n"
                                "}\n\n"
                                "__attribute__((noinline)) static struct t0 GW *last_made(int count, ...)\n"
                                "{\n"
                                "    struct t0 GW *made = NULL;\n"
                                "    va_list list;\n"
                                "    va_start(list, count);\n"
                                "    for (int i = 0; i < count; i++) {\n"
                                "        uint64_t word = va_arg(list, uint64_t);\n"
                                "        made = new_t0();\n"
                                "        made->tag += word & 0;\n"
                                "    }\n"
                                "    va_end(list);\n"
                                "    return made;\n"
                                "}\n\n"
                                "static long double wide_of(uint64_t word)\n"
                                "{\n"
                                "    return (long double)(new_t0()->tag + (word & 0xffff)) / 4;\n"
                                "}\n\n";

static const char places[] = "__attribute__((noinline)) static uint64_t through_places(int count, ...)\n"
                             "{\n"
                             "    uint64_t sum = 0;\n"
                             "    va_list list;\n"
                             "    va_start(list, count);\n"
                             "    for (int i = 0; i < count; i++) {\n"
                             "        struct t0 GW **place = va_arg(list, struct t0 GW **);\n"
                             "        struct t0 GW *made = new_t0();\n"
                             "        made->f0 = *place;\n"
                             "        *place = made;\n"
                             "        sum += va_arg(list, uint64_t);\n"
                             "    }\n"
                             "    va_end(list);\n"
                             "    return sum;\n"
                             "}\n\n";

/* Returned in memory. */
static const char totals[] = "struct totals {\n"
                             "    uint64_t first, sum, last;\n"
                             "};\n"
                             "__attribute__((noinline)) static struct totals totals_of(int count, ...)\n"
                             "{\n"
                             "    struct totals totals = {0, 0, 0};\n"
                             "    va_list list;\n"
                             "    va_start(list, count);\n"
                             "    for (int i = 0; i < count; i++) {\n"
                             "        totals.last = va_arg(list, uint64_t);\n"
                             "        if (!i) totals.first = totals.last + new_t0()->tag;\n"
                             "        totals.sum += totals.last;\n"
                             "    }\n"
                             "    va_end(list);\n"
                             "    return totals;\n"
                             "}\n\n";

void print_variadic(struct program *program)
{
    fputs(functions, program->out);
    if (!program->macro_form) fputs(places, program->out);
    if (has_feature(program, "totals")) fputs(totals, program->out);
}

static const char *some_words(struct program *program, int count)
{
    const char *arguments = "";
    for (int i = 0; i < count; i++) arguments = text("%s, %s", arguments, word_expression(program, 1));
    return arguments;
}

static void pass_places(struct program *program)
{
    int count = random_between(&program->random, 1, 4);
    const char *arguments = "";
    for (int i = 0; i < count; i++)
        arguments =
            text("%s, &%s, (uint64_t)%s", arguments, pick_variable(program, reference_to(0), false)->name, word_expression(program, 0));
    line(program, "mix(through_places(%d%s));", count, arguments);
}

bool call_variadic(struct program *program)
{
    int count = random_between(&program->random, 1, 8);
    switch (random_below(&program->random, 4)) {
    case 0:
        line(program, "%s = last_made(%d%s);", pick_variable(program, reference_to(0), false)->name, count, some_words(program, count));
        break;
    case 1:
        if (program->macro_form) return false;
        pass_places(program);
        break;
    case 2: line(program, "mix_real((double)wide_of(%s));", word_expression(program, 1)); break;
    default: line(program, "add_up(&%s, %d%s);", pick_kind(program, KIND_WORD)->name, count, some_words(program, count));
    }
    roots(program);
    return true;
}

bool call_for_totals(struct program *program)
{
    int count = random_between(&program->random, 1, 8);
    open_block(program, "");
    line(program, "struct totals totals = totals_of(%d%s);", count, some_words(program, count));
    line(program, "mix(totals.first ^ totals.sum * 3 ^ totals.last);");
    close_block(program);
    return true;
}
