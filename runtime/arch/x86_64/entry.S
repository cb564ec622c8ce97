/* The runtime's machine-level doors.
 *
 * Entry points that may collect push the caller's callee-saved registers as a struct gw_entry and hand its address
 * to the C implementation as one more argument. The registers are popped again rather than trusted to have
 * survived: the collector may have updated a reference that compiled code keeps in one of them.
 *
 * gw_barrier_slow is the write barrier's slow path. It preserves every register but r11 and flags, so that
 * compiled code need not spill around it; gw_barrier_record is compiled to touch no vector register.
 */
#include "arch/x86_64/entry_layout.h"

        .text

        .macro save_register register
        pushq   %\register
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset \register, 0
        .endm

        .macro reload_register register
        popq    %\register
        .cfi_adjust_cfa_offset -8
        .cfi_restore \register
        .endm

        .macro begin_entry name
        .globl  \name
        .type   \name, @function
        .p2align 4
\name:
        .cfi_startproc
        endbr64
        .endm

        .macro end_entry name
        .cfi_endproc
        .size   \name, . - \name
        .endm

/* `argument` is the register that carries the entry's address, the first one free after the public arguments. At
 * the entry rsp is 8 modulo 16; six pushes keep that, so the call needs 8 bytes of padding. */
        .macro  collecting_entry name, implementation, argument
        .hidden \implementation
        begin_entry \name
        save_register r15
        save_register r14
        save_register r13
        save_register r12
        save_register rbp
        save_register rbx
        movq    %rsp, %\argument
        subq    $8, %rsp
        .cfi_adjust_cfa_offset 8
        call    \implementation
        addq    $8, %rsp
        .cfi_adjust_cfa_offset -8
        reload_register rbx
        reload_register rbp
        reload_register r12
        reload_register r13
        reload_register r14
        reload_register r15
        ret
        end_entry \name
        .endm

        .if GW_ENTRY_RBX != 0 || GW_ENTRY_RBP != 8 || GW_ENTRY_R12 != 16
        .error "collecting_entry pushes struct gw_entry in another order"
        .endif
        .if GW_ENTRY_R13 != 24 || GW_ENTRY_R14 != 32 || GW_ENTRY_R15 != 40 || GW_ENTRY_RETURN_ADDRESS != 48
        .error "collecting_entry pushes struct gw_entry in another order"
        .endif

        collecting_entry gw_alloc, gw_alloc_from, rsi
        collecting_entry gw_alloc_array, gw_alloc_array_from, rdx
        collecting_entry gw_collect, gw_collect_from, rsi
        collecting_entry gw_poll_slow, gw_poll_from, rdi

        .hidden gw_barrier_record
        begin_entry gw_barrier_slow
        save_register rax
        save_register rcx
        save_register rdx
        save_register rsi
        save_register rdi
        save_register r8
        save_register r9
        save_register r10
        subq    $8, %rsp
        .cfi_adjust_cfa_offset 8
        call    gw_barrier_record
        addq    $8, %rsp
        .cfi_adjust_cfa_offset -8
        reload_register r10
        reload_register r9
        reload_register r8
        reload_register rdi
        reload_register rsi
        reload_register rdx
        reload_register rcx
        reload_register rax
        ret
        end_entry gw_barrier_slow

        .section .note.GNU-stack, "", @progbits
