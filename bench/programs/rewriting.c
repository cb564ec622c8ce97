/* Symbolic rewriting in the manner of Boyer's benchmark: arithmetic on unary numbers by rewrite rules that are data.
 * Stresses recursion over trees that are never changed, pattern matching with bindings in lists, and sharing. */
#include "program.h"

enum symbol { VARIABLE, ZERO, NEXT, PLUS, TIMES, FIB, EQUAL, TRUE, FALSE, SYMBOL_COUNT };

struct term {
    long symbol;
    long variable; /* its number, of a VARIABLE */
    struct term GW *left, *right;
};
GW_TYPE_FIELDS(term, struct term, left, right);

struct rule {
    struct rule GW *next; /* for the same symbol */
    struct term GW *pattern, *result;
};
GW_TYPE_FIELDS(rule, struct rule, next, pattern, result);

struct rules {
    uint64_t length;
    struct rule GW *at[];
};
GW_TYPE_REFERENCES(rules, struct rules, length, at);

struct binding {
    struct binding GW *next;
    struct term GW *term;
    long variable;
};
GW_TYPE_FIELDS(binding, struct binding, next, term);

static struct term GW *make(long symbol, struct term GW *left, struct term GW *right)
{
    struct term GW *term;
    GW_CALL(term = gw_new(term), left, right);
    term->symbol = symbol;
    GW_STORE(term, left, left);
    GW_STORE(term, right, right);
    return term;
}

static struct term GW *variable(long number)
{
    struct term GW *term = gw_new(term);
    term->symbol = VARIABLE;
    term->variable = number;
    return term;
}

static bool same(const struct term GW *a, const struct term GW *b)
{
    for (; a != b; a = a->left, b = b->left) {
        if (!a || !b || a->symbol != b->symbol || a->variable != b->variable) return false;
        if (a->right != b->right && !same(a->right, b->right)) return false;
    }
    return true;
}

static struct term GW *bound(const struct binding GW *bindings, long variable)
{
    while (bindings && bindings->variable != variable) bindings = bindings->next;
    return bindings ? bindings->term : NULL;
}

static struct binding GW *bind(long variable, struct term GW *term, struct binding GW *bindings)
{
    struct binding GW *binding;
    GW_CALL(binding = gw_new(binding), term, bindings);
    binding->variable = variable;
    GW_STORE(binding, term, term);
    GW_STORE(binding, next, bindings);
    return binding;
}

/* Adds to *fits whether the pattern fits; the bindings are those under which it does. */
static struct binding GW *match(const struct term GW *pattern, struct term GW *term, struct binding GW *bindings, bool *fits)
{
    if (!*fits || !pattern) return bindings;
    if (pattern->symbol == VARIABLE) {
        struct term GW *earlier = bound(bindings, pattern->variable);
        if (!earlier) return bind(pattern->variable, term, bindings);
        if (!same(earlier, term)) *fits = false;
        return bindings;
    }
    if (!term || term->symbol != pattern->symbol) {
        *fits = false;
        return bindings;
    }
    GW_CALL(bindings = match(pattern->left, term->left, bindings, fits), pattern, term);
    return match(pattern->right, term->right, bindings, fits);
}

static struct term GW *substitute(struct term GW *term, struct binding GW *bindings)
{
    if (!term) return NULL;
    if (term->symbol == VARIABLE) return bound(bindings, term->variable);
    struct term GW *left, *right;
    GW_CALL(left = substitute(term->left, bindings), term, bindings);
    GW_CALL(right = substitute(term->right, bindings), term, left);
    return make(term->symbol, left, right);
}

static struct term GW *rewrite(struct term GW *term, struct rules GW *rules)
{
    if (!term) return NULL;
    struct term GW *left, *right;
    GW_CALL(left = rewrite(term->left, rules), term, rules);
    GW_CALL(right = rewrite(term->right, rules), term, rules, left);
    if (left != term->left || right != term->right) GW_CALL(term = make(term->symbol, left, right), rules);
    for (struct rule GW *rule = rules->at[term->symbol]; rule; rule = rule->next) {
        bool fits = true;
        struct binding GW *bindings;
        GW_CALL(bindings = match(rule->pattern, term, NULL, &fits), rules, rule, term);
        if (!fits) continue;
        GW_CALL(term = substitute(rule->result, bindings), rules);
        return rewrite(term, rules);
    }
    return term;
}

