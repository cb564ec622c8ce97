/* Statements about what stands beside references: their addresses as numbers, vectors, atomic integers, unions. */
#include "statements.h"

/* A reference's address of some moment: later nothing can be said about it but whether it was null. */
bool keep_address(struct program *program)
{
    const struct variable *variable = pick_kind(program, random_chance(&program->random, 80) ? KIND_REFERENCE : KIND_ANY);
    const char *name = text("address%d", program->labels++);
    open_block(program, "");
    line(program, "uintptr_t %s = (uintptr_t)%s;", name, variable->name);
    line(program, "mix(%s == (uintptr_t)%s);", name, variable->name);
    print_statements(program, 1);
    line(program, "mix(%s != 0);", name);
    if (variable->value.kind == KIND_REFERENCE) line(program, "mix(%s %% 8);", name);
    close_block(program);
    return true;
}

/* ---- Vectors --------------------------------------------------------------------------------------- */

static bool local_vector(struct program *program)
{
    const char *name = text("lanes%d", program->labels++);
    open_block(program, "");
    line(program, "vector %s = {%s, %s, 3, %s};", name, word_expression(program, 1), word_expression(program, 1),
         word_expression(program, 1));
    print_statements(program, random_between(&program->random, 1, 2));
    line(program, "%s = %s * 5 + %s;", name, name, word_expression(program, 1));
    line(program, "mix(%s[0] ^ %s[1] ^ %s[2] ^ %s[3]);", name, name, name, name);
    close_block(program);
    return true;
}

static bool vector_of_elements(struct program *program)
{
    const struct variable *array = pick_variable(program, reference_to(2), false);
    const char *name = text("lanes%d", program->labels++);
    if (!array) return false;
    open_block(program, text("if (%s && %s->length >= 4) ", array->name, array->name));
    line(program, "vector_piece %s = *(vector_piece GW *)&%s->at[%s->length - 2];", name, array->name, array->name);
    print_statements(program, 1);
    line(program, "if (%s && %s->length >= 2) *(vector_piece GW *)%s->at = %s + 1;", array->name, array->name, array->name, name);
    close_block(program);
    return true;
}

bool keep_vector(struct program *program)
{
    return random_chance(&program->random, 50) ? local_vector(program) : vector_of_elements(program);
}

/* ---- Atomics --------------------------------------------------------------------------------------- */

const char *order_of(struct program *program, enum access_order order)
{
    static const char *const orders[] = {"RELAXED", "SEQ_CST", "ACQUIRE", "CONSUME", "RELEASE", "ACQ_REL"};
    static const int loads[] = {0, 1, 2, 3}, stores[] = {0, 1, 4};
    int chosen = order == ORDER_LOAD    ? loads[random_below(&program->random, 4)]
                 : order == ORDER_STORE ? stores[random_below(&program->random, 3)]
                                        : random_below(&program->random, 6);
    return text("__ATOMIC_%s", orders[chosen]);
}

/* A number that stands in an object, among references. */
bool count_atomically(struct program *program)
{
    static const char *const operations[] = {"fetch_add",  "fetch_sub", "fetch_and", "fetch_or",  "fetch_xor",
                                             "fetch_nand", "add_fetch", "xor_fetch", "exchange_n"};
    struct access access;
    if (!find_access(program, word_value(), &access) || access.bits) return false;
    const char *value = text("(%s)%s", access.ctype, word_expression(program, 1));
    open_block(program, text("if (%s) ", access.guard));
    switch (random_below(&program->random, 4)) {
    case 0:
        line(program, "__atomic_store_n(&%s->%s, %s, %s);", access.object, access.member, value, order_of(program, ORDER_STORE));
        line(program, "mix((uint64_t)__atomic_load_n(&%s->%s, %s));", access.object, access.member, order_of(program, ORDER_LOAD));
        break;
    case 1:
        line(program, "%s old = %s;", access.ctype, value);
        line(program, "mix(__atomic_compare_exchange_n(&%s->%s, &old, 1, 0, %s, %s));", access.object, access.member,
             order_of(program, ORDER_BOTH), order_of(program, ORDER_LOAD));
        line(program, "mix((uint64_t)old);");
        break;
    default:
        line(program, "mix((uint64_t)__atomic_%s(&%s->%s, %s, %s));", operations[random_below(&program->random, 9)], access.object,
             access.member, value, order_of(program, ORDER_BOTH));
    }
    close_block(program);
    return true;
}

static void exchange_field(struct program *program, const char *place, const char *value)
{
    switch (random_below(&program->random, 3)) {
    case 0:
        line(program, "mix(__atomic_compare_exchange_n(&%s, &old, %s, 0, %s, %s));", place, value, order_of(program, ORDER_BOTH),
             order_of(program, ORDER_LOAD));
        break;
    case 1: line(program, "old = __atomic_exchange_n(&%s, %s, %s);", place, value, order_of(program, ORDER_BOTH)); break;
    default:
        line(program, "__atomic_store_n(&%s, %s, %s);", place, value, order_of(program, ORDER_STORE));
        line(program, "old = __atomic_load_n(&%s, %s);", place, order_of(program, ORDER_LOAD));
    }
}

