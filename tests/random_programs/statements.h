/* The kinds of statement that have a file of their own. Each prints one, or returns false when the program has nothing to do
 * it with. */
#ifndef GW_RANDOM_PROGRAMS_STATEMENTS_H
#define GW_RANDOM_PROGRAMS_STATEMENTS_H

#include "access.h"

/* copies.c */
bool copy_field(struct program *program);
bool copy_range(struct program *program);
bool copy_to_array(struct program *program);
bool clear_field(struct program *program);
bool assign_object(struct program *program);
bool copy_pieces(struct program *program);
bool copy_field_pieces(struct program *program);
bool use_volatile(struct program *program);

/* statements.c */
/* Marks of the function's variables, which follow each call in the macro form. */
void roots(struct program *program);

/* words.c */
enum access_order { ORDER_LOAD, ORDER_STORE, ORDER_BOTH };
/* A memory order that is allowed there: `__ATOMIC_RELEASE`. */
const char *order_of(struct program *program, enum access_order order);
bool exchange(struct program *program);
bool keep_address(struct program *program);
bool keep_vector(struct program *program);
bool count_atomically(struct program *program);
bool use_number_union(struct program *program);
bool use_object_union(struct program *program);
bool use_told_union(struct program *program);
void print_unions(struct program *program);

/* leaving.c */
void print_leaving(struct program *program);
bool leave_by_jump(struct program *program);
bool leave_by_exception(struct program *program);
bool guard_local(struct program *program);
bool call_closure(struct program *program);
bool use_alias(struct program *program);
bool push_atomically(struct program *program);

/* stacks.c */
void print_stacks(struct program *program);
bool call_in_place(struct program *program);
bool switch_stacks(struct program *program);

/* sharing.c */
bool use_own_word(struct program *program);
bool pass_parcel(struct program *program);
bool meet(struct program *program);

/* variadic.c */
void print_variadic(struct program *program);
bool call_variadic(struct program *program);
bool call_for_totals(struct program *program);

/* refused.c */
/* A translation unit around the construct of that name; false: there is none. */
bool print_refused(struct program *program, const char *name);
void list_refused(FILE *file);

#endif
