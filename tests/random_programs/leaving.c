/* Ways out of functions that hold references: longjmp, to a function that holds none or some, and in C++ exceptions, past cleanups that
 * collect. */
#include "statements.h"

/* escapes() holds no reference, as a function that calls setjmp must not when GCC compiles it. */
static const char jumps[] = "static OWN jmp_buf *way_out;\n"
                            "static OWN struct t0 GW *carried;\n"
                            "\n"
                            "__attribute__((noinline)) static void jump_out(int depth, struct t0 GW *r)\n"
                            "{\n"
                            "    struct t0 GW *mine = new_t0();\n"
                            "    ROOT(r);\n"
                            "    GW_STORE(mine, f0, r);\n"
                            "    if (depth <= 0) {\n"
                            "        carried = mine;\n"
                            "        longjmp(*way_out, 1);\n"
                            "    }\n"
                            "    if (depth == 2) {\n"
                            "        mix(callbacks[0]((void GW *)mine, 5));\n"
                            "        ROOT(mine);\n"
                            "    }\n"
                            "    jump_out(depth - 1, mine);\n"
                            "    ROOT(mine);\n"
                            "    mix(mine->tag);\n"
                            "}\n"
                            "\n"
                            "static void start_jump(int depth) { jump_out(depth, carried); }\n"
                            "\n"
                            "static int escapes(int depth)\n"
                            "{\n"
                            "    jmp_buf *outer = way_out, here;\n"
                            "    way_out = &here;\n"
                            "    __builtin_unwind_init(); /* its callers' registers go into its frame: docs/asmgcroot.md */\n"
                            "    if (setjmp(here)) {\n"
                            "        way_out = outer;\n"
                            "        return 1;\n"
                            "    }\n"
                            "    start_jump(depth);\n"
                            "    return 0;\n"
                            "}\n\n";

static const char jump_over_references[] = "static int escapes_with(int depth, struct t0 GW *r)\n"
                                           "{\n"
                                           "    jmp_buf *outer = way_out, here;\n"
                                           "    struct t0 GW *mine = new_t0();\n"
                                           "    struct t0 GW *volatile last = mine;\n"
                                           "    uint64_t GW *tag = &mine->tag;\n"
                                           "    GW_STORE(mine, f0, r);\n"
                                           "    way_out = &here;\n"
                                           "    if (setjmp(here)) {\n"
                                           "        way_out = outer;\n"
                                           "        mix(mine->tag + last->tag + *tag + (mine->f0 == r));\n"
                                           "        if (r) mix(r->tag);\n"
                                           "        return 1;\n"
                                           "    }\n"
                                           "    last = new_t0();\n"
                                           "    if (depth & 1) mix(escapes_with(depth - 1, last));\n"
                                           "    way_out = &here;\n"
                                           "    start_jump(depth);\n"
                                           "    return 0;\n"
                                           "}\n\n";

/* GCC's route refuses setjmp in a function that holds references. */
static const char jump_over_marks[] = "static int escapes_with(int depth, struct t0 GW *r)\n"
                                      "{\n"
                                      "    ROOT(r);\n"
                                      "    return escapes(depth);\n"
                                      "}\n"
                                      "\n";

static const char exceptions[] = "struct trouble {\n"
                                 "    uint64_t number;\n"
                                 "    explicit trouble(uint64_t number) : number(number) {}\n"
                                 "    ~trouble() { mix(new_t0()->tag); }\n"
                                 "};\n"
                                 "\n"
                                 "/* Its destructor runs while the exception passes by, and collects. */\n"
                                 "struct guard {\n"
                                 "    struct t0 GW **place;\n"
                                 "    explicit guard(struct t0 GW **place) : place(place) {}\n"
                                 "    ~guard()\n"
                                 "    {\n"
                                 "        struct t0 GW *made = new_t0();\n"
                                 "        made->f0 = *place;\n"
                                 "        *place = made;\n"
                                 "    }\n"
                                 "};\n"
                                 "\n"
                                 "__attribute__((noinline)) static void throw_out(uint64_t depth, struct t0 GW *r)\n"
                                 "{\n"
                                 "    struct t0 GW *mine = new_t0();\n"
                                 "    mine->f0 = r;\n"
                                 "    guard g(&mine);\n"
                                 "    if (depth == 0) throw mine->tag + 41;\n"
                                 "    if (depth == 1) throw trouble(mine->tag);\n"
                                 "    throw_out(depth - 2, mine);\n"
                                 "    mix(mine->tag);\n"
                                 "}\n\n";

