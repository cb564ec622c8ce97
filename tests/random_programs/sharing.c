/* What threads do with what they share: shared.h says why no checksum depends on the order. */
#include "statements.h"

/* A word that nobody else writes, in an object or a variable that everybody writes. */
bool use_own_word(struct program *program)
{
    const struct variable *list = pick_variable(program, reference_to(0), false);
    const char *where = random_chance(&program->random, 60) ? "shelf->at" : "shared_t0";
    const char *at = text("own%d", program->labels++);
    open_block(program, "");
    line(program, "unsigned %s = own_word(%s);", at, word_expression(program, 1));
    if (random_chance(&program->random, 70)) line(program, "%s[%s] = %s;", where, at, source(program, list->value));
    if (random_chance(&program->random, 40)) print_statements(program, 1);
    line(program, "%s = %s[%s];", list->name, where, at);
    close_block(program);
    return true;
}

/* A parcel goes where anybody takes it, and what lay there is kept over statements that may collect. */
bool pass_parcel(struct program *program)
{
    const char *list = pick_variable(program, reference_to(0), false)->name;
    const char *name = text("parcel%d", program->labels++), *word = word_expression(program, 1);
    const char *place = text("%s[%d]", random_chance(&program->random, 50) ? "office->post" : "post", random_below(&program->random, 4));
    open_block(program, "");
    line(program, "struct parcel GW *%s = new_parcel(%s, %s);", name, word, list);
    switch (random_below(&program->random, 3)) {
    case 0: line(program, "%s = __atomic_exchange_n(&%s, %s, __ATOMIC_ACQ_REL);", name, place, name); break;
    case 1:
        line(program, "struct parcel GW *other = __atomic_load_n(&%s, __ATOMIC_ACQUIRE);", place);
        line(program, "(void)__atomic_compare_exchange_n(&%s, &other, %s, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);", place, name);
        line(program, "mix(is_whole(other));");
        break;
    default:
        line(program, "__atomic_store_n(&%s, %s, __ATOMIC_RELEASE);", place, name);
        line(program, "%s = __atomic_load_n(&%s, __ATOMIC_ACQUIRE);", name, place);
    }
    print_statements(program, random_below(&program->random, 3));
    line(program, "mix(is_whole(%s));", name);
    close_block(program);
    return true;
}

/* A lock, an atomic sum, and a call during which the others may collect. */
bool meet(struct program *program)
{
    const char *word = word_expression(program, 1), *list = pick_variable(program, reference_to(0), false)->name;
    switch (random_below(&program->random, 3)) {
    case 0: line(program, "keep_parcel(%s, %s);", word, list); break;
    case 1:
        line(program, "__atomic_fetch_add(&office->%s, %s, __ATOMIC_RELAXED);", random_chance(&program->random, 50) ? "sum" : "count",
             word);
        break;
    default: line(program, "gw_outside_call(yield, NULL);");
    }
    return true;
}
