/* The compiler's notes on where its blocks lead (-dA): given to the instructions that they speak of, and read. */
#ifndef GW_ASMGCROOT_NOTES_H
#define GW_ASMGCROOT_NOTES_H

#include "source/function.h"

/* One item of a note such as `3 [50.0% (guessed)]  count:5 (estimated) (ABNORMAL,EH) 5 [..] (FALLTHRU) EXIT`. */
struct successor {
    uint32_t block; /* the compiler's number */
    bool falls_through, abnormal, exception;
};

/* Takes the next block of the list. False at the end; EXIT is none. */
bool next_successor(struct text *list, struct successor *successor);

/* Once all of the function was read: the last instruction of each block learns what the note in front of it says. A call then
 * is known not to return, a jump to leave the function. Inline assembler of several instructions may jump from each. */
void notes_settle(struct function *function);

#endif
