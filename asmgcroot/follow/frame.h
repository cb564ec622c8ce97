/* The shape of the frame: where the stack pointer and other registers point at each instruction, and which word of the
 * stack each instruction touches, along every path. The account is the tool's own, and checked against the compiler's .cfi directives at
 * each instruction. */
#ifndef GW_ASMGCROOT_FRAME_H
#define GW_ASMGCROOT_FRAME_H

#include "follow/graph.h"
#include "x86_64/frame_state.h"

struct frame {
    VECTOR(struct frame_state) entry; /* of each block */
    VECTOR(uint8_t) reached;          /* each block: control comes here */
    VECTOR(struct place) places;      /* each instruction */
    VECTOR(struct frame_state) calls; /* the state before each call, in the order of the text */
    VECTOR(uint32_t) call_of;         /* each instruction: its index in `calls` */
    VECTOR(struct value) addresses;   /* of the frame that any instruction puts into another register than the stack pointer */
    VECTOR(uint32_t) work;
    bool follows_spills; /* spills.h: the addresses are known */
};

/* False after a complaint: the account and the .cfi directives disagree, or there are none. */
bool frame_follow(struct frame *frame, const struct graph *graph, const struct function *function, struct complaints *complaints);
void frame_free(struct frame *frame);

#endif
