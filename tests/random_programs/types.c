/* The program's types: plain structs (parts), collected records and arrays, and the functions that make, cast and hash
 * them. A part refers to parts of lower number only, so that layouts are finite. */
#include "program.h"

struct value word_value(void)
{
    return (struct value){KIND_WORD, 0};
}

struct value any_value(void)
{
    return (struct value){KIND_ANY, 0};
}

struct value reference_to(int type)
{
    return (struct value){KIND_REFERENCE, type};
}

const char *type_name(struct value value)
{
    switch (value.kind) {
    case KIND_REAL: return "double ";
    case KIND_REFERENCE: return text("struct t%d GW *", value.type);
    case KIND_ANY: return "void GW *";
    case KIND_PART: return text("struct p%d ", value.type);
    default: return "uint64_t ";
    }
}

const char *zero_of(struct value value)
{
    return value.kind == KIND_PART ? "{0}" : value.kind == KIND_WORD ? "0" : value.kind == KIND_REAL ? "0.0" : "NULL";
}

bool holds_reference(const struct program *program, struct value value)
{
    if (value.kind != KIND_PART) return value.kind == KIND_REFERENCE || value.kind == KIND_ANY;
    const struct part *part = &program->part[value.type];
    for (int i = 0; i < part->fields; i++)
        if (holds_reference(program, part->field[i].value)) return true;
    return false;
}

/* ---- Choosing -------------------------------------------------------------------------------------- */

static void make_word_field(struct program *program, struct field *field)
{
    static const char *const types[] = {"uint64_t", "uint64_t", "uint32_t", "uint16_t", "uint8_t", "int32_t"};
    field->value = word_value();
    field->ctype = types[random_below(&program->random, 6)];
    if (random_chance(&program->random, 15) && has_feature(program, "bit-fields")) {
        field->ctype = "uint32_t";
        field->bits = random_between(&program->random, 1, 31);
    }
}

/* `part_limit`: parts below this number may be embedded. */
static void make_field(struct program *program, struct field *field, int part_limit)
{
    *field = (struct field){0};
    int choice = random_below(&program->random, 100);
    if (choice < 30) make_word_field(program, field);
    else if (choice < 36) field->value = (struct value){KIND_REAL, 0};
    else if (choice < 76) field->value = reference_to(random_below(&program->random, program->types));
    else if (choice < 88 || !part_limit) field->value = any_value();
    else field->value = (struct value){KIND_PART, random_below(&program->random, part_limit)};
    if (!field->bits && random_chance(&program->random, 12)) field->count = random_between(&program->random, 2, 4);
}

static void make_part(struct program *program, int number)
{
    struct part *part = &program->part[number];
    part->fields = random_between(&program->random, 1, 4);
    for (int i = 0; i < part->fields; i++) {
        make_field(program, &part->field[i], number);
        part->field[i].count = 0;
    }
    /* One at least holds nothing but references, two words: passed in registers. */
    if (number) return;
    part->fields = 2;
    for (int i = 0; i < 2; i++) part->field[i] = (struct field){.value = reference_to(random_below(&program->random, program->types))};
}

static void make_type(struct program *program, int number)
{
    struct type *type = &program->type[number];
    /* A record, an array of references and an array of words are always there. */
    type->is_array = number == 1 || number == 2 || (number > 2 && random_chance(&program->random, 35));
    type->explicit_layout = random_chance(&program->random, 20) && !program->cplusplus;
    /* C++ has no copies of structs to and from objects: their constructors take plain references. */
    int parts = program->cplusplus ? 0 : program->parts;
    type->fields = type->is_array ? 1 : random_between(&program->random, 2, MAX_FIELDS);
    for (int i = 0; i < type->fields; i++) make_field(program, &type->field[i], parts);
    if (number == 0) type->field[0] = (struct field){.value = reference_to(0)};
    if (number == 1) type->field[0] = (struct field){.value = reference_to(0)};
    if (number == 2) type->field[0] = (struct field){.value = word_value(), .ctype = "uint64_t"};
    if (type->is_array) type->field[0].count = type->field[0].bits = 0;
}

void make_types(struct program *program)
{
    program->parts = random_between(&program->random, 1, MAX_PARTS);
    program->types = random_between(&program->random, 4, MAX_TYPES);
    for (int i = 0; i < program->parts; i++) make_part(program, i);
    for (int i = 0; i < program->types; i++) make_type(program, i);
}

/* ---- Layout ---------------------------------------------------------------------------------------- */

static int word_size(const char *ctype)
{
    switch (ctype[4]) {
    case '1': return 2;
    case '8': return 1;
    case '6': return 8;
    default: return 4; /* uint32_t, int32_t */
    }
}

