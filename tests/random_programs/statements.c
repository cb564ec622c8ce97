/* Statements: one function each, in the table at the end with its feature's name and how often it is tried. Each prints
 * its statement, or returns false when the program has nothing to do it with. */
#include "statements.h"
#include <string.h>

static const struct variable *local_of(struct program *program, enum kind kind)
{
    return pick_variable(program, (struct value){kind, -1}, false);
}

void roots(struct program *program)
{
    if (program->current) line(program, "ROOTS_f%d;", program->current->number);
}

static struct random *dice(struct program *program)
{
    return &program->random;
}

/* ---- Assignments ----------------------------------------------------------------------------------- */

static bool assign_word(struct program *program)
{
    static const char *const operators[] = {"=", "+=", "^=", "*="};
    const struct variable *variable = local_of(program, KIND_WORD);
    line(program, "%s %s %s;", variable->name, operators[random_below(dice(program), 4)], word_expression(program, 3));
    return true;
}

static bool assign_reference(struct program *program)
{
    const struct variable *variable = local_of(program, random_chance(dice(program), 75) ? KIND_REFERENCE : KIND_ANY);
    line(program, "%s = %s;", variable->name, source(program, variable->value));
    return true;
}

static bool assign_real(struct program *program)
{
    const struct variable *variable = local_of(program, KIND_REAL);
    if (!variable) return false;
    line(program, "%s = %s;", variable->name, real_expression(program, 3));
    return true;
}

static bool assign_part(struct program *program)
{
    struct access access;
    const struct variable *part = local_of(program, KIND_PART);
    if (!part) return false;
    if (random_chance(dice(program), 40)) {
        line(program, "%s = %s;", part->name, source(program, part->value));
        return true;
    }
    struct value wanted = {random_chance(dice(program), 70) ? KIND_REFERENCE : KIND_ANY, -1};
    if (!find_part_access(program, wanted, &access)) return false;
    line(program, "%s = %s;", access.member, source(program, access.value));
    return true;
}

static bool assign_element(struct program *program)
{
    const enum kind kinds[] = {KIND_REFERENCE, KIND_REFERENCE, KIND_PART, KIND_WORD};
    struct value wanted = {kinds[random_below(dice(program), 4)], -1};
    const struct variable *array = pick_variable(program, wanted, true);
    if (!array) return false;
    line(program, "%s[%s] = %s;", array->name, index_below(program, array->count), source(program, array->value));
    return true;
}

static bool assign_global(struct program *program)
{
    const struct variable *global = &program->global[random_below(dice(program), program->globals)];
    const char *what = global->count ? text("%s[%s]", global->name, index_below(program, global->count)) : global->name;
    struct value value = global->value;
    const struct variable *local = pick_variable(program, value, false);
    if (local && random_chance(dice(program), 40)) line(program, "%s = %s;", local->name, what);
    else line(program, "%s = %s;", what, source(program, value));
    return true;
}

/* ---- Objects --------------------------------------------------------------------------------------- */

static void print_store(struct program *program, const struct access *access)
{
    const char *value = source(program, access->value);
    const char *how = access->value.kind == KIND_REFERENCE || access->value.kind == KIND_ANY ? "GW_STORE"
                      : access->value.kind == KIND_PART                                      ? "PROGRAM_STORE_PART"
                                                                                             : NULL;
    if (how) line(program, "if (%s) %s(%s, %s, (%s));", access->guard, how, access->object, access->member, value);
    else line(program, "if (%s) %s->%s = %s;", access->guard, access->object, access->member, value);
}

static bool store_field(struct program *program)
{
    static const enum kind kinds[] = {KIND_REFERENCE, KIND_REFERENCE, KIND_REFERENCE, KIND_ANY, KIND_WORD, KIND_REAL, KIND_PART};
    struct access access;
    if (!find_access(program, (struct value){kinds[random_below(dice(program), 7)], -1}, &access)) return false;
    print_store(program, &access);
    return true;
}

static const char *allocation(struct program *program, int type)
{
    if (!program->type[type].is_array) return text("new_t%d()", type);
    int choice = random_below(dice(program), 20);
    if (choice == 0) return text("new_t%d(%d)", type, random_between(dice(program), 100, 700));
    if (choice < 8) return text("new_t%d(%d)", type, random_below(dice(program), 7));
    return text("new_t%d(%s %% 12)", type, word_expression(program, 1));
}

static bool allocate(struct program *program)
{
    const struct variable *variable = local_of(program, KIND_REFERENCE);
    line(program, "%s = %s;", variable->name, allocation(program, variable->value.type));
    roots(program);
    return true;
}

