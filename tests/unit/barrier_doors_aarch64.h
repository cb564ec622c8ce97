/* Calls of the write barrier's doors on AArch64, with all registers known but the link register, for barrier_registers.c. */
#ifndef BARRIER_DOORS_H
#define BARRIER_DOORS_H

#include <stddef.h>
#include <stdint.h>

/* x0 to x29; then thirty-two vector registers. */
enum { GENERAL = 30, FIRST_ARGUMENT = 0, SECOND_ARGUMENT = 1, VECTOR = 32, DOORS = 1, STACK_ALIGNMENT = 16 };
struct registers {
    uint64_t general[GENERAL];
    uint64_t vector[VECTOR][2];
};

/* What enter_door reads and writes; the assembler below knows their names. */
struct registers door_in, door_out;
uint64_t door_shift, door_stack[2];
const void *door;

/* clang-format off */
#define EACH_PAIR(_) \
    _(0, x0, x1) _(16, x2, x3) _(32, x4, x5) _(48, x6, x7) _(64, x8, x9) _(80, x10, x11) _(96, x12, x13) _(112, x14, x15) _(128, x16, x17) _(144, x18, x19) _(160, x20, x21) _(176, x22, x23) _(192, x24, x25) _(208, x26, x27) _(224, x28, x29)
#define EACH_VECTOR_PAIR(_) \
    _(240, q0, q1) _(272, q2, q3) _(304, q4, q5) _(336, q6, q7) _(368, q8, q9) _(400, q10, q11) _(432, q12, q13) _(464, q14, q15) _(496, q16, q17) _(528, q18, q19) _(560, q20, q21) _(592, q22, q23) _(624, q24, q25) _(656, q26, q27) _(688, q28, q29) _(720, q30, q31)
#define EACH_KEPT(_) \
    _(0, x29, x30) _(16, x19, x20) _(32, x21, x22) _(48, x23, x24) _(64, x25, x26) _(80, x27, x28) \
    _(96, d8, d9) _(112, d10, d11) _(128, d12, d13) _(144, d14, d15)
#define PUSH(offset, first, second) "  stp " #first ", " #second ", [sp, #" #offset "]\n"
#define POP(offset, first, second) "  ldp " #first ", " #second ", [sp, #" #offset "]\n"
#define LOAD(offset, first, second) "  ldp " #first ", " #second ", [x30, #" #offset "]\n"
#define STORE(offset, first, second) "  stp " #first ", " #second ", [x30, #" #offset "]\n"
__asm__(".text\n"
        "enter_door:\n  hint #34\n  sub sp, sp, #160\n" EACH_KEPT(PUSH)
        "  mov x9, sp\n  adrp x10, door_stack\n  str x9, [x10, :lo12:door_stack]\n"
        "  adrp x30, door_in\n  add x30, x30, :lo12:door_in\n" EACH_PAIR(LOAD) EACH_VECTOR_PAIR(LOAD)
        "  adrp x30, door\n  ldr x30, [x30, :lo12:door]\n  blr x30\n"
        "  adrp x30, door_out\n  add x30, x30, :lo12:door_out\n" EACH_PAIR(STORE) EACH_VECTOR_PAIR(STORE)
        "  mov x9, sp\n  adrp x10, door_stack\n  add x10, x10, :lo12:door_stack\n  str x9, [x10, #8]\n"
        EACH_KEPT(POP) "  add sp, sp, #160\n  ret\n");
/* clang-format on */

void enter_door(void);
#define enter_door_with_slot enter_door

extern const char gw_barrier_slow_x17[], gw_barrier_slow_slot_x17[];
static const void *const front_doors[DOORS] = {gw_barrier_slow_x17};
static const void *const slot_doors[DOORS] = {gw_barrier_slow_slot_x17};

static inline size_t object_register(size_t door_number)
{
    (void)door_number;
    return 17;
}

static inline uint64_t *place_of_slot(void)
{
    return &door_in.general[16];
}

#endif
