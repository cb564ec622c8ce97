/* The "language" of this example: functions over lists of numbers, built as LLVM IR.
 *
 *   prepend(list, value)   a new cell in front of a list
 *   total(list)            the sum of its values
 *   extend(list, k)        a hundred cells more, with the values 100 * k and up
 *   run(n)                 extend n times, then total; it holds references over all that
 */
#ifndef LISTS_H
#define LISTS_H

#include <llvm-c/Core.h>

/* prepend, total and run; with `extend`, that too. */
LLVMModuleRef lists_module(LLVMContextRef context, int with_extend);

/* A module with one function, `name`, which extends a list by the cells of round `k`. */
LLVMModuleRef lists_round_module(LLVMContextRef context, const char *name, long k);

#endif
