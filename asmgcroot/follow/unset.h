/* Locations that nothing has written on a path from the entry, or from where a piece of stack begins to exist, forwards from there: a call
 * that is given the address of such a word initialises it, and one that lists it would name a word that is no reference. */
#ifndef GW_ASMGCROOT_UNSET_H
#define GW_ASMGCROOT_UNSET_H

#include "follow/walk.h"

/* Notes the words that calls initialise; once the roots are final, complains about those that are listed. */
void check_unset(struct walk *walk);
/* Whether the call is given the word's address, or that of a struct around it: one for its result, or one that it fills.
 * `written_by_calls`: by no instruction of the function. */
bool call_has_address(const struct walk *walk, uint32_t at, struct value slot, bool written_by_calls);
/* Whether the word looks like one that calls leave a struct in for the function to copy: nothing else writes it, and behind each call that
 * is given its address it is read at once. GCC has many results share such words, whatever -fstack-reuse says. */
bool is_result_word(struct walk *walk, struct value slot);

#endif
