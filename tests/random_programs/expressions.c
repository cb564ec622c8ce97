/* Expressions without side effects and without calls of anything that collects. */
#include "access.h"

static int pick_number(struct program *program)
{
    return random_below(&program->random, 4) ? random_below(&program->random, 20) : random_below(&program->random, 65536);
}

/* Not a word_expression, which may itself hold an index. */
const char *index_below(struct program *program, const char *count)
{
    const struct variable *variable = pick_variable(program, word_value(), false);
    if (!variable) return text("%dul %% %s", pick_number(program), count);
    return text("(%s + %d) %% %s", variable->name, random_below(&program->random, 4), count);
}

/* ---- Access to fields ------------------------------------------------------------------------------ */

static bool accepts(struct value wanted, struct value found)
{
    if (wanted.kind != found.kind) return false;
    return wanted.type < 0 || (wanted.kind != KIND_REFERENCE && wanted.kind != KIND_PART) || wanted.type == found.type;
}

/* `member` and `field` are a field of something; goes into parts, at random, as long as that is needed. */
static bool settle(struct program *program, const struct field *field, const char *member, struct value wanted, struct access *access)
{
    if (field->count) member = text("%s[%s]", member, index_below(program, text("%d", field->count)));
    if (accepts(wanted, field->value)) {
        access->member = member;
        access->value = field->value;
        access->bits = field->bits != 0;
        access->ctype = field->ctype;
        return true;
    }
    if (field->value.kind != KIND_PART) return false;
    const struct part *part = &program->part[field->value.type];
    int chosen = random_below(&program->random, part->fields);
    return settle(program, &part->field[chosen], text("%s.f%d", member, chosen), wanted, access);
}

static bool try_access(struct program *program, struct value wanted, struct access *access)
{
    const struct variable *object = pick_kind(program, KIND_REFERENCE);
    if (!object) return false;
    const struct type *type = &program->type[object->value.type];
    int chosen = random_below(&program->random, type->fields);
    access->object = object->name;
    access->guard = type->is_array ? text("%s && %s->length", object->name, object->name) : object->name;
    const char *member = type->is_array ? text("at[%s]", index_below(program, text("%s->length", object->name))) : text("f%d", chosen);
    return settle(program, &type->field[chosen], member, wanted, access);
}

bool find_access(struct program *program, struct value wanted, struct access *access)
{
    for (int attempt = 0; attempt < 10; attempt++)
        if (try_access(program, wanted, access)) return true;
    return false;
}

bool find_part_access(struct program *program, struct value wanted, struct access *access)
{
    for (int attempt = 0; attempt < 4; attempt++) {
        bool array = random_chance(&program->random, 40);
        const struct variable *part = pick_variable(program, (struct value){KIND_PART, -1}, array);
        if (!part) continue;
        struct field whole = {.value = part->value, .count = part->elements};
        if (settle(program, &whole, part->name, wanted, access)) return true;
    }
    return false;
}

/* ---- Words and reals ------------------------------------------------------------------------------- */

static const char *word_leaf(struct program *program)
{
    const struct variable *variable;
    struct access access;
    switch (random_below(&program->random, 8)) {
    case 0: return text("%dul", pick_number(program));
    case 1:
        if (!find_access(program, word_value(), &access)) break;
        return text("(%s ? (uint64_t)%s->%s : %dul)", access.guard, access.object, access.member, pick_number(program));
    case 2:
        if (!(variable = pick_kind(program, KIND_ANY))) break;
        return text("word_of(%s)", variable->name);
    case 3:
        if (!(variable = pick_variable(program, word_value(), true))) break;
        return text("%s[%d]", variable->name, variable->elements ? random_below(&program->random, variable->elements) : 0);
    case 4:
        if (!find_part_access(program, word_value(), &access)) break;
        return text("(uint64_t)%s", access.member);
    default: break;
    }
    variable = pick_variable(program, word_value(), false);
    return variable ? variable->name : text("%dul", pick_number(program));
}

static const char *comparison(struct program *program)
{
    const struct variable *one = pick_kind(program, KIND_REFERENCE);
    if (!one) return "1ul";
    const struct variable *other = pick_variable(program, one->value, false);
    switch (random_below(&program->random, 3)) {
    case 0: return text("(uint64_t)(%s == %s)", one->name, other->name);
    case 1: return text("(uint64_t)(%s != NULL)", one->name);
    default: return text("(%s ? %s->tag : 9ul)", one->name, one->name);
    }
}

