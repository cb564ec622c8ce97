/* Sizes that compiled code relies on and the runtime must keep. Plain numbers, for assembler too; in bytes unless the name
 * says otherwise. Layouts stand in greywave/abi.h. */
#ifndef GW_ABI_SIZES_H
#define GW_ABI_SIZES_H

/* A card: one byte of the card table stands for so much of the heap. */
#define GW_CARD_SHIFT 9
#define GW_CARD_BYTES (1 << GW_CARD_SHIFT)

/* An object of so many bytes or more, header included, may be recorded card by card: a barrier for one of its slots does not stand for
 * the others. A smaller one is recorded as a whole. */
#define GW_CARDS_FROM_BYTES 1024

/* The slots that gw_barrier_slow_R records when it is given the object alone: from its payload's start on. They lie in two cards
 * at most, and two slots no further apart have no third card between theirs. */
#define GW_FRONT_BYTES GW_CARD_BYTES

/* An object with a payload of at most this size begins its life in the nursery whatever the heap looks like, so that it needs
 * no barrier until the next safepoint. gw_alloc_room makes room for as much, headers included. */
#define GW_YOUNG_BYTES 512

#endif