/* A new object goes straight into one that may be old. */
static bool store_fresh(struct program *program)
{
    struct access access;
    if (!find_access(program, (struct value){KIND_REFERENCE, -1}, &access)) return false;
    const struct variable *variable = pick_variable(program, access.value, false);
    const char *made = allocation(program, access.value.type);
    if (has_feature(program, "nested-calls") && random_chance(dice(program), 50)) {
        line(program, "if (%s) %s->%s = %s;", access.guard, access.object, access.member, made);
        return true;
    }
    if (!variable) return false;
    line(program, "%s = %s;", variable->name, made);
    roots(program);
    line(program, "if (%s) GW_STORE(%s, %s, %s);", access.guard, access.object, access.member, variable->name);
    return true;
}

/* Objects made and filled in place, side by side. */
static bool allocate_several(struct program *program)
{
    for (int n = random_between(dice(program), 1, 4); n > 0; n--) {
        const struct variable *variable = local_of(program, KIND_REFERENCE);
        int type = variable->value.type;
        const struct type *made = &program->type[type];
        if (made->is_array) continue;
        line(program, "spend();");
        line(program, "%s = gw_new(t%d);", variable->name, type);
        roots(program);
        line(program, "%s->tag = %d;", variable->name, type + 1);
        int field = random_below(dice(program), made->fields);
        if (made->field[field].value.kind != KIND_REFERENCE || made->field[field].count) continue;
        line(program, "GW_STORE(%s, f%d, %s);", variable->name, field, source(program, made->field[field].value));
    }
    return true;
}

/* A list is built and summed up again: t0's first field refers to t0. */
static bool build_list(struct program *program)
{
    const struct variable *list = pick_variable(program, reference_to(0), false);
    if (!list) return false;
    int length = random_between(dice(program), 2, 9);
    open_block(program, text("for (int k = 0; k < %d && spend(); k++) ", length));
    line(program, "struct t0 GW *cell = new_t0();");
    roots(program);
    line(program, "GW_STORE(cell, f0, %s);", list->name);
    line(program, "%s = cell;", list->name);
    close_block(program);
    return true;
}

static bool walk_list(struct program *program)
{
    const struct variable *list = pick_variable(program, reference_to(0), false);
    const struct variable *at = pick_variable(program, reference_to(0), false);
    if (!list) return false;
    line(program, "%s = %s;", at->name, list->name);
    open_block(program, text("for (int k = 0; k < 20 && %s && spend(); k++) ", at->name));
    line(program, "mix(%s->tag + (uint64_t)k);", at->name);
    if (random_chance(dice(program), 50)) print_statements(program, 1);
    line(program, "if (%s) %s = %s->f0;", at->name, at->name, at->name);
    close_block(program);
    return true;
}

static bool copy_record(struct program *program)
{
    const struct variable *target = local_of(program, KIND_REFERENCE);
    const struct variable *from = pick_variable(program, target->value, false);
    if (program->type[target->value.type].is_array || from == target) return false;
    const char *how = random_chance(dice(program), 50) ? "memcpy" : "memmove";
    line(program, "if (%s && %s && %s != %s) %s((void *)%s, (const void *)%s, sizeof *%s);", target->name, from->name, target->name,
         from->name, how, target->name, from->name, from->name);
    return true;
}

static bool copy_array(struct program *program)
{
    const struct variable *target = local_of(program, KIND_REFERENCE);
    const struct variable *from = pick_variable(program, target->value, false);
    if (!program->type[target->value.type].is_array) return false;
    line(program, "if (%s && %s) copy_elements(%s, %s, %s, %s, %s);", target->name, from->name, target->name, from->name,
         word_expression(program, 1), word_expression(program, 1), word_expression(program, 1));
    return true;
}

/* ---- Pointers into objects ------------------------------------------------------------------------- */

static bool walk_inside(struct program *program)
{
    const struct variable *array = pick_variable(program, reference_to(2), false);
    if (!array) return false;
    open_block(program, text("if (%s) ", array->name));
    line(program, "uint64_t GW *at = &%s->at[0];", array->name);
    line(program, "uint64_t GW *end = at + %s->length;", array->name);
    open_block(program, "while (at < end && spend()) ");
    line(program, "*at += %s;", word_expression(program, 1));
    if (random_chance(dice(program), 60)) print_statements(program, 1);
    line(program, "at++;");
    close_block(program);
    line(program, "mix((uint64_t)(end - at));");
    close_block(program);
    return true;
}

