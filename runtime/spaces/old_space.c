/* Allocation through holes, lazy sweeping, large objects. Calls the block space only. */
#include "spaces/old_space.h"

#include "os/linux/memory.h"
#include "spaces/mixed.h"
#include "base/report.h"

/* One word more than the range has: whoever looks at a block looks at the first granule behind it. */
static size_t bitmap_bytes(size_t range)
{
    return gw_round_up((range >> GW_GRANULE_SHIFT) / 8 + sizeof(uint64_t), 4096);
}

bool gw_old_space_init(struct gw_old_space *old, char *base, size_t bytes)
{
    uint32_t block_count = (uint32_t)(bytes >> GW_BLOCK_SHIFT);
    *old = (struct gw_old_space){.base = (uintptr_t)base, .max_blocks = block_count};
    gw_size_classes_init(&old->classes);
    gw_old_forget_lists(old);
    old->starts = gw_reserve(bitmap_bytes(bytes), 4096);
    old->marks = gw_reserve(bitmap_bytes(bytes), 4096);
    return old->starts && old->marks && gw_block_space_init(&old->blocks, base, block_count);
}

bool gw_old_space_touch(struct gw_old_space *old, uint32_t blocks)
{
    size_t bitmap = blocks * (GW_BLOCK_BITMAP_WORDS * sizeof *old->starts);
    return gw_block_space_touch(&old->blocks, blocks) && gw_touch_pages(old->starts, bitmap) && gw_touch_pages(old->marks, bitmap);
}

void gw_old_space_destroy(struct gw_old_space *old, size_t bytes)
{
    gw_release(old->starts, bitmap_bytes(bytes));
    gw_release(old->marks, bitmap_bytes(bytes));
    gw_block_space_destroy(&old->blocks);
}

/* ---- Lists of a class's blocks --------------------------------------------------------------------- */

static void append_block(struct gw_old_space *old, uint32_t block)
{
    struct gw_class_blocks *list = &old->lists[old->blocks.blocks[block].size_class];
    struct gw_block *blocks = old->blocks.blocks;
    blocks[block].next = GW_NO_BLOCK;
    blocks[block].prev = list->last;
    if (list->last == GW_NO_BLOCK) list->first = block;
    else blocks[list->last].next = block;
    list->last = block;
}

static void remove_block(struct gw_old_space *old, uint32_t block)
{
    struct gw_block *blocks = old->blocks.blocks;
    struct gw_class_blocks *list = &old->lists[blocks[block].size_class];
    uint32_t next = blocks[block].next, prev = blocks[block].prev;
    if (list->refill == block) list->refill = next;
    if (prev == GW_NO_BLOCK) list->first = next;
    else blocks[prev].next = next;
    if (next == GW_NO_BLOCK) list->last = prev;
    else blocks[next].prev = prev;
}

static void close_holes(struct gw_old_space *old)
{
    old->holes = (struct gw_holes){0};
    for (unsigned i = 0; i < GW_SIZE_CLASSES; i++) old->holes.blocks[i] = GW_NO_BLOCK;
    old->other_holes = old->holes;
    old->gap_block = GW_NO_BLOCK;
}

void gw_old_forget_lists(struct gw_old_space *old)
{
    close_holes(old);
    for (unsigned i = 0; i < GW_BLOCK_LISTS; i++) old->lists[i] = (struct gw_class_blocks){GW_NO_BLOCK, GW_NO_BLOCK, GW_NO_BLOCK};
}

void gw_old_list_block(struct gw_old_space *old, uint32_t block)
{
    struct gw_class_blocks *list = &old->lists[old->blocks.blocks[block].size_class];
    append_block(old, block);
    if (list->refill == GW_NO_BLOCK) list->refill = block;
}

/* ---- Sweeping -------------------------------------------------------------------------------------- */

/* Bytes of the cell that a dead object of the block is in. */
static size_t dead_bytes(const struct gw_old_space *old, uint32_t block, uintptr_t ref)
{
    const struct gw_block *of = &old->blocks.blocks[block];
    return of->kind == GW_BLOCK_SMALL ? old->classes.cell[of->size_class] : gw_object_bytes(ref, gw_object_type(ref));
}

