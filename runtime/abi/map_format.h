/* The numbers of section gw_maps, once for all who write and read it: the plug-in, gw-asmgcroot, the runtime's reader.
 * What they mean stands in docs/abi.md. C and C++, no dependencies. */
#ifndef GW_ABI_MAP_FORMAT_H
#define GW_ABI_MAP_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

/* ---- Notes ----------------------------------------------------------------------------------------- */

/* What an image of the process is found by, without a symbol of it: ELF notes of this owner. The description of a module's is the
 * distance from there to its record. */
#define GW_NOTE_SECTION ".note.greywave"
#define GW_NOTE_OWNER "Greywave"
#define GW_NOTE_RUNTIME 1
#define GW_NOTE_MODULE 2
#define GW_NOTE_WITHOUT_POLLS 3 /* code with loops that do not poll */

/* ---- Function records ------------------------------------------------------------------------------ */

#define GW_MAP_RECORD_MARK 0x67 /* 'g': the first byte of a record */

/* How a frame is left: where its canonical frame address (CFA) is. */
enum gw_frame_shape {
    GW_FRAME_FIXED,     /* at a constant distance from the stack pointer */
    GW_FRAME_DYNAMIC,   /* at a constant distance from the frame pointer: on x86-64 16 bytes, elsewhere what unwind information says */
    GW_FRAME_IRREGULAR, /* only the unwind information knows: GCC's realigned frames of functions with stack arguments */
    GW_FRAME_SHAPES
};

/* The word of a function record that says what its frame is: its shape, and GW_MAP_MARKS where the function marks its
 * variables. */
#define GW_MAP_SHAPE 3u
#define GW_MAP_MARKS 4u

/* ---- Sites ----------------------------------------------------------------------------------------- */

/* A site's head: the roots of the site before once more, or the number of its entries + this. */
#define GW_MAP_SAME_ROOTS 0
#define GW_MAP_ENTRIES 1

/* ---- Entries --------------------------------------------------------------------------------------- */

/* An entry starts with kind | x << GW_MAP_KIND_BITS. */
#define GW_MAP_KIND_BITS 2
enum gw_map_kind {
    GW_MAP_SP_SLOT,       /* [stack pointer + 8x] */
    GW_MAP_FP_SLOT,       /* [frame pointer - 8x] */
    GW_MAP_REGISTER_SLOT, /* [register x + the signed number that follows] */
    GW_MAP_OTHER          /* x is an enum gw_map_subkind */
};

enum gw_map_subkind { GW_MAP_IN_REGISTER, GW_MAP_DERIVED, GW_MAP_REGION, GW_MAP_FRAME_MARK, GW_MAP_SUBKINDS };

static inline uint64_t gw_map_entry(enum gw_map_kind kind, uint64_t x)
{
    return x << GW_MAP_KIND_BITS | (uint64_t)kind;
}

static inline enum gw_map_kind gw_map_entry_kind(uint64_t entry)
{
    return (enum gw_map_kind)(entry & ((1u << GW_MAP_KIND_BITS) - 1));
}

static inline uint64_t gw_map_entry_x(uint64_t entry)
{
    return entry >> GW_MAP_KIND_BITS;
}

/* Signed numbers, so that those near zero are short in unsigned LEB128. */
static inline uint64_t gw_map_zigzag(int64_t number)
{
    return (uint64_t)number << 1 ^ (uint64_t)(number >> 63);
}

static inline int64_t gw_map_unzigzag(uint64_t z)
{
    return (int64_t)(z >> 1) ^ -(int64_t)(z & 1);
}

/* ---- Registers ------------------------------------------------------------------------------------- */

/* What a map says in DWARF's numbers, on each machine (psABI of x86-64, figure 3.36; DWARF for the Arm 64-bit Architecture, section 4.1).
 */
struct gw_map_machine {
    uint32_t stack_pointer, frame_pointer;
    uint32_t preserved; /* by calls, the frame pointer among them: a bit for each register. A map names these and the stack pointer */
};

#define GW_MAP_REGISTERS 32u /* numbers that a map may name are below */

static const struct gw_map_machine gw_map_x86_64 = {
    .stack_pointer = 7, .frame_pointer = 6, .preserved = 1u << 3 | 1u << 6 | 0xfu << 12}; /* rbx, rbp, r12 to r15 */
static const struct gw_map_machine gw_map_aarch64 = {.stack_pointer = 31, .frame_pointer = 29, .preserved = 0x7ffu << 19}; /* x19 to x29 */

static inline bool gw_map_is_preserved(const struct gw_map_machine *machine, uint64_t reg)
{
    return reg < GW_MAP_REGISTERS && machine->preserved >> reg & 1;
}

/* The registers that a word of a frame may be addressed by. */
static inline bool gw_map_is_of_frame(const struct gw_map_machine *machine, uint64_t reg)
{
    return reg == machine->stack_pointer || gw_map_is_preserved(machine, reg);
}

#endif
