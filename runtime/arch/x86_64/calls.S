/* Calls that the walker can find again, or begin at: see arch/calls.h. */
#include "arch/x86_64/doors.h"

        .text

/* Calls rsi with rdx. What it may leave behind by longjmp is known by its frame: the address at rdi, and where it returns to. */
        .hidden gw_call_marked
        begin_entry gw_call_marked
        subq    $8, %rsp
        .cfi_adjust_cfa_offset 8
        movq    %rsp, (%rdi)
        movq    %rdx, %rdi
        call    *%rsi
        .globl  gw_call_marked_returns
        .hidden gw_call_marked_returns
gw_call_marked_returns:
        addq    $8, %rsp
        .cfi_adjust_cfa_offset -8
        ret
        end_entry gw_call_marked

/* Calls rdi with rsi and the address of the caller's registers, as collecting_entry pushes them. */
        .hidden gw_call_with_entry
        begin_entry gw_call_with_entry
        push_entry
        movq    %rdi, %rax
        movq    %rsi, %rdi
        movq    %rsp, %rsi
        subq    $8, %rsp
        .cfi_adjust_cfa_offset 8
        call    *%rax
        pop_entry
        end_entry gw_call_with_entry

        end_doors
