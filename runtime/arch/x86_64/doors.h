/* The assembler of the runtime's doors: macros, which each room instantiates for its own functions in a doors.S, and tests for theirs.
 *
 * Entry points that may collect push the caller's callee-saved registers as a struct gw_entry and hand its address
 * to the C implementation as one more argument. The registers are popped again rather than trusted to have
 * survived: the collector may have updated a reference that compiled code keeps in one of them.
 *
 * The write barrier's slow path is entered by one of three kinds of doors, which differ in where the operands are:
 * gw_barrier_slow has them where functions have their arguments; gw_barrier_slow_rax and its likes have the object in
 * that register and no slot, since it is one at the object's front; gw_barrier_slow_slot_rax and its likes have the
 * slot pushed above the return address, and pop it. All registers are preserved, so that compiled code need not spill around
 * a barrier; gw_barrier_record and its like are compiled to touch no vector register. A large object that already stands in
 * the list of those with dirty cards comes here at every store: its card is dirtied at once, and stores that find it clean, and
 * those that find it dirty, are counted, so that gw_barrier_record hears of what the next minor collection will take, and
 * of objects that are written all the time. A slot outside this
 * thread's heap goes on to gw_barrier_record, which refuses it in words.
 */
/* clang-format off */
#include "abi/sizes.h"
#include "arch/x86_64/door_layout.h"

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

        .macro  push_entry
        save_register r15
        save_register r14
        save_register r13
        save_register r12
        save_register rbp
        save_register rbx
        .endm

        .macro  reload_entry
        reload_register rbx
        reload_register rbp
        reload_register r12
        reload_register r13
        reload_register r14
        reload_register r15
        .endm

        .macro  drop_entry
        addq    $8, %rsp
        .cfi_adjust_cfa_offset -8
        reload_entry
        .endm

        .macro  pop_entry
        drop_entry
        ret
        .endm

/* `argument` is the register that carries the entry's address, the first one free after the public arguments. At
 * the entry rsp is 8 modulo 16; six pushes keep that, so the call needs 8 bytes of padding. */
        .macro  collecting_entry name, implementation, argument
        .hidden \implementation
        begin_entry \name
        push_entry
        movq    %rsp, %\argument
        subq    $8, %rsp
        .cfi_adjust_cfa_offset 8
        call    \implementation
        pop_entry
        end_entry \name
        .endm

/* The same for a function of `arguments` words. */
        .macro  door name, implementation, arguments
        .if \arguments == 0
        collecting_entry \name, \implementation, rdi
        .elseif \arguments == 1
        collecting_entry \name, \implementation, rsi
        .elseif \arguments == 2
        collecting_entry \name, \implementation, rdx
        .else
        collecting_entry \name, \implementation, rcx
        .endif
        .endm

/* For a function of one word whose result is in memory: its address is the first argument. */
        .macro  door_with_result_in_memory name, implementation
        door    \name, \implementation, 2
        .endm

/* The control words on the stack, where the current ones, in ecx and si, are others: to load them takes many times as long as all the
 * rest. What the lowest six bits of mxcsr say of calculations that were inexact is the thread's, as it is over calls. */
        .macro  load_control_words
        xorl    (%rsp), %ecx
        testl   $0xffc0, %ecx
        je      1f
        andl    $0x3f, %ecx
        xorl    %ecx, (%rsp)
        ldmxcsr (%rsp)
1:      cmpw    4(%rsp), %si
        je      2f
        fldcw   4(%rsp)
2:
        .endm

/* Leaves the stack and goes on on another: `implementation` is given the function's first argument and the address of what was pushed, notes
 * where this stack was left, and gives the entry where another one was, and whether `left` is to be called there. Argument `value` of the
 * function, counted from 0, is the value that is handed over, the result there. Both stacks look alike around the instruction that changes the
 * stack pointer, so that one description of the frame is true of both. The last step is a jump: of a return the processor expects that it leads
 * behind the last call, and here it never does, which would cost more than all the rest. */
        .macro  switching_door name, implementation, value, left
        .if \value == 0
        switching_by \name, \implementation, rdi, \left
        .else
        switching_by \name, \implementation, rsi, \left
        .endif
        .endm

        .macro  switching_by name, implementation, value, left
        .hidden \implementation
        .hidden \left
        begin_entry \name
        push_entry
        subq    $8, %rsp
        .cfi_adjust_cfa_offset 8
        stmxcsr (%rsp)
        fnstcw  4(%rsp)
        movq    %\value, %rbx
        leaq    8(%rsp), %\value
        call    \implementation
        movl    (%rsp), %ecx
        movzwl  4(%rsp), %esi
        leaq    -8(%rax), %rsp
        testq   %rdx, %rdx
        jne     4f
