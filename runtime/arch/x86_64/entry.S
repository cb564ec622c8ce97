/* The runtime's machine-level doors.
 *
 * Entry points that may collect push the caller's callee-saved registers as a struct gw_entry and hand its address
 * to the C implementation as one more argument. The registers are popped again rather than trusted to have
 * survived: the collector may have updated a reference that compiled code keeps in one of them.
 *
 * The write barrier's slow path is entered by one of three kinds of doors, which differ in where the operands are:
 * gw_barrier_slow has them where functions have their arguments; gw_barrier_slow_rax and its likes have the object in
 * that register and no slot, since it is one at the object's front; gw_barrier_slow_slot_rax and its likes have the
 * slot pushed above the return address, and pop it. All registers are preserved, so that compiled code need not spill around
 * a barrier; gw_barrier_record and its like are compiled to touch no vector register. An array that already stands in
 * the list of arrays with dirty cards comes here at every store: its card is dirtied at once, and stores that find it
 * dirty are counted, so that gw_barrier_record hears of arrays that are written all the time. A slot outside this
 * thread's heap goes on to gw_barrier_record, which refuses it in words.
 */
#include "abi/sizes.h"
#include "arch/x86_64/entry_macros.h"

        .text

        .hidden gw_alloc_slow
        .hidden gw_alloc_array_slow
        collecting_entry gw_alloc_slow, gw_alloc_from, rsi
        collecting_entry gw_alloc_array_slow, gw_alloc_array_from, rdx
        collecting_entry greywave_alloc_room, gw_alloc_room_from, rsi
        collecting_entry greywave_collect, gw_collect_from, rsi
        collecting_entry greywave_collect_step, gw_collect_step_from, rdx
        collecting_entry greywave_weak_new, gw_weak_new_from, rdx
        collecting_entry greywave_ephemeron_new, gw_ephemeron_new_from, rdx
        collecting_entry greywave_weak_map_new, gw_weak_map_new_from, rsi
        collecting_entry greywave_weak_map_set, gw_weak_map_set_from, rcx
        collecting_entry greywave_pin, gw_pin_from, rsi
        collecting_entry greywave_freeze, gw_freeze_from, rdi
        collecting_entry greywave_unfreeze, gw_unfreeze_from, rdi
        collecting_entry greywave_path_to, gw_path_to_from, rcx
        collecting_entry greywave_no_collect_begin, gw_no_collect_begin_from, rsi
        collecting_entry greywave_poll_slow, gw_poll_from, rdi
        collecting_entry greywave_verify, gw_verify_from, rdi
        collecting_entry greywave_check_copy, gw_check_copy_from, rcx
        .hidden gw_learn_stack_start
        collecting_entry gw_learn_stack_start, gw_learn_stack_start_from, rdi
        .hidden gw_call_is_running
        collecting_entry gw_call_is_running, gw_call_is_running_from, rsi

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

/* Keeps all general registers; compiled code need not have aligned the stack. The struct gw_entry is there for the case that the
 * caller's stack must be unwound. */
        .hidden gw_check_store_from
        begin_entry greywave_check_store
        .irp register, r15, r14, r13, r12, rbp, rbx
        save_register \register
        .endr
        movq    %rsp, %rbx
        .cfi_def_cfa_register rbx
        .irp register, rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11
        pushq   %\register
        .endr
        movq    %rbx, %rdx
        andq    $-16, %rsp
        call    gw_check_store_from
        leaq    -9 * 8(%rbx), %rsp
        .irp register, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax
        popq    %\register
        .endr
        .cfi_def_cfa_register rsp
        .irp register, rbx, rbp, r12, r13, r14, r15
        reload_register \register
        .endr
        ret
        end_entry greywave_check_store

/* Calls a C function with arguments in rdi and rsi, which the doors save, and keeps all other registers. Compiled code
 * need not have aligned the stack. */
        .macro call_record function
        save_register rbp
        movq    %rsp, %rbp
        .cfi_def_cfa_register rbp
        pushq   %rax
        pushq   %rcx
        pushq   %rdx
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        subq    $8, %rsp
        andq    $-16, %rsp
        call    \function
        movq    -56(%rbp), %r11
        movq    -48(%rbp), %r10
        movq    -40(%rbp), %r9
        movq    -32(%rbp), %r8
        movq    -24(%rbp), %rdx
        movq    -16(%rbp), %rcx
        movq    -8(%rbp), %rax
        movq    %rbp, %rsp
        .cfi_def_cfa_register rsp
        reload_register rbp
        .endm

        .hidden gw_barrier_record
        .hidden gw_barrier_record_front
        .p2align 4
barrier_slot:
        .cfi_startproc
        testb   $GW_LISTED_BIT, GW_LISTED_BYTE(%rdi)
        jz      1f
        testb   $GW_TRACK_BIT, GW_TRACK_BYTE(%rdi)
        jz      4f
        save_register r11
        save_register rsi
        movq    gw_current_thread@gottpoff(%rip), %r11
        subq    %fs:GW_THREAD_CARDS_BASE(%r11), %rsi
        shrq    $GW_CARD_SHIFT, %rsi
        cmpq    %fs:GW_THREAD_CARDS_COUNT(%r11), %rsi
        jae     2f
        addq    %fs:GW_THREAD_CARDS(%r11), %rsi
        cmpb    $0, (%rsi)
        jne     3f
        movb    $1, (%rsi)
5:
        .cfi_remember_state
        reload_register rsi
        reload_register r11
4:      ret
        .cfi_restore_state
3:      decq    %fs:GW_THREAD_CARD_PATIENCE(%r11)
        jns     5b
2:      reload_register rsi
        reload_register r11
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
        save_register rdi
        save_register rsi
        call    barrier_slot
        reload_register rsi
        reload_register rdi
        ret
        end_entry greywave_barrier_slow

        .macro move_object register
        .ifnc   \register, rdi
        movq    %\register, %rdi
        .endif
        .endm

        .macro barrier_doors register
        begin_entry gw_barrier_slow_\register
        save_register rdi
        save_register rsi
        move_object \register
        call    barrier_front
        reload_register rsi
        reload_register rdi
        ret
        end_entry gw_barrier_slow_\register

        begin_entry gw_barrier_slow_slot_\register
        .cfi_def_cfa_offset 16
        .cfi_offset rip, -16
        save_register rdi
        save_register rsi
        move_object \register
        movq    24(%rsp), %rsi
        call    barrier_slot
        reload_register rsi
        reload_register rdi
        ret     $8
        end_entry gw_barrier_slow_slot_\register
        .endm

        .irp    register, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
        barrier_doors \register
        .endr

        .section .note.GNU-stack, "", @progbits

/* Doors are entered by calls and left by returns, and each begins with endbr64: code that the processor guards may link this. */
        .section .note.gnu.property, "a"
        .p2align 3
        .long   4, 16, 5
        .asciz  "GNU"
        .long   0xc0000002, 4, 3, 0
