/* A small Lisp: reader, printer, closures with lexical environments, tail calls, symbols, strings, and integers that
 * are immediates in the words that hold references. Runs a built-in script, or the file given.
 *
 *     lisp [size [file]]      size is the script's variable `size`; default 26
 *
 * The C stack is the interpreter's stack: deep recursion in the script is deep recursion here, with references in every
 * frame. The malloc program has no collector to lean on, so it allocates from an arena and frees all of it at the end:
 * about the fastest that explicit memory can be, at the price of keeping every cell that was ever made.
 */
#define MEMORY_ARENA
#include "memory.h"
#include <ctype.h>

enum kind { CONS = 1, SYMBOL, STRING, CLOSURE, BUILTIN, BINDING };

/* What any value starts with. The empty list is NULL, an integer is an immediate, everything else is one of these. */
struct value {
    uint64_t kind; /* enum kind */
};

struct text {
    uint64_t kind;
    uint64_t length;
    char bytes[];
};
GW_TYPE_BYTES(text, struct text, length, bytes);

struct cons {
    uint64_t kind;
    struct value GW *first, *rest;
};
GW_TYPE_FIELDS(cons, struct cons, first, rest);

struct symbol {
    uint64_t kind;
    uint64_t form; /* enum form: what a list that starts with this symbol means */
    struct text GW *name;
    struct value GW *value; /* global value, or NULL */
    struct symbol GW *next; /* in the chain of all symbols */
    bool defined;
};
GW_TYPE_FIELDS(symbol, struct symbol, name, value, next);

struct binding {
    uint64_t kind;
    struct symbol GW *symbol;
    struct value GW *value;
    struct binding GW *outer;
};
GW_TYPE_FIELDS(binding, struct binding, symbol, value, outer);

struct closure {
    uint64_t kind;
    struct value GW *parameters, *body;
    struct binding GW *environment;
};
GW_TYPE_FIELDS(closure, struct closure, parameters, body, environment);

struct builtin {
    uint64_t kind;
    uint64_t number; /* index into `builtins` */
};
GW_TYPE_LEAF(builtin, struct builtin);

/* Special forms. */
enum form { CALL, QUOTE, IF, COND, DEFINE, SET, LAMBDA, LET, BEGIN, AND, OR };

/* The symbols, hashed by name: a global array of references. */
enum { SYMBOL_CHAINS = 128 };
DEMO_SHARED_VARIABLE struct symbol GW *symbols[SYMBOL_CHAINS];
DEMO_SHARED_VARIABLE struct value GW *value_true; /* the symbol t */

DEMO_SHARED struct value GW *cons(struct value GW *first, struct value GW *rest);
DEMO_SHARED struct symbol GW *intern(const char *name, size_t length);
DEMO_SHARED enum kind kind_of(const struct value GW *value);
DEMO_SHARED void print(const struct value GW *value);
DEMO_SHARED bool read_value(const char **text, struct value GW **value);
_Noreturn DEMO_SHARED void fail(const char *message, const struct value GW *value);

#define AS_CONS(value) ((struct cons GW *)(value))
#define AS_SYMBOL(value) ((struct symbol GW *)(value))
#define AS_VALUE(object) ((struct value GW *)(object))
#define INTEGER(n) AS_VALUE(gw_small_integer(n))

/* ---- Values, reading, printing --------------------------------------------------------------------- */

#if DEMO_FIRST
DEMO_SHARED struct symbol GW *symbols[SYMBOL_CHAINS];
DEMO_SHARED struct value GW *value_true;
GW_GLOBAL(symbols);
GW_GLOBAL(value_true);

/* Integers and the empty list have no kind: 0. */
DEMO_SHARED enum kind kind_of(const struct value GW *value)
{
    return value && !gw_is_immediate(value) ? (enum kind)value->kind : 0;
}

_Noreturn DEMO_SHARED void fail(const char *message, const struct value GW *value)
{
    printf("error: %s: ", message);
    print(value);
    putchar('\n');
    fflush(stdout);
    exit(1);
}

DEMO_SHARED struct value GW *cons(struct value GW *first, struct value GW *rest)
{
    struct cons GW *cell;
    GW_CALL(cell = gw_new(cons), first, rest);
    cell->kind = CONS;
    GW_STORE(cell, first, first);
    GW_STORE(cell, rest, rest);
    return AS_VALUE(cell);
}

