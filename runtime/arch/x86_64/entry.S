/* The runtime's machine-level doors.
 *
 * Entry points that may collect push the caller's callee-saved registers as a struct gw_entry and hand its address
 * to the C implementation as one more argument. The registers are popped again rather than trusted to have
 * survived: the collector may have updated a reference that compiled code keeps in one of them.
 *
 * gw_barrier_slow is the write barrier's slow path. It preserves every register but r11 and flags, so that
 * compiled code need not spill around it; gw_barrier_record is compiled to touch no vector register.
 */
#include "arch/x86_64/entry_macros.h"

        .text

        collecting_entry gw_alloc, gw_alloc_from, rsi
        collecting_entry gw_alloc_array, gw_alloc_array_from, rdx
        collecting_entry gw_collect, gw_collect_from, rsi
        collecting_entry gw_poll_slow, gw_poll_from, rdi
        collecting_entry gw_verify, gw_verify_from, rdi

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
