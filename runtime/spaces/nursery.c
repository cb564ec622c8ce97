/* Parts and pieces of the nursery. Allocation is inline: a thread's record has the bump pointer. */
#include "spaces/nursery.h"

#include "base/report.h"
#include "os/linux/memory.h"
#include "spaces/mixed.h"

/* ---- Parts ----------------------------------------------------------------------------------------- */

static uint32_t blocks_for(size_t bytes)
{
    return (uint32_t)((bytes + GW_BLOCK_BYTES - 1) >> GW_BLOCK_SHIFT);
}

void gw_nursery_init(struct gw_nursery *nursery, size_t eden_bytes)
{
    *nursery = (struct gw_nursery){.eden_bytes = eden_bytes, .survivor_bytes = gw_round_up(eden_bytes / 4, 4096)};
    nursery->usable_bytes = eden_bytes;
    nursery->eden_capacity = blocks_for(eden_bytes);
    nursery->survivor_blocks = blocks_for(nursery->survivor_bytes);
}

size_t gw_nursery_bytes(const struct gw_nursery *nursery)
{
    return 2 * ((size_t)nursery->eden_capacity + nursery->survivor_blocks) << GW_BLOCK_SHIFT;
}

static size_t list_bytes(const struct gw_nursery *nursery)
{
    return nursery->eden_capacity * sizeof *nursery->eden_blocks[0];
}

/* A piece has a strip at least, but for what is left of one that was given back. */
static size_t most_pieces(const struct gw_nursery *nursery)
{
    return (size_t)nursery->eden_capacity * GW_STRIPS;
}

static size_t filled_bytes(const struct gw_nursery *nursery)
{
    return most_pieces(nursery) * sizeof(struct gw_piece);
}

static bool reserve_lists(struct gw_nursery *nursery)
{
    for (unsigned i = 0; i < 2; i++) nursery->eden_blocks[i] = gw_reserve(list_bytes(nursery), 4096);
    nursery->filled = gw_reserve(filled_bytes(nursery), 4096);
    return nursery->eden_blocks[0] && nursery->eden_blocks[1] && nursery->filled;
}

static void take_parts(struct gw_nursery *nursery, unsigned which)
{
    struct gw_block_space *blocks = &nursery->old->blocks;
    nursery->survivors[which] = gw_block_take_young(blocks, nursery->survivor_blocks, gw_survivors_part(which));
    uint32_t first = gw_block_take_young(blocks, nursery->eden_capacity, gw_eden_part(which));
    for (uint32_t i = 0; i < nursery->eden_capacity; i++) nursery->eden_blocks[which][i] = first + i;
    nursery->eden_count[which] = nursery->eden_capacity;
}

/* Minor collections. */
#define GATHERS_AGAIN_AFTER 8
#define LOOKS_AGAIN_AFTER 8

bool gw_nursery_take(struct gw_nursery *nursery, struct gw_old_space *old)
{
    nursery->old = old;
    if (!reserve_lists(nursery)) return false;
    take_parts(nursery, 0);
    take_parts(nursery, 1);
    nursery->reserved = GW_NO_BLOCK;
    nursery->since_gathered = GATHERS_AGAIN_AFTER;
    nursery->from = (uintptr_t)old->blocks.base;
    nursery->bytes = gw_nursery_bytes(nursery);
    nursery->survivors_end = gw_survivors(nursery, 0);
    gw_nursery_begin_eden(nursery, 0);
    return true;
}

void gw_nursery_destroy(struct gw_nursery *nursery)
{
    for (unsigned i = 0; i < 2; i++)
        if (nursery->eden_blocks[i]) gw_release(nursery->eden_blocks[i], list_bytes(nursery));
    if (nursery->filled) gw_release(nursery->filled, filled_bytes(nursery));
}

static char *first_address(const struct gw_nursery *nursery)
{
    const struct gw_block_space *blocks = &nursery->old->blocks;
    return nursery->eden_count[nursery->eden] ? gw_block_address(blocks, nursery->eden_blocks[nursery->eden][0]) : blocks->base;
}

struct gw_piece gw_nursery_vacated(const struct gw_nursery *nursery)
{
    char *from = (char *)nursery->from;
    if (nursery->scattered) return (struct gw_piece){from, from + nursery->bytes};
    char *survivors = gw_survivors(nursery, nursery->survivor), *eden = first_address(nursery);
    size_t bytes = ((size_t)nursery->eden_capacity + nursery->survivor_blocks) << GW_BLOCK_SHIFT;
    from = survivors < eden ? survivors : eden;
    return (struct gw_piece){from, from + bytes};
}

