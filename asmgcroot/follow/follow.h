/* From each marker back along every path to the call before it: where was the reference then? */
#ifndef GW_ASMGCROOT_FOLLOW_H
#define GW_ASMGCROOT_FOLLOW_H

#include "follow/frame.h"
#include "follow/locations.h"
#include "source/source.h"

struct root {
    uint32_t call; /* instruction */
    uint32_t location;
    uint32_t marker; /* instruction */
};

#define AT_ENTRY UINT32_MAX /* of the function */

struct follow_work {
    uint32_t block;
    uint32_t position; /* in it: the instruction behind the next to look at, or its end */
    uint32_t location;
    uint32_t marker;
    uint8_t mode;
};

/* One complaint for one reason at one instruction, however many references meet it. */
struct refusal {
    uint32_t at;
    const char *what;
};

/* Bytes of the stack, counted from what the symbol says. */
struct piece {
    int32_t symbol;
    int64_t start, end;
};

struct follow {
    struct locations locations;
    VECTOR(struct root) roots;    /* sorted by call, then location; each once */
    VECTOR(struct root) derived;  /* locations that the reference was computed from, at the call before */
    VECTOR(struct root) arrays;   /* arrays that a reference was loaded from, at the call before */
    VECTOR(struct root) elements; /* words that a copy of a number of words that is not known began with, at the call before */
    VECTOR(struct root) made;     /* words that a call is given the address of, before anything has written them */
    VECTOR(struct root) unset; /* locations that nothing has written on a path from `call`, which makes the piece of stack, or AT_ENTRY */
    VECTOR(struct piece) written; /* written.h: sorted, none touching another; known if `written_known` */
    bool written_known;
    VECTOR(uint32_t) pending; /* blocks */
    VECTOR(struct refusal) refusals;
    VECTOR(uint8_t) visited;
    VECTOR(struct follow_work) work;
    VECTOR(uint64_t) seen; /* open-addressed: position, location, mode */
    size_t seen_count;
};

struct analysed {
    const struct source *source;
    const struct function *function;
    const struct graph *graph;
    const struct frame *frame;
    struct complaints *complaints;
};

/* False after a complaint. */
bool follow_markers(struct follow *follow, const struct analysed *analysed);
void follow_free(struct follow *follow);

#endif