const char *word_expression(struct program *program, int depth)
{
    static const char *const operators[] = {"+", "-", "*", "^", "&", "|", "<", "==", ">"};
    if (depth <= 0 || random_chance(&program->random, 35)) return word_leaf(program);
    switch (random_below(&program->random, 8)) {
    case 0: return comparison(program);
    case 1: return text("(%s >> %d)", word_expression(program, depth - 1), random_below(&program->random, 63));
    case 2: return text("(%s / (%s | 1))", word_expression(program, depth - 1), word_expression(program, depth - 1));
    case 3: return text("word_of_real(%s)", real_expression(program, depth - 1));
    case 4: {
        const char *condition = word_expression(program, depth - 1), *yes = word_leaf(program);
        return text("(%s ? %s : %s)", condition, yes, word_leaf(program));
    }
    default: break;
    }
    const char *left = word_expression(program, depth - 1), *right = word_expression(program, depth - 1);
    return text("(uint64_t)(%s %s %s)", left, operators[random_below(&program->random, 9)], right);
}

const char *real_expression(struct program *program, int depth)
{
    struct access access;
    const struct variable *variable = pick_kind(program, KIND_REAL);
    int choice = random_below(&program->random, 5);
    if (depth > 0 && choice == 0) return text("(%s * 0.5 + %s)", real_expression(program, depth - 1), real_expression(program, depth - 1));
    if (depth > 0 && choice == 1) return text("(double)(%s & 0xffff)", word_expression(program, depth - 1));
    if (choice == 2 && find_access(program, (struct value){KIND_REAL, 0}, &access))
        return text("(%s ? %s->%s : 0.25)", access.guard, access.object, access.member);
    return variable ? variable->name : text("%d.5", pick_number(program));
}

/* ---- References and parts -------------------------------------------------------------------------- */

static const char *plain(struct program *program, struct value value)
{
    const struct variable *variable = pick_variable(program, value, false);
    if (variable && random_chance(&program->random, 75)) return variable->name;
    const struct variable *global = pick_global(program, value);
    if (global && random_chance(&program->random, 85)) return global->name;
    return text("(%s)NULL", type_name(value));
}

static const char *element(struct program *program, struct value value)
{
    const struct variable *array = pick_variable(program, value, true);
    if (!array) return plain(program, value);
    return text("%s[%s]", array->name, index_below(program, array->count));
}

static const char *any_source(struct program *program)
{
    const struct variable *reference = pick_kind(program, KIND_REFERENCE);
    bool number = !reference || random_chance(&program->random, 50);
    if (!number || !has_feature(program, "small-integers")) return reference ? text("(void GW *)%s", reference->name) : "(void GW *)NULL";
    return text("(void GW *)gw_small_integer(%s & 0xffffff)", word_expression(program, 1));
}

static const char *choice(struct program *program, struct value value)
{
    const char *condition = word_expression(program, 1), *yes = plain(program, value);
    return text("(%s ? %s : %s)", condition, yes, plain(program, value));
}

static const char *reference_source(struct program *program, struct value value)
{
    struct access access;
    const struct variable *any;
    switch (random_below(&program->random, 9)) {
    case 0: return choice(program, value);
    case 1:
    case 2:
        if (!find_access(program, value, &access)) break;
        return text("(%s ? %s->%s : %s)", access.guard, access.object, access.member, plain(program, value));
    case 3: return element(program, value);
    case 4:
        if (!find_part_access(program, value, &access)) break;
        return access.member;
    case 5:
        if (value.kind == KIND_ANY) return any_source(program);
        if ((any = pick_kind(program, KIND_ANY))) return text("as_t%d(%s)", value.type, any->name);
        break;
    default: break;
    }
    return plain(program, value);
}

static const char *literal(struct program *program, struct value value)
{
    const struct part *part = &program->part[value.type];
    const char *inside = "";
    for (int i = 0; i < part->fields; i++) {
        const struct field *field = &part->field[i];
        const char *what = source(program, field->value);
        if (field->value.kind == KIND_WORD) what = text("(%s)(%s)", field->bits ? "uint32_t" : field->ctype, what);
        inside = text("%s%s.f%d = %s", inside, i ? ", " : "", i, what);
    }
    return text("(struct p%d){%s}", value.type, inside);
}

static const char *part_source(struct program *program, struct value value)
{
    struct access access;
    const struct variable *variable = pick_variable(program, value, false);
    if (!variable || random_chance(&program->random, 20)) return literal(program, value);
    if (random_chance(&program->random, 30) && find_access(program, value, &access))
        return text("(%s ? %s->%s : %s)", access.guard, access.object, access.member, variable->name);
    return variable->name;
}

const char *source(struct program *program, struct value value)
{
    switch (value.kind) {
    case KIND_WORD: return word_expression(program, 2);
    case KIND_REAL: return real_expression(program, 2);
    case KIND_PART: return part_source(program, value);
    default: return reference_source(program, value);
    }
}
