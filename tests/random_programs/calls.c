/* Functions: their signatures, and calls of them.
 *
 * Any function may call any other; `fuel` ends recursion. A nested call stands beside plain local variables only, whose
 * values no callee can change, so that the order of evaluation does not matter.
 */
#include "access.h"

enum { INTEGER_REGISTERS = 6 };

/* ---- Signatures ------------------------------------------------------------------------------------ */

static struct value some_value(struct program *program)
{
    int choice = random_below(&program->random, 100);
    if (choice < 25) return word_value();
    if (choice < 33) return (struct value){KIND_REAL, 0};
    if (choice < 75) return reference_to(random_below(&program->random, program->types));
    if (choice < 88) return any_value();
    return (struct value){KIND_PART, random_below(&program->random, program->parts)};
}

/* In registers, or in memory where that is wanted. */
static bool fits(struct program *program, struct value value, int *registers)
{
    int words = value.kind == KIND_PART ? part_size(program, value.type) / 8 : value.kind == KIND_REAL ? 0 : 1;
    if (value.kind == KIND_PART && (words > 2 || *registers + words > INTEGER_REGISTERS)) return has_feature(program, "structs-in-memory");
    *registers += words;
    return true;
}

static void make_parameter(struct program *program, struct function *function, int *registers)
{
    struct parameter *parameter = &function->parameter[function->parameters++];
    *parameter = (struct parameter){.value = some_value(program)};
    bool reference = holds_reference(program, parameter->value);
    bool addressable = reference && has_feature(program, "addresses");
    parameter->by_address = addressable && random_chance(&program->random, 20);
    if (parameter->by_address) ++*registers;
    else if (!fits(program, parameter->value, registers)) {
        parameter->value = word_value();
        ++*registers;
    }
}

static const char *convention(struct program *program)
{
    static const char *const names[] = {"ms_abi", "sysv_abi", "preserve_most", "regcall", "vectorcall"};
    if (!has_feature(program, "conventions") || random_chance(&program->random, 60)) return "";
    return text("__attribute__((%s)) ", names[random_below(&program->random, 5)]);
}

static void make_function(struct program *program, int number)
{
    static const char *const attributes[] = {"static ", "static __attribute__((noinline)) ", "", "static __attribute__((noinline)) ",
                                             "static inline "};
    struct function *function = &program->function[number];
    *function = (struct function){.number = number, .attributes = attributes[random_below(&program->random, 5)]};
    if (number < program->callbacks) {
        function->result = word_value();
        function->parameter[0].value = any_value();
        function->parameter[1].value = word_value();
        function->parameters = 2;
        return;
    }
    function->attributes = text("%s%s", function->attributes, convention(program));
    function->result = some_value(program);
    bool in_memory = function->result.kind == KIND_PART && part_size(program, function->result.type) > 16;
    int registers = in_memory ? 1 : 0;
    int most = random_chance(&program->random, 20) ? MAX_PARAMETERS : 4;
    for (int n = random_between(&program->random, 0, most); n > 0; n--) make_parameter(program, function, &registers);
}

void make_functions(struct program *program)
{
    program->callbacks = random_between(&program->random, 1, 3);
    program->functions = random_between(&program->random, program->callbacks + 4, 12);
    for (int i = 0; i < program->functions; i++) make_function(program, i);
}

const char *parameter_list(const struct function *function)
{
    const char *list = "";
    for (int i = 0; i < function->parameters; i++) {
        const struct parameter *parameter = &function->parameter[i];
        list = text("%s%s%s%sq%d", list, i ? ", " : "", type_name(parameter->value), parameter->by_address ? "*" : "", i);
    }
    return function->parameters ? list : "void";
}

static const char *head(const struct function *function)
{
    const char *attributes = function->attributes[0] ? function->attributes : "";
    return text("%s%sf%d(%s)", attributes, type_name(function->result), function->number, parameter_list(function));
}

void print_prototypes(struct program *program)
{
    for (int i = 0; i < program->functions; i++) line(program, "%s;", head(&program->function[i]));
    fprintf(program->out, "static uint64_t (*const callbacks[])(void GW *, uint64_t) = {");
    for (int i = 0; i < program->callbacks; i++) fprintf(program->out, "%sf%d", i ? ", " : "", i);
    line(program, "};");
}

/* ---- Calls ----------------------------------------------------------------------------------------- */

static const char *address_argument(struct program *program, struct value value)
{
    const struct variable *variable = pick_variable(program, value, false);
    const struct variable *array = pick_variable(program, value, true);
    struct access access;
    if (array && random_chance(&program->random, 40)) return text("&%s[%s]", array->name, index_below(program, array->count));
    if (value.kind != KIND_PART && random_chance(&program->random, 20) && find_part_access(program, value, &access))
        return text("&%s", access.member);
    if (variable && random_chance(&program->random, 85)) return text("&%s", variable->name);
    return text("&%s", pick_global(program, value)->name);
}

/* Nothing that a call beside it could change. */
static const char *unchanging(struct program *program, struct value value)
{
    const struct variable *variable = pick_variable(program, value, false);
    if (variable) return variable->name;
    if (value.kind == KIND_PART) return text("(struct p%d){0}", value.type);
    return text("(%s)0", type_name(value));
}

static bool takes_addresses(const struct function *function)
{
    for (int i = 0; i < function->parameters; i++)
        if (function->parameter[i].by_address) return true;
    return false;
}

/* One of the functions with this result. `by_value`: none that takes addresses. Mostly one of lower number than the
 * caller's, lest a recursion use up the fuel at once; from main, mostly one of the highest. */
static const struct function *pick_function(struct program *program, struct value result, bool by_value)
{
    const struct function *chosen = NULL;
    bool downwards = program->current && random_chance(&program->random, 92);
    int least = program->current ? 0 : program->functions * 2 / 3, seen = 0;
    int limit = downwards ? program->current->number : program->functions;
    for (int i = least; i < limit; i++) {
        const struct function *function = &program->function[i];
        bool same = result.kind == KIND_COUNT || (function->result.kind == result.kind && function->result.type == result.type);
        if (same && !(by_value && takes_addresses(function)) && random_below(&program->random, ++seen) == 0) chosen = function;
    }
    return chosen;
}

static const char *call_with(struct program *program, const struct function *function, int nested)
{
    const char *arguments = "";
    for (int i = 0; i < function->parameters; i++) {
        const struct parameter *parameter = &function->parameter[i];
        const char *argument = NULL;
        if (i == nested) argument = call_expression(program, parameter->value, true, NULL);
        if (!argument && nested >= 0) argument = unchanging(program, parameter->value);
        if (!argument && parameter->by_address) argument = address_argument(program, parameter->value);
        if (!argument) argument = source(program, parameter->value);
        arguments = text("%s%s%s", arguments, i ? ", " : "", argument);
    }
    return text("f%d(%s)", function->number, arguments);
}

const char *call_expression(struct program *program, struct value result, bool nested, struct value *actual)
{
    const struct function *function = pick_function(program, result, nested);
    if (!function) return NULL;
    if (actual) *actual = function->result;
    bool may_nest = function->parameters && !takes_addresses(function) && has_feature(program, "nested-calls");
    int inner = may_nest && random_chance(&program->random, 25) ? random_below(&program->random, function->parameters) : -1;
    return call_with(program, function, inner);
}
