/* What a generated program is made of, and the steps that make and print it.
 *
 * The program is a valid, terminating program in C, or in C++ as well, without undefined or unspecified behaviour: words are unsigned,
 * reads are guarded against null, every variable is initialised, no expression holds two calls whose order could be seen, and `fuel` bounds
 * loops, calls and allocations. Its output depends on no address.
 *
 * One source serves several forms; memory.h, compiled with it, says what each name in it means. In the macro form
 * every reference has to be in a variable at every call (features that break this are left out) and ROOTS_<function>
 * follows each call.
 */
#ifndef GW_RANDOM_PROGRAMS_PROGRAM_H
#define GW_RANDOM_PROGRAMS_PROGRAM_H

#include "random.h"
#include <inttypes.h>
#include <stdio.h>

enum kind {
    KIND_WORD,      /* uint64_t */
    KIND_REAL,      /* double */
    KIND_REFERENCE, /* struct t<type> GW * */
    KIND_ANY,       /* void GW *: null, an immediate, or an object of any type */
    KIND_PART,      /* struct p<type>: a plain struct that may hold references */
    KIND_COUNT
};

enum {
    MAX_FIELDS = 6,
    MAX_PARTS = 4,
    MAX_TYPES = 8,
    MAX_FUNCTIONS = 16,
    MAX_PARAMETERS = 8,
    MAX_VARIABLES = 48,
    MAX_GLOBALS = 24,
    MAX_FEATURES = 80
};

/* A type of value. */
struct value {
    enum kind kind;
    int type; /* of KIND_REFERENCE and KIND_PART */
};

struct field {
    struct value value;
    int count;         /* 0: one; else an array of as many */
    const char *ctype; /* of KIND_WORD: the declared type, which may be narrower */
    int bits;          /* bit-field width, or 0 */
};

struct part {
    int fields;
    struct field field[MAX_FIELDS];
};

/* A collected type. All begin with `uint64_t tag`, 1 + the type's number. */
struct type {
    bool is_array; /* then `uint64_t length` and `at[]` of field[0] follow */
    bool explicit_layout;
    int fields;
    struct field field[MAX_FIELDS];
};

enum place { PLACE_LOCAL, PLACE_GLOBAL };

struct variable {
    struct value value;
    const char *name;
    const char *count; /* expression for the number of elements; NULL: not an array */
    int elements;      /* the same as a number; 0 when the array is of variable length */
    const char *storage;
};

struct parameter {
    struct value value;
    bool by_address; /* `struct t GW **` */
    bool is_const;
};

struct function {
    int number;
    struct value result;
    int parameters;
    struct parameter parameter[MAX_PARAMETERS];
    bool is_callback; /* uint64_t f(void GW *, uint64_t): stands in the table of callbacks */
    const char *attributes;
    bool has_frame_pointer, is_realigned;
};

struct program {
    struct random random;
    FILE *out;
    bool macro_form, cplusplus;
    int threads;                /* that share the heap; 0: the program has one */
    bool without[MAX_FEATURES]; /* features that were switched off */
    int statements;             /* for each body */
    int weight[MAX_FEATURES];   /* how often each kind of statement is tried */
    int parts, types, functions, globals, callbacks;
    struct part part[MAX_PARTS];
    struct type type[MAX_TYPES];
    struct function function[MAX_FUNCTIONS];
    struct variable global[MAX_GLOBALS];

    /* The function being written. */
    struct function *current;
    int variables;
    struct variable variable[MAX_VARIABLES];
    int indent, depth, labels;
};

/* text.c */
/* Formatted text that lives as long as the generator. */
__attribute__((format(printf, 1, 2))) const char *text(const char *format, ...);
/* One line of the program at the present indentation. */
__attribute__((format(printf, 2, 3))) void line(struct program *program, const char *format, ...);
void open_block(struct program *program, const char *head);
void close_block(struct program *program);

/* types.c */
void make_types(struct program *program);
void print_types(struct program *program);
/* The functions new_t<type>, which read globals. */
void print_makers(struct program *program);
bool holds_reference(const struct program *program, struct value value);
/* In bytes, as the x86-64 ABI lays it out. */
int part_size(const struct program *program, int part);
const char *type_name(struct value value);
/* Initialiser for a variable of this type that has none. */
const char *zero_of(struct value value);

/* variables.c */
/* One of the current function's variables, or NULL: elements says whether arrays are wanted. */
const struct variable *pick_variable(struct program *program, struct value value, bool array);
const struct variable *pick_global(struct program *program, struct value value);
/* Any variable of the kind. */
const struct variable *pick_kind(struct program *program, enum kind kind);
void make_globals(struct program *program);
void print_globals(struct program *program);
void make_locals(struct program *program);
void print_locals(struct program *program);
/* ROOTS_<function>: marks of all variables, for the macro form. */
void print_roots(struct program *program);
struct value word_value(void);
struct value any_value(void);
struct value reference_to(int type);

/* expressions.c: none of these calls anything that collects */
const char *word_expression(struct program *program, int depth);
const char *real_expression(struct program *program, int depth);
/* A value of the type that needs no null check around it. */
const char *source(struct program *program, struct value value);
const char *index_below(struct program *program, const char *count);
/* A field of the type for which `wanted` returns true, or -1. */
int find_field(struct program *program, const struct type *type, enum kind kind, int of_type);

/* calls.c */
void make_functions(struct program *program);
void print_prototypes(struct program *program);
/* A call of some function with this result (any when kind is KIND_COUNT); NULL: there is none. */
const char *call_expression(struct program *program, struct value result, bool nested, struct value *actual);
const char *parameter_list(const struct function *function);

/* statements.c: statements of the current function */
void weigh_statements(struct program *program);
void print_statements(struct program *program, int count);
/* Some variables' values go into the checksum: what was lost is noticed, and what is used here was live till now. */
void print_hashes(struct program *program);
/* The feature of this name, or -1. */
int feature_number(const char *name);
void list_features(FILE *file);
bool has_feature(const struct program *program, const char *name);

#endif