/* Whether to sweep the block may run destructors, which only a collection does. */
static bool awaits_collection(const struct gw_old_space *old, uint32_t block)
{
    return !old->may_bury && old->blocks.blocks[block].destructors;
}

/* Dead cells of a block whose marks are final: run destructors, poison. */
static void bury_dead_cells(struct gw_old_space *old, uint32_t block)
{
    size_t begin = gw_block_granule(old, block), end = begin + GW_BLOCK_GRANULES;
    for (size_t granule = gw_bit_next(old->starts, begin, end); granule < end; granule = gw_bit_next(old->starts, granule + 1, end)) {
        if (gw_bit_get(old->marks, granule)) continue;
        uintptr_t ref = old->base + (granule << GW_GRANULE_SHIFT);
        const struct gw_type *type = gw_object_type(ref);
        size_t bytes = dead_bytes(old, block, ref);
        if (type->destroy) gw_call_destructor(type, ref);
        if (old->poison) gw_poison(gw_header(ref), bytes);
    }
}

/* starts = marks, marks = 0; returns how many objects live. Where young objects were, what was marked may be no start (engine/mark.c). */
static uint32_t exchange_bits(struct gw_old_space *old, uint32_t block)
{
    size_t word = gw_block_granule(old, block) >> 6;
    uint64_t *starts = old->starts + word, *marks = old->marks + word;
    uint32_t live = 0;
    for (size_t i = 0; i < GW_BLOCK_BITMAP_WORDS; i++) {
        starts[i] &= marks[i];
        live += (uint32_t)__builtin_popcountll(starts[i]);
        marks[i] = 0;
    }
    return live;
}

static void sweep_objects(struct gw_old_space *old, uint32_t index)
{
    struct gw_block *block = &old->blocks.blocks[index];
    if (old->poison || block->destructors) bury_dead_cells(old, index);
    block->epoch = old->epoch;
    block->live = exchange_bits(old, index);
}

/* Returns true when the block, small or mixed, turned out empty and went back to the block space. */
static bool sweep_listed(struct gw_old_space *old, uint32_t index)
{
    struct gw_block *block = &old->blocks.blocks[index];
    sweep_objects(old, index);
    if (block->live || (block->kind == GW_BLOCK_MIXED && !gw_mixed_is_free(old, index))) return false;
    remove_block(old, index);
    block->clean = false;
    gw_block_give(&old->blocks, index, 1);
    return true;
}

/* A young block in which objects have grown old stays the nursery's when they have died; and one that such an object
 * reached into. */
static void sweep_young(struct gw_old_space *old, uint32_t index)
{
    bool has_old = old->blocks.young[index] & GW_HAS_OLD;
    if (!has_old && gw_strips_are_free(&old->blocks.strips[index])) return;
    if (has_old) sweep_objects(old, index);
    gw_mixed_renew_strips(old, index);
    if (has_old && !old->blocks.blocks[index].live) old->blocks.young[index] &= (uint8_t)~GW_HAS_OLD;
    if (has_old) gw_old_mark_young(old, index);
}

static uintptr_t large_payload(const struct gw_old_space *old, uint32_t block)
{
    return (uintptr_t)gw_block_address(&old->blocks, block) + GW_BLOCK_FIRST_CELL + GW_HEADER_SIZE;
}

static void sweep_large(struct gw_old_space *old, uint32_t index)
{
    struct gw_block *block = &old->blocks.blocks[index];
    uintptr_t ref = large_payload(old, index);
    size_t granule = gw_granule(old, ref);
    block->epoch = old->epoch;
    if (gw_bit_get(old->marks, granule)) {
        gw_bit_clear(old->marks, granule);
        return;
    }
    const struct gw_type *type = gw_object_type(ref);
    if (type->destroy) gw_call_destructor(type, ref);
    gw_bit_clear(old->starts, granule);
    for (uint32_t i = 0, n = block->run; i < n; i++) old->blocks.blocks[index + i].clean = false;
    if (old->poison) gw_poison(gw_block_address(&old->blocks, index), (size_t)block->run << GW_BLOCK_SHIFT);
    gw_block_give(&old->blocks, index, block->run);
}

