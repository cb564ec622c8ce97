/* Valgrind is told of stacks. It sees the stack pointer move and takes a short way for a call or a return: what lies between is then
 * undefined, or nobody's. Only where both ends lie on stacks that it knows is it a switch. */
#ifndef GW_ARCH_VALGRIND_H
#define GW_ARCH_VALGRIND_H

#include <stddef.h>
#include <stdint.h>

/* Memory of `bytes` bytes from `low` on is a stack. Nobody takes that back: where ranges overlap Valgrind goes by what it was told last,
 * and memory that is no stack any more means nothing to it until a stack pointer leads there. */
void gw_valgrind_stack(uintptr_t low, size_t bytes);

#endif