static struct text GW *text_make(const char *letters, size_t length)
{
    struct text GW *text = gw_new_array(text, length);
    text->kind = STRING;
    memcpy((char *)text->bytes, letters, length);
    return text;
}

static bool text_is(const struct text GW *text, const char *letters, size_t length)
{
    return text->length == length && memcmp((const char *)text->bytes, letters, length) == 0;
}

/* The one symbol of this name. */
DEMO_SHARED struct symbol GW *intern(const char *name, size_t length)
{
    unsigned hash = 5381;
    for (size_t i = 0; i < length; i++) hash = hash * 33 + (unsigned char)name[i];
    hash %= SYMBOL_CHAINS;
    for (struct symbol GW *symbol = symbols[hash]; symbol; symbol = symbol->next)
        if (text_is(symbol->name, name, length)) return symbol;
    struct symbol GW *symbol = gw_new(symbol);
    struct text GW *text;
    symbol->kind = SYMBOL;
    GW_CALL(text = text_make(name, length), symbol);
    GW_STORE(symbol, name, text);
    GW_STORE(symbol, next, symbols[hash]);
    symbols[hash] = symbol;
    return symbol;
}

static const char *skip_blanks(const char *text)
{
    while (isspace((unsigned char)*text) || *text == ';') {
        if (*text == ';') text += strcspn(text, "\n");
        else text++;
    }
    return text;
}

static struct value GW *read_needed(const char **text)
{
    struct value GW *value = NULL;
    if (!read_value(text, &value)) fail("the text ends inside a list", NULL);
    return value;
}

static struct value GW *read_list(const char **text)
{
    *text = skip_blanks(*text);
    if (**text == ')') {
        ++*text;
        return NULL;
    }
    struct value GW *first = read_needed(text), *rest;
    GW_CALL(rest = read_list(text), first);
    return cons(first, rest);
}

/* 'x is (quote x). */
static struct value GW *read_quoted(const char **text)
{
    struct value GW *quoted = read_needed(text);
    quoted = cons(quoted, NULL);
    struct symbol GW *quote;
    GW_CALL(quote = intern("quote", 5), quoted);
    return cons(AS_VALUE(quote), quoted);
}

static struct value GW *read_string(const char **text)
{
    size_t length = strcspn(*text, "\"");
    struct text GW *string = text_make(*text, length);
    *text += length + ((*text)[length] == '"');
    return AS_VALUE(string);
}

static struct value GW *read_atom(const char **text)
{
    size_t length = strcspn(*text, " \t\r\n()'\";");
    const char *start = *text;
    *text += length;
    char *end;
    long number = strtol(start, &end, 10);
    if (end == start + length) return INTEGER(number);
    if (length == 3 && memcmp(start, "nil", 3) == 0) return NULL;
    return AS_VALUE(intern(start, length));
}

/* Reads one value and moves *text past it; false at the end of the text. */
DEMO_SHARED bool read_value(const char **text, struct value GW **value)
{
    *text = skip_blanks(*text);
    switch (**text) {
    case '\0': return false;
    case ')': fail("a list ends that did not begin", NULL);
    case '(':
        ++*text;
        *value = read_list(text);
        return true;
    case '\'':
        ++*text;
        *value = read_quoted(text);
        return true;
    case '"':
        ++*text;
        *value = read_string(text);
        return true;
    default: *value = read_atom(text); return true;
    }
}

static void print_list(const struct cons GW *cell)
{
    putchar('(');
    print(cell->first);
    struct value GW *rest = cell->rest;
    for (; kind_of(rest) == CONS; rest = AS_CONS(rest)->rest) {
        putchar(' ');
        print(AS_CONS(rest)->first);
    }
    if (rest) {
        fputs(" . ", stdout);
        print(rest);
    }
    putchar(')');
}

static void print_text(const struct text GW *text)
{
    fwrite((const char *)text->bytes, 1, text->length, stdout);
}

DEMO_SHARED void print(const struct value GW *value)
{
    switch (kind_of(value)) {
    case CONS: print_list((const struct cons GW *)value); break;
    case SYMBOL: print_text(((const struct symbol GW *)value)->name); break;
    case STRING: print_text((const struct text GW *)value); break;
    case CLOSURE: fputs("<closure>", stdout); break;
    case BUILTIN: fputs("<builtin>", stdout); break;
    default:
        if (value) printf("%" PRIdPTR, gw_small_integer_value(value));
        else fputs("nil", stdout);
    }
}
#endif

