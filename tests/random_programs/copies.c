/* Statements that copy references, structs and objects: by functions of the library, by assignment, piece by piece, and
 * as volatile. */
#include "statements.h"

static const char *copier(struct program *program)
{
    static const char *const names[] = {"memcpy", "memcpy", "memmove", "memmove", "__builtin_memcpy", "__builtin_memmove"};
    return names[random_below(&program->random, 6)];
}

static struct value something_with_references(struct program *program)
{
    int choice = random_below(&program->random, 10);
    return (struct value){choice < 6 ? KIND_REFERENCE : choice < 8 ? KIND_ANY : KIND_PART, -1};
}

/* Two objects' fields. One may be the other. */
static bool copy_between_objects(struct program *program)
{
    struct access to, from;
    if (!find_access(program, something_with_references(program), &to)) return false;
    if (!find_access(program, to.value, &from)) return false;
    line(program, "if (%s && %s && (const void *)&%s->%s != (const void *)&%s->%s)", to.guard, from.guard, to.object, to.member,
         from.object, from.member);
    line(program, "    PROGRAM_COPY(%s, %s, (void *)&%s->%s, (const void *)&%s->%s, sizeof %s->%s);", copier(program), to.object, to.object,
         to.member, from.object, from.member, to.object, to.member);
    return true;
}

static bool copy_with_local(struct program *program)
{
    struct access field;
    if (!find_access(program, something_with_references(program), &field)) return false;
    const struct variable *local = pick_variable(program, field.value, false);
    if (!local) return false;
    if (random_chance(&program->random, 50))
        line(program, "if (%s) PROGRAM_COPY(%s, %s, (void *)&%s->%s, &%s, sizeof %s);", field.guard, copier(program), field.object,
             field.object, field.member, local->name, local->name);
    else
        line(program, "if (%s) %s(&%s, (const void *)&%s->%s, sizeof %s);", field.guard, copier(program), local->name, field.object,
             field.member, local->name);
    return true;
}

static bool copy_between_locals(struct program *program)
{
    const struct variable *to = pick_kind(program, something_with_references(program).kind);
    const struct variable *from = to ? pick_variable(program, to->value, false) : NULL;
    if (!to || from == to) return false;
    line(program, "%s(&%s, &%s, sizeof %s);", copier(program), to->name, from->name, to->name);
    return true;
}

bool copy_field(struct program *program)
{
    int choice = random_below(&program->random, 10);
    return choice < 5 ? copy_between_objects(program) : choice < 8 ? copy_with_local(program) : copy_between_locals(program);
}

/* The first elements of an array change places within it, or go to another of its type. */
bool copy_range(struct program *program)
{
    const struct variable *to = pick_kind(program, KIND_REFERENCE);
    if (!program->type[to->value.type].is_array) return false;
    const struct variable *from = pick_variable(program, to->value, false);
    open_block(program, text("if (%s && %s) ", to->name, from->name));
    line(program, "uint64_t most = %s->length < %s->length ? %s->length : %s->length;", to->name, from->name, to->name, from->name);
    line(program, "uint64_t at = most ? %s %% most : 0, count = most - at < 6 ? most - at : 6;", word_expression(program, 1));
    const char *first = random_chance(&program->random, 50) ? "0" : "at", *second = first[0] == '0' ? "at" : "0";
    line(program, "PROGRAM_COPY(%s, %s, (void *)&%s->at[%s], (const void *)&%s->at[%s], count * sizeof %s->at[0]);",
         random_chance(&program->random, 50) ? "memmove" : "__builtin_memmove", to->name, to->name, first, from->name, second, to->name);
    close_block(program);
    return true;
}

/* From an object's elements to a local array of the same type, or back. */
bool copy_to_array(struct program *program)
{
    const struct variable *array = pick_variable(program, reference_to(0), true);
    const struct variable *object = pick_variable(program, reference_to(1), false);
    if (!array || !object || !array->elements) return false;
    const char *count = text("(%s->length < %d ? %s->length : %d) * sizeof %s[0]", object->name, array->elements, object->name,
                             array->elements, array->name);
    if (random_chance(&program->random, 50))
        line(program, "if (%s) PROGRAM_COPY(%s, %s, (void *)%s->at, %s, %s);", object->name, copier(program), object->name, object->name,
             array->name, count);
    else line(program, "if (%s) %s(%s, (const void *)%s->at, %s);", object->name, copier(program), array->name, object->name, count);
    return true;
}

