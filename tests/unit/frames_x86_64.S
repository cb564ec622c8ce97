# Managed frames written by hand, and their maps, for stack_walk.c.
#
# Each function is `word f(word root, word then(void *), void *argument)`: it keeps `root` across the call of
# `then(argument)`, which ends in a collection, and returns what it finds afterwards.
#include "arch/x86_64/doors.h"

        .text
        door walk_door, walk_from_door, 1

        .macro begin name
        .globl  \name
        .type   \name, @function
\name:
        .endm

        .macro end name
.Lend_\name:
        .size   \name, . - \name
        .endm

        .macro root_in_slot site
        .cfi_startproc
        subq    $24, %rsp
        .cfi_adjust_cfa_offset 24
        movq    %rdi, 8(%rsp)
        movq    %rdx, %rdi
        call    *%rsi
\site:
        movq    8(%rsp), %rax
        addq    $24, %rsp
        .cfi_adjust_cfa_offset -24
        ret
        .cfi_endproc
        .endm

# A static frame: the root in the slot [rsp + 8].
        begin static_frame
        root_in_slot .Lsite_static
        end static_frame

# The root in rbx, which this function saved; its callers' rbx, r14 and r15 go to the stack too.
        begin register_frame
        .cfi_startproc
        pushq   %r15
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r15, 0
        pushq   %r14
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r14, 0
        pushq   %rbx
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rbx, 0
        movq    %rdi, %rbx
        movl    $14, %r14d
        movl    $15, %r15d
        movq    %rdx, %rdi
        call    *%rsi
.Lsite_register:
        leaq    -29(%r14, %r15), %rax
        addq    %rbx, %rax
        popq    %rbx
        .cfi_adjust_cfa_offset -8
        .cfi_restore rbx
        popq    %r14
        .cfi_adjust_cfa_offset -8
        .cfi_restore r14
        popq    %r15
        .cfi_adjust_cfa_offset -8
        .cfi_restore r15
        ret
        .cfi_endproc
        end register_frame

# A dynamic frame: as many bytes as the root's low digits, the root at [rbp - 8].
        begin dynamic_frame
        .cfi_startproc
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register rbp
        subq    $16, %rsp
        movq    %rdi, -8(%rbp)
        andl    $0xff0, %edi
        subq    %rdi, %rsp
        movq    %rdx, %rdi
        call    *%rsi
.Lsite_dynamic:
        movq    -8(%rbp), %rax
        leave
        .cfi_def_cfa rsp, 8
        ret
        .cfi_endproc
        end dynamic_frame

# The root in [rsp], root + 24 derived from it in [rsp + 8]; returns the derived pointer.
        begin derived_frame
        .cfi_startproc
        subq    $24, %rsp
        .cfi_adjust_cfa_offset 24
        movq    %rdi, (%rsp)
        addq    $24, %rdi
        movq    %rdi, 8(%rsp)
        movq    %rdx, %rdi
        call    *%rsi
.Lsite_derived:
        movq    8(%rsp), %rax
        addq    $24, %rsp
        .cfi_adjust_cfa_offset -24
        ret
        .cfi_endproc
        end derived_frame

# A region at [rsp]: two blocks of two words, the root in the second word of each; returns the last, and checks that
# the others were left alone or moved alike.
        begin region_frame
        .cfi_startproc
        subq    $40, %rsp
        .cfi_adjust_cfa_offset 40
        movq    $3, (%rsp)
        movq    %rdi, 8(%rsp)
        movq    $3, 16(%rsp)
        movq    %rdi, 24(%rsp)
        movq    %rdx, %rdi
        call    *%rsi
.Lsite_region:
        movq    8(%rsp), %rax
        subq    24(%rsp), %rax
        addq    24(%rsp), %rax
        addq    (%rsp), %rax
        subq    16(%rsp), %rax
        addq    $40, %rsp
        .cfi_adjust_cfa_offset -40
        ret
        .cfi_endproc
        end region_frame

# A frame with a mark, [rsp], and the root in [rsp + 8].
        begin marked_frame
        .cfi_startproc
        subq    $24, %rsp
        .cfi_adjust_cfa_offset 24
        movq    $0, (%rsp)
        movq    %rdi, 8(%rsp)
        movq    %rdx, %rdi
        call    *%rsi
.Lsite_marked:
        movq    8(%rsp), %rax
        addq    $24, %rsp
        .cfi_adjust_cfa_offset -24
        ret
        .cfi_endproc
        end marked_frame

# The same in a frame of varying size, through rbp: the mark in [rbp - 16].
        begin marked_dynamic_frame
        .cfi_startproc
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register rbp
        subq    $16, %rsp
        movq    %rdi, -8(%rbp)
        movq    $0, -16(%rbp)
        andl    $0xff0, %edi
        subq    %rdi, %rsp
        movq    %rdx, %rdi
        call    *%rsi
