/* A bytecode interpreter with a stack of values: small integers as immediates, pairs as objects. Stresses an array that
 * is written all the time, and the interpreter's loop around allocation. Its script makes a list by recursion, sorts it
 * by merging, and adds it up. */
#include "program.h"

struct pair {
    void GW *first, *second;
};
GW_TYPE_FIELDS(pair, struct pair, first, second);

struct stack {
    uint64_t length;
    void GW *at[];
};
GW_TYPE_REFERENCES(stack, struct stack, length, at);

enum { VALUES = 200000, FRAMES = 50000, MOST_WORDS = 512, MOST_LABELS = 64 };

/* ---- The script: operations, their operands, and labels. A function starts with its number of arguments and locals.
 * ---- */

static const char script[] = "main: 1 0     get 0 push 42 call make  call sort  push 0 call sum  stop "
                             /* make(n, seed): n pseudo-random numbers */
                             "make: 2 0     push 0 get 0 less unless make-end "
                             "              get 1  get 0 push -1 add  get 1 push 16807 times push 2147483647 rest  call make  pair return "
                             "make-end:     nil return "
                             /* split(list): every other element, as a new list */
                             "split: 1 0    get 0 empty unless split-some nil return "
                             "split-some:   get 0 second empty unless split-two  get 0 first nil pair return "
                             "split-two:    get 0 first  get 0 second second call split  pair return "
                             "merge: 2 0    get 0 empty unless merge-a get 1 return "
                             "merge-a:      get 1 empty unless merge-b get 0 return "
                             "merge-b:      get 0 first get 1 first less unless merge-c "
                             "              get 0 first  get 0 second get 1 call merge  pair return "
                             "merge-c:      get 1 first  get 0 get 1 second call merge  pair return "
                             "sort: 1 1     get 0 empty unless sort-some nil return "
                             "sort-some:    get 0 second empty unless sort-two  get 0 return "
                             "sort-two:     get 0 call split call sort put 1 "
                             "              get 0 second call split call sort  get 1 call merge return "
                             /* sum(list, so far): the checksum of the list */
                             "sum: 2 0 "
                             "sum-next:     get 0 empty unless sum-some  get 1 return "
                             "sum-some:     get 1 push 31 times  get 0 first add  push 1000000007 rest put 1 "
                             "              get 0 second put 0 jump sum-next ";

static const char *const names[] = {"push", "get",  "put",   "nil",  "pair",   "first", "second", "add", "times",
                                    "rest", "less", "empty", "jump", "unless", "call",  "return", "stop"};
enum operation { PUSH, GET, PUT, NIL, PAIR, FIRST, SECOND, ADD, TIMES, REST, LESS, EMPTY, JUMP, UNLESS, INVOKE, RETURN, STOP };

struct label {
    char name[16];
    long place;
};
struct code {
    long words[MOST_WORDS], count;
    struct label labels[MOST_LABELS];
    long label_count;
};

static long label_place(const struct code *code, const char *name)
{
    for (long i = 0; i < code->label_count; i++)
        if (strcmp(code->labels[i].name, name) == 0) return code->labels[i].place;
    return -1; /* in the first pass: not known yet */
}

static long word_of(const struct code *code, const char *token)
{
    for (long i = 0; i <= STOP; i++)
        if (strcmp(names[i], token) == 0) return i;
    return strchr("-0123456789", *token) ? strtol(token, NULL, 10) : label_place(code, token);
}

/* The first pass finds the labels, the second can use them. */
static void assemble(struct code *code)
{
    char token[16];
    int length;
    for (int pass = 0; pass < 2; pass++) {
        code->count = 0;
        for (const char *at = script; sscanf(at, "%15s%n", token, &length) == 1; at += length) {
            size_t end = strlen(token) - 1;
            if (token[end] != ':') {
                code->words[code->count++] = word_of(code, token);
            } else if (pass == 0) {
                struct label *label = &code->labels[code->label_count++];
                memcpy(label->name, token, end);
                label->place = code->count;
            }
        }
    }
}

/* ---- The machine ----------------------------------------------------------------------------------- */

struct frame {
    long place, base;
};

struct machine {
    const long *code;
    struct frame *frames; /* FRAMES of them */
    long place, base, top, depth;
};

static long integer(const void GW *value)
{
    return gw_small_integer_value(value);
}