/* ---- Pieces ---------------------------------------------------------------------------------------- */

static bool follows(const uint32_t *list, uint32_t i)
{
    return list[i] == list[i - 1] + 1;
}

static bool has_old(const struct gw_nursery *nursery, uint32_t block)
{
    return nursery->old->blocks.young[block] & GW_HAS_OLD;
}

static char *strip_address(const struct gw_nursery *nursery, uint32_t block, unsigned strip)
{
    return gw_block_address(&nursery->old->blocks, block) + ((size_t)strip << GW_STRIP_SHIFT);
}

static unsigned next_strip(const struct gw_nursery *nursery, uint32_t block, unsigned from, bool used)
{
    return gw_next_strip(&nursery->old->blocks.strips[block], from, used);
}

/* As many as the bytes that may be used would take if nothing old lay there: old objects make eden smaller, not larger. */
static uint32_t blocks_in_use(const struct gw_nursery *nursery)
{
    uint32_t count = nursery->eden_count[nursery->eden], usable = blocks_for(nursery->usable_bytes);
    return usable < count ? usable : count;
}

/* The first piece of at least `least` bytes from strip `strip` of block number `*i` on. `*i` becomes the number of the block that it ends
 * in. */
static bool find_piece(const struct gw_nursery *nursery, uint32_t *i, unsigned strip, size_t least, struct gw_piece *piece)
{
    const uint32_t *list = nursery->eden_blocks[nursery->eden];
    uint32_t count = blocks_in_use(nursery);
    for (; *i < count; strip = 0, ++*i) {
        while ((strip = next_strip(nursery, list[*i], strip, false)) < GW_STRIPS) {
            piece->from = strip_address(nursery, list[*i], strip);
            strip = next_strip(nursery, list[*i], strip, true);
            while (strip == GW_STRIPS && *i + 1 < count && follows(list, *i + 1)) strip = next_strip(nursery, list[++*i], 0, true);
            piece->end = strip_address(nursery, list[*i], strip);
            if ((size_t)(piece->end - piece->from) >= least) return true;
        }
    }
    return false;
}

void gw_nursery_begin_eden(struct gw_nursery *nursery, unsigned which)
{
    nursery->eden = which;
    nursery->filled_count = nursery->filled_bytes = nursery->given_count = nursery->given_bytes = nursery->next = 0;
    char *first = first_address(nursery);
    if (gw_nursery_is_whole(nursery)) {
        nursery->rest = (struct gw_piece){first, first + ((size_t)nursery->eden_capacity << GW_BLOCK_SHIFT)};
        nursery->next = nursery->eden_capacity - 1;
    } else if (!find_piece(nursery, &nursery->next, 0, 1, &nursery->rest)) {
        nursery->rest = (struct gw_piece){first, first};
        nursery->stayed = true; /* the next collection is to look for others */
    }
}

static unsigned strip_at_end(const struct gw_nursery *nursery, uint32_t i, const char *end)
{
    const char *begin = gw_block_address(&nursery->old->blocks, nursery->eden_blocks[nursery->eden][i]);
    return (unsigned)((size_t)(end - begin) >> GW_STRIP_SHIFT);
}

/* The machine sees a run of addresses coming, but not where the next piece is: without this allocation waits for memory at each. */
static void prefetch_piece_after(const struct gw_nursery *nursery, uint32_t i, const char *end)
{
    struct gw_piece ahead;
    if (!find_piece(nursery, &i, strip_at_end(nursery, i, end), 1, &ahead)) return;
    for (char *at = ahead.from; at < ahead.from + (1 << GW_STRIP_SHIFT); at += 64) __builtin_prefetch(at, 1);
}

/* Pieces that are given back, and given again, lie side by side. */
static void note_filled(struct gw_nursery *nursery, char *from, char *end)
{
    struct gw_piece *last = nursery->filled_count ? &nursery->filled[nursery->filled_count - 1] : NULL;
    nursery->filled_bytes += (size_t)(end - from);
    if (from == end) return;
    if (last && last->end == from) last->end = end;
    else nursery->filled[nursery->filled_count++] = (struct gw_piece){from, end};
}