static bool keep_slot(struct program *program)
{
    struct access access;
    struct value wanted = {random_chance(dice(program), 80) ? KIND_REFERENCE : KIND_ANY, -1};
    if (!find_access(program, wanted, &access)) return false;
    open_block(program, text("if (%s) ", access.guard));
    const char *type = type_name(access.value);
    line(program, "%sGW *slot = &%s->%s;", type, access.object, access.member);
    if (random_chance(dice(program), 70)) print_statements(program, random_between(dice(program), 1, 2));
    line(program, "*slot = %s;", source(program, access.value));
    const struct variable *variable = pick_variable(program, access.value, false);
    if (variable) line(program, "%s = *slot;", variable->name);
    close_block(program);
    return true;
}

static bool view_bytes(struct program *program)
{
    const struct variable *array = pick_variable(program, reference_to(2), false);
    if (!array) return false;
    open_block(program, text("if (%s && %s->length) ", array->name, array->name));
    line(program, "memset((void *)%s->at, (int)(%s & 255), %s->length * 8 - 1);", array->name, word_expression(program, 1), array->name);
    line(program, "mix(memchr((const void *)%s->at, 7, %s->length) != NULL);", array->name, array->name);
    close_block(program);
    return true;
}

/* ---- Calls ----------------------------------------------------------------------------------------- */

static void print_hash_of_variable(struct program *program, const struct variable *variable)
{
    if (variable->value.kind == KIND_REFERENCE) line(program, "hash_t%d(%s, 3);", variable->value.type, variable->name);
    else line(program, "hash_any(%s, 3);", variable->name);
}

static bool call_function(struct program *program)
{
    struct value result;
    const char *call = call_expression(program, (struct value){KIND_COUNT, 0}, false, &result);
    if (!call) return false;
    const struct variable *variable = pick_variable(program, result, false);
    if (variable && random_chance(dice(program), 85)) line(program, "%s = %s;", variable->name, call);
    else line(program, "(void)%s;", call);
    roots(program);
    return true;
}

static bool call_back(struct program *program)
{
    const struct variable *variable = local_of(program, KIND_WORD);
    line(program, "%s = callbacks[%s](%s, %s);", variable->name, index_below(program, text("%d", program->callbacks)),
         source(program, any_value()), word_expression(program, 2));
    roots(program);
    return true;
}

static bool sort_words(struct program *program)
{
    const struct variable *array = pick_variable(program, word_value(), true);
    if (!array) return false;
    line(program, "qsort(%s, %s, sizeof %s[0], compare_words);", array->name, array->count, array->name);
    roots(program);
    return true;
}

static bool keep_handle(struct program *program)
{
    const struct variable *variable = local_of(program, KIND_REFERENCE);
    open_block(program, "");
    line(program, "gw_handle handle = gw_handle_new(%s);", variable->name);
    print_statements(program, 1);
    line(program, "%s = (%s)gw_handle_get(handle);", variable->name, type_name(variable->value));
    line(program, "gw_handle_free(handle);");
    close_block(program);
    return true;
}

static bool collect(struct program *program)
{
    line(program, "gw_collect(%s);", random_chance(dice(program), 70) ? "GW_MINOR" : "GW_FULL");
    roots(program);
    return true;
}

void print_hashes(struct program *program)
{
    for (int i = 0; i < program->variables; i++) {
        const struct variable *variable = &program->variable[i];
        if (variable->count || random_chance(dice(program), 50)) continue;
        if (variable->value.kind == KIND_WORD) line(program, "mix(%s);", variable->name);
        if (variable->value.kind == KIND_PART) line(program, "hash_p%d(&%s, 2);", variable->value.type, variable->name);
        if (variable->value.kind != KIND_REFERENCE && variable->value.kind != KIND_ANY) continue;
        line(program, "hash_budget = 8;");
        print_hash_of_variable(program, variable);
    }
}

static bool hash_variable(struct program *program)
{
    const struct variable *variable = local_of(program, random_chance(dice(program), 80) ? KIND_REFERENCE : KIND_ANY);
    line(program, "hash_budget = 40;");
    print_hash_of_variable(program, variable);
    return true;
}

/* ---- Control --------------------------------------------------------------------------------------- */

static bool branch(struct program *program)
{
    open_block(program, text("if (%s %% %d) ", word_expression(program, 2), random_between(dice(program), 2, 3)));
    print_statements(program, random_between(dice(program), 1, 3));
    if (random_chance(dice(program), 50)) {
        program->indent--;
        open_block(program, "} else ");
        print_statements(program, random_between(dice(program), 1, 2));
    }
    close_block(program);
    return true;
}

