/* The registers that the walker follows: their DWARF numbers (x86-64 psABI, figure 3.36), which of them calls preserve, how the doors into
 * the runtime push those, and where a frame has its caller's return address. */
#ifndef GW_ARCH_X86_64_REGISTERS_H
#define GW_ARCH_X86_64_REGISTERS_H

#include "abi/map_format.h"

#include <stdbool.h>
#include <stdint.h>

#define GW_MAPS_HERE gw_map_x86_64

#define GW_DWARF_SP 7
#define GW_DWARF_GENERAL 16 /* general registers have smaller numbers */
#define GW_DWARF_RETURN 16
#define GW_DWARF_REGISTERS 17

#define GW_ADDRESS_BITS 47 /* of what a process can address */

/* Callee-saved registers in the order of struct gw_entry. */
enum gw_saved_register { GW_RBX, GW_RBP, GW_R12, GW_R13, GW_R14, GW_R15, GW_SAVED_REGISTERS };
#define GW_FRAME_POINTER GW_RBP

typedef uint16_t gw_words_below; /* from the CFA downwards */
#define GW_MOST_WORDS_BELOW UINT16_MAX

/* Where the return address of a frame is that has saved registers there: the call has pushed it. */
static inline uintptr_t gw_return_words_below(const gw_words_below saved[GW_SAVED_REGISTERS])
{
    (void)saved;
    return 1;
}

/* Whether a call frame instruction does nothing but say that return addresses are signed from here on, or no longer. */
static inline bool gw_only_tells_of_signing(unsigned opcode)
{
    (void)opcode;
    return false;
}

/* A return address as it lies on the stack. */
static inline uintptr_t gw_code_address(uintptr_t word)
{
    return word;
}

/* Whether a frame that is left by unwind information, its CFA and return address known, has the shape that recipes take for granted. */
static inline bool gw_is_usual_frame(uintptr_t cfa, uintptr_t pc)
{
    return ((const uintptr_t *)cfa)[-1] == pc;
}

/* Whether a frame of variable size has its frame pointer where compilers put it. */
static inline bool gw_is_usual_frame_pointer(uintptr_t cfa, uintptr_t frame_pointer)
{
    return frame_pointer + 16 == cfa;
}

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