static void leave_piece(struct gw_nursery *nursery, struct gw_piece at, char *alloc)
{
    if (!at.from) return;
    nursery->given_count--;
    nursery->given_bytes -= gw_piece_bytes(at);
    note_filled(nursery, at.from, alloc);
}

/* Moves on to the next stretch when there is not room enough in the one at hand. */
static bool find_stretch(struct gw_nursery *nursery, size_t bytes)
{
    struct gw_piece found;
    uint32_t next = nursery->next;
    if (gw_piece_bytes(nursery->rest) >= bytes) return true;
    if (!find_piece(nursery, &next, strip_at_end(nursery, next, nursery->rest.end), bytes, &found)) return false;
    prefetch_piece_after(nursery, next, found.end);
    nursery->rest = found;
    nursery->next = next;
    return true;
}

bool gw_nursery_next_piece(struct gw_nursery *nursery, struct gw_piece *at, char *alloc, size_t bytes, size_t most)
{
    if (gw_nursery_used(nursery, *at, alloc) + bytes > nursery->usable_bytes) return false;
    if (nursery->filled_count + nursery->given_count >= most_pieces(nursery) || !find_stretch(nursery, bytes)) return false;
    leave_piece(nursery, *at, alloc);
    size_t whole = gw_piece_bytes(nursery->rest), wanted = most < bytes ? bytes : most;
    size_t given = wanted < whole ? gw_round_up(wanted, (size_t)1 << GW_STRIP_SHIFT) : whole;
    if (given > whole) given = whole;
    *at = (struct gw_piece){nursery->rest.from, nursery->rest.from + given};
    nursery->rest.from = at->end;
    nursery->given_count++;
    nursery->given_bytes += given;
    return true;
}

/* Where others were given what lies behind, it is left unused until the next minor collection. */
static void keep_rest(struct gw_nursery *nursery, char *from, char *end)
{
    if (nursery->rest.from == end) nursery->rest.from = from;
}

void gw_nursery_return_piece(struct gw_nursery *nursery, struct gw_piece at, char *alloc)
{
    leave_piece(nursery, at, alloc);
    if (at.from) keep_rest(nursery, alloc, at.end);
}

void gw_nursery_shorten_piece(struct gw_nursery *nursery, struct gw_piece *at, char *alloc, size_t bytes)
{
    char *end = alloc + gw_round_up(bytes, (size_t)1 << GW_STRIP_SHIFT);
    if ((size_t)(at->end - alloc) <= (size_t)(end - alloc)) return;
    nursery->given_bytes -= (size_t)(at->end - end);
    keep_rest(nursery, end, at->end);
    at->end = end;
}

/* ---- Blocks in which objects have grown old ---------------------------------------------------------- */

static uint32_t take_young(struct gw_nursery *nursery, uint32_t count, enum gw_young part)
{
    uint32_t first = gw_block_take_young(&nursery->old->blocks, count, part);
    for (uint32_t i = 0; first != GW_NO_BLOCK && i < count; i++) gw_old_mark_young(nursery->old, first + i);
    return first;
}

static void leave_block(struct gw_nursery *nursery, uint32_t block)
{
    if (gw_mixed_is_free(nursery->old, block)) gw_old_give_young(nursery->old, block);
    else gw_old_take_block(nursery->old, block);
}

static void cover(struct gw_nursery *nursery, uint32_t block, uint32_t count)
{
    uintptr_t from = (uintptr_t)gw_block_address(&nursery->old->blocks, block), end = from + ((size_t)count << GW_BLOCK_SHIFT);
    if (end > nursery->from + nursery->bytes) nursery->bytes = end - nursery->from;
    if (from >= nursery->from) return;
    nursery->bytes += nursery->from - from;
    nursery->from = from;
}

/* The last of the list takes the place of one for which there is no other. */
static void exchange_block(struct gw_nursery *nursery, unsigned eden, uint32_t i)
{
    uint32_t *list = nursery->eden_blocks[eden];
    gw_old_take_block(nursery->old, list[i]);
    uint32_t block = take_young(nursery, 1, gw_eden_part(eden));
    if (block != GW_NO_BLOCK) cover(nursery, block, 1);
    list[i] = block != GW_NO_BLOCK ? block : list[--nursery->eden_count[eden]];
    nursery->scattered = true;
}

#define LEAST_FREE (GW_STRIPS / 8)

static bool is_free(const struct gw_nursery *nursery, uint32_t block)
{
    return gw_strips_are_free(&nursery->old->blocks.strips[block]);
}

