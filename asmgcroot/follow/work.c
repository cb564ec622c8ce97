#include "follow/work.h"
#include "follow/hash.h"

#include <stdlib.h>

static void grow_seen(struct follow *follow)
{
    uint64_t *old = follow->seen.at;
    size_t old_size = follow->seen.count, size = old_size ? old_size * 2 : 256;
    follow->seen.at = calloc(size, sizeof(uint64_t));
    if (!follow->seen.at) give_up("out of memory");
    follow->seen.count = follow->seen.room = size;
    for (size_t i = 0; i < old_size; i++) {
        if (!old[i]) continue;
        size_t at = mixed(old[i]) & (size - 1);
        while (follow->seen.at[at]) at = (at + 1) & (size - 1);
        follow->seen.at[at] = old[i];
    }
    free(old);
}

static bool seen_before(struct walk *walk, struct follow_work work)
{
    struct follow *follow = walk->follow;
    if ((follow->seen_count + 1) * 2 > follow->seen.count) grow_seen(follow);
    /* A position is the end of one block or the start of the next. */
    uint64_t starts = walk->analysed->graph->blocks.at[work.block].first == work.position;
    uint64_t key = 1 | (uint64_t)work.mode << 1 | starts << 3 | (uint64_t)work.location << 4 | (uint64_t)work.position << 34;
    size_t mask = follow->seen.count - 1, at = mixed(key) & mask;
    for (; follow->seen.at[at]; at = (at + 1) & mask)
        if (follow->seen.at[at] == key) return true;
    follow->seen.at[at] = key;
    follow->seen_count++;
    return false;
}

void go_on_in(struct walk *walk, uint32_t block, uint32_t position, uint32_t location, enum mode mode)
{
    struct follow_work work = walk->now;
    work.block = block;
    work.position = position;
    work.location = location;
    work.mode = (uint8_t)mode;
    if (!seen_before(walk, work)) vector_push(&walk->follow->work, work);
}

void go_on(struct walk *walk, uint32_t position, uint32_t location, enum mode mode)
{
    go_on_in(walk, walk->now.block, position, location, mode);
}
