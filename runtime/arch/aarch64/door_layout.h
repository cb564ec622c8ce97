/* Byte offsets inside structures, such as gw_entry (registers.h), for doors.h. door_layout.c asserts that the two agree. */
#ifndef GW_ARCH_AARCH64_DOOR_LAYOUT_H
#define GW_ARCH_AARCH64_DOOR_LAYOUT_H

#define GW_ENTRY_X19 0
#define GW_ENTRY_X21 16
#define GW_ENTRY_X23 32
#define GW_ENTRY_X25 48
#define GW_ENTRY_X27 64
#define GW_ENTRY_X29 80
#define GW_ENTRY_RETURN_ADDRESS 88
#define GW_ENTRY_BYTES 96

/* What a stack that was left has below its struct gw_entry (stacks.h): the control register, and d8 to d15. */
#define GW_LEFT_CONTROL 0
#define GW_LEFT_D8 16
#define GW_LEFT_BYTES 80

/* struct gw_thread, and bits of the header seen as bytes relative to the payload. */
#define GW_THREAD_CARDS 48
#define GW_THREAD_CARDS_BASE 56
#define GW_THREAD_CARDS_COUNT 64
#define GW_THREAD_CARD_PATIENCE 80
#define GW_THREAD_CARD_BUDGET 128
#define GW_TRACK_BYTE -8
#define GW_TRACK_BIT 0
#define GW_LISTED_BYTE -2
#define GW_LISTED_BIT 4

#endif
