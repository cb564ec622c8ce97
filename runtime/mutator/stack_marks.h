/* Which words of a thread's stack are variables that hold references: a byte for each word.
 *
 * Compiled code marks such a variable, if its address is known outside its function, when the function begins, and takes
 * the mark away when it returns (docs/abi.md). So the check of a store through a pointer of which nothing is known can
 * tell at once whether it leads to a variable that the collector finds. A function that is left by an exception or longjmp
 * keeps its marks until compiled code that goes on says so (gw_marks_unwound), or, where native code goes on, until the next
 * collection, which takes away those below the stack pointer and in native frames.
 *
 * Made at a stack's first mark, which may come before a heap is attached; that of a thread's own is freed when the thread ends. A stack
 * of which nothing is known (mutator/stacks.h) has no marks.
 */
#ifndef GW_MUTATOR_STACK_MARKS_H
#define GW_MUTATOR_STACK_MARKS_H

#include <greywave/abi.h>
#include <stdbool.h>

/* Whether compiled code has marked the word. `word` is 8-byte aligned. */
static inline bool gw_is_marked_variable(const struct gw_thread *thread, uintptr_t word)
{
    uintptr_t index = (word - thread->marks_from) >> 3;
    return index < thread->marks_count && thread->marks[index];
}

/* Whether `address` lies on the running stack and its marks are known; makes their map where there is none yet. What
 * was not marked before the map was made needed no mark. */
bool gw_has_marks_for(struct gw_thread *thread, uintptr_t address);

/* No variable of compiled code lies in [from, to), or below `sp`: marks there were left behind. On a stack
 * of which nothing is known there is nothing to forget. */
void gw_marks_forget(struct gw_thread *thread, uintptr_t from, uintptr_t to);
void gw_marks_forget_below(struct gw_thread *thread, uintptr_t sp);

/* Gives the map back of a stack that the program brought. NULL is allowed. */
void gw_marks_release(uint8_t *marks, size_t count);

/* The map begins at a word, and is there if it has words. */
bool gw_stack_marks_check(const struct gw_thread *thread);

#endif