/* Of references: in objects, in locals and in globals. */
bool exchange(struct program *program)
{
    struct access access;
    const struct variable *variable;
    if (!find_access(program, (struct value){KIND_REFERENCE, -1}, &access)) return false;
    if (!(variable = pick_variable(program, access.value, false))) return false;
    const char *value = source(program, access.value), *place = text("%s->%s", access.object, access.member);
    int where = random_below(&program->random, 10);
    const struct variable *other = where == 0   ? pick_global(program, access.value)
                                   : where == 1 ? pick_variable(program, access.value, false)
                                                : NULL;
    open_block(program, other ? "" : text("if (%s) ", access.guard));
    line(program, "%sold = %s;", type_name(access.value), variable->name);
    exchange_field(program, other ? other->name : place, value);
    line(program, "%s = old;", variable->name);
    close_block(program);
    return true;
}

/* ---- Unions ---------------------------------------------------------------------------------------- */

static const char number_types[] = "union number {\n"
                                   "    uint64_t word;\n"
                                   "    double real;\n"
                                   "    uint32_t half[2];\n"
                                   "    uint8_t byte[8];\n"
                                   "};\n"
                                   "struct counted {\n"
                                   "    uint64_t tag;\n"
                                   "    union number first;\n"
                                   "    struct t0 GW *link;\n"
                                   "    union number second;\n"
                                   "};\n";

/* Objects of one kind that the tag divides: numbers in one, references in the other. */
static const char either_types[] = "struct either {\n"
                                   "    uint64_t tag;\n"
                                   "    union {\n"
                                   "        struct {\n"
                                   "            struct t0 GW *left, *right;\n"
                                   "        };\n"
                                   "        uint64_t word;\n"
                                   "        double real;\n"
                                   "        uint8_t byte[16];\n"
                                   "    };\n"
                                   "};\n"
                                   "struct either_word {\n"
                                   "    uint64_t tag, word[2];\n"
                                   "};\n"
                                   "struct either_pair {\n"
                                   "    uint64_t tag;\n"
                                   "    struct t0 GW *left, *right;\n"
                                   "};\n";

/* A field beside each union says what it holds; to the collector, or to a function. */
static const char told_types[] = "struct told {\n"
                                 "    uint64_t tag;\n"
                                 "    uint32_t kind;\n"
                                 "    union {\n"
                                 "        uint64_t word;\n"
                                 "        struct t0 GW *node;\n"
                                 "        double real;\n"
                                 "    } first;\n"
                                 "    uint8_t other;\n"
                                 "    union {\n"
                                 "        struct t0 GW *node;\n"
                                 "        uint64_t word;\n"
                                 "    } second;\n"
                                 "};\n"
                                 "GW_TYPE_TAGGED(told, struct told, GW_WHEN(kind, 1, first.node), GW_WHEN_IN(other, 1, 2, second.node));\n"
                                 "static void trace_told(void *payload, struct gw_tracer *tracer)\n"
                                 "{\n"
                                 "    struct told *told = (struct told *)payload;\n"
                                 "    if (told->kind == 1) gw_trace_edge(tracer, &told->first.node);\n"
                                 "    if (told->other) gw_trace_edge(tracer, &told->second.node);\n"
                                 "}\n"
                                 "GW_TYPE_TRACED(traced, struct told, trace_told);\n";

/* Without a layout: a union does not show what it holds. */
static void print_type(struct program *program, const char *name, const char *offsets, int references)
{
    line(program, "static const uint32_t offsets_%s[] = {%s};", name, offsets);
    line(program, "typedef struct %s gw_typeof_%s;", name, name);
    line(program, "static const struct gw_type gw_type_%s = {", name);
    line(program, "    .name = \"%s\", .size = sizeof(struct %s), .offset_count = %d, .offsets = offsets_%s};", name, name, references,
         name);
}

void print_unions(struct program *program)
{
    fputs(number_types, program->out);
    print_type(program, "counted", "offsetof(struct counted, link)", 1);
    if (has_feature(program, "told-unions")) fputs(told_types, program->out);
    if (!has_feature(program, "object-unions")) return;
    fputs(either_types, program->out);
    print_type(program, "either_word", "0", 0);
    print_type(program, "either_pair", "offsetof(struct either_pair, left), offsetof(struct either_pair, right)", 2);
}

