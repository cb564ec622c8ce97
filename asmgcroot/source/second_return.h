/* Functions that return a second time: setjmp and its kin. longjmp gives callee-saved registers the values they had at setjmp, and
 * what a caller keeps in them may have moved since. A function that has put all of them into its own frame first takes them
 * from there when it returns, and there the collector has updated them. */
#ifndef GW_ASMGCROOT_SECOND_RETURN_H
#define GW_ASMGCROOT_SECOND_RETURN_H

#include "source/function.h"

bool returns_twice(struct text name);
/* Complains about each call of such a function in front of which a callee-saved register is not in the frame; with references or
 * without. */
void check_second_returns(const struct function *function, struct complaints *complaints);

#endif