static bool repeat(struct program *program)
{
    const char *counter = text("k%d", program->labels++);
    open_block(program,
               text("for (uint64_t %s = 0; %s < 1 + %s %% 6 && spend(); %s++) ", counter, counter, word_expression(program, 1), counter));
    print_statements(program, random_between(dice(program), 1, 3));
    if (random_chance(dice(program), 20)) line(program, "if (%s & 1) continue;", word_expression(program, 1));
    if (random_chance(dice(program), 20)) line(program, "if (%s & 1) break;", word_expression(program, 1));
    if (random_chance(dice(program), 50)) print_statements(program, 1);
    close_block(program);
    return true;
}

static bool choose(struct program *program)
{
    int cases = random_between(dice(program), 2, 6);
    open_block(program, text("switch (%s %% %d) ", word_expression(program, 2), cases + 1));
    for (int i = 0; i < cases; i++) {
        line(program, "case %d:", i);
        program->indent++;
        print_statements(program, 1);
        line(program, random_chance(dice(program), 70) ? "break;" : "__attribute__((fallthrough));");
        program->indent--;
    }
    line(program, "default: mix(%d); break;", cases);
    close_block(program);
    return true;
}

/* A loop with two entries. */
static bool jump(struct program *program)
{
    int label = program->labels++;
    open_block(program, "");
    line(program, "uint64_t n = 0;");
    line(program, "if (%s & 1) goto second%d;", word_expression(program, 1), label);
    line(program, "first%d:;", label);
    print_statements(program, 1);
    line(program, "second%d: n++;", label);
    print_statements(program, 1);
    line(program, "if (n < 4 && spend()) goto first%d;", label);
    close_block(program);
    return true;
}

/* Variables change places around a loop, so that each iteration's are the last one's others. */
static bool rotate(struct program *program)
{
    const struct variable *one = local_of(program, KIND_REFERENCE);
    const struct variable *two = pick_variable(program, one->value, false);
    const struct variable *three = pick_variable(program, one->value, false);
    open_block(program, text("for (int k = 0; k < %d && spend(); k++) ", random_between(dice(program), 2, 5)));
    line(program, "%skept = %s;", type_name(one->value), one->name);
    line(program, "%s = %s;", one->name, two->name);
    line(program, "%s = %s;", two->name, three->name);
    line(program, "%s = kept;", three->name);
    if (!program->macro_form) print_statements(program, 1);
    close_block(program);
    return true;
}

/* ---- The table ------------------------------------------------------------------------------------- */

enum {
    NESTS = 1,        /* holds statements */
    IN_MACROS = 2,    /* can be written with macros alone */
    IN_C = 4,         /* not in C++ */
    IN_CPLUSPLUS = 8, /* not in C */
    SHARES = 16       /* with --threads only */
};