void print_leaving(struct program *program)
{
    fputs(program->cplusplus ? exceptions : jumps, program->out);
    if (!program->cplusplus) fputs(program->macro_form ? jump_over_marks : jump_over_references, program->out);
}

bool leave_by_jump(struct program *program)
{
    const struct variable *list = pick_variable(program, reference_to(0), false);
    line(program, "carried = %s;", list->name);
    int depth = (int)random_below(&program->random, 5);
    if (random_chance(&program->random, 50)) line(program, "mix(escapes(%d));", depth);
    else line(program, "mix(escapes_with(%d, %s));", depth, list->name);
    roots(program);
    line(program, "%s = carried;", list->name);
    return true;
}

/* ---- C++ ------------------------------------------------------------------------------------------- */

static void print_throw(struct program *program)
{
    const char *word = word_expression(program, 1);
    switch (random_below(&program->random, 3)) {
    case 0: line(program, "if (%s & 1) throw %s;", word, text("(uint64_t)(%s)", word_expression(program, 1))); break;
    case 1: line(program, "if (%s & 1) throw trouble(%s);", word, word_expression(program, 1)); break;
    default: line(program, "throw_out(%s %% 6, %s);", word, pick_variable(program, reference_to(0), false)->name);
    }
}

bool leave_by_exception(struct program *program)
{
    const char *number = text("number%d", program->labels++);
    open_block(program, "try ");
    print_statements(program, random_between(&program->random, 1, 2));
    print_throw(program);
    print_statements(program, 1);
    program->indent--;
    open_block(program, text("} catch (uint64_t %s) ", number));
    line(program, "mix(%s);", number);
    print_statements(program, 1);
    program->indent--;
    open_block(program, text("} catch (%s) ", random_chance(&program->random, 50) ? "const trouble &t" : "..."));
    print_statements(program, random_below(&program->random, 2));
    if (random_chance(&program->random, 15)) line(program, "throw;");
    close_block(program);
    return true;
}

/* Statements under a guard, whose end changes the variable on each way out. */
bool guard_local(struct program *program)
{
    open_block(program, "");
    line(program, "guard g(&%s);", pick_variable(program, reference_to(0), false)->name);
    print_statements(program, random_between(&program->random, 1, 2));
    close_block(program);
    return true;
}

/* A closure that holds references, or addresses of variables that do. */
bool call_closure(struct program *program)
{
    const char *capture = random_chance(&program->random, 50) ? "&" : "=";
    const struct variable *kept = pick_variable(program, reference_to(0), false);
    const char *name = text("closure%d", program->labels++);
    open_block(program, "");
    line(program, "auto %s = [%s](uint64_t n) {", name, capture);
    line(program, "    struct t0 GW *made = new_t0();");
    line(program, "    made->f0 = %s;", kept->name);
    line(program, "    return made->tag + n + (%s ? %s->tag : 0);", kept->name, kept->name);
    line(program, "};");
    print_statements(program, 1);
    line(program, "mix(%s(%s));", name, word_expression(program, 1));
    close_block(program);
    return true;
}

/* Another name for a variable. */
bool use_alias(struct program *program)
{
    const struct variable *variable = pick_kind(program, KIND_REFERENCE);
    const char *name = text("alias%d", program->labels++);
    open_block(program, "");
    line(program, "%s&%s = %s;", type_name(variable->value), name, variable->name);
    print_statements(program, 1);
    line(program, "%s = %s;", name, source(program, variable->value));
    close_block(program);
    return true;
}

/* A list whose head is a std::atomic. */
bool push_atomically(struct program *program)
{
    bool local = random_chance(&program->random, 40);
    const char *head = local ? text("head%d", program->labels++) : "atomic_head";
    const struct variable *list = pick_variable(program, reference_to(0), false);
    open_block(program, "");
    if (local) line(program, "std::atomic<struct t0 GW *> %s{%s};", head, list->name);
    line(program, "struct t0 GW *made = new_t0();");
    line(program, "struct t0 GW *old = %s.load();", head);
    line(program, "do made->f0 = old; while (!%s.compare_exchange_weak(old, made));", head);
    print_statements(program, 1);
    if (random_chance(&program->random, 50)) line(program, "%s = %s.exchange(%s);", list->name, head, list->name);
    else line(program, "%s = %s.load(std::memory_order_acquire);", list->name, head);
    close_block(program);
    return true;
}