/* ---- Evaluation ------------------------------------------------------------------------------------ */

#if DEMO_SECOND
static struct value GW *evaluate(struct value GW *form, struct binding GW *environment);

static struct value GW *truth(bool condition)
{
    return condition ? value_true : NULL;
}

static struct value GW *first(struct value GW *list)
{
    if (!list) return NULL;
    if (kind_of(list) != CONS) fail("not a list", list);
    return AS_CONS(list)->first;
}

static struct value GW *rest(struct value GW *list)
{
    if (!list) return NULL;
    if (kind_of(list) != CONS) fail("not a list", list);
    return AS_CONS(list)->rest;
}

static struct value GW *second(struct value GW *list)
{
    return first(rest(list));
}

static intptr_t integer(struct value GW *value)
{
    if (!gw_is_immediate(value)) fail("not a number", value);
    return gw_small_integer_value(value);
}

static intptr_t left(struct value GW *arguments)
{
    return integer(first(arguments));
}
static intptr_t right(struct value GW *arguments)
{
    return integer(second(arguments));
}

/* Builtins take the list of evaluated arguments. */
static struct value GW *do_add(struct value GW *arguments)
{
    intptr_t sum = 0;
    for (; arguments; arguments = rest(arguments)) sum += left(arguments);
    return INTEGER(sum);
}

static struct value GW *do_subtract(struct value GW *arguments)
{
    return rest(arguments) ? INTEGER(left(arguments) - right(arguments)) : INTEGER(-left(arguments));
}

static struct value GW *do_multiply(struct value GW *arguments)
{
    return INTEGER(left(arguments) * right(arguments));
}

static struct value GW *do_remainder(struct value GW *arguments)
{
    if (!right(arguments)) fail("remainder of a division by zero", first(arguments));
    return INTEGER(left(arguments) % right(arguments));
}

static struct value GW *do_same(struct value GW *arguments)
{
    return truth(first(arguments) == second(arguments));
}
static struct value GW *do_less(struct value GW *arguments)
{
    return truth(left(arguments) < right(arguments));
}
static struct value GW *do_cons(struct value GW *arguments)
{
    return cons(first(arguments), second(arguments));
}
static struct value GW *do_first(struct value GW *arguments)
{
    return first(first(arguments));
}
static struct value GW *do_rest(struct value GW *arguments)
{
    return rest(first(arguments));
}
static struct value GW *do_empty(struct value GW *arguments)
{
    return truth(!first(arguments));
}
static struct value GW *do_list(struct value GW *arguments)
{
    return arguments;
}

static struct value GW *do_print(struct value GW *arguments)
{
    for (; arguments; arguments = rest(arguments)) print(first(arguments));
    putchar('\n');
    return NULL;
}

static const struct {
    const char *name;
    struct value GW *(*function)(struct value GW *arguments);
} builtins[] = {
    {"+", do_add},     {"-", do_subtract}, {"*", do_multiply}, {"remainder", do_remainder}, {"=", do_same},    {"<", do_less},
    {"cons", do_cons}, {"car", do_first},  {"cdr", do_rest},   {"null?", do_empty},         {"list", do_list}, {"print", do_print},
};

static void define(const char *name, struct value GW *value)
{
    struct symbol GW *symbol;
    GW_CALL(symbol = intern(name, strlen(name)), value);
    GW_STORE(symbol, value, value);
    symbol->defined = true;
}

static struct binding GW *bind(struct symbol GW *symbol, struct value GW *value, struct binding GW *outer)
{
    struct binding GW *binding;
    GW_CALL(binding = gw_new(binding), symbol, value, outer);
    binding->kind = BINDING;
    GW_STORE(binding, symbol, symbol);
    GW_STORE(binding, value, value);
    GW_STORE(binding, outer, outer);
    return binding;
}

static struct binding GW *find(struct symbol GW *symbol, struct binding GW *environment)
{
    while (environment && environment->symbol != symbol) environment = environment->outer;
    return environment;
}

