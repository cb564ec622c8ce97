/* The assembler of the runtime's doors: macros, which each room instantiates for its own functions in a doors.S, and tests for theirs.
 *
 * Entry points that may collect push the caller's callee-saved registers as a struct gw_entry and hand its address
 * to the C implementation as one more argument. The registers are loaded again rather than trusted to have
 * survived: the collector may have updated a reference that compiled code keeps in one of them. Frame pointer and return address, last
 * in the entry, are a frame record.
 *
 * The write barrier's slow path is entered by one of three doors, which differ in where the operands are:
 * gw_barrier_slow has them where functions have their arguments; gw_barrier_slow_x17 has the object in x17 and no slot, since it is one at
 * the object's front; gw_barrier_slow_slot_x17 has the slot in x16 besides. All registers but the link register are preserved, so that
 * compiled code need not spill around a barrier; gw_barrier_record and its like are compiled to touch no vector register. A large object
 * that already stands in the list of those with dirty cards comes here at every store: its card is dirtied at once, and stores that find it
 * clean, and those that find it dirty, are counted, so that gw_barrier_record hears of what the next minor collection will take, and of
 * objects that are written all the time. A slot outside this thread's heap goes on to gw_barrier_record, which refuses it in words.
 *
 * `hint #34` is `bti c`, for assemblers that were not told of a processor that has it.
 */
/* clang-format off */
#include "abi/sizes.h"
#include "arch/aarch64/door_layout.h"

        .macro begin_entry name
        .globl  \name
        .type   \name, %function
        .p2align 4
\name:
        .cfi_startproc
        hint    #34
        .endm

        .macro end_entry name
        .cfi_endproc
        .size   \name, . - \name
        .endm

