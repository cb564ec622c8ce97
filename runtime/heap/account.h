/* What a minor collection may be expected to take, known before it begins.
 *
 *     expected   bytes allocated x price of a byte  +  dirty cards x price of a card  +  remembered objects x price of an object
 *                +  what looking at the roots took of late
 *
 * An object that is remembered as a whole counts as one for each line of it. Prices are what the last minor collections took, the highest
 * remembered for a while; those of recorded writes have two, since marking looks at more. Under a pause target a minor collection
 * is asked for before what is expected comes near the target, however empty eden is: the barrier counts cards and objects, and
 * every so many of them looks here. The barrier uses no vector registers, so everything it reads is an integer.
 *
 * A byte's price is small where most of eden dies, and a program may begin to keep all of it at any time. So there is a second limit:
 *
 *     at worst   all that is young survives: its bytes x price of copying one  +  what is recorded, as above
 */
#ifndef GW_HEAP_ACCOUNT_H
#define GW_HEAP_ACCOUNT_H

#include "base/compiler.h"
#include <greywave/abi.h>

struct gw_heap;

#define GW_NO_PAUSE UINT64_MAX

struct gw_prices {
    uint64_t card_ns, object_ns;
};

struct gw_account {
    uint64_t most_ns;           /* a minor collection is to begin before it is expected to take longer; GW_NO_PAUSE: never mind */
    uint64_t never_ns;          /* nor where it would take longer at worst */
    uint64_t byte_ps;           /* of eden: picoseconds */
    uint64_t copy_ps;           /* of a byte that survives */
    uint64_t roots_ns;          /* of looking at the roots: frames, variables, registered ranges */
    struct gw_prices prices[2]; /* of recorded writes; [1]: while marking goes on */
    uint64_t old_cards;         /* dirty when the last minor collection ended: they are scanned again whatever the program does */
    uint64_t old_objects;       /* remembered then */
    uint64_t new_cards; /* dirtied since, as far as they were counted; a thread's card_budget counts down from its mutator's `armed` */
    uint64_t look_at_objects; /* remembered so many: look again */
    uint64_t last_ns;         /* what the last minor collection took for recorded writes and for roots */
    char *end;                /* allocation that comes here asks for a minor collection; NULL: nowhere */
};

/* For a heap whose options are known. */
void gw_account_init(struct gw_heap *heap);

/* A minor collection scanned `cards` cards in `cards_ns`, and `objects` remembered objects and lines in `objects_ns`; `marking`: it shaded
 * what they refer to. It left `left` cards dirty, and looked at the roots for `roots_ns`. */
struct gw_recorded_work {
    uint64_t cards, cards_ns, objects, objects_ns, left, roots_ns;
    bool marking;
};
void gw_account_note(struct gw_heap *heap, const struct gw_recorded_work *work);

/* It took `ns` to copy `bytes` bytes of survivors. */
void gw_account_note_copying(struct gw_heap *heap, uint64_t bytes, uint64_t ns);

/* Nanoseconds: of what is recorded now, and of a minor collection of it and `bytes` bytes of eden. Roots that take more than their share of
 * the target count with that: they do not become cheaper by collecting more often. */
uint64_t gw_account_recorded_ns(const struct gw_heap *heap);
uint64_t gw_account_expected_ns(const struct gw_heap *heap, uint64_t bytes);

/* Of one now if everything young survived. */
uint64_t gw_account_worst_ns(const struct gw_heap *heap);

/* Whether a minor collection is due by what it would take. */
bool gw_account_is_full(const struct gw_heap *heap);

/* The program runs on, or has recorded as much as it could before somebody looks: when to look again. Makes the next allocation take its
 * slow path when the account is full. For the barrier too. */
void gw_account_look(struct gw_heap *heap);

/* Fatal when more was counted than can be. */
void gw_account_check(const struct gw_heap *heap);

#endif
