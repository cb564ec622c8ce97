/* The assembler shape of the runtime's doors, for entry.S and for tests that walk from a door of their own. */
#include "arch/x86_64/entry_layout.h"

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