void gw_old_begin_sweep(struct gw_old_space *old, uint64_t live_bytes)
{
    close_holes(old);
    for (unsigned i = 0; i < GW_BLOCK_LISTS; i++) old->lists[i].refill = old->lists[i].first;
    old->used_bytes = live_bytes;
    old->epoch++;
}

static void sweep_block(struct gw_old_space *old, uint32_t index)
{
    switch (old->blocks.blocks[index].kind) {
    case GW_BLOCK_SMALL:
    case GW_BLOCK_MIXED: sweep_listed(old, index); return;
    case GW_BLOCK_LARGE: sweep_large(old, index); return;
    case GW_BLOCK_YOUNG: sweep_young(old, index); return;
    default: return;
    }
}

/* Free blocks are stepped over singly: sweeping merges runs around the cursor, which then lies inside one, perhaps on its
 * last block, whose tag counts backwards. */
static uint32_t blocks_to_next(const struct gw_block *block)
{
    return block->kind == GW_BLOCK_LARGE ? block->run : 1;
}

uint32_t gw_old_sweep(struct gw_old_space *old, uint32_t cursor, uint32_t count)
{
    uint32_t swept = 0;
    while (cursor < old->blocks.top && swept < count) {
        uint32_t step = blocks_to_next(&old->blocks.blocks[cursor]);
        bool unswept = gw_block_is_unswept(old, cursor) && !old->blocks.blocks[cursor].frozen;
        if (unswept && awaits_collection(old, cursor)) break;
        if (unswept) sweep_block(old, cursor);
        cursor += step;
        swept++;
    }
    return cursor < old->blocks.top ? cursor : old->blocks.top;
}

/* ---- Allocation ------------------------------------------------------------------------------------ */

/* The next hole of `block` at or after `from`: false when the block has none left. */
static bool find_hole(struct gw_old_space *old, uint32_t block, char *from, struct gw_hole *hole)
{
    size_t cell = old->classes.cell[old->blocks.blocks[block].size_class];
    char *base = gw_block_address(&old->blocks, block), *end = base + GW_BLOCK_BYTES;
    size_t last = gw_block_granule(old, block) + GW_BLOCK_GRANULES;
    for (char *at = from; (size_t)(end - at) >= cell;) {
        size_t live = gw_bit_next(old->starts, gw_granule(old, (uintptr_t)at + GW_HEADER_SIZE), last);
        char *stop = live == last ? end : (char *)(old->base + (live << GW_GRANULE_SHIFT)) - GW_HEADER_SIZE;
        if ((size_t)(stop - at) >= cell) {
            *hole = (struct gw_hole){at, stop};
            return true;
        }
        at = stop + cell;
    }
    return false;
}

/* Where stops are to be short a search looks at so many blocks and no more: where most are full, or all have died, the next hole may be
 * thousands of blocks away. A fresh block serves as well, and the next search goes on where this one ends. A block that has to be swept
 * counts for several. Where little is left to be taken, or nobody minds the stop, every hole counts. */
#define SEARCHED_BLOCKS 64
#define LOOKS_OF_A_SWEEP 4

static bool may_search(const struct gw_old_space *old, unsigned looks)
{
    bool tight = old->blocks.used + old->blocks.used / 8 > old->max_blocks;
    return looks < SEARCHED_BLOCKS || tight || !old->short_searches;
}

/* The list's next block, swept, or GW_NO_BLOCK. */
static uint32_t next_block(struct gw_old_space *old, struct gw_class_blocks *list, unsigned *looks)
{
    while (list->refill != GW_NO_BLOCK && may_search(old, *looks)) {
        uint32_t block = list->refill;
        bool unswept = gw_block_is_unswept(old, block);
        list->refill = old->blocks.blocks[block].next;
        *looks += unswept ? LOOKS_OF_A_SWEEP : 1;
        if (unswept && awaits_collection(old, block)) continue; /* the cycle will sweep it */
        if (!unswept || !sweep_listed(old, block)) return block;
    }
    return GW_NO_BLOCK;
}