bool use_number_union(struct program *program)
{
    const struct variable *link = pick_variable(program, reference_to(0), false);
    const struct variable *any = pick_kind(program, KIND_ANY);
    const char *name = text("c%d", program->labels++);
    open_block(program, "");
    line(program, "struct counted GW *%s = gw_new(counted);", name);
    roots(program);
    line(program, "%s->tag = 1000;", name);
    line(program, "%s->first.word = %s;", name, word_expression(program, 1));
    line(program, "%s->second.real = %s;", name, real_expression(program, 1));
    line(program, "GW_STORE(%s, link, %s);", name, link->name);
    if (!program->macro_form) print_statements(program, 1);
    line(program, "%s->second.half[1] = (uint32_t)%s;", name, word_expression(program, 1));
    line(program, "mix(%s->first.half[0] + %s->second.byte[6]);", name, name);
    if (!program->cplusplus) line(program, "%s->first = %s->second;", name, name);
    line(program, "%s = %s->link;", link->name, name);
    line(program, "%s = (void GW *)%s;", any->name, name);
    close_block(program);
    return true;
}

static void print_number_side(struct program *program, const char *name)
{
    line(program, "struct either GW *%s = (struct either GW *)gw_new(either_word);", name);
    line(program, "%s->tag = 1001;", name);
    line(program, "%s->word = 0;", name);
    const char *value = word_expression(program, 1);
    switch (random_below(&program->random, 3)) {
    case 0: line(program, "%s->word = %s;", name, value); break;
    case 1: line(program, "%s->byte[3] = (uint8_t)%s;", name, value); break;
    default: line(program, "%s->real = (double)(%s & 0xffff);", name, value);
    }
    print_statements(program, 1);
    line(program, "mix(%s->word);", name);
}

static void print_reference_side(struct program *program, const char *name)
{
    const struct variable *left = pick_variable(program, reference_to(0), false);
    const struct variable *right = pick_variable(program, reference_to(0), false);
    line(program, "struct either GW *%s = (struct either GW *)gw_new(either_pair);", name);
    line(program, "%s->tag = 1002;", name);
    line(program, "%s->left = %s;", name, left->name);
    line(program, "%s->right = %s;", name, right->name);
    print_statements(program, 1);
    line(program, "%s = %s->left;", right->name, name);
    line(program, "%s = %s->right;", left->name, name);
}

bool use_object_union(struct program *program)
{
    const char *name = text("e%d", program->labels++);
    open_block(program, "");
    if (random_chance(&program->random, 50)) print_number_side(program, name);
    else print_reference_side(program, name);
    line(program, "%s = (void GW *)%s;", pick_kind(program, KIND_ANY)->name, name);
    close_block(program);
    return true;
}

static void fill_told(struct program *program, const char *name)
{
    const char *node = pick_variable(program, reference_to(0), false)->name;
    if (random_chance(&program->random, 60)) line(program, "%s->first.node = %s; %s->kind = 1;", name, node, name);
    else line(program, "%s->kind = 0; %s->first.word = %s;", name, name, word_expression(program, 1));
    if (random_chance(&program->random, 60)) line(program, "%s->second.node = %s; %s->other = 2;", name, node, name);
    else line(program, "%s->other = 0; %s->second.word = %s;", name, name, word_expression(program, 1));
}

/* From one to another: by the member that is meant, by one that shows numbers, and whole. */
static void copy_told(struct program *program, const char *to, const char *from)
{
    switch (random_below(&program->random, program->cplusplus ? 3 : 4)) {
    case 0: line(program, "%s->first.word = %s->first.word; %s->kind = %s->kind;", to, from, to, from); break;
    case 1: line(program, "%s->second.word = %s->first.word; %s->other = (uint8_t)%s->kind;", to, from, to, from); break;
    case 2: line(program, "if (%s->kind) { %s->second.node = %s->first.node; %s->other = 1; }", from, to, from, to); break;
    default: line(program, "*%s = *%s;", to, from);
    }
}

static void read_told(struct program *program, const char *name)
{
    const char *node = pick_variable(program, reference_to(0), false)->name;
    line(program, "if (%s->kind) %s = %s->first.node;", name, node, name);
    line(program, "else mix(%s->first.word);", name);
    line(program, "if (%s->other) %s = %s->second.node;", name, node, name);
    line(program, "else mix(%s->second.word);", name);
}

bool use_told_union(struct program *program)
{
    const char *one = text("u%d", program->labels++), *other = text("u%d", program->labels++);
    open_block(program, "");
    line(program, "struct told GW *%s = gw_new(told);", one);
    line(program, "%s->tag = 1003;", one);
    fill_told(program, one);
    line(program, "struct told GW *%s = (struct told GW *)gw_new(traced);", other);
    line(program, "%s->tag = 1004;", other);
    print_statements(program, 1);
    fill_told(program, other);
    bool swap = random_chance(&program->random, 50);
    copy_told(program, swap ? one : other, swap ? other : one);
    print_statements(program, 1);
    read_told(program, one);
    read_told(program, other);
    line(program, "%s = (void GW *)%s;", pick_kind(program, KIND_ANY)->name, swap ? one : other);
    close_block(program);
    return true;
}