static void push(struct machine *machine, struct stack GW *stack, void GW *value)
{
    if (machine->top == VALUES) memory_exhausted(VALUES);
    GW_STORE(stack, at[machine->top], value);
    machine->top++;
}

static void GW *pop(struct machine *machine, struct stack GW *stack)
{
    return stack->at[--machine->top];
}

static void make_pair(struct machine *machine, struct stack GW *stack)
{
    struct pair GW *pair;
    GW_CALL(pair = gw_new(pair), stack);
    GW_STORE(pair, second, pop(machine, stack));
    GW_STORE(pair, first, pop(machine, stack));
    push(machine, stack, pair);
}

static long calculate(enum operation operation, long a, long b)
{
    switch (operation) {
    case ADD: return a + b;
    case TIMES: return a * b;
    case REST: return a % b;
    default: return a < b;
    }
}

/* `function`: its place, where its number of arguments and of locals stand. */
static void invoke(struct machine *machine, struct stack GW *stack, long function)
{
    if (machine->depth == FRAMES) memory_exhausted(FRAMES);
    machine->frames[machine->depth++] = (struct frame){machine->place, machine->base};
    machine->base = machine->top - machine->code[function];
    for (long i = 0; i < machine->code[function + 1]; i++) push(machine, stack, NULL);
    machine->place = function + 2;
}

static void leave(struct machine *machine, struct stack GW *stack)
{
    void GW *result = pop(machine, stack);
    const struct frame *frame = &machine->frames[--machine->depth];
    machine->top = machine->base;
    machine->place = frame->place;
    machine->base = frame->base;
    push(machine, stack, result);
}

static void work_out(struct machine *machine, struct stack GW *stack, enum operation operation)
{
    long b = integer(pop(machine, stack)), a = integer(pop(machine, stack));
    push(machine, stack, gw_small_integer(calculate(operation, a, b)));
}

static long run(struct machine *machine, struct stack GW *stack)
{
    const long *code = machine->code;
    for (;;) {
        enum operation operation = (enum operation)code[machine->place++];
        switch (operation) {
        case PUSH: push(machine, stack, gw_small_integer(code[machine->place++])); break;
        case GET: push(machine, stack, stack->at[machine->base + code[machine->place++]]); break;
        case PUT: GW_STORE(stack, at[machine->base + code[machine->place]], pop(machine, stack)), machine->place++; break;
        case NIL: push(machine, stack, NULL); break;
        case PAIR: GW_CALL(make_pair(machine, stack), stack); break;
        case FIRST: push(machine, stack, ((struct pair GW *)pop(machine, stack))->first); break;
        case SECOND: push(machine, stack, ((struct pair GW *)pop(machine, stack))->second); break;
        case ADD:
        case TIMES:
        case REST:
        case LESS: work_out(machine, stack, operation); break;
        case EMPTY: push(machine, stack, gw_small_integer(pop(machine, stack) == NULL)); break;
        case JUMP: machine->place = code[machine->place]; break;
        case UNLESS:
            if (integer(pop(machine, stack))) machine->place++;
            else machine->place = code[machine->place];
            break;
        case INVOKE: invoke(machine, stack, code[machine->place++]); break;
        case RETURN: leave(machine, stack); break;
        case STOP: return integer(pop(machine, stack));
        }
    }
}

/* A frame's place is where it goes on: behind the operand of the call. */
static long sorted_sum(const struct code *code, struct stack GW *stack, long count)
{
    struct machine machine = {.code = code->words, .place = label_place(code, "main") + 2, .top = 1};
    machine.frames = malloc(FRAMES * sizeof *machine.frames);
    if (!machine.frames) memory_exhausted(FRAMES * sizeof *machine.frames);
    GW_STORE(stack, at[0], gw_small_integer(count));
    long result = run(&machine, stack);
    free(machine.frames);
    return result;
}

int main(int argc, char **argv)
{
    static struct code code;
    long size = demo_size(argc, argv, 15, 1000000), sum = 0, length = size < 4 ? 50 : 8000;
    assemble(&code);
    uint64_t started = memory_start();
    struct stack GW *stack = gw_new_array(stack, VALUES);
    for (long i = 0; i < size; i++) {
        long result;
        GW_CALL(result = sorted_sum(&code, stack, length + i), stack);
        sum = checksum(sum, result);
    }
    printf("%ld lists sorted, checksum %ld\n", size, sum);
    return memory_finish(started);
}