static bool next_mixed(struct gw_old_space *old, unsigned *looks)
{
    old->gap_block = next_block(old, &old->lists[GW_MIXED_LIST], looks);
    if (old->gap_block == GW_NO_BLOCK) return false;
    old->gap = gw_mixed_begin(old, old->gap_block);
    return true;
}

/* The next gap of a mixed block for cells of `cell` bytes. One that is too small for them waits for smaller ones. Cells begin 8 bytes
 * behind a 16-byte boundary, as in any block. */
static bool open_gap(struct gw_old_space *old, size_t cell, struct gw_hole *hole)
{
    unsigned looks = 0;
    while (old->gap_block != GW_NO_BLOCK || next_mixed(old, &looks)) {
        char *end = gw_block_address(&old->blocks, old->gap_block) + GW_BLOCK_BYTES;
        char *stop = gw_mixed_gap(old, &old->gap, end);
        if (stop) {
            char *first = old->gap + (GW_BLOCK_FIRST_CELL - (uintptr_t)old->gap) % 16;
            if ((size_t)(stop - first) < cell) return false;
            *hole = (struct gw_hole){first, stop};
            old->gap = gw_mixed_behind(stop, end);
            return true;
        }
        old->gap_block = GW_NO_BLOCK;
    }
    return false;
}

/* In the block at hand, or in one of the class not looked at yet. A fresh block of the other thread's may be among these. */
static bool open_listed_hole(struct gw_old_space *old, struct gw_holes *holes, unsigned size_class)
{
    struct gw_hole *hole = &holes->open[size_class];
    uint32_t *block = &holes->blocks[size_class];
    uint32_t others = (holes == &old->holes ? &old->other_holes : &old->holes)->blocks[size_class];
    uint32_t cells = (uint32_t)((GW_BLOCK_BYTES - GW_BLOCK_FIRST_CELL) / old->classes.cell[size_class]);
    if (*block != GW_NO_BLOCK && find_hole(old, *block, hole->end, hole)) return true;
    unsigned looks = 0;
    while ((*block = next_block(old, &old->lists[size_class], &looks)) != GW_NO_BLOCK) {
        if (*block == others || old->blocks.blocks[*block].live == cells) continue;
        if (find_hole(old, *block, gw_block_address(&old->blocks, *block) + GW_BLOCK_FIRST_CELL, hole)) return true;
    }
    return false;
}

/* In one of the class's blocks, in a gap, or in a fresh block. */
bool gw_old_open_hole(struct gw_old_space *old, struct gw_holes *holes, unsigned size_class)
{
    struct gw_hole *hole = &holes->open[size_class];
    if (open_listed_hole(old, holes, size_class)) return true;
    if (holes == &old->holes && open_gap(old, old->classes.cell[size_class], hole)) return true;
    uint32_t block = gw_block_take(&old->blocks, 1);
    holes->blocks[size_class] = block;
    *hole = (struct gw_hole){0};
    if (block == GW_NO_BLOCK) return false;
    old->blocks.blocks[block] = (struct gw_block){.kind = GW_BLOCK_SMALL, .size_class = (uint8_t)size_class, .epoch = old->epoch};
    append_block(old, block);
    char *base = gw_block_address(&old->blocks, block);
    *hole = (struct gw_hole){base + GW_BLOCK_FIRST_CELL, base + GW_BLOCK_BYTES};
    return true;
}

uintptr_t gw_old_alloc_slow(struct gw_old_space *old, unsigned size_class)
{
    if (!gw_old_open_hole(old, &old->holes, size_class)) return 0;
    struct gw_hole *hole = &old->holes.open[size_class];
    uintptr_t ref = (uintptr_t)hole->next + GW_HEADER_SIZE;
    hole->next += old->classes.cell[size_class];
    gw_bit_set(old->starts, gw_granule(old, ref));
    old->used_bytes += old->classes.cell[size_class];
    return ref;
}

