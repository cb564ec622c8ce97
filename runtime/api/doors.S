/* The doors that may collect: each calls its function with the caller's registers as one more argument, behind as many words of its
 * own as the number says. */
#include "arch/doors.h"

        .text

        .hidden gw_alloc_slow
        .hidden gw_alloc_array_slow
        door gw_alloc_slow, gw_alloc_from, 1
        door gw_alloc_array_slow, gw_alloc_array_from, 2
        door greywave_alloc_room, gw_alloc_room_from, 1
        door greywave_collect, gw_collect_from, 1
        door_with_result_in_memory greywave_collect_step, gw_collect_step_from
        door greywave_weak_new, gw_weak_new_from, 2
        door greywave_ephemeron_new, gw_ephemeron_new_from, 2
        door greywave_weak_map_new, gw_weak_map_new_from, 1
        door greywave_weak_map_set, gw_weak_map_set_from, 3
        door greywave_pin, gw_pin_from, 1
        door greywave_freeze, gw_freeze_from, 0
        door greywave_unfreeze, gw_unfreeze_from, 0
        door greywave_no_collect_begin, gw_no_collect_begin_from, 1
        door greywave_poll_slow, gw_poll_from, 0
        door greywave_module_in_use, gw_module_in_use_from, 2
        door greywave_verify, gw_verify_from, 0
        door greywave_check_copy, gw_check_copy_from, 3
        door greywave_check_word, gw_check_word_from, 2
        preserving_door greywave_check_store, gw_check_store_from

        door greywave_stack_new, gw_stack_new_from, 3
        switching_door greywave_stack_switch, gw_stack_switch_from, 1, gw_stack_has_left
        switching_door greywave_stack_yield, gw_stack_yield_from, 0, gw_stack_has_left
        door greywave_stack_switch_by, gw_stack_switch_by_from, 3
        door greywave_outside_call, gw_outside_call_from, 2
        door greywave_stopped_call, gw_stopped_call_from, 2
        door greywave_blocking_call, gw_blocking_call_from, 3

        end_doors