int part_size(const struct program *program, int number)
{
    const struct part *part = &program->part[number];
    int size = 0;
    for (int i = 0; i < part->fields; i++) {
        const struct field *field = &part->field[i];
        bool narrow = field->value.kind == KIND_WORD && !field->bits;
        int bytes = field->value.kind == KIND_PART ? part_size(program, field->value.type)
                    : narrow                       ? word_size(field->ctype)
                                                   : 8; /* bit-fields: never less than what they take */
        int align = bytes < 8 ? bytes : 8;
        size = (size + align - 1) / align * align + bytes;
    }
    return (size + 7) / 8 * 8;
}

/* Prints `offsetof` terms for each reference of a field; returns how many. */
static int print_offsets(struct program *program, const struct field *field, const char *owner, const char *member)
{
    if (!holds_reference(program, field->value)) return 0;
    int printed = 0;
    for (int i = 0; i < (field->count ? field->count : 1); i++) {
        const char *at = field->count ? text("%s[%d]", member, i) : member;
        if (field->value.kind != KIND_PART) {
            fprintf(program->out, "offsetof(%s, %s), ", owner, at);
            printed++;
            continue;
        }
        const struct part *part = &program->part[field->value.type];
        for (int k = 0; k < part->fields; k++) printed += print_offsets(program, &part->field[k], owner, text("%s.f%d", at, k));
    }
    return printed;
}

/* The offsets of an array's element, whose type is not a struct of its own when it is a reference. */
static int print_element_offsets(struct program *program, const struct field *field)
{
    if (field->value.kind == KIND_REFERENCE || field->value.kind == KIND_ANY) return fputs("0, ", program->out), 1;
    if (field->value.kind != KIND_PART) return 0;
    const struct part *part = &program->part[field->value.type];
    int printed = 0;
    for (int k = 0; k < part->fields; k++)
        printed += print_offsets(program, &part->field[k], text("struct p%d", field->value.type), text("f%d", k));
    return printed;
}

static void print_explicit_type(struct program *program, int number)
{
    const struct type *type = &program->type[number];
    int count = 0;
    fprintf(program->out, "static const uint32_t offsets_t%d[] = {", number);
    if (type->is_array) count = print_element_offsets(program, &type->field[0]);
    else
        for (int i = 0; i < type->fields; i++) count += print_offsets(program, &type->field[i], text("struct t%d", number), text("f%d", i));
    line(program, "%s};", count ? "" : "0");
    if (type->is_array) line(program, "PROGRAM_ARRAY_TYPE(t%d, struct t%d, %d);", number, number, count);
    else line(program, "PROGRAM_TYPE(t%d, struct t%d, %d);", number, number, count);
}

static void print_descriptor(struct program *program, int number)
{
    const struct type *type = &program->type[number];
    if (!type->explicit_layout) {
        line(program, "#if PROGRAM_DERIVES");
        if (type->is_array) line(program, "GW_TYPE_ARRAY(t%d, struct t%d, length, at);", number, number);
        else line(program, "GW_TYPE(t%d, struct t%d);", number, number);
        line(program, "#else");
    }
    print_explicit_type(program, number);
    if (!type->explicit_layout) line(program, "#endif");
}

/* ---- Structs --------------------------------------------------------------------------------------- */

static const char *annotation(struct program *program)
{
    bool wanted = has_feature(program, "annotations") && random_chance(&program->random, 30);
    return wanted ? "__attribute__((annotate(\"noted\"))) " : "";
}

static void print_field(struct program *program, const struct field *field, const char *name)
{
    const char *type = field->value.kind == KIND_WORD ? text("%s ", field->ctype) : type_name(field->value);
    const char *suffix = field->count ? text("[%d]", field->count) : field->bits ? text(" : %d", field->bits) : "";
    line(program, "%s%s%s%s;", annotation(program), type, name, suffix);
}

static void print_part(struct program *program, int number)
{
    open_block(program, text("struct p%d ", number));
    for (int i = 0; i < program->part[number].fields; i++) print_field(program, &program->part[number].field[i], text("f%d", i));
    program->indent--;
    line(program, "};");
}

static void print_struct(struct program *program, int number)
{
    const struct type *type = &program->type[number];
    open_block(program, text("struct t%d ", number));
    line(program, "uint64_t tag;");
    if (type->is_array) line(program, "uint64_t length;");
    for (int i = 0; i < type->fields; i++) print_field(program, &type->field[i], type->is_array ? "at[]" : text("f%d", i));
    program->indent--;
    line(program, "};");
}

/* ---- Functions of a type --------------------------------------------------------------------------- */