static bool is_of_use(const struct gw_nursery *nursery, uint32_t block)
{
    const struct gw_strips *strips = &nursery->old->blocks.strips[block];
    unsigned free = GW_STRIPS;
    if (is_free(nursery, block)) return true;
    for (unsigned i = 0; i < GW_STRIPS / 64; i++) free -= (unsigned)__builtin_popcountll(strips->used[i]);
    return free >= LEAST_FREE;
}

/* A few blocks of no use are only stepped over. */
static bool is_crowded(const struct gw_nursery *nursery)
{
    const uint32_t *list = nursery->eden_blocks[nursery->eden];
    uint32_t count = blocks_in_use(nursery), useless = 0;
    for (uint32_t i = 0; i < count; i++) useless += !is_of_use(nursery, list[i]);
    return useless * 8 > count || nursery->eden_count[nursery->eden] < nursery->eden_capacity;
}

static void exchange_eden(struct gw_nursery *nursery, uint32_t may_grow)
{
    const uint32_t *list = nursery->eden_blocks[nursery->eden];
    for (uint32_t i = nursery->eden_count[nursery->eden]; i-- > 0 && may_grow;) {
        if (!has_old(nursery, list[i]) || is_of_use(nursery, list[i])) continue;
        exchange_block(nursery, nursery->eden, i);
        may_grow--;
    }
}

static bool survivors_have_old(const struct gw_nursery *nursery)
{
    uint32_t first = nursery->survivors[nursery->survivor];
    for (uint32_t i = first; first != GW_NO_BLOCK && i < first + nursery->survivor_blocks; i++)
        if (has_old(nursery, i)) return true;
    return false;
}

static void leave_survivors(struct gw_nursery *nursery)
{
    uint32_t first = nursery->survivors[nursery->survivor];
    for (uint32_t i = first; first != GW_NO_BLOCK && i < first + nursery->survivor_blocks; i++) leave_block(nursery, i);
}

/* The survivor space that was vacated goes where it is to be, or anywhere when objects have grown old in it. */
static void exchange_survivors(struct gw_nursery *nursery)
{
    uint32_t *first = &nursery->survivors[nursery->survivor];
    if (nursery->reserved == GW_NO_BLOCK && *first != GW_NO_BLOCK && !survivors_have_old(nursery)) return;
    leave_survivors(nursery);
    *first = nursery->reserved;
    nursery->reserved = GW_NO_BLOCK;
    if (*first != GW_NO_BLOCK) return;
    *first = take_young(nursery, nursery->survivor_blocks, gw_survivors_part(nursery->survivor));
    if (*first != GW_NO_BLOCK) cover(nursery, *first, nursery->survivor_blocks);
    nursery->scattered = true;
}

/* ---- In one run -------------------------------------------------------------------------------------- */

static bool lies_in_one_run(const struct gw_nursery *nursery)
{
    const uint32_t *list = nursery->eden_blocks[0];
    if (nursery->eden_count[0] != nursery->eden_capacity || nursery->survivors[0] + nursery->survivor_blocks != list[0]) return false;
    for (uint32_t i = 1; i < nursery->eden_capacity; i++)
        if (!follows(list, i)) return false;
    return nursery->survivors[1] == list[0] + nursery->eden_capacity;
}

static uint32_t count_with_old(const struct gw_nursery *nursery)
{
    uint32_t count = nursery->survivor_blocks;
    for (uint32_t i = 0; i < nursery->eden_count[0]; i++) count += !is_free(nursery, nursery->eden_blocks[0][i]);
    return count;
}

/* The survivor space in use follows when it is vacated. */
static void move_to_run(struct gw_nursery *nursery, uint32_t first)
{
    struct gw_block_space *blocks = &nursery->old->blocks;
    uint32_t eden = first + nursery->survivor_blocks, survivors[2] = {first, eden + nursery->eden_capacity};
    for (uint32_t i = 0; i < nursery->eden_count[0]; i++) leave_block(nursery, nursery->eden_blocks[0][i]);
    leave_survivors(nursery);
    for (uint32_t i = 0; i < nursery->eden_capacity; i++) nursery->eden_blocks[0][i] = eden + i;
    nursery->eden_count[0] = nursery->eden_capacity;
    nursery->survivors[nursery->survivor] = survivors[nursery->survivor];
    nursery->reserved = survivors[nursery->survivor ^ 1];
    for (unsigned i = 0; i < 2; i++) memset(blocks->young + survivors[i], gw_survivors_part(i), nursery->survivor_blocks);
    nursery->from = (uintptr_t)gw_block_address(blocks, first);
    nursery->bytes = ((size_t)nursery->eden_capacity + 2 * (size_t)nursery->survivor_blocks) << GW_BLOCK_SHIFT;
    uint32_t in_use = nursery->survivors[nursery->survivor ^ 1];
    if (in_use != GW_NO_BLOCK) cover(nursery, in_use, nursery->survivor_blocks);
}