static void add_rule(struct rules GW *rules, struct term GW *pattern, struct term GW *result)
{
    struct rule GW *rule;
    GW_CALL(rule = gw_new(rule), rules, pattern, result);
    GW_STORE(rule, pattern, pattern);
    GW_STORE(rule, result, result);
    GW_STORE(rule, next, rules->at[pattern->symbol]);
    GW_STORE(rules, at[pattern->symbol], rule);
}

/* make(symbol, of the terms that `left` and `right` stand for) in prefix notation: letters are variables. */
static struct term GW *read_term(const char **text)
{
    static const char names[] = "?0s+*f=TF";
    static const int operands[] = {0, 0, 1, 2, 2, 1, 2, 0, 0};
    char letter = *(*text)++;
    const char *name = strchr(names, letter);
    if (!name) return variable(letter);
    long symbol = name - names;
    struct term GW *left = NULL, *right = NULL;
    if (operands[symbol] > 0) left = read_term(text);
    if (operands[symbol] > 1) GW_CALL(right = read_term(text), left);
    return make(symbol, left, right);
}

static void read_rule(struct rules GW *rules, const char *pattern_text, const char *result_text)
{
    struct term GW *pattern, *result;
    GW_CALL(pattern = read_term(&pattern_text), rules);
    GW_CALL(result = read_term(&result_text), rules, pattern);
    add_rule(rules, pattern, result);
}

static struct rules GW *all_rules(void)
{
    struct rules GW *rules = gw_new_array(rules, SYMBOL_COUNT);
    GW_CALL(read_rule(rules, "+0x", "x"), rules);
    GW_CALL(read_rule(rules, "+sxy", "s+xy"), rules);
    GW_CALL(read_rule(rules, "*0x", "0"), rules);
    GW_CALL(read_rule(rules, "*sxy", "+y*xy"), rules);
    GW_CALL(read_rule(rules, "f0", "0"), rules);
    GW_CALL(read_rule(rules, "fs0", "s0"), rules);
    GW_CALL(read_rule(rules, "fssx", "+fsxfx"), rules);
    GW_CALL(read_rule(rules, "=00", "T"), rules);
    GW_CALL(read_rule(rules, "=0sx", "F"), rules);
    GW_CALL(read_rule(rules, "=sx0", "F"), rules);
    GW_CALL(read_rule(rules, "=sxsy", "=xy"), rules);
    return rules;
}

static struct term GW *unary(long n)
{
    struct term GW *term = make(ZERO, NULL, NULL);
    while (n-- > 0) term = make(NEXT, term, NULL);
    return term;
}

static long value_of(const struct term GW *term)
{
    long n = 0;
    for (; term->symbol == NEXT; term = term->left) n++;
    return term->symbol == ZERO ? n : -1;
}

/* a * b, and whether it equals b * a. */
static void multiply(struct rules GW *rules, long a, long b)
{
    struct term GW *left, *right, *term;
    GW_CALL(left = unary(a), rules);
    GW_CALL(right = unary(b), rules, left);
    GW_CALL(term = make(TIMES, left, right), rules, left, right);
    GW_CALL(term = rewrite(term, rules), rules, left, right);
    long product = value_of(term);
    GW_CALL(left = make(TIMES, right, left), rules, term);
    GW_CALL(term = make(EQUAL, term, left), rules);
    GW_CALL(term = rewrite(term, rules), rules);
    printf("%ld * %ld = %ld, commutes: %d\n", a, b, product, term->symbol == TRUE);
}

int main(int argc, char **argv)
{
    long size = demo_size(argc, argv, 22, 30);
    need_stack((size_t)256 << 20, argv);
    uint64_t started = memory_start();
    struct rules GW *rules = all_rules();
    struct term GW *term;
    GW_CALL(term = unary(size), rules);
    GW_CALL(term = make(FIB, term, NULL), rules);
    GW_CALL(term = rewrite(term, rules), rules);
    printf("fib %ld = %ld\n", size, value_of(term));
    GW_CALL(multiply(rules, size, size + 3), rules);
    return memory_finish(started);
}