/* New objects refer to what the globals hold: global number n refers to type n. */
static void print_first_stores(struct program *program, const struct type *type)
{
    for (int i = 0; i < type->fields; i++) {
        const struct field *field = &type->field[i];
        if (field->value.kind != KIND_REFERENCE || random_chance(&program->random, 30)) continue;
        const char *member = type->is_array ? "at[0]" : text(field->count ? "f%d[0]" : "f%d", i);
        line(program, "%sGW_STORE(r, %s, g%d);", type->is_array ? "if (length) " : "", member, field->value.type);
    }
}

static void print_maker(struct program *program, int number)
{
    const char *inlining = random_chance(&program->random, 40) ? "__attribute__((noinline)) " : "";
    const char *parameter = program->type[number].is_array ? "uint64_t length" : "void";
    open_block(program, text("%sstatic struct t%d GW *new_t%d(%s) ", inlining, number, number, parameter));
    line(program, "spend();");
    if (program->type[number].is_array) line(program, "struct t%d GW *r = gw_new_array(t%d, length);", number, number);
    else line(program, "struct t%d GW *r = gw_new(t%d);", number, number);
    line(program, "if (!r) program_exhausted();");
    line(program, "r->tag = %d;", number + 1);
    print_first_stores(program, &program->type[number]);
    line(program, "return r;");
    close_block(program);
}

static void print_cast(struct program *program, int number)
{
    open_block(program, text("static inline struct t%d GW *as_t%d(void GW *v) ", number, number));
    line(program, "return tag_of(v) == %d ? (struct t%d GW *)v : NULL;", number + 1, number);
    close_block(program);
}

static void print_hash_of(struct program *program, const struct field *field, const char *what)
{
    struct value value = field->value;
    switch (value.kind) {
    case KIND_WORD: line(program, "mix((uint64_t)%s);", what); break;
    case KIND_REAL: line(program, "mix_real(%s);", what); break;
    case KIND_REFERENCE: line(program, "hash_t%d(%s, depth - 1);", value.type, what); break;
    case KIND_ANY: line(program, "hash_any(%s, depth - 1);", what); break;
    default:
        open_block(program, "");
        line(program, "struct p%d part = %s;", value.type, what);
        line(program, "hash_p%d(&part, depth);", value.type);
        close_block(program);
    }
}

static void print_field_hash(struct program *program, const struct field *field, const char *what)
{
    for (int i = 0; i < (field->count ? field->count : 1); i++)
        print_hash_of(program, field, field->count ? text("%s[%d]", what, i) : what);
}

static void print_hash(struct program *program, int number)
{
    const struct type *type = &program->type[number];
    open_block(program, text("static void hash_t%d(struct t%d GW *r, int depth) ", number, number));
    line(program, "if (!hash_enters((void GW *)r, depth)) return;");
    line(program, "mix(r->tag);");
    if (type->is_array) {
        line(program, "mix(r->length);");
        open_block(program, "for (uint64_t i = 0; i < r->length && i < 12; i++) ");
        print_hash_of(program, &type->field[0], "r->at[i]");
        close_block(program);
    } else {
        for (int i = 0; i < type->fields; i++) print_field_hash(program, &type->field[i], text("r->f%d", i));
    }
    close_block(program);
}

static void print_part_hash(struct program *program, int number)
{
    open_block(program, text("static void hash_p%d(const struct p%d *p, int depth) ", number, number));
    line(program, "(void)depth;");
    for (int i = 0; i < program->part[number].fields; i++) print_field_hash(program, &program->part[number].field[i], text("p->f%d", i));
    close_block(program);
}

static void print_any_hash(struct program *program)
{
    open_block(program, "static void hash_any(void GW *v, int depth) ");
    open_block(program, "switch (tag_of(v)) ");
    for (int i = 0; i < program->types; i++) line(program, "case %d: hash_t%d((struct t%d GW *)v, depth); break;", i + 1, i, i);
    line(program, "default: mix(word_of(v)); break;");
    close_block(program);
    close_block(program);
}

void print_makers(struct program *program)
{
    for (int i = 0; i < program->types; i++) print_maker(program, i);
}

void print_types(struct program *program)
{
    for (int i = 0; i < program->types; i++) line(program, "struct t%d;", i);
    for (int i = 0; i < program->parts; i++) print_part(program, i);
    for (int i = 0; i < program->types; i++) print_struct(program, i);
    for (int i = 0; i < program->types; i++) print_descriptor(program, i);
    for (int i = 0; i < program->types; i++) line(program, "static void hash_t%d(struct t%d GW *r, int depth);", i, i);
    line(program, "static void hash_any(void GW *v, int depth);");
    for (int i = 0; i < program->parts; i++) print_part_hash(program, i);
    for (int i = 0; i < program->types; i++) print_hash(program, i);
    print_any_hash(program);
    for (int i = 0; i < program->types; i++) print_cast(program, i);
}