3:      movq    %rbx, %rax
        load_control_words
        .cfi_remember_state
        drop_entry
        popq    %rcx
        .cfi_adjust_cfa_offset -8
        .cfi_register rip, rcx
        notrack jmp *%rcx
        .cfi_restore_state
4:      movl    %ecx, %r12d
        movl    %esi, %r13d
        call    \left
        movl    %r12d, %ecx
        movl    %r13d, %esi
        jmp     3b
        end_entry \name
        .endm

/* The outermost frame of a stack that the runtime made (arch/x86_64/stacks.h): no caller, for whoever unwinds. It is entered by a return, with
 * the first value that was handed over in rax. `ended` gives the entry where another stack was left, which gets the function's result;
 * `left` is called there, when nobody stands on the ended one any more.
 * `personality` is asked by exceptions that nobody on the stack has caught. */
        .macro  stack_base name, ended, left, personality
        .hidden \ended
        .hidden \left
        .hidden \personality
        .hidden \name
        .globl  \name
        .type   \name, @function
        .p2align 4
        .cfi_startproc
        .cfi_personality 0x1b, \personality
        .cfi_undefined rip
        nop     /* an unwinder looks for the call in front of a return address */
\name:
        endbr64
        movq    %r12, %rdi
        movq    %rax, %rsi
        call    *%rbx
        movq    %rax, %rbx
        call    \ended
        leaq    -8(%rax), %rsp
        call    \left
        movq    %rbx, %rax
        ldmxcsr (%rsp)
        fldcw   4(%rsp)
        addq    $8, %rsp
        popq    %rbx
        popq    %rbp
        popq    %r12
        popq    %r13
        popq    %r14
        popq    %r15
        ret
        .cfi_endproc
        .size   \name, . - \name
        .endm

/* For a function of two words: keeps all general registers; compiled code need not have aligned the stack. The struct gw_entry is there
 * for the case that the caller's stack must be unwound. */
        .macro  preserving_door name, implementation
        .hidden \implementation
        begin_entry \name
        push_entry
        movq    %rsp, %rbx
        .cfi_def_cfa_register rbx
        .irp each, rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11
        pushq   %\each
        .endr
        movq    %rbx, %rdx
        andq    $-16, %rsp
        call    \implementation
        leaq    -9 * 8(%rbx), %rsp
        .irp each, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax
        popq    %\each
        .endr
        .cfi_def_cfa_register rsp
        reload_entry
        ret
        end_entry \name
        .endm

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

        .macro move_object register
        .ifnc   \register, rdi
        movq    %\register, %rdi
        .endif
        .endm

        .macro barrier_doors_of register
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

        .macro barrier_doors
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
        decq    %fs:GW_THREAD_CARD_BUDGET(%r11)
        js      2f
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

        .irp    register, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
        barrier_doors_of \register
        .endr
        .endm

/* The end of a file of doors. They are entered by calls and left by returns, and each begins with endbr64: code that the processor
 * guards may link it. */
        .macro  end_doors
        .section .note.GNU-stack, "", @progbits
        .section .note.gnu.property, "a"
        .p2align 3
        .long   4, 16, 5
        .asciz  "GNU"
        .long   0xc0000002, 4, 3, 0
        .endm

        .if GW_ENTRY_RBX != 0 || GW_ENTRY_RBP != 8 || GW_ENTRY_R12 != 16
        .error "collecting_entry pushes struct gw_entry in another order"
        .endif
        .if GW_ENTRY_R13 != 24 || GW_ENTRY_R14 != 32 || GW_ENTRY_R15 != 40 || GW_ENTRY_RETURN_ADDRESS != 48
        .error "collecting_entry pushes struct gw_entry in another order"
        .endif