static struct value GW *look_up(struct symbol GW *symbol, struct binding GW *environment)
{
    struct binding GW *binding = find(symbol, environment);
    if (binding) return binding->value;
    if (!symbol->defined) fail("no such variable", AS_VALUE(symbol));
    return symbol->value;
}

static void assign(struct symbol GW *symbol, struct value GW *value, struct binding GW *environment)
{
    struct binding GW *binding = find(symbol, environment);
    if (binding) {
        GW_STORE(binding, value, value);
    } else {
        GW_STORE(symbol, value, value);
        symbol->defined = true;
    }
}

static struct value GW *make_closure(struct value GW *parameters, struct value GW *body, struct binding GW *environment)
{
    struct closure GW *closure;
    GW_CALL(closure = gw_new(closure), parameters, body, environment);
    closure->kind = CLOSURE;
    GW_STORE(closure, parameters, parameters);
    GW_STORE(closure, body, body);
    GW_STORE(closure, environment, environment);
    return AS_VALUE(closure);
}

/* (define name value) or (define (name parameter ...) body ...), always global. */
static struct value GW *evaluate_define(struct value GW *form, struct binding GW *environment)
{
    struct value GW *target = second(form);
    struct value GW *value;
    if (kind_of(target) == CONS) {
        GW_CALL(value = make_closure(rest(target), rest(rest(form)), environment), target);
        target = first(target);
    } else {
        GW_CALL(value = evaluate(first(rest(rest(form))), environment), target);
    }
    if (kind_of(target) != SYMBOL) fail("not a name", target);
    GW_STORE(AS_SYMBOL(target), value, value);
    AS_SYMBOL(target)->defined = true;
    return target;
}

static struct value GW *evaluate_list(struct value GW *list, struct binding GW *environment)
{
    if (!list) return NULL;
    struct value GW *value, *others;
    GW_CALL(value = evaluate(first(list), environment), list, environment);
    GW_CALL(others = evaluate_list(rest(list), environment), value);
    return cons(value, others);
}

/* Evaluates all but the last of the forms, and returns the last: it is in tail position. */
static struct value GW *evaluate_but_last(struct value GW *forms, struct binding GW *environment)
{
    for (; rest(forms); forms = rest(forms)) GW_CALL(evaluate(first(forms), environment), forms, environment);
    return first(forms);
}

static struct binding GW *evaluate_let(struct value GW *pairs, struct binding GW *environment)
{
    struct binding GW *inner = environment;
    for (; pairs; pairs = rest(pairs)) {
        struct value GW *value;
        GW_CALL(value = evaluate(second(first(pairs)), environment), pairs, environment, inner);
        GW_CALL(inner = bind(AS_SYMBOL(first(first(pairs))), value, inner), pairs, environment);
    }
    return inner;
}

/* The environment of a closure's body. */
static struct binding GW *bind_arguments(struct closure GW *closure, struct value GW *forms, struct binding GW *environment)
{
    struct binding GW *inner = closure->environment;
    struct value GW *parameters = closure->parameters;
    for (; parameters; parameters = rest(parameters), forms = rest(forms)) {
        struct value GW *value;
        GW_CALL(value = evaluate(first(forms), environment), parameters, forms, environment, inner);
        GW_CALL(inner = bind(AS_SYMBOL(first(parameters)), value, inner), parameters, forms, environment);
    }
    return inner;
}

/* A form and the environment to go on with in tail position, or a finished value. */
struct next {
    bool finished;
    struct value GW *form; /* or the value */
    struct binding GW *environment;
};

static struct next finished(struct value GW *value)
{
    return (struct next){.finished = true, .form = value};
}

static struct next tail(struct value GW *form, struct binding GW *environment)
{
    return (struct next){.form = form, .environment = environment};
}

/* Goes on with the last of the forms. */
static struct next tail_of(struct value GW *forms, struct binding GW *environment)
{
    struct value GW *last;
    GW_CALL(last = evaluate_but_last(forms, environment), environment);
    return tail(last, environment);
}

static struct next evaluate_cond(struct value GW *clauses, struct binding GW *environment)
{
    for (; clauses; clauses = rest(clauses)) {
        struct value GW *holds;
        GW_CALL(holds = evaluate(first(first(clauses)), environment), clauses, environment);
        if (holds) return tail_of(rest(first(clauses)), environment);
    }
    return finished(NULL);
}

