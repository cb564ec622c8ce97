/* A request is a sequence of instructions that does nothing, and that Valgrind looks for (valgrind.h of Valgrind, "client requests"; its
 * numbers stay what they are). */
#include "arch/valgrind.h"

enum { STACK_REGISTER = 0x1501 };

void gw_valgrind_stack(uintptr_t low, size_t bytes)
{
    const uint64_t words[6] = {STACK_REGISTER, low, low + bytes - 1};
    uint64_t name = 0; /* what Valgrind would call it */
    __asm__ volatile("rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi\n\t"
                     "xchgq %%rbx, %%rbx"
                     : "+d"(name)
                     : "a"(words)
                     : "cc", "memory");
}