static const struct {
    const char *feature;
    bool (*print)(struct program *program);
    int weight;
    unsigned manner;
} table[] = {
    {"words", assign_word, 8, IN_MACROS},
    {"references", assign_reference, 14, IN_MACROS},
    {"reals", assign_real, 3, IN_MACROS},
    {"local-structs", assign_part, 8, IN_MACROS},
    {"local-arrays", assign_element, 8, IN_MACROS},
    {"globals", assign_global, 8, IN_MACROS},
    {"stores", store_field, 22, IN_MACROS},
    {"allocation", allocate, 14, IN_MACROS},
    {"fresh-stores", store_fresh, 16, IN_MACROS},
    {"neighbours", allocate_several, 6, IN_MACROS},
    {"lists", build_list, 4, IN_MACROS},
    {"walks", walk_list, 4, NESTS | IN_MACROS},
    {"copies", copy_record, 4, 0},
    {"field-copies", copy_field, 7, IN_MACROS},
    {"ranges", copy_range, 3, IN_MACROS},
    {"array-moves", copy_to_array, 4, IN_MACROS},
    {"clearing", clear_field, 2, IN_MACROS},
    {"assignment", assign_object, 3, NESTS | IN_C},
    {"piece-copies", copy_pieces, 6, 0},
    {"field-pieces", copy_field_pieces, 6, 0},
    {"volatile", use_volatile, 4, NESTS | IN_MACROS},
    {"array-copies", copy_array, 4, IN_MACROS},
    {"interior", walk_inside, 4, NESTS},
    {"slots", keep_slot, 5, NESTS},
    {"views", view_bytes, 3, IN_MACROS},
    {"addresses-as-numbers", keep_address, 3, NESTS | IN_MACROS},
    {"vectors", keep_vector, 3, NESTS | IN_MACROS},
    {"atomics", exchange, 5, 0},
    {"atomic-numbers", count_atomically, 4, IN_MACROS},
    {"number-unions", use_number_union, 3, NESTS | IN_MACROS},
    {"object-unions", use_object_union, 3, NESTS},
    {"told-unions", use_told_union, 4, NESTS},
    {"calls", call_function, 18, IN_MACROS},
    {"callbacks", call_back, 5, IN_MACROS},
    {"sorting", sort_words, 3, IN_MACROS},
    {"variadic", call_variadic, 4, IN_MACROS},
    {"totals", call_for_totals, 3, 0},
    {"jumps", leave_by_jump, 3, IN_C | IN_MACROS},
    {"tail-calls", call_in_place, 4, 0},
    {"coroutines", switch_stacks, 3, IN_C},
    {"exceptions", leave_by_exception, 7, NESTS | IN_CPLUSPLUS},
    {"guards", guard_local, 5, NESTS | IN_CPLUSPLUS},
    {"closures", call_closure, 4, NESTS | IN_CPLUSPLUS},
    {"aliases", use_alias, 4, NESTS | IN_CPLUSPLUS},
    {"std-atomics", push_atomically, 5, NESTS | IN_CPLUSPLUS},
    {"handles", keep_handle, 3, NESTS | IN_MACROS},
    {"collections", collect, 3, IN_MACROS},
    {"hashes", hash_variable, 6, IN_MACROS},
    {"branches", branch, 9, NESTS | IN_MACROS},
    {"loops", repeat, 9, NESTS | IN_MACROS},
    {"switches", choose, 3, NESTS | IN_MACROS},
    {"gotos", jump, 2, NESTS | IN_MACROS},
    {"rotation", rotate, 4, NESTS | IN_MACROS},
    {"own-words", use_own_word, 9, NESTS | SHARES},
    {"parcels", pass_parcel, 8, NESTS | SHARES},
    {"meetings", meet, 6, SHARES},
    /* Features that are not statements of their own. */
    {"nested-calls", NULL, 0, 0},
    {"addresses", NULL, 0, IN_MACROS},
    {"variable-length-arrays", NULL, 0, IN_MACROS},
    {"realigned-stacks", NULL, 0, IN_MACROS},
    {"bit-fields", NULL, 0, IN_MACROS},
    {"structs-in-memory", NULL, 0, 0},
    {"small-integers", NULL, 0, IN_MACROS},
    {"conventions", NULL, 0, 0},
    {"annotations", NULL, 0, 0},
};

enum { FEATURES = sizeof table / sizeof table[0] };
_Static_assert((int)FEATURES <= (int)MAX_FEATURES, "a switch each");

int feature_number(const char *name)
{
    for (int i = 0; i < FEATURES; i++)
        if (strcmp(name, table[i].feature) == 0) return i;
    return -1;
}

static bool has_feature_number(const struct program *program, int number)
{
    unsigned manner = table[number].manner;
    if (program->without[number]) return false;
    if (program->macro_form && !(manner & IN_MACROS)) return false;
    if (!program->threads && manner & SHARES) return false;
    return !(manner & (program->cplusplus ? IN_C : IN_CPLUSPLUS));
}

bool has_feature(const struct program *program, const char *name)
{
    return has_feature_number(program, feature_number(name));
}

void list_features(FILE *file)
{
    for (int i = 0; i < FEATURES; i++) fprintf(file, " %s", table[i].feature);
}

/* Each program has much of some kinds and nothing of others: what is rare everywhere never meets what it takes to fail. */
void weigh_statements(struct program *program)
{
    static const int factors[] = {0, 1, 1, 1, 1, 1, 1, 1, 6, 6};
    for (int i = 0; i < FEATURES; i++) {
        if (!program->threads && table[i].manner & SHARES) continue; /* a seed's program stays what it is */
        bool common = table[i].weight >= 8;                          /* what a program cannot do without */
        int factor = common ? 1 : factors[random_below(dice(program), 10)];
        program->weight[i] = table[i].weight * factor;
    }
}

static bool print_random_statement(struct program *program)
{
    int total = 0;
    for (int i = 0; i < FEATURES; i++) total += program->weight[i];
    int chosen = random_below(dice(program), total), i = 0;
    while (chosen >= program->weight[i]) chosen -= program->weight[i++];
    if (!has_feature_number(program, i)) return false;
    int nests = table[i].manner & NESTS;
    if (nests && program->depth >= 2) return false;
    program->depth += nests;
    bool printed = table[i].print(program);
    program->depth -= nests;
    return printed;
}

void print_statements(struct program *program, int count)
{
    for (int printed = 0, tried = 0; printed < count && tried < count + 40; tried++) printed += print_random_statement(program);
}