/* (and ...) or (or ...): the last operand is in tail position. */
static struct next evaluate_logic(struct value GW *forms, bool stop_at, struct binding GW *environment)
{
    for (; rest(forms); forms = rest(forms)) {
        struct value GW *result;
        GW_CALL(result = evaluate(first(forms), environment), forms, environment);
        if ((result != NULL) == stop_at) return finished(result);
    }
    return tail(first(forms), environment);
}

static struct next evaluate_if(struct value GW *operands, struct binding GW *environment)
{
    struct value GW *holds;
    GW_CALL(holds = evaluate(first(operands), environment), operands, environment);
    return tail(holds ? second(operands) : second(rest(operands)), environment);
}

static struct next evaluate_set(struct value GW *operands, struct binding GW *environment)
{
    struct value GW *value;
    GW_CALL(value = evaluate(second(operands), environment), operands, environment);
    assign(AS_SYMBOL(first(operands)), value, environment);
    return finished(value);
}

static struct next call_closure(struct closure GW *closure, struct value GW *forms, struct binding GW *environment)
{
    struct binding GW *inner;
    GW_CALL(inner = bind_arguments(closure, forms, environment), closure);
    return tail_of(closure->body, inner);
}

static struct next apply(struct value GW *form, struct binding GW *environment)
{
    struct value GW *function, *arguments;
    GW_CALL(function = evaluate(first(form), environment), form, environment);
    if (kind_of(function) == CLOSURE) return call_closure((struct closure GW *)function, rest(form), environment);
    if (kind_of(function) != BUILTIN) fail("not a function", function);
    GW_CALL(arguments = evaluate_list(rest(form), environment), function);
    return finished(builtins[((struct builtin GW *)function)->number].function(arguments));
}

static struct next evaluate_special(enum form kind, struct value GW *form, struct binding GW *environment)
{
    struct value GW *operands = rest(form);
    struct binding GW *inner;
    switch (kind) {
    case QUOTE: return finished(first(operands));
    case DEFINE: return finished(evaluate_define(form, environment));
    case LAMBDA: return finished(make_closure(first(operands), rest(operands), environment));
    case SET: return evaluate_set(operands, environment);
    case IF: return evaluate_if(operands, environment);
    case COND: return evaluate_cond(operands, environment);
    case BEGIN: return tail_of(operands, environment);
    case LET: GW_CALL(inner = evaluate_let(first(operands), environment), operands); return tail_of(rest(operands), inner);
    case AND:
    case OR: return evaluate_logic(operands, kind == OR, environment);
    case CALL: break;
    }
    return apply(form, environment);
}

static struct value GW *evaluate(struct value GW *form, struct binding GW *environment)
{
    struct next next = tail(form, environment);
    while (!next.finished) {
        if (kind_of(next.form) == SYMBOL) return look_up(AS_SYMBOL(next.form), next.environment);
        if (kind_of(next.form) != CONS) return next.form;
        struct value GW *head = AS_CONS(next.form)->first;
        enum form kind = kind_of(head) == SYMBOL ? (enum form)AS_SYMBOL(head)->form : CALL;
        next = evaluate_special(kind, next.form, next.environment);
    }
    return next.form;
}

/* ---- The script ------------------------------------------------------------------------------------ */

