/* random_program: writes one random C program over collected structures. */
#include "statements.h"
#include <stdlib.h>
#include <string.h>

static const char usage_text[] =
    "usage: random_program --seed N [--form plug-in|macro] [--language c|c++] [--statements N]\n"
    "                      [--threads N] [--without FEATURE]...\n"
    "       random_program --seed N --refused NAME\n"
    "\n"
    "Writes a C program over collected structures to standard output. The same seed and options give\n"
    "the same program. random_programs.sh compiles and compares; when a seed fails, leave out one\n"
    "feature after another, and lower the number of statements, while it still fails.\n"
    "\n"
    "  --form macro      the program marks its roots and barriers with macros, for GCC\n"
    "  --language c++    with exceptions, guards and closures\n"
    "  --statements N    statements in each function, 1 to 60; default 12\n"
    "  --threads N       that share a heap, 2 to 8, each with functions and globals of its own; not in macros\n"
    "  --without FEATURE leaves one out\n"
    "  --refused NAME    a piece of a program that no level may accept; see refused_programs.sh\n";

static void print_function(struct program *program, struct function *function)
{
    program->current = function;
    make_locals(program);
    print_roots(program);
    open_block(program,
               text("%s%sf%d(%s) ", function->attributes, type_name(function->result), function->number, parameter_list(function)));
    line(program, "if (!spend()) return %s%s;", function->result.kind == KIND_PART ? text("(struct p%d)", function->result.type) : "",
         zero_of(function->result));
    for (int i = 0; i < function->parameters; i++)
        if (function->parameter[i].by_address) line(program, "(void)q%d;", i);
    print_locals(program);
    print_statements(program, random_between(&program->random, 1 + program->statements / 3, program->statements));
    for (int i = 0; i < function->parameters; i++) {
        const struct parameter *parameter = &function->parameter[i];
        if (parameter->by_address) line(program, "*q%d = %s;", i, source(program, parameter->value));
    }
    print_hashes(program);
    line(program, "return %s;", source(program, function->result));
    close_block(program);
    fputc('\n', program->out);
}

static void print_comparison(struct program *program)
{
    fputs("static int compare_words(const void *a, const void *b)\n"
          "{\n"
          "    uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;\n"
          "    struct t0 GW *made = new_t0();\n"
          "    mix(made->tag + (one < two));\n"
          "    return one < two ? -1 : one > two;\n"
          "}\n\n",
          program->out);
}

static void print_global_hash(struct program *program, const struct variable *global, const char *name)
{
    line(program, "hash_budget = 60;");
    if (global->value.kind == KIND_REFERENCE) line(program, "hash_t%d(%s, 6);", global->value.type, name);
    else if (global->value.kind == KIND_ANY) line(program, "hash_any(%s, 6);", name);
    else line(program, "hash_p%d(&%s, 6);", global->value.type, name);
}

static void print_hash_of_globals(struct program *program)
{
    open_block(program, "static void hash_globals(void) ");
    for (int i = 0; i < program->globals; i++) {
        const struct variable *global = &program->global[i];
        if (!global->count) print_global_hash(program, global, global->name);
        for (int k = 0; k < global->elements; k++) print_global_hash(program, global, text("%s[%d]", global->name, k));
    }
    close_block(program);
}

static void print_registration(struct program *program, struct value value, const char *name)
{
    if (value.kind == KIND_REFERENCE || value.kind == KIND_ANY) line(program, "PROGRAM_ADD_ROOT(%s);", name);
    if (value.kind != KIND_PART) return;
    const struct part *part = &program->part[value.type];
    for (int i = 0; i < part->fields; i++) print_registration(program, part->field[i].value, text("%s.f%d", name, i));
}

static void print_global_registrations(struct program *program)
{
    open_block(program, "static void register_globals(void) ");
    for (int i = 0; i < program->globals; i++) {
        const struct variable *global = &program->global[i];
        if (!global->count) print_registration(program, global->value, global->name);
        for (int k = 0; k < global->elements; k++) print_registration(program, global->value, text("%s[%d]", global->name, k));
    }
    if (!program->cplusplus) line(program, "PROGRAM_ADD_ROOT(carried);");
    close_block(program);
}

/* Every global of a collected type has an object, most of them old, before the first step. */
static void print_population(struct program *program)
{
    open_block(program, "static void populate(void) ");
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < program->globals; i++) {
            const struct variable *global = &program->global[i];
            if (global->value.kind != KIND_REFERENCE) continue;
            const char *name = global->count ? text("%s[%d]", global->name, round) : global->name;
            int length = random_chance(&program->random, 20) ? random_between(&program->random, 100, 600) : 5;
            bool array = program->type[global->value.type].is_array;
            line(program, "fuel = 9;");
            line(program, "%s = new_t%d(%s);", name, global->value.type, array ? text("%d", length) : "");
        }
    line(program, "gw_collect(GW_FULL);");
    if (random_chance(&program->random, 50)) line(program, "gw_collect(GW_FULL);");
    close_block(program);
}

static void print_steps(struct program *program)
{
    int steps = random_between(&program->random, 3, 6);
    program->variables = 0;
    program->current = NULL;
    line(program, "register_globals();");
    line(program, "populate();");
    for (int step = 0; step < steps; step++) {
        line(program, "fuel = %d;", random_between(&program->random, 100, 300));
        const char *call = call_expression(program, (struct value){KIND_COUNT, 0}, false, NULL);
        if (program->cplusplus) line(program, "try { (void)%s; } catch (...) { mix(%d); }", call, step);
        else line(program, "(void)%s;", call);
        line(program, "hash_globals();");
        line(program, "%s(%d);", program->threads ? "report_step" : "program_report", step);
    }
}

