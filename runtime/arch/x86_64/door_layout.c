/* Pins the doors of doors.h to struct gw_entry. Owns no code: a mismatch stops the build. */
#include "arch/x86_64/door_layout.h"
#include "arch/x86_64/registers.h"
#include <greywave/abi.h>

#include <stddef.h>

_Static_assert(offsetof(struct gw_entry, rbx) == GW_ENTRY_RBX, "doors.h pushes rbx last");
_Static_assert(offsetof(struct gw_entry, rbp) == GW_ENTRY_RBP, "doors.h");
_Static_assert(offsetof(struct gw_entry, r12) == GW_ENTRY_R12, "doors.h");
_Static_assert(offsetof(struct gw_entry, r13) == GW_ENTRY_R13, "doors.h");
_Static_assert(offsetof(struct gw_entry, r14) == GW_ENTRY_R14, "doors.h");
_Static_assert(offsetof(struct gw_entry, r15) == GW_ENTRY_R15, "doors.h pushes r15 first");
_Static_assert(offsetof(struct gw_entry, return_address) == GW_ENTRY_RETURN_ADDRESS, "pushed by the call itself");
_Static_assert(sizeof(struct gw_entry) == GW_ENTRY_RETURN_ADDRESS + 8, "the caller's stack pointer is just past it");

_Static_assert(offsetof(struct gw_thread, cards) == GW_THREAD_CARDS, "gw_barrier_slow reads it");
_Static_assert(offsetof(struct gw_thread, cards_base) == GW_THREAD_CARDS_BASE, "gw_barrier_slow reads it");
_Static_assert(offsetof(struct gw_thread, cards_count) == GW_THREAD_CARDS_COUNT, "gw_barrier_slow reads it");
_Static_assert(offsetof(struct gw_thread, card_patience) == GW_THREAD_CARD_PATIENCE, "gw_barrier_slow counts it down");
_Static_assert(offsetof(struct gw_thread, card_budget) == GW_THREAD_CARD_BUDGET, "gw_barrier_slow counts it down");
_Static_assert(GW_HEADER_LISTED == (uint64_t)GW_LISTED_BIT << 8 * (GW_LISTED_BYTE + GW_HEADER_SIZE), "gw_barrier_slow tests it");
_Static_assert(GW_HEADER_TRACK == (uint64_t)GW_TRACK_BIT << 8 * (GW_TRACK_BYTE + GW_HEADER_SIZE), "gw_barrier_slow tests it");
