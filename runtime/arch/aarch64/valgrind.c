/* A request is a sequence of instructions that does nothing, and that Valgrind looks for (valgrind.h of Valgrind, "client requests"; its
 * numbers stay what they are). */
#include "arch/valgrind.h"

enum { STACK_REGISTER = 0x1501 };

void gw_valgrind_stack(uintptr_t low, size_t bytes)
{
    const uint64_t words[6] = {STACK_REGISTER, low, low + bytes - 1};
    register uint64_t x3 __asm__("x3") = 0; /* what Valgrind would call it */
    register const uint64_t *x4 __asm__("x4") = words;
    __asm__ volatile("ror x12, x12, #3\n\tror x12, x12, #13\n\tror x12, x12, #51\n\tror x12, x12, #61\n\t"
                     "orr x10, x10, x10"
                     : "+r"(x3)
                     : "r"(x4)
                     : "cc", "memory");
}