.Lsite_marked_dynamic:
        movq    -8(%rbp), %rax
        leave
        .cfi_def_cfa rsp, 8
        ret
        .cfi_endproc
        end marked_dynamic_frame

# Its map names a mark that it never clears.
        begin forgetful_frame
        root_in_slot .Lsite_forgetful
        end forgetful_frame

# A managed function without a map for its call.
        begin siteless_frame
        .cfi_startproc
        subq    $8, %rsp
        .cfi_adjust_cfa_offset 8
        movq    %rdx, %rdi
        call    *%rsi
        addq    $8, %rsp
        .cfi_adjust_cfa_offset -8
        ret
        .cfi_endproc
        end siteless_frame

# A native function without unwind information.
        begin bare_frame
        subq    $8, %rsp
        movq    %rdx, %rdi
        call    *%rsi
        addq    $8, %rsp
        ret
        end bare_frame

# The same, with rbp pointing at what an unwinder that guesses takes for the end of the stack.
        begin bare_frame_null_rbp
        pushq   %rbp
        xorl    %ebp, %ebp
        movq    %rdx, %rdi
        call    *%rsi
        popq    %rbp
        ret
        end bare_frame_null_rbp

# A managed function without unwind information.
        begin bare_managed_frame
        subq    $8, %rsp
        movq    %rdx, %rdi
        call    *%rsi
.Lsite_bare:
        addq    $8, %rsp
        ret
        end bare_managed_frame

# Static to its map, although its size varies: the map lies.
        begin lying_frame
        .cfi_startproc
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register rbp
        andl    $0xff0, %edi
        subq    %rdi, %rsp
        movq    %rdx, %rdi
        call    *%rsi
.Lsite_lying:
        leave
        .cfi_def_cfa rsp, 8
        ret
        .cfi_endproc
        end lying_frame

# A managed function that reads through its root.
        begin faulting_frame
        .cfi_startproc
        nop     /* what is interrupted is named by the place in front of it */
        movq    (%rdi), %rax
        ret
        .cfi_endproc
        end faulting_frame

# Maps, docs/abi.md.
        .macro map name, flags, sites
        .byte   'g'
        .long   \name - .
        .uleb128 .Lend_\name - \name
        .uleb128 .Lmap_end_\name - .Lmap_\name
.Lmap_\name:
        .uleb128 \flags, \sites
        .endm

        .section test_maps, "a"
        map     static_frame, 0, 1
        .uleb128 .Lsite_static - static_frame, 1 + 1, 1 << 2
.Lmap_end_static_frame:
        map     register_frame, 0, 1
        .uleb128 .Lsite_register - register_frame, 1 + 1, 3, 3
.Lmap_end_register_frame:
        map     dynamic_frame, 1, 1
        .uleb128 .Lsite_dynamic - dynamic_frame, 1 + 1, 1 << 2 | 1
.Lmap_end_dynamic_frame:
        map     derived_frame, 0, 1
        .uleb128 .Lsite_derived - derived_frame, 2 + 1, 0, 1 << 2 | 3, 0, 1 << 2
.Lmap_end_derived_frame:
        map     region_frame, 0, 1
        .uleb128 .Lsite_region - region_frame, 1 + 1, 2 << 2 | 3, 7, 0, 2, 2, 1, 1
.Lmap_end_region_frame:
        map     marked_frame, 0, 1
        .uleb128 .Lsite_marked - marked_frame, 2 + 1, 1 << 2, 3 << 2 | 3, 0
.Lmap_end_marked_frame:
        map     marked_dynamic_frame, 1, 1
        .uleb128 .Lsite_marked_dynamic - marked_dynamic_frame, 2 + 1, 1 << 2 | 1, 3 << 2 | 3, 2 << 2 | 1
.Lmap_end_marked_dynamic_frame:
        map     forgetful_frame, 0, 1
        .uleb128 .Lsite_forgetful - forgetful_frame, 2 + 1, 1 << 2, 3 << 2 | 3, 0
.Lmap_end_forgetful_frame:
        map     siteless_frame, 0, 0
.Lmap_end_siteless_frame:
        map     bare_managed_frame, 0, 1
        .uleb128 .Lsite_bare - bare_managed_frame, 0 + 1
.Lmap_end_bare_managed_frame:
        map     lying_frame, 0, 1
        .uleb128 .Lsite_lying - lying_frame, 0 + 1
.Lmap_end_lying_frame:
        map     faulting_frame, 0, 0
.Lmap_end_faulting_frame:

        .section .note.GNU-stack, "", @progbits