uintptr_t gw_old_alloc_large(struct gw_old_space *old, size_t bytes)
{
    size_t count = (bytes + GW_BLOCK_FIRST_CELL + GW_BLOCK_BYTES - 1) >> GW_BLOCK_SHIFT;
    if (count >= old->blocks.count) return 0;
    uint32_t block = gw_block_take(&old->blocks, (uint32_t)count);
    if (block == GW_NO_BLOCK) return 0;
    for (uint32_t i = 0; i < count; i++) old->blocks.blocks[block + i].kind = GW_BLOCK_LARGE_REST;
    struct gw_block *head = &old->blocks.blocks[block];
    head->kind = GW_BLOCK_LARGE;
    head->run = (uint32_t)count;
    head->epoch = old->epoch;
    uintptr_t ref = large_payload(old, block);
    gw_bit_set(old->starts, gw_granule(old, ref));
    old->used_bytes += (uint64_t)count << GW_BLOCK_SHIFT;
    return ref;
}

void gw_old_clear_large(struct gw_old_space *old, uintptr_t ref, size_t bytes)
{
    char *from = (char *)gw_header(ref), *end = from + bytes;
    for (uint32_t block = gw_block_of(&old->blocks, ref); from < end; block++) {
        char *stop = gw_block_address(&old->blocks, block + 1);
        if (stop > end) stop = end;
        if (!old->blocks.blocks[block].clean) memset(from, 0, (size_t)(stop - from));
        from = stop;
    }
}

/* ---- Objects that grow old where they lie ----------------------------------------------------------- */

void gw_old_adopt(struct gw_old_space *old, uintptr_t ref, size_t bytes)
{
    uint32_t index = gw_block_of(&old->blocks, ref);
    if ((old->blocks.young[index] & GW_HAS_OLD) && gw_block_is_unswept(old, index)) sweep_young(old, index);
    old->blocks.blocks[index].epoch = old->epoch;
    old->blocks.young[index] |= GW_HAS_OLD;
    gw_mixed_use_strips(old, gw_header(ref), bytes);
    gw_bit_set(old->starts, gw_granule(old, ref));
    gw_bit_clear(old->marks, gw_granule(old, ref));
    old->used_bytes += bytes;
}

void gw_old_mark_young(struct gw_old_space *old, uint32_t index)
{
    size_t word = gw_block_granule(old, index) >> 6;
    memset(old->marks + word, 0xff, GW_BLOCK_BITMAP_WORDS * sizeof *old->marks);
    if (!(old->blocks.young[index] & GW_HAS_OLD)) return;
    for (size_t i = word; i < word + GW_BLOCK_BITMAP_WORDS; i++) old->marks[i] = ~old->starts[i];
}

void gw_old_give_young(struct gw_old_space *old, uint32_t index)
{
    memset(old->marks + (gw_block_granule(old, index) >> 6), 0, GW_BLOCK_BITMAP_WORDS * sizeof *old->marks);
    gw_block_give_young(&old->blocks, index, 1);
}

void gw_old_take_block(struct gw_old_space *old, uint32_t index)
{
    struct gw_block *block = &old->blocks.blocks[index];
    size_t word = gw_block_granule(old, index) >> 6;
    block->live = 0;
    for (size_t i = word; i < word + GW_BLOCK_BITMAP_WORDS; i++) {
        old->marks[i] &= old->starts[i];
        block->live += (uint32_t)__builtin_popcountll(old->starts[i]);
    }
    if (!(old->blocks.young[index] & GW_HAS_OLD)) block->epoch = old->epoch;
    block->size_class = GW_MIXED_LIST;
    gw_block_grow_old(&old->blocks, index);
    gw_old_list_block(old, index);
}

/* ---- Walking and checking -------------------------------------------------------------------------- */

static bool may_hold_objects(const struct gw_old_space *old, uint32_t index)
{
    switch (old->blocks.blocks[index].kind) {
    case GW_BLOCK_SMALL:
    case GW_BLOCK_LARGE:
    case GW_BLOCK_MIXED: return true;
    case GW_BLOCK_YOUNG: return old->blocks.young[index] & GW_HAS_OLD;
    default: return false;
    }
}

