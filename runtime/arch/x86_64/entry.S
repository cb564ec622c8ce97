/* The runtime's machine-level doors.
 *
 * Entry points that may collect push the caller's callee-saved registers as a struct gw_entry and hand its address
 * to the C implementation as one more argument. The registers are popped again rather than trusted to have
 * survived: the collector may have updated a reference that compiled code keeps in one of them.
 *
 * gw_barrier_slow is the write barrier's slow path. It preserves every register but r11 and flags, so that
 * compiled code need not spill around it; gw_barrier_record is compiled to touch no vector register. An array that
 * already stands in the list of arrays with dirty cards comes here at every store: its card is dirtied at once, and stores
 * that find it dirty are counted, so that gw_barrier_record hears of arrays that are written all the time. A slot
 * outside this thread's heap goes on to gw_barrier_record, which refuses it in words.
 */
#include "arch/x86_64/entry_macros.h"

        .text

        .hidden gw_alloc_slow
        .hidden gw_alloc_array_slow
        collecting_entry gw_alloc_slow, gw_alloc_from, rsi
        collecting_entry gw_alloc_array_slow, gw_alloc_array_from, rdx
        collecting_entry gw_alloc_room, gw_alloc_room_from, rsi
        collecting_entry gw_collect, gw_collect_from, rsi
        collecting_entry gw_collect_step, gw_collect_step_from, rdx
        collecting_entry gw_weak_new, gw_weak_new_from, rdx
        collecting_entry gw_ephemeron_new, gw_ephemeron_new_from, rdx
        collecting_entry gw_weak_map_new, gw_weak_map_new_from, rsi
        collecting_entry gw_weak_map_set, gw_weak_map_set_from, rcx
        collecting_entry gw_pin, gw_pin_from, rsi
        collecting_entry gw_freeze, gw_freeze_from, rdi
        collecting_entry gw_unfreeze, gw_unfreeze_from, rdi
        collecting_entry gw_path_to, gw_path_to_from, rcx
        collecting_entry gw_no_collect_begin, gw_no_collect_begin_from, rsi
        collecting_entry gw_poll_slow, gw_poll_from, rdi
        collecting_entry gw_verify, gw_verify_from, rdi
        collecting_entry gw_check_store, gw_check_store_from, rdx
        collecting_entry gw_check_copy, gw_check_copy_from, rcx
        collecting_entry gw_check_copy_of_object, gw_check_copy_from, rcx

        .hidden gw_barrier_record
        begin_entry gw_barrier_slow
        testb   $GW_LISTED_BIT, GW_LISTED_BYTE(%rdi)
        jz      1f
        save_register rsi
        movq    gw_current_thread@gottpoff(%rip), %r11
        subq    %fs:GW_THREAD_CARDS_BASE(%r11), %rsi
        shrq    $GW_CARD_SHIFT_BITS, %rsi
        cmpq    %fs:GW_THREAD_CARDS_COUNT(%r11), %rsi
        jae     2f
        addq    %fs:GW_THREAD_CARDS(%r11), %rsi
        cmpb    $0, (%rsi)
        jne     3f
        movb    $1, (%rsi)
4:      reload_register rsi
        ret
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rsi, 0
3:      decq    %fs:GW_THREAD_CARD_PATIENCE(%r11)
        jns     4b
2:      reload_register rsi
1:
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
