/* Managed frames written by hand, and their maps, for stack_walk.c.
 *
 * Each function is `word f(word root, word then(void *), void *argument)`: it keeps `root` across the call of
 * `then(argument)`, which ends in a collection, and returns what it finds afterwards. */
#include "arch/aarch64/doors.h"

        .text
        door walk_door, walk_from_door, 1

        .macro begin name
        .globl  \name
        .type   \name, %function
        .p2align 2
\name:
        hint    #34
        .endm

        .macro end name
.Lend_\name:
        .size   \name, . - \name
        .endm

        .macro take bytes
        sub     sp, sp, #\bytes
        .cfi_adjust_cfa_offset \bytes
        .endm

        .macro give bytes
        add     sp, sp, #\bytes
        .cfi_adjust_cfa_offset -(\bytes)
        .endm

/* A frame of 48 bytes, the link register at [sp + 40]; [sp] to [sp + 32] are its words. */
        .macro open_frame
        .cfi_startproc
        take    48
        str     x30, [sp, #40]
        .cfi_rel_offset x30, 40
        .endm

        .macro call_then
        mov     x0, x2
        blr     x1
        .endm

        .macro close_frame
        ldr     x30, [sp, #40]
        .cfi_restore x30
        give    48
        ret
        .cfi_endproc
        .endm

        .macro root_in_slot site
        open_frame
        str     x0, [sp, #8]
        call_then
\site:
        ldr     x0, [sp, #8]
        close_frame
        .endm

/* A static frame: the root in the slot [sp + 8]. */
        begin static_frame
        root_in_slot .Lsite_static
        end static_frame

/* The root in x19, which this function saved; its callers' x19, x27 and x28 go to the stack too. The return address is signed where the
 * processor does that. */
        begin register_frame
        .cfi_startproc
        hint    #25
        .cfi_negate_ra_state
        take    48
        str     x30, [sp, #40]
        .cfi_rel_offset x30, 40
        str     x28, [sp, #16]
        .cfi_rel_offset x28, 16
        str     x27, [sp, #8]
        .cfi_rel_offset x27, 8
        str     x19, [sp]
        .cfi_rel_offset x19, 0
        mov     x19, x0
        mov     x27, #14
        mov     x28, #15
        call_then
.Lsite_register:
        add     x0, x27, x28
        sub     x0, x0, #29
        add     x0, x0, x19
        ldr     x19, [sp]
        .cfi_restore x19
        ldr     x27, [sp, #8]
        .cfi_restore x27
        ldr     x28, [sp, #16]
        .cfi_restore x28
        ldr     x30, [sp, #40]
        .cfi_restore x30
        give    48
        hint    #29
        .cfi_negate_ra_state
        ret
        .cfi_endproc
        end register_frame

        .macro open_dynamic_frame
        .cfi_startproc
        take    32
        stp     x29, x30, [sp]
        .cfi_rel_offset x29, 0
        .cfi_rel_offset x30, 8
        mov     x29, sp
        .cfi_def_cfa_register x29
        sub     sp, sp, #16
        .endm

        .macro grow_by_root
        and     x0, x0, #0xff0
        sub     sp, sp, x0
        .endm

        .macro close_dynamic_frame
        mov     sp, x29
        .cfi_def_cfa_register sp
        ldp     x29, x30, [sp]
        .cfi_restore x29
        .cfi_restore x30
        give    32
        ret
        .cfi_endproc
        .endm

/* A dynamic frame: as many bytes as the root's low digits, the root at [x29 - 8]. */
        begin dynamic_frame
        open_dynamic_frame
        stur    x0, [x29, #-8]
        grow_by_root
        call_then
.Lsite_dynamic:
        ldur    x0, [x29, #-8]
        close_dynamic_frame
        end dynamic_frame

/* The root in [sp], root + 24 derived from it in [sp + 8]; returns the derived pointer. */
        begin derived_frame
        open_frame
        str     x0, [sp]
        add     x0, x0, #24
        str     x0, [sp, #8]
        call_then
.Lsite_derived:
        ldr     x0, [sp, #8]
        close_frame
        end derived_frame

/* A region at [sp]: two blocks of two words, the root in the second word of each; returns the last, and checks that
 * the others were left alone or moved alike. */
        begin region_frame
        open_frame
        mov     x9, #3
        str     x9, [sp]
        str     x0, [sp, #8]
        str     x9, [sp, #16]
        str     x0, [sp, #24]
        call_then
.Lsite_region:
        ldr     x0, [sp, #8]
        ldr     x9, [sp, #24]
        sub     x0, x0, x9
        add     x0, x0, x9
        ldr     x9, [sp]
        add     x0, x0, x9
        ldr     x9, [sp, #16]
        sub     x0, x0, x9
        close_frame
        end region_frame

/* A frame with a mark, [sp], and the root in [sp + 8]. */
        begin marked_frame
        open_frame
        str     xzr, [sp]
        str     x0, [sp, #8]
        call_then
.Lsite_marked:
        ldr     x0, [sp, #8]
        close_frame
        end marked_frame

/* The same in a frame of varying size, through x29: the mark in [x29 - 16]. */
        begin marked_dynamic_frame
        open_dynamic_frame
        stur    x0, [x29, #-8]
        stur    xzr, [x29, #-16]
        grow_by_root
        call_then
.Lsite_marked_dynamic:
        ldur    x0, [x29, #-8]
        close_dynamic_frame
        end marked_dynamic_frame

/* Its map names a mark that it never clears. */
        begin forgetful_frame
        root_in_slot .Lsite_forgetful
        end forgetful_frame

/* A managed function without a map for its call. */
        begin siteless_frame
        open_frame
        call_then
        close_frame
        end siteless_frame

        .macro bare_body site
        sub     sp, sp, #16
        str     x30, [sp, #8]
        call_then
\site:
        ldr     x30, [sp, #8]
        add     sp, sp, #16
        ret
        .endm

/* A native function without unwind information. */
        begin bare_frame
        bare_body .Lsite_bare_native
        end bare_frame

/* The same, with x29 pointing at what an unwinder that guesses takes for the end of the stack. */
        begin bare_frame_null_rbp
        stp     x29, x30, [sp, #-16]!
        mov     x29, #0
        call_then
        ldp     x29, x30, [sp], #16
        ret
        end bare_frame_null_rbp

/* A managed function without unwind information. */
        begin bare_managed_frame
        bare_body .Lsite_bare
        end bare_managed_frame

/* Static to its map, although its size varies: the map lies. */
        begin lying_frame
        open_dynamic_frame
        grow_by_root
        call_then
.Lsite_lying:
        close_dynamic_frame
        end lying_frame

/* A managed function that reads through its root. */
        begin faulting_frame
        .cfi_startproc
        ldr     x0, [x0]
        ret
        .cfi_endproc
        end faulting_frame

/* Maps, docs/abi.md. */
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
        .uleb128 .Lsite_register - register_frame, 1 + 1, 3, 19
.Lmap_end_register_frame:
        map     dynamic_frame, 1, 1
        .uleb128 .Lsite_dynamic - dynamic_frame, 1 + 1, 1 << 2 | 1
.Lmap_end_dynamic_frame:
        map     derived_frame, 0, 1
        .uleb128 .Lsite_derived - derived_frame, 2 + 1, 0, 1 << 2 | 3, 0, 1 << 2
.Lmap_end_derived_frame:
        map     region_frame, 0, 1
        .uleb128 .Lsite_region - region_frame, 1 + 1, 2 << 2 | 3, 31, 0, 2, 2, 1, 1
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

        .section .note.GNU-stack, "", %progbits
