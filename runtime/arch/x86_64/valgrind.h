/* Valgrind is told of stacks. It sees the stack pointer move and takes a short way for a call or a return: what lies between is then
 * undefined, or nobody's. Only where both ends lie on stacks that it knows is it a switch.
 *
 * A request is a sequence of instructions that does nothing, and that Valgrind looks for (valgrind.h of Valgrind, "client requests"; its
 * numbers stay what they are). */
#ifndef GW_ARCH_X86_64_VALGRIND_H
#define GW_ARCH_X86_64_VALGRIND_H

#include <stddef.h>
#include <stdint.h>

/* Valgrind's answer; 0 without it. */
static inline uint64_t gw_valgrind_request(uint64_t number, uint64_t first, uint64_t second)
{
    const uint64_t words[6] = {number, first, second};
    uint64_t answer;
    __asm__ volatile("rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi\n\t"
                     "xchgq %%rbx, %%rbx"
                     : "=d"(answer)
                     : "a"(words), "0"((uint64_t)0)
                     : "cc", "memory");
    return answer;
}

/* A stack of `bytes` bytes from `low` on. Gives what Valgrind calls it. */
static inline uint32_t gw_valgrind_stack_begins(uintptr_t low, size_t bytes)
{
    return (uint32_t)gw_valgrind_request(0x1501, low, low + bytes - 1);
}

/* To be called when nobody stands on it any more: the switch from there would be taken for a return. */
static inline void gw_valgrind_stack_ends(uint32_t name)
{
    gw_valgrind_request(0x1502, name, 0);
}

#endif
