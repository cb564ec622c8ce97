/* Calls of the write barrier's doors on x86-64, with all registers known: one door for each general register, for barrier_registers.c. */
#ifndef BARRIER_DOORS_H
#define BARRIER_DOORS_H

#include <stddef.h>
#include <stdint.h>

/* rax, rbx, rcx, rdx, rsi, rdi, rbp, r8 to r15; then sixteen vector registers. */
enum { GENERAL = 15, SECOND_ARGUMENT = 4, FIRST_ARGUMENT = 5, VECTOR = 16, DOORS = GENERAL, STACK_ALIGNMENT = 8 };
struct registers {
    uint64_t general[GENERAL];
    uint64_t vector[VECTOR][2];
};

/* What enter_door reads and writes; the assembler below knows their names. `pushed` is pushed when the door pops a
 * word. */
struct registers door_in, door_out;
uint64_t door_shift, door_pushed, door_stack[2];
const void *door;

/* clang-format off */
#define EACH_GENERAL(_) \
    _(0, rax) _(8, rbx) _(16, rcx) _(24, rdx) _(32, rsi) _(40, rdi) _(48, rbp) _(56, r8) _(64, r9) _(72, r10) \
    _(80, r11) _(88, r12) _(96, r13) _(104, r14) _(112, r15)
#define EACH_VECTOR(_) \
    _(120, xmm0) _(136, xmm1) _(152, xmm2) _(168, xmm3) _(184, xmm4) _(200, xmm5) _(216, xmm6) _(232, xmm7) \
    _(248, xmm8) _(264, xmm9) _(280, xmm10) _(296, xmm11) _(312, xmm12) _(328, xmm13) _(344, xmm14) _(360, xmm15)
#define LOAD(offset, name) "  mov door_in+" #offset "(%rip), %" #name "\n"
#define STORE(offset, name) "  mov %" #name ", door_out+" #offset "(%rip)\n"
#define LOAD_VECTOR(offset, name) "  movups door_in+" #offset "(%rip), %" #name "\n"
#define STORE_VECTOR(offset, name) "  movups %" #name ", door_out+" #offset "(%rip)\n"
#define ENTER(name, push) \
    #name ":\n" \
    "  push %rbx\n  push %rbp\n  push %r12\n  push %r13\n  push %r14\n  push %r15\n" \
    "  sub door_shift(%rip), %rsp\n  mov %rsp, door_stack(%rip)\n" push EACH_GENERAL(LOAD) EACH_VECTOR(LOAD_VECTOR) \
    "  call *door(%rip)\n" EACH_GENERAL(STORE) EACH_VECTOR(STORE_VECTOR) \
    "  mov %rsp, door_stack+8(%rip)\n  add door_shift(%rip), %rsp\n" \
    "  pop %r15\n  pop %r14\n  pop %r13\n  pop %r12\n  pop %rbp\n  pop %rbx\n" \
    "  ret\n"
/* clang-format on */

void enter_door(void);
void enter_door_with_slot(void);
__asm__(".text\n" ENTER(enter_door, "") ENTER(enter_door_with_slot, "  push door_pushed(%rip)\n"));

#define DECLARE(offset, name) extern const char gw_barrier_slow_##name[], gw_barrier_slow_slot_##name[];
#define FRONT(offset, name) gw_barrier_slow_##name,
#define SLOT(offset, name) gw_barrier_slow_slot_##name,
EACH_GENERAL(DECLARE)
static const void *const front_doors[GENERAL] = {EACH_GENERAL(FRONT)};
static const void *const slot_doors[GENERAL] = {EACH_GENERAL(SLOT)};

static inline size_t object_register(size_t door_number)
{
    return door_number;
}

static inline uint64_t *place_of_slot(void)
{
    return &door_pushed;
}

#endif
