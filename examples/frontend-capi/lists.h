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

/* prepend, total and run. `is_whole`: also what run needs besides, extend and a variable; otherwise other modules have it. */
LLVMModuleRef lists_module(LLVMContextRef context, int is_whole);

/* A module with that variable, and nothing else: it keeps a list, which makes it a root. */
LLVMModuleRef lists_variable_module(LLVMContextRef context);

/* A module with one function, `name`, which extends a list by the cells of round `k`, and keeps it in a variable of its own meanwhile. */
LLVMModuleRef lists_round_module(LLVMContextRef context, const char *name, long k);

#endif
