/* Global and local variables. A global of each collected type is always there, so that every function can be called. */
#include "program.h"

static bool matches(const struct variable *variable, struct value value, bool array)
{
    if (variable->value.kind != value.kind || !variable->count != !array) return false;
    return value.type < 0 || (value.kind != KIND_REFERENCE && value.kind != KIND_PART) || variable->value.type == value.type;
}

/* A random one of those that match. */
static const struct variable *pick(struct random *random, const struct variable *variable, int count, struct value value, bool array)
{
    const struct variable *chosen = NULL;
    int seen = 0;
    for (int i = 0; i < count; i++)
        if (matches(&variable[i], value, array) && random_below(random, ++seen) == 0) chosen = &variable[i];
    return chosen;
}

const struct variable *pick_variable(struct program *program, struct value value, bool array)
{
    return pick(&program->random, program->variable, program->variables, value, array);
}

const struct variable *pick_kind(struct program *program, enum kind kind)
{
    return pick_variable(program, (struct value){kind, -1}, false);
}

const struct variable *pick_global(struct program *program, struct value value)
{
    return pick(&program->random, program->global, program->globals, value, false);
}

/* ---- Globals --------------------------------------------------------------------------------------- */

static void add_global(struct program *program, struct value value, int elements)
{
    static const char *const storages[] = {"static ", "static ", "", "static __thread ", "__thread "};
    struct variable *global = &program->global[program->globals];
    *global = (struct variable){
        .value = value,
        .name = text("g%d", program->globals),
        .count = elements ? text("%d", elements) : NULL,
        .elements = elements,
        .storage = storages[program->threads ? random_between(&program->random, 3, 4) : random_below(&program->random, 5)]};
    program->globals++;
}

static int some_elements(struct program *program)
{
    return random_chance(&program->random, 30) ? random_between(&program->random, 2, 6) : 0;
}

void make_globals(struct program *program)
{
    for (int i = 0; i < program->types; i++) add_global(program, reference_to(i), 0);
    add_global(program, any_value(), 0);
    for (int i = 0; i < program->parts; i++) add_global(program, (struct value){KIND_PART, i}, 0);
    while (program->globals < MAX_GLOBALS - 2 && random_chance(&program->random, 70))
        add_global(program, reference_to(random_below(&program->random, program->types)), some_elements(program));
    add_global(program, (struct value){KIND_PART, random_below(&program->random, program->parts)}, random_between(&program->random, 2, 4));
}

void print_globals(struct program *program)
{
    for (int i = 0; i < program->globals; i++) {
        const struct variable *global = &program->global[i];
        if (global->count) line(program, "%s%s%s[%s];", global->storage, type_name(global->value), global->name, global->count);
        else line(program, "%s%s%s;", global->storage, type_name(global->value), global->name);
    }
}

/* ---- Locals ---------------------------------------------------------------------------------------- */

static void add_local(struct program *program, struct value value, const char *count, int elements, const char *storage)
{
    static const char letters[KIND_COUNT] = {'i', 'd', 'r', 'v', 's'};
    if (program->variables == MAX_VARIABLES) return;
    program->variable[program->variables] = (struct variable){
        .value = value,
        .name = text("%c%d", letters[value.kind], program->variables),
        .count = count,
        .elements = elements,
        .storage = storage,
    };
    program->variables++;
}

static void add_locals(struct program *program, struct value value, int most)
{
    for (int n = random_between(&program->random, 1, most); n > 0; n--) add_local(program, value, NULL, 0, "");
}

static void add_parameters(struct program *program)
{
    const struct function *function = program->current;
    for (int i = 0; i < function->parameters; i++) {
        const struct parameter *parameter = &function->parameter[i];
        if (parameter->by_address) continue;
        program->variable[program->variables++] = (struct variable){.value = parameter->value, .name = text("q%d", i), .storage = NULL};
    }
}

static void add_arrays(struct program *program)
{
    struct random *random = &program->random;
    if (random_chance(random, 40) && has_feature(program, "local-arrays")) {
        int elements = random_between(random, 2, 9);
        add_local(program, reference_to(random_below(random, program->types)), text("%d", elements), elements, "");
    }
    if (random_chance(random, 20) && has_feature(program, "local-arrays")) {
        int elements = random_between(random, 2, 3);
        struct value part = {KIND_PART, random_below(random, program->parts)};
        add_local(program, part, text("%d", elements), elements, "");
    }
    if (random_chance(random, 15) && has_feature(program, "variable-length-arrays"))
        add_local(program, word_value(), text("n%d", program->current->number), 0, "");
    if (random_chance(random, 15) && has_feature(program, "realigned-stacks"))
        add_local(program, word_value(), "4", 4, "__attribute__((aligned(64))) ");
}

void make_locals(struct program *program)
{
    struct random *random = &program->random;
    program->variables = 0;
    add_parameters(program);
    add_locals(program, word_value(), 4);
    add_locals(program, (struct value){KIND_REAL, 0}, 2);
    for (int n = random_between(random, 3, 9); n > 0; n--)
        add_local(program, reference_to(random_below(random, program->types)), NULL, 0, "");
    add_local(program, reference_to(0), NULL, 0, "");
    add_locals(program, any_value(), 3);
    if (has_feature(program, "local-structs"))
        for (int n = random_below(random, 3); n > 0; n--)
            add_local(program, (struct value){KIND_PART, random_below(random, program->parts)}, NULL, 0, "");
    add_arrays(program);
}

static const char *initial(struct program *program, struct value value)
{
    if (value.kind == KIND_PART && random_chance(&program->random, 30)) return "{0}";
    if (value.kind == KIND_REFERENCE && random_chance(&program->random, 50)) return pick_global(program, value)->name;
    return source(program, value);
}

static void print_local(struct program *program, const struct variable *local)
{
    const char *type = type_name(local->value);
    if (!local->count) line(program, "%s%s%s = %s;", local->storage, type, local->name, initial(program, local->value));
    else if (local->elements) line(program, "%s%s%s[%s] = {0};", local->storage, type, local->name, local->count);
    else {
        line(program, "uint64_t %s = 1 + %s %% 9;", local->count, word_expression(program, 1));
        line(program, "%s%s[%s];", type, local->name, local->count);
        line(program, "for (uint64_t k = 0; k < %s; k++) %s[k] = k;", local->count, local->name);
    }
}

/* A variable's initialiser may read those before it. */
void print_locals(struct program *program)
{
    int all = program->variables;
    for (program->variables = 0; program->variables < all; program->variables++) {
        const struct variable *local = &program->variable[program->variables];
        if (local->storage) print_local(program, local);
        line(program, "(void)%s;", local->name);
    }
}

/* ---- Marks of the macro form ----------------------------------------------------------------------- */

static void print_mark(struct program *program, struct value value, const char *what)
{
    if (value.kind == KIND_REFERENCE || value.kind == KIND_ANY) fprintf(program->out, " ROOT(%s);", what);
    if (value.kind != KIND_PART) return;
    const struct part *part = &program->part[value.type];
    for (int i = 0; i < part->fields; i++) print_mark(program, part->field[i].value, text("%s.f%d", what, i));
}

static void print_marks(struct program *program, const struct variable *variable)
{
    if (!variable->count) print_mark(program, variable->value, variable->name);
    for (int i = 0; i < variable->elements; i++) print_mark(program, variable->value, text("%s[%d]", variable->name, i));
}

void print_roots(struct program *program)
{
    fprintf(program->out, "#define ROOTS_f%d", program->current->number);
    for (int i = 0; i < program->variables; i++) print_marks(program, &program->variable[i]);
    fputc('\n', program->out);
}