void gw_old_each_object(const struct gw_old_space *old, gw_object_visitor *visit, void *context)
{
    for (uint32_t block = 0; block < old->blocks.top; block++) {
        if (!may_hold_objects(old, block)) continue;
        size_t begin = gw_block_granule(old, block), end = begin + GW_BLOCK_GRANULES;
        for (size_t granule = gw_bit_next(old->starts, begin, end); granule < end; granule = gw_bit_next(old->starts, granule + 1, end))
            visit(context, old->base + (granule << GW_GRANULE_SHIFT));
    }
}

bool gw_old_is_object(const struct gw_old_space *old, uintptr_t address)
{
    if (!gw_in_blocks(old, address) || (address & (GW_OBJECT_ALIGN - 1))) return false;
    uint32_t index = gw_block_of(&old->blocks, address);
    size_t granule = gw_granule(old, address);
    if (!may_hold_objects(old, index) || !gw_bit_get(old->starts, granule)) return false;
    return !gw_block_is_unswept(old, index) || gw_bit_get(old->marks, granule);
}

static void check_small(const struct gw_old_space *old, uint32_t index)
{
    const struct gw_block *block = &old->blocks.blocks[index];
    size_t cell = old->classes.cell[block->size_class];
    size_t begin = gw_block_granule(old, index), end = begin + GW_BLOCK_GRANULES;
    uintptr_t first = (uintptr_t)gw_block_address(&old->blocks, index) + GW_BLOCK_FIRST_CELL + GW_HEADER_SIZE;
    for (size_t granule = gw_bit_next(old->starts, begin, end); granule < end; granule = gw_bit_next(old->starts, granule + 1, end)) {
        uintptr_t ref = old->base + (granule << GW_GRANULE_SHIFT);
        if ((ref - first) % cell) gw_fatal("block %u: an object starts at %p, inside a cell", index, (void *)ref);
    }
}

static void check_list(const struct gw_old_space *old, unsigned size_class)
{
    uint32_t before = GW_NO_BLOCK;
    for (uint32_t i = old->lists[size_class].first; i != GW_NO_BLOCK; i = old->blocks.blocks[i].next) {
        const struct gw_block *block = &old->blocks.blocks[i];
        enum gw_block_kind kind = size_class == GW_MIXED_LIST ? GW_BLOCK_MIXED : GW_BLOCK_SMALL;
        if (block->kind != kind || block->size_class != size_class || block->prev != before)
            gw_fatal("block %u does not belong where it stands in the list of size class %u", i, size_class);
        if (kind == GW_BLOCK_MIXED) gw_mixed_check(old, i);
        else check_small(old, i);
        before = i;
    }
    if (old->lists[size_class].last != before) gw_fatal("size class %u: list ends early", size_class);
}

static void check_holes(const struct gw_old_space *old)
{
    for (unsigned i = 0; i < GW_SIZE_CLASSES; i++)
        if (old->holes.blocks[i] == old->other_holes.blocks[i] && old->holes.blocks[i] != GW_NO_BLOCK)
            gw_fatal("block %u: two threads promote to it", old->holes.blocks[i]);
}

void gw_old_check_young(const struct gw_old_space *old, uint32_t index)
{
    size_t word = gw_block_granule(old, index) >> 6;
    for (size_t i = word; i < word + GW_BLOCK_BITMAP_WORDS; i++)
        if (~(old->marks[i] | old->starts[i])) gw_fatal("block %u: marking would take young objects there for unmarked ones", index);
}

void gw_old_space_check(const struct gw_old_space *old)
{
    gw_block_space_check(&old->blocks);
    check_holes(old);
    for (unsigned i = 0; i < GW_BLOCK_LISTS; i++) check_list(old, i);
    for (uint32_t i = 0; i < old->blocks.top; i++)
        if (old->blocks.young[i] & GW_HAS_OLD) gw_mixed_check(old, i);
}