static bool gather(struct gw_nursery *nursery, uint32_t may_grow)
{
    if (nursery->since_gathered < GATHERS_AGAIN_AFTER || nursery->reserved != GW_NO_BLOCK || count_with_old(nursery) > may_grow)
        return false;
    uint32_t first = take_young(nursery, nursery->eden_capacity + 2 * nursery->survivor_blocks, GW_EDEN_0);
    if (first == GW_NO_BLOCK) return false;
    move_to_run(nursery, first);
    nursery->scattered = true;
    nursery->since_gathered = 0;
    return true;
}

static bool eden_has_old(const struct gw_nursery *nursery, unsigned eden)
{
    for (uint32_t i = 0; i < nursery->eden_count[eden]; i++)
        if (!is_free(nursery, nursery->eden_blocks[eden][i])) return true;
    return false;
}

/* The blocks are looked at when an object has grown old since; and now and then, for those that have died. */
static bool is_to_be_looked_at(struct gw_nursery *nursery)
{
    nursery->since_gathered += nursery->since_gathered < GATHERS_AGAIN_AFTER;
    if (gw_nursery_is_whole(nursery)) return false;
    if (!nursery->stayed && nursery->reserved == GW_NO_BLOCK && ++nursery->since_looked < LOOKS_AGAIN_AFTER) return false;
    nursery->stayed = false;
    nursery->since_looked = 0;
    return true;
}

void gw_nursery_exchange(struct gw_nursery *nursery, uint32_t may_grow, bool may_gather)
{
    if (!is_to_be_looked_at(nursery)) return;
    bool crowded = is_crowded(nursery);
    bool gathers = may_gather && (crowded || nursery->scattered || survivors_have_old(nursery)) && gather(nursery, may_grow);
    if (!gathers && crowded) exchange_eden(nursery, may_grow);
    if (!gathers) exchange_survivors(nursery);
    if (!gathers && nursery->scattered) nursery->scattered = !may_gather || !lies_in_one_run(nursery);
    nursery->has_old = eden_has_old(nursery, 0) || eden_has_old(nursery, 1);
}

static void mark_list(const struct gw_nursery *nursery, const uint32_t *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) gw_old_mark_young(nursery->old, list[i]);
}

void gw_nursery_begin_marking(struct gw_nursery *nursery)
{
    if (nursery->marked) return;
    nursery->marked = true;
    for (unsigned which = 0; which < 2; which++) {
        mark_list(nursery, nursery->eden_blocks[which], nursery->eden_count[which]);
        uint32_t first = nursery->survivors[which];
        for (uint32_t i = first; first != GW_NO_BLOCK && i < first + nursery->survivor_blocks; i++) gw_old_mark_young(nursery->old, i);
    }
}

void gw_nursery_give_old(struct gw_nursery *nursery)
{
    for (unsigned eden = 0; eden < 2; eden++)
        for (uint32_t i = nursery->eden_count[eden]; i-- > 0;)
            if (has_old(nursery, nursery->eden_blocks[eden][i])) exchange_block(nursery, eden, i);
    gw_nursery_begin_eden(nursery, nursery->eden);
}

/* ---- Walking --------------------------------------------------------------------------------------- */

void gw_nursery_each_object(char *from, char *to, gw_young_visitor *visit, void *context)
{
    while (from < to) {
        uint64_t header = *(uint64_t *)from;
        if (header == 0) {
            from += 8;
            continue;
        }
        if (!gw_header_is_plausible(header) || (header & (GW_HEADER_TRACK | GW_HEADER_STATIC)))
            gw_fatal("nursery: word %#lx at %p is not the header of a young object", (unsigned long)header, (void *)from);
        uintptr_t ref = (uintptr_t)from + GW_HEADER_SIZE;
        size_t bytes = gw_object_bytes(ref, gw_header_type(header));
        visit(context, ref);
        from += bytes;
    }
}

