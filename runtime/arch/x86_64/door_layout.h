/* Byte offsets inside structures, such as gw_entry (registers.h), for doors.h. door_layout.c asserts that the two agree. */
#ifndef GW_ARCH_X86_64_DOOR_LAYOUT_H
#define GW_ARCH_X86_64_DOOR_LAYOUT_H

#define GW_ENTRY_RBX 0
#define GW_ENTRY_RBP 8
#define GW_ENTRY_R12 16
#define GW_ENTRY_R13 24
#define GW_ENTRY_R14 32
#define GW_ENTRY_R15 40
#define GW_ENTRY_RETURN_ADDRESS 48

/* struct gw_thread, and bits of the header seen as bytes relative to the payload. */
#define GW_THREAD_CARDS 48
#define GW_THREAD_CARDS_BASE 56
#define GW_THREAD_CARDS_COUNT 64
#define GW_THREAD_CARD_PATIENCE 80
#define GW_THREAD_CARD_BUDGET 128
#define GW_TRACK_BYTE -8
#define GW_TRACK_BIT 1
#define GW_LISTED_BYTE -2
#define GW_LISTED_BIT 0x10

#endif