/* A function for each thread, and the table of them. */
static void print_work(struct program *program)
{
    for (int i = 0; i < program->threads; i++) {
        open_block(program, text("static void work%d(void) ", i));
        print_steps(program);
        close_block(program);
    }
    fputs("static void (*const works[])(void) = {", program->out);
    for (int i = 0; i < program->threads; i++) fprintf(program->out, "%swork%d", i ? ", " : "", i);
    line(program, "};");
}

/* What the threads have left behind. */
static void print_end_of_threads(struct program *program)
{
    line(program, "run_threads(works);");
    line(program, "gw_collect(GW_FULL);");
    open_block(program, "for (int i = 0; i < SHARED_WORDS; i++) ");
    line(program, "hash_budget = 8;");
    line(program, "hash_t0(shelf->at[i], 2);");
    line(program, "hash_t0(shared_t0[i], 2);");
    close_block(program);
    line(program, "print_reports();");
}

static void print_main(struct program *program)
{
    if (program->threads) print_work(program);
    if (program->cplusplus) line(program, "#if !__STDC_HOSTED__ /* or main would be mangled */\nextern \"C\"\n#endif");
    open_block(program, "int main(void) ");
    line(program, "program_start();");
    if (program->threads) print_end_of_threads(program);
    else print_steps(program);
    line(program, "return 0;");
    close_block(program);
}

static void print_includes(struct program *program)
{
    if (program->threads) line(program, "#define PROGRAM_THREADS %d", program->threads);
    line(program, "#include \"memory.h\"");
    if (program->threads) line(program, "struct t0;\n#include \"shared.h\"");
    fputc('\n', program->out);
}

static void print_program(struct program *program, uint64_t seed)
{
    fprintf(program->out, "/* Random program, seed %" PRIu64 "; see tests/random_programs. */\n", seed);
    print_includes(program);
    if (has_feature(program, "std-atomics"))
        line(program, "#include <atomic>\nstruct t0;\nstatic OWN std::atomic<struct t0 GW *> atomic_head;");
    weigh_statements(program);
    make_types(program);
    make_globals(program);
    make_functions(program);
    print_types(program);
    print_unions(program);
    print_globals(program);
    print_makers(program);
    print_comparison(program);
    print_variadic(program);
    print_prototypes(program);
    print_leaving(program);
    print_stacks(program);
    for (int i = 0; i < program->functions; i++) print_function(program, &program->function[i]);
    print_hash_of_globals(program);
    print_global_registrations(program);
    print_population(program);
    print_main(program);
}

/* ---- Command line ---------------------------------------------------------------------------------- */

static _Noreturn void usage(FILE *file, int status)
{
    fputs(usage_text, file);
    fputs("\nFeatures:", file);
    list_features(file);
    fputs("\nRefused:", file);
    list_refused(file);
    fputc('\n', file);
    exit(status);
}

static uint64_t number(const char *what, uint64_t most)
{
    char *end;
    uint64_t value = strtoull(what, &end, 10);
    if (*what && !*end && value <= most) return value;
    fprintf(stderr, "random_program: '%s' is not a number up to %" PRIu64 "\n", what, most);
    exit(2);
}

static int known_feature(const char *name)
{
    int feature = feature_number(name);
    if (feature >= 0) return feature;
    fprintf(stderr, "random_program: no feature '%s'; see --help\n", name);
    exit(2);
}

static bool is_language(const char *name, struct program *program)
{
    program->cplusplus = strcmp(name, "c++") == 0;
    return program->cplusplus || strcmp(name, "c") == 0;
}

static bool is_form(const char *name, struct program *program)
{
    program->macro_form = strcmp(name, "macro") == 0;
    return program->macro_form || strcmp(name, "plug-in") == 0;
}

struct request {
    uint64_t seed;
    const char *refused;
};

static void read_option(struct program *program, const char *option, const char *value, struct request *request)
{
    if (strcmp(option, "--seed") == 0) request->seed = number(value, UINT64_MAX);
    else if (strcmp(option, "--statements") == 0) program->statements = (int)number(value, 60);
    else if (strcmp(option, "--threads") == 0) program->threads = (int)number(value, 8);
    else if (strcmp(option, "--without") == 0) program->without[known_feature(value)] = true;
    else if (strcmp(option, "--refused") == 0) request->refused = value;
    else if (strcmp(option, "--language") == 0 && is_language(value, program)) return;
    else if (strcmp(option, "--form") != 0 || !is_form(value, program)) usage(stderr, 2);
}

int main(int argc, char **argv)
{
    static struct program program = {.statements = 12};
    struct request request = {0, NULL};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) usage(stdout, 0);
    if (argc % 2 == 0 || argc < 3) usage(stderr, 2);
    for (int i = 1; i < argc; i += 2) read_option(&program, argv[i], argv[i + 1], &request);
    if (program.threads == 1 || (program.threads && program.macro_form)) usage(stderr, 2);
    program.out = stdout;
    program.random.state = request.seed;
    if (!request.refused) print_program(&program, request.seed);
    else if (!print_refused(&program, request.refused)) usage(stderr, 2);
    return fflush(stdout) == 0 ? 0 : 1;
}