/* Two registers at `offset` from the stack pointer. */
        .macro save_pair first, second, offset
        stp     \first, \second, [sp, #\offset]
        .cfi_rel_offset \first, \offset
        .cfi_rel_offset \second, \offset + 8
        .endm

        .macro reload_pair first, second, offset
        ldp     \first, \second, [sp, #\offset]
        .cfi_restore \first
        .cfi_restore \second
        .endm

        .macro take_stack bytes
        sub     sp, sp, #\bytes
        .cfi_adjust_cfa_offset \bytes
        .endm

        .macro give_stack bytes
        add     sp, sp, #\bytes
        .cfi_adjust_cfa_offset -(\bytes)
        .endm

        .macro  push_record
        take_stack 16
        save_pair x29, x30, 0
        mov     x29, sp
        .endm

        .macro  pop_record
        reload_pair x29, x30, 0
        give_stack 16
        .endm

        .macro  push_entry
        take_stack GW_ENTRY_BYTES
        save_pair x19, x20, GW_ENTRY_X19
        save_pair x21, x22, GW_ENTRY_X21
        save_pair x23, x24, GW_ENTRY_X23
        save_pair x25, x26, GW_ENTRY_X25
        save_pair x27, x28, GW_ENTRY_X27
        save_pair x29, x30, GW_ENTRY_X29
        add     x29, sp, #GW_ENTRY_X29
        .endm

        .macro  pop_entry
        reload_pair x19, x20, GW_ENTRY_X19
        reload_pair x21, x22, GW_ENTRY_X21
        reload_pair x23, x24, GW_ENTRY_X23
        reload_pair x25, x26, GW_ENTRY_X25
        reload_pair x27, x28, GW_ENTRY_X27
        reload_pair x29, x30, GW_ENTRY_X29
        give_stack GW_ENTRY_BYTES
        ret
        .endm

/* `argument` is the register that carries the entry's address, the first one free after the public arguments. */
        .macro  collecting_entry name, implementation, argument
        .hidden \implementation
        begin_entry \name
        push_entry
        mov     \argument, sp
        bl      \implementation
        pop_entry
        end_entry \name
        .endm

/* The same for a function of `arguments` words. */
        .macro  door name, implementation, arguments
        collecting_entry \name, \implementation, x\arguments
        .endm

/* For a function of one word whose result is in memory: the caller gives its address in x8, the implementation has it in front. */
        .macro  door_with_result_in_memory name, implementation
        .hidden \implementation
        begin_entry \name
        push_entry
        mov     x2, sp
        mov     x1, x0
        mov     x0, x8
        bl      \implementation
        pop_entry
        end_entry \name
        .endm

/* What else of registers is a stack's own, below the entry. The control register is written only when it is another: that takes longer
 * than all the rest. */
        .macro  push_left
        take_stack GW_LEFT_BYTES
        save_pair d8, d9, GW_LEFT_D8
        save_pair d10, d11, GW_LEFT_D8 + 16
        save_pair d12, d13, GW_LEFT_D8 + 32
        save_pair d14, d15, GW_LEFT_D8 + 48
        mrs     x9, fpcr
        str     x9, [sp, #GW_LEFT_CONTROL]
        .endm

        .macro  pop_left
        ldr     x9, [sp, #GW_LEFT_CONTROL]
        mrs     x10, fpcr
        cmp     x9, x10
        b.eq    1f
        msr     fpcr, x9
1:      reload_pair d8, d9, GW_LEFT_D8
        reload_pair d10, d11, GW_LEFT_D8 + 16
        reload_pair d12, d13, GW_LEFT_D8 + 32
        reload_pair d14, d15, GW_LEFT_D8 + 48
        give_stack GW_LEFT_BYTES
        .endm

/* Leaves the stack and goes on on another: `implementation` is given the function's first argument and the address of what was pushed, notes
 * where this stack was left, and gives the entry where another one was, and whether `left` is to be called there. Argument `value` of the
 * function, counted from 0, is the value that is handed over, the result there. Both stacks look alike around the instruction that changes the
 * stack pointer, so that one description of the frame is true of both. The last step is a return, though the processor expects another place:
 * to a jump the place would have to be marked. */
        .macro  switching_door name, implementation, value, left
        .hidden \implementation
        .hidden \left
        begin_entry \name
        push_entry
        push_left
        mov     x19, x\value
        add     x\value, sp, #GW_LEFT_BYTES
        bl      \implementation
        sub     sp, x0, #GW_LEFT_BYTES
        cbz     x1, 2f
        bl      \left
2:      mov     x0, x19
        pop_left
        pop_entry
        end_entry \name
        .endm

/* The outermost frame of a stack that the runtime made (arch/aarch64/stacks.h): no caller, for whoever unwinds. It is entered by a return,
 * with the first value that was handed over in x0. `ended` gives the entry where another stack was left, which gets the function's result.
 * `personality` is asked by exceptions that nobody on the stack has caught. */
        .macro  stack_base name, ended, left, personality
        .hidden \ended
        .hidden \left
        .hidden \personality
        .hidden \name
        .globl  \name
        .type   \name, %function
        .p2align 4
        .cfi_startproc
        .cfi_personality 0x1b, \personality
        .cfi_undefined x30
        nop     /* an unwinder looks for the call in front of a return address */
\name:
        mov     x1, x0
        mov     x0, x20
        blr     x19
        mov     x19, x0
        bl      \ended
        sub     sp, x0, #GW_LEFT_BYTES
        bl      \left
        mov     x0, x19
        .cfi_adjust_cfa_offset GW_LEFT_BYTES + GW_ENTRY_BYTES
        pop_left
        pop_entry
        .cfi_endproc
        .size   \name, . - \name
        .endm

/* For a function of two words: keeps all general registers but the link register, and the vector registers v8 to v15, which calls preserve
 * by half. The struct gw_entry is there for the case that the caller's stack must be unwound. */
        .macro  preserving_door name, implementation
        .hidden \implementation
        begin_entry \name
        push_entry
        take_stack 288
        stp     x0, x1, [sp]
        stp     x2, x3, [sp, #16]
        stp     x4, x5, [sp, #32]
        stp     x6, x7, [sp, #48]
        stp     x8, x9, [sp, #64]
        stp     x10, x11, [sp, #80]
        stp     x12, x13, [sp, #96]
        stp     x14, x15, [sp, #112]
        stp     x16, x17, [sp, #128]
        str     x18, [sp, #144]
        stp     q8, q9, [sp, #160]
        stp     q10, q11, [sp, #192]
        stp     q12, q13, [sp, #224]
        stp     q14, q15, [sp, #256]
        add     x2, sp, #288
        bl      \implementation
        ldp     q8, q9, [sp, #160]
        ldp     q10, q11, [sp, #192]
        ldp     q12, q13, [sp, #224]
        ldp     q14, q15, [sp, #256]
        ldp     x0, x1, [sp]
        ldp     x2, x3, [sp, #16]
        ldp     x4, x5, [sp, #32]
        ldp     x6, x7, [sp, #48]
        ldp     x8, x9, [sp, #64]
        ldp     x10, x11, [sp, #80]
        ldp     x12, x13, [sp, #96]
        ldp     x14, x15, [sp, #112]
        ldp     x16, x17, [sp, #128]
        ldr     x18, [sp, #144]
        give_stack 288
        pop_entry
        end_entry \name
        .endm

/* Calls a C function with arguments in x0 and x1, which the doors save, as they do x9 to x11, and keeps all other registers. */
        .macro call_record function
        take_stack 144
        save_pair x29, x30, 0
        mov     x29, sp
        stp     x2, x3, [sp, #16]
        stp     x4, x5, [sp, #32]
        stp     x6, x7, [sp, #48]
        stp     x8, x12, [sp, #64]
        stp     x13, x14, [sp, #80]
        stp     x15, x16, [sp, #96]
        stp     x17, x18, [sp, #112]
        bl      \function
        ldp     x17, x18, [sp, #112]
        ldp     x15, x16, [sp, #96]
        ldp     x13, x14, [sp, #80]
        ldp     x8, x12, [sp, #64]
        ldp     x6, x7, [sp, #48]
        ldp     x4, x5, [sp, #32]
        ldp     x2, x3, [sp, #16]
        reload_pair x29, x30, 0
        give_stack 144
        .endm

        .macro  save_operands
        take_stack 48
        stp     x0, x1, [sp]
        stp     x9, x10, [sp, #16]
        save_pair x11, x30, 32
        .endm

        .macro  reload_operands
        reload_pair x11, x30, 32
        ldp     x9, x10, [sp, #16]
        ldp     x0, x1, [sp]
        give_stack 48
        ret
        .endm

        .macro barrier_doors
        .hidden gw_barrier_record
        .hidden gw_barrier_record_front
        .p2align 4
barrier_slot:
        .cfi_startproc
        ldurb   w9, [x0, #GW_LISTED_BYTE]
        tbz     w9, #GW_LISTED_BIT, 1f
        ldurb   w9, [x0, #GW_TRACK_BYTE]
        tbz     w9, #GW_TRACK_BIT, 4f
        adrp    x9, :gottprel:gw_current_thread
        ldr     x9, [x9, #:gottprel_lo12:gw_current_thread]
        mrs     x10, tpidr_el0
        add     x9, x9, x10
        ldr     x10, [x9, #GW_THREAD_CARDS_BASE]
        sub     x10, x1, x10
        lsr     x10, x10, #GW_CARD_SHIFT
        ldr     x11, [x9, #GW_THREAD_CARDS_COUNT]
        cmp     x10, x11
        b.hs    1f
        ldr     x11, [x9, #GW_THREAD_CARDS]
        add     x10, x10, x11
        ldrb    w11, [x10]
        cbnz    w11, 3f
        mov     w11, #1
        strb    w11, [x10]
        ldr     x11, [x9, #GW_THREAD_CARD_BUDGET]
        subs    x11, x11, #1
        str     x11, [x9, #GW_THREAD_CARD_BUDGET]
        b.mi    1f
4:      ret
3:      ldr     x11, [x9, #GW_THREAD_CARD_PATIENCE]
        subs    x11, x11, #1
        str     x11, [x9, #GW_THREAD_CARD_PATIENCE]
        b.pl    4b
1:      call_record gw_barrier_record
        ret
        .cfi_endproc

        .p2align 4
barrier_front:
        .cfi_startproc
        call_record gw_barrier_record_front
        ret
        .cfi_endproc

        begin_entry greywave_barrier_slow
        save_operands
        bl      barrier_slot
        reload_operands
        end_entry greywave_barrier_slow

        begin_entry gw_barrier_slow_slot_x17
        save_operands
        mov     x0, x17
        mov     x1, x16
        bl      barrier_slot
        reload_operands
        end_entry gw_barrier_slow_slot_x17

        begin_entry gw_barrier_slow_x17
        save_operands
        mov     x0, x17
        bl      barrier_front
        reload_operands
        end_entry gw_barrier_slow_x17
        .endm

/* The end of a file of doors. They are entered by calls, and each begins with `bti c`: code that the processor guards may link it. */
        .macro  end_doors
        .section .note.GNU-stack, "", %progbits
        .section .note.gnu.property, "a"
        .p2align 3
        .long   4, 16, 5
        .asciz  "GNU"
        .long   0xc0000000, 4, 1, 0
        .endm
