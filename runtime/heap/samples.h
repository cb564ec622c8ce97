/* Sampled allocations: where they were made, and which objects they are, as long as these live.
 *
 * Each byte that is allocated is as likely to be sampled as any other: distances between samples follow the exponential distribution, whose
 * mean is the rate. The next sampled byte is a limit for inline allocation like others (room.c), so that compiled code need not count.
 * Objects are followed as identity hashes are: a table of the young, by address, which each minor collection brings up to date, and one of
 * the old, which each cycle rids of the dead. Native memory only. */
#ifndef GW_HEAP_SAMPLES_H
#define GW_HEAP_SAMPLES_H

#include "base/address_table.h"
#include "base/word_list.h"
#include "spaces/old_space.h"

/* Allocations of one type and size to which the same calls led. */
struct gw_sampled_site {
    const struct gw_type *type;
    uint64_t bytes;          /* of one, header included */
    uint64_t sampled, alive; /* samples; and those that no collection has found dead */
    size_t calls, depth;     /* its return addresses, innermost first: from gw_samples.calls on */
};

/* The calls of a sample, innermost first: where each returns to, and the stack pointer then. */
#define GW_SAMPLED_CALLS 128 /* of a deeper stack the innermost */
struct gw_sampled_calls {
    uintptr_t pc[GW_SAMPLED_CALLS], sp[GW_SAMPLED_CALLS];
    size_t count;
    bool whole; /* to the stack's end */
};

struct gw_samples {
    uint64_t rate;                      /* bytes */
    uint64_t due;                       /* the byte that is sampled next, counted as gw_heap_allocated_bytes does */
    uint64_t random;                    /* state of the generator of distances */
    uint64_t start_ns;                  /* by CLOCK_MONOTONIC */
    uint64_t lost;                      /* samples for which there was no native memory */
    struct gw_address_table young, old; /* sampled objects that live; number: of their site */
    size_t cursor;                      /* of the purge */
    struct gw_sampled_site *sites;
    size_t site_count, site_capacity;
    struct gw_address_table site_of; /* a hash of all that makes a site; number: the site's */
    struct gw_word_list calls;
    struct gw_sampled_calls walks[2]; /* of the last two samples, */
    unsigned walk;                    /* and which of them is the last */
};

/* Frees it; NULL: nothing to do. */
void gw_samples_destroy(struct gw_samples *samples);

/* Notes an object that was just allocated. False: no native memory, and nothing has changed. */
bool gw_samples_add(struct gw_samples *samples, const struct gw_old_space *old, uintptr_t object, const struct gw_sampled_site *site,
                    const uintptr_t *calls);

/* After a minor collection: `follow` tells where a young object is now, 0 that it is dead. */
typedef uintptr_t gw_sample_follow(const void *context, uintptr_t object);
void gw_samples_move_young(struct gw_samples *samples, const struct gw_old_space *old, gw_sample_follow *follow, const void *context);

/* Drops unmarked old objects; true when all were looked at. */
bool gw_samples_purge(struct gw_samples *samples, const struct gw_old_space *old, size_t units);

#endif