void gw_nursery_each_young(const struct gw_nursery *nursery, gw_young_visitor *visit, void *context)
{
    gw_nursery_each_object(gw_survivors(nursery, nursery->survivor), nursery->survivors_end, visit, context);
    for (size_t i = 0; i < nursery->filled_count; i++)
        gw_nursery_each_object(nursery->filled[i].from, nursery->filled[i].end, visit, context);
}

static void poison_between(const struct gw_nursery *nursery, char *at, char *end)
{
    for (char *stop; at < end; at = gw_mixed_behind(stop, end)) {
        stop = gw_mixed_gap_end(nursery->old, at, end);
        gw_poison(at, (size_t)(stop - at));
    }
}

void gw_nursery_poison(const struct gw_nursery *nursery)
{
    poison_between(nursery, gw_survivors(nursery, nursery->survivor), nursery->survivors_end);
    for (size_t i = 0; i < nursery->filled_count; i++) poison_between(nursery, nursery->filled[i].from, nursery->filled[i].end);
}

void gw_nursery_poison_piece(const struct gw_nursery *nursery, struct gw_piece at, char *alloc)
{
    poison_between(nursery, at.from, alloc);
}

/* ---- Checking -------------------------------------------------------------------------------------- */

static void check_piece(const struct gw_nursery *nursery, struct gw_piece piece)
{
    const struct gw_old_space *old = nursery->old;
    if (piece.from > piece.end) gw_fatal("nursery: a piece of eden from %p to %p", (void *)piece.from, (void *)piece.end);
    if (piece.from == piece.end) return;
    if (gw_mixed_gap_end(old, piece.from, piece.end) != piece.end)
        gw_fatal("nursery: an old object lies in the piece of eden at %p", (void *)piece.from);
    for (uint32_t i = gw_block_of(&old->blocks, (uintptr_t)piece.from); i <= gw_block_of(&old->blocks, (uintptr_t)piece.end - 1); i++)
        if (!(old->blocks.young[i] & gw_eden_part(nursery->eden)))
            gw_fatal("nursery: the piece of eden at %p lies in block %u, which is none of eden's", (void *)piece.from, i);
}

static void check_blocks(const struct gw_nursery *nursery, unsigned which)
{
    const struct gw_block_space *blocks = &nursery->old->blocks;
    for (uint32_t i = 0; i < nursery->eden_count[which]; i++)
        if ((blocks->young[nursery->eden_blocks[which][i]] & ~GW_HAS_OLD) != gw_eden_part(which))
            gw_fatal("nursery: block %u is listed for eden %u", nursery->eden_blocks[which][i], which);
    for (uint32_t i = 0; nursery->marked && i < nursery->eden_count[which]; i++)
        gw_old_check_young(nursery->old, nursery->eden_blocks[which][i]);
    uint32_t first = nursery->survivors[which];
    for (uint32_t i = first; first != GW_NO_BLOCK && i < first + nursery->survivor_blocks; i++)
        if (blocks->young[i] != gw_survivors_part(which))
            gw_fatal("nursery: block %u is none of survivor space %u, or has old objects", i, which);
    for (uint32_t i = first; nursery->marked && first != GW_NO_BLOCK && i < first + nursery->survivor_blocks; i++)
        gw_old_check_young(nursery->old, i);
}

void gw_nursery_check_piece(const struct gw_nursery *nursery, struct gw_piece at, const char *alloc)
{
    if (alloc < at.from || alloc > at.end) gw_fatal("nursery: allocation at %p is not in its piece of eden", (const void *)alloc);
    check_piece(nursery, at);
}

void gw_nursery_check(const struct gw_nursery *nursery)
{
    const char *survivors = gw_survivors(nursery, nursery->survivor);
    if (nursery->survivors_end < survivors || nursery->survivors_end > survivors + (survivors ? nursery->survivor_bytes : 0))
        gw_fatal("nursery: survivors end at %p, outside their space", (void *)nursery->survivors_end);
    if (nursery->usable_bytes > nursery->eden_bytes)
        gw_fatal("nursery: %zu bytes usable of %zu", nursery->usable_bytes, nursery->eden_bytes);
    for (unsigned which = 0; which < 2; which++) check_blocks(nursery, which);
    for (size_t i = 0; i < nursery->filled_count; i++) check_piece(nursery, nursery->filled[i]);
    check_piece(nursery, nursery->rest);
}
