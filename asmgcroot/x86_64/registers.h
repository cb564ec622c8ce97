/* Registers, numbered as the machine does: rax rcx rdx rbx rsp rbp rsi rdi r8…r15, then the vector registers; which of them a call
 * takes, returns and leaves alone; and the words in them, which with those of the frame are where a reference can be. */
#ifndef GW_ASMGCROOT_REGISTERS_H
#define GW_ASMGCROOT_REGISTERS_H

#include "text/statement.h"

enum {
    RAX,
    RCX,
    RDX,
    RBX,
    RSP,
    RBP,
    RSI,
    RDI,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
    GENERAL_REGISTERS,
    STACK_POINTER = RSP,
    FRAME_POINTER = RBP,
    VECTOR_REGISTER = GENERAL_REGISTERS, /* xmm0, ymm0, zmm0; 32 of them */
    REGISTERS = VECTOR_REGISTER + 32,
    MASK_REGISTER = REGISTERS, /* k0 to k7, where GCC spills general registers */
    MASK_REGISTERS = 8,
    REGISTER_RIP = 0xfd,
    REGISTER_OTHER = 0xfe, /* x87, segments: never hold a reference */
    NO_REGISTER = 0xff,
};

/* Bits of registers in 16-bit sets. */
#define BIT(reg) (1u << (reg))
#define CALLEE_SAVED (BIT(RBX) | BIT(RBP) | BIT(R12) | BIT(R13) | BIT(R14) | BIT(R15))
#define ALL_MASKS ((uint8_t)0xff)
#define CALL_CLOBBERED ((uint16_t)~(CALLEE_SAVED | BIT(RSP)))
#define ARGUMENT_REGISTERS (BIT(RDI) | BIT(RSI) | BIT(RDX) | BIT(RCX) | BIT(R8) | BIT(R9))

/* Where a word can be: a general register, a 64-bit lane of a vector register, a mask register; from LOCATION_SLOT on, words of the frame.
 */
enum {
    LANES = 8, /* of a vector register: 512 bits */
    LOCATION_LANE = GENERAL_REGISTERS,
    LOCATION_MASK = LOCATION_LANE + 32 * LANES,
    LOCATION_SLOT = LOCATION_MASK + MASK_REGISTERS,
};

static inline bool is_general_location(uint32_t location)
{
    return location < GENERAL_REGISTERS;
}

static inline bool is_slot(uint32_t location)
{
    return location >= LOCATION_SLOT;
}

static inline bool is_mask_location(uint32_t location)
{
    return location >= LOCATION_MASK && location < LOCATION_SLOT;
}

/* Of a vector register's word: the register, counted from xmm0, and which word. */
static inline unsigned location_vector(uint32_t location)
{
    return (location - LOCATION_LANE) / LANES;
}

static inline unsigned location_lane(uint32_t location)
{
    return (location - LOCATION_LANE) % LANES;
}

static inline uint32_t lane_location(unsigned reg, unsigned number)
{
    return LOCATION_LANE + (reg - VECTOR_REGISTER) * LANES + number;
}

/* Of a register: whether a caller may pass an argument there. */
static inline bool is_argument_location(uint32_t location)
{
    return is_general_location(location) ? ARGUMENT_REGISTERS >> location & 1 : location < LOCATION_LANE + 8 * LANES;
}

/* Whether a call may return its result, or a half of it, there. */
static inline bool is_result_location(uint32_t location)
{
    return location == RAX || location == RDX || location == LOCATION_LANE || location == LOCATION_LANE + LANES;
}

/* The number of a register name without its percent sign, and its width; NO_REGISTER if there is none. */
uint8_t register_named(struct text name, uint8_t *width);
/* "%rbx"; of a general register. */
const char *register_name(unsigned reg);
/* In unwind information and frame maps. */
uint8_t dwarf_of_register(unsigned reg);
/* A general register or REGISTER_RIP; REGISTER_OTHER: none of these. */
uint8_t register_of_dwarf(int64_t number);

#endif
