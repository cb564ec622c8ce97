/* Pins the doors of doors.h to struct gw_entry. Owns no code: a mismatch stops the build. */
#include "arch/aarch64/door_layout.h"
#include "arch/aarch64/registers.h"
#include "arch/aarch64/stacks.h"
#include <greywave/abi.h>

#include <stddef.h>

_Static_assert(offsetof(struct gw_entry, x19) == GW_ENTRY_X19, "doors.h stores pairs from x19 on");
_Static_assert(offsetof(struct gw_entry, x21) == GW_ENTRY_X21, "doors.h");
_Static_assert(offsetof(struct gw_entry, x23) == GW_ENTRY_X23, "doors.h");
_Static_assert(offsetof(struct gw_entry, x25) == GW_ENTRY_X25, "doors.h");
_Static_assert(offsetof(struct gw_entry, x27) == GW_ENTRY_X27, "doors.h");
_Static_assert(offsetof(struct gw_entry, frame_pointer) == GW_ENTRY_X29, "doors.h makes a frame record of it and the return address");
_Static_assert(offsetof(struct gw_entry, return_address) == GW_ENTRY_RETURN_ADDRESS, "a frame record");
_Static_assert(sizeof(struct gw_entry) == GW_ENTRY_BYTES, "the caller's stack pointer is just past it");
_Static_assert(GW_X30 * 8 == GW_ENTRY_RETURN_ADDRESS && GW_X29 * 8 == GW_ENTRY_X29, "registers in the order of struct gw_entry");

_Static_assert(offsetof(struct gw_left, control) == GW_LEFT_CONTROL && offsetof(struct gw_left, d) == GW_LEFT_D8,
               "switching_door stores it");
_Static_assert(offsetof(struct gw_left, entry) == GW_LEFT_BYTES, "switching_door stores it below the entry");

_Static_assert(offsetof(struct gw_thread, cards) == GW_THREAD_CARDS, "gw_barrier_slow reads it");
_Static_assert(offsetof(struct gw_thread, cards_base) == GW_THREAD_CARDS_BASE, "gw_barrier_slow reads it");
_Static_assert(offsetof(struct gw_thread, cards_count) == GW_THREAD_CARDS_COUNT, "gw_barrier_slow reads it");
_Static_assert(offsetof(struct gw_thread, card_patience) == GW_THREAD_CARD_PATIENCE, "gw_barrier_slow counts it down");
_Static_assert(offsetof(struct gw_thread, card_budget) == GW_THREAD_CARD_BUDGET, "gw_barrier_slow counts it down");
_Static_assert(GW_HEADER_LISTED == UINT64_C(1) << (8 * (GW_LISTED_BYTE + GW_HEADER_SIZE) + GW_LISTED_BIT), "gw_barrier_slow tests it");
_Static_assert(GW_HEADER_TRACK == UINT64_C(1) << (8 * (GW_TRACK_BYTE + GW_HEADER_SIZE) + GW_TRACK_BIT), "gw_barrier_slow tests it");