bool clear_field(struct program *program)
{
    struct access field;
    if (!find_access(program, something_with_references(program), &field)) return false;
    const char *what = random_chance(&program->random, 50) ? "memset" : "__builtin_memset";
    line(program, "if (%s) PROGRAM_CLEAR(%s, %s, (void *)&%s->%s, sizeof %s->%s);", field.guard, what, field.object, field.object,
         field.member, field.object, field.member);
    return true;
}

/* Of whole objects, through their references. */
bool assign_object(struct program *program)
{
    const struct variable *to = pick_kind(program, KIND_REFERENCE);
    const struct variable *from = pick_variable(program, to->value, false);
    if (program->type[to->value.type].is_array) return false;
    if (random_chance(&program->random, 60)) {
        line(program, "if (%s && %s) *%s = *%s;", to->name, from->name, to->name, from->name);
        return true;
    }
    open_block(program, text("if (%s && %s) ", to->name, from->name));
    line(program, "struct t%d kept = *%s;", to->value.type, from->name);
    print_statements(program, 1);
    line(program, "if (%s) *%s = kept;", to->name, to->name);
    close_block(program);
    return true;
}

/* ---- Piece by piece -------------------------------------------------------------------------------- */

static const char *piece(struct program *program)
{
    static const char *const types[] = {"char", "unsigned char", "word_piece", "wide_piece", "vector_piece", "int_piece"};
    return types[random_below(&program->random, 6)];
}

/* An object's words one after the other, and what does not fill a piece by bytes. */
static void copy_object_by(struct program *program, const char *type, const char *to, const char *from)
{
    open_block(program, text("if (%s && %s) ", to, from));
    line(program, "size_t whole = sizeof *%s / sizeof(%s);", to, type);
    line(program, "for (size_t k = 0; k < whole; k++) ((%s GW *)%s)[k] = ((const %s GW *)%s)[k];", type, to, type, from);
    line(program, "for (size_t k = whole * sizeof(%s); k < sizeof *%s; k++)", type, to);
    line(program, "    ((char GW *)%s)[k] = ((const char GW *)%s)[k];", to, from);
    close_block(program);
}

bool copy_pieces(struct program *program)
{
    const struct variable *to = pick_kind(program, KIND_REFERENCE);
    const struct variable *from = pick_variable(program, to->value, false);
    if (program->type[to->value.type].is_array || to == from) return false;
    copy_object_by(program, piece(program), to->name, from->name);
    return true;
}

/* One field's bytes. As one word it is refused: an integer that is stored where the types show a reference. */
bool copy_field_pieces(struct program *program)
{
    struct access to, from;
    if (!find_access(program, (struct value){KIND_REFERENCE, -1}, &to)) return false;
    if (!find_access(program, to.value, &from)) return false;
    line(program, "if (%s && %s)", to.guard, from.guard);
    line(program, "    for (int k = 0; k < 8; k++) ((char GW *)&%s->%s)[k] = ((const char GW *)&%s->%s)[k];", to.object, to.member,
         from.object, from.member);
    return true;
}

/* ---- Volatile -------------------------------------------------------------------------------------- */

static bool volatile_field(struct program *program)
{
    struct access field;
    if (!find_access(program, (struct value){KIND_REFERENCE, -1}, &field)) return false;
    const char *type = type_name(field.value);
    const struct variable *local = pick_variable(program, field.value, false);
    line(program, "if (%s) GW_STORE(%s, %s, %s);", field.guard, field.object, field.member, source(program, field.value));
    if (local) line(program, "if (%s) %s = *(%svolatile GW *)&%s->%s;", field.guard, local->name, type, field.object, field.member);
    if (program->macro_form) return true;
    line(program, "if (%s) *(%svolatile GW *)&%s->%s = %s;", field.guard, type, field.object, field.member, source(program, field.value));
    return true;
}

bool use_volatile(struct program *program)
{
    if (program->macro_form || random_chance(&program->random, 50)) return volatile_field(program);
    const struct variable *local = pick_kind(program, KIND_REFERENCE);
    const char *name = text("kept%d", program->labels++);
    open_block(program, "");
    line(program, "%svolatile %s = %s;", type_name(local->value), name, source(program, local->value));
    print_statements(program, random_between(&program->random, 1, 2));
    line(program, "%s = %s;", local->name, name);
    close_block(program);
    return true;
}
