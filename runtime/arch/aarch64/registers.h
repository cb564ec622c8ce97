/* The registers that the walker follows: their DWARF numbers (DWARF for the Arm 64-bit Architecture, section 4.1), which of them calls
 * preserve (AAPCS64, section 6.1.1), how the doors into the runtime push those, and where a frame has its caller's return address.
 *
 * The lower halves of v8 to v15 are preserved, too, and never hold a reference across a call. */
#ifndef GW_ARCH_AARCH64_REGISTERS_H
#define GW_ARCH_AARCH64_REGISTERS_H

#include "abi/map_format.h"

#include <stdbool.h>
#include <stdint.h>

#define GW_MAPS_HERE gw_map_aarch64

#define GW_DWARF_SP 31
#define GW_DWARF_GENERAL 32 /* general registers, and the stack pointer behind them */
#define GW_DWARF_RETURN 30  /* the link register */
#define GW_DWARF_REGISTERS 32

#define GW_ADDRESS_BITS 48 /* of what a process can address that does not ask for more by itself */

/* Callee-saved registers in the order of struct gw_entry, and the link register, which who calls somebody saves like them. */
enum gw_saved_register { GW_X19, GW_X29 = GW_X19 + 10, GW_X30, GW_SAVED_REGISTERS };
#define GW_FRAME_POINTER GW_X29

typedef uint8_t gw_words_below; /* from the CFA downwards: compilers save these registers, and d8 to d15, next to it */
#define GW_MOST_WORDS_BELOW UINT8_MAX

/* Where the return address of a frame is that has saved registers there. */
static inline uintptr_t gw_return_words_below(const gw_words_below saved[GW_SAVED_REGISTERS])
{
    return saved[GW_X30];
}

/* Whether a call frame instruction does nothing but say that return addresses are signed from here on, or no longer: whether the place is
 * one of the signature's modifiers, or not. gw_code_address need not know. */
static inline bool gw_only_tells_of_signing(unsigned opcode)
{
    enum { NEGATE_STATE_WITH_PLACE = 0x2c, NEGATE_STATE };
    return opcode == NEGATE_STATE_WITH_PLACE || opcode == NEGATE_STATE;
}

/* A return address as it lies on the stack, signed or not. The signature is not checked: who returns there checks it. The instruction does
 * nothing on processors that do not sign, and addresses without a signature stay as they are. */
static inline uintptr_t gw_code_address(uintptr_t word)
{
    register uintptr_t x30 __asm__("x30") = word;
    __asm__("hint #7" : "+r"(x30)); /* xpaclri */
    return x30;
}

/* Whether a frame that is left by unwind information, its CFA and return address known, has the shape that recipes take for granted:
 * they take the link register's place from that information, so every one has. */
static inline bool gw_is_usual_frame(uintptr_t cfa, uintptr_t pc)
{
    (void)cfa;
    (void)pc;
    return true;
}

/* Whether a frame of variable size has its frame pointer where compilers put it: below the registers that it has saved, so nearer to the
 * CFA than they take words. */
static inline bool gw_is_usual_frame_pointer(uintptr_t cfa, uintptr_t frame_pointer)
{
    return cfa - frame_pointer >= 16 && cfa - frame_pointer <= 20 * 8;
}

/* Index of a DWARF register number in `home`, or -1 when it is not callee-saved. */
static inline int gw_saved_register_of_dwarf(unsigned dwarf)
{
    return dwarf >= 19 && dwarf <= 30 ? (int)dwarf - 19 : -1;
}

/* The other way round. */
static inline unsigned gw_dwarf_of_saved_register(enum gw_saved_register saved)
{
    return 19 + (unsigned)saved;
}

/* The caller's callee-saved registers as the entry stub pushed them, lowest address first (doors.h).
 * The caller's stack pointer after the return is the address just past `return_address`. The stub reloads the
 * registers, so a slot in here may be updated. */
struct gw_entry {
    uintptr_t x19, x20, x21, x22, x23, x24, x25, x26, x27, x28, frame_pointer;
    uintptr_t return_address;
};

#endif