static const char script[] =
    "(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))"
    "(print \"fib \" size \" = \" (fib size))"

    "(define (tak x y z) (if (< y x) (tak (tak (- x 1) y z) (tak (- y 1) z x) (tak (- z 1) x y)) z))"
    "(print \"tak = \" (tak (- size 4) (- size 9) (- size 14)))"

    "(define (length-from n list) (if (null? list) n (length-from (+ n 1) (cdr list))))"
    "(define (length list) (let ((start 0)) (length-from start list)))"
    "(define (append a b) (if (null? a) b (cons (car a) (append (cdr a) b))))"
    "(define (map f list) (if (null? list) nil (cons (f (car list)) (map f (cdr list)))))"
    "(define (range from to) (if (< from to) (cons from (range (+ from 1) to)) nil))"
    "(define (sum list) (if (null? list) 0 (+ (car list) (sum (cdr list)))))" /* deep: one C frame or more per cell */
    "(print \"sum = \" (sum (map (lambda (n) (* n n)) (range 0 (* size 100)))))"

    /* n-queens: a board is the list of columns, the latest row first */
    "(define (safe? column distance board)"
    "  (or (null? board)"
    "      (and (not (= (car board) column))"
    "           (not (= (car board) (+ column distance)))"
    "           (not (= (car board) (- column distance)))"
    "           (safe? column (+ distance 1) (cdr board)))))"
    "(define (not x) (if x nil t))"
    "(define (try column row n board)"
    "  (cond ((= column n) 0)"
    "        ((safe? column 1 board)"
    "         (+ (place (+ row 1) n (cons column board)) (try (+ column 1) row n board)))"
    "        (t (try (+ column 1) row n board))))"
    "(define (place row n board) (if (= row n) 1 (try 0 row n board)))"
    "(define (queens n) (place 0 n nil))"
    "(print \"queens = \" (map queens (if (< size 18) (list 3 4) (list 4 5 6 8))))"

    /* merge sort of random numbers */
    "(define seed 12345)"
    "(define (random n) (set! seed (remainder (* seed 16807) 2147483647)) (remainder seed n))"
    "(define (randoms count) (if (= count 0) nil (cons (random 1000) (randoms (- count 1)))))"
    "(define (odd list) (if (null? list) nil (cons (car list) (even (cdr list)))))"
    "(define (even list) (if (null? list) nil (odd (cdr list))))"
    "(define (merge a b)"
    "  (cond ((null? a) b) ((null? b) a)"
    "        ((< (car b) (car a)) (cons (car b) (merge a (cdr b))))"
    "        (t (cons (car a) (merge (cdr a) b)))))"
    "(define (sort list)"
    "  (if (or (null? list) (null? (cdr list))) list (merge (sort (odd list)) (sort (even list)))))"
    "(define (take n list) (if (or (= n 0) (null? list)) nil (cons (car list) (take (- n 1) (cdr list)))))"
    "(define sorted (sort (randoms (* size 50))))"
    "(print \"sorted \" (length sorted) \" numbers, sum \" (sum sorted) \", least \" (take 8 sorted))"

    /* association lists of closures: counters that remember */
    "(define (counter n) (lambda (by) (set! n (+ n by)) n))"
    "(define (pair key value) (cons key (cons value nil)))"
    "(define (lookup key list) (cond ((null? list) nil) ((= (car (car list)) key) (car (cdr (car list))))"
    "                                (t (lookup key (cdr list)))))"
    "(define counters (map (lambda (n) (pair n (counter n))) (range 0 size)))"
    "(define (count-up rounds) (if (= rounds 0) nil"
    "  (begin ((lookup (random size) counters) rounds) (count-up (- rounds 1)))))"
    "(count-up (* size 100))"
    "(print \"counters = \" (map (lambda (pair) ((car (cdr pair)) 0)) (take 10 counters)))"

    "(define (repeat n thing) (if (= n 0) thing (repeat (- n 1) (list thing \"in\" 'list))))"
    "(print (repeat 3 '(a . b)))";

static void define_language(long size)
{
    static const char *const forms[] = {"", "quote", "if", "cond", "define", "set!", "lambda", "let", "begin", "and", "or"};
    for (size_t i = 1; i < sizeof forms / sizeof *forms; i++) {
        struct symbol GW *symbol = intern(forms[i], strlen(forms[i]));
        symbol->form = i;
    }
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++) {
        struct builtin GW *builtin = gw_new(builtin);
        builtin->kind = BUILTIN;
        builtin->number = i;
        define(builtins[i].name, AS_VALUE(builtin));
    }
    value_true = AS_VALUE(intern("t", 1));
    define("t", value_true);
    define("size", INTEGER(size));
}

static void run(const char *text)
{
    struct value GW *form = NULL;
    while (read_value(&text, &form)) evaluate(form, NULL);
}

static void run_file(const char *name)
{
    static char text[1 << 20];
    FILE *file = fopen(name, "r");
    if (!file) {
        perror(name);
        exit(1);
    }
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    run(text);
}

int main(int argc, char **argv)
{
    long size = demo_size(argc, argv, 26, 60);
    uint64_t started = memory_start();
    define_language(size);
    if (argc > 2) run_file(argv[2]);
    else run(script);
    return memory_finish(started);
}
#endif
