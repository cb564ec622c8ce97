/* The registers that the walker follows: their DWARF numbers (x86-64 psABI, figure 3.36), which of them calls preserve, and how
 * the doors into the runtime push those. */
#ifndef GW_ARCH_X86_64_REGISTERS_H
#define GW_ARCH_X86_64_REGISTERS_H

#include <stdint.h>

#define GW_DWARF_SP 7
#define GW_DWARF_RETURN 16 /* the return address; the general registers come before it */
#define GW_DWARF_REGISTERS 17

/* Callee-saved registers in the order of struct gw_entry. */
enum gw_saved_register { GW_RBX, GW_RBP, GW_R12, GW_R13, GW_R14, GW_R15, GW_SAVED_REGISTERS };

/* Index of a DWARF register number in `home`, or -1 when it is not callee-saved. */
static inline int gw_saved_register_of_dwarf(unsigned dwarf)
{
    static const int8_t index[16] = {-1, -1, -1, GW_RBX, -1, -1, GW_RBP, -1, -1, -1, -1, -1, GW_R12, GW_R13, GW_R14, GW_R15};
    return dwarf < 16 ? index[dwarf] : -1;
}

/* The other way round. */
static inline unsigned gw_dwarf_of_saved_register(enum gw_saved_register saved)
{
    static const uint8_t number[GW_SAVED_REGISTERS] = {3, 6, 12, 13, 14, 15};
    return number[saved];
}

/* The caller's callee-saved registers as the entry stub pushed them, lowest address first (doors.h).
 * The caller's stack pointer after the return is the address just past `return_address`. The stub pops the
 * registers again, so a slot in here may be updated. */
struct gw_entry {
    uintptr_t rbx, rbp, r12, r13, r14, r15;
    uintptr_t return_address;
};

#endif
