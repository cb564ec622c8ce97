/* Allocation through holes, lazy sweeping, large objects. Calls the block space only. */
#include "spaces/old_space.h"

#include "os/linux/memory.h"
#include "base/report.h"

#define BLOCK_GRANULES (GW_BLOCK_BYTES >> GW_GRANULE_SHIFT)
#define BLOCK_WORDS (BLOCK_GRANULES / 64)

static size_t bitmap_bytes(size_t range)
{
    return gw_round_up((range >> GW_GRANULE_SHIFT) / 8, 4096);
}

bool gw_old_space_init(struct gw_old_space *old, char *base, size_t bytes, char *blocks_base, uint32_t block_count)
{
    *old = (struct gw_old_space){.base = (uintptr_t)base, .max_blocks = block_count};
    gw_size_classes_init(&old->classes);
    gw_old_forget_lists(old);
    old->starts = gw_reserve(bitmap_bytes(bytes), 4096);
    old->marks = gw_reserve(bitmap_bytes(bytes), 4096);
    return old->starts && old->marks && gw_block_space_init(&old->blocks, blocks_base, block_count);
}

void gw_old_space_destroy(struct gw_old_space *old, size_t bytes)
{
    gw_release(old->starts, bitmap_bytes(bytes));
    gw_release(old->marks, bitmap_bytes(bytes));
    if (old->blocks.blocks) gw_block_space_destroy(&old->blocks);
}

static size_t block_granule(const struct gw_old_space *old, uint32_t block)
{
    return gw_granule(old, (uintptr_t)gw_block_address(&old->blocks, block));
}

/* ---- Lists of a class's blocks --------------------------------------------------------------------- */

static void append_block(struct gw_old_space *old, unsigned size_class, uint32_t block)
{
    struct gw_class_blocks *list = &old->lists[size_class];
    struct gw_block *blocks = old->blocks.blocks;
    blocks[block].next = GW_NO_BLOCK;
    blocks[block].prev = list->last;
    if (list->last == GW_NO_BLOCK) list->first = block;
    else blocks[list->last].next = block;
    list->last = block;
}

static void remove_block(struct gw_old_space *old, unsigned size_class, uint32_t block)
{
    struct gw_class_blocks *list = &old->lists[size_class];
    struct gw_block *blocks = old->blocks.blocks;
    uint32_t next = blocks[block].next, prev = blocks[block].prev;
    if (list->refill == block) list->refill = next;
    if (prev == GW_NO_BLOCK) list->first = next;
    else blocks[prev].next = next;
    if (next == GW_NO_BLOCK) list->last = prev;
    else blocks[next].prev = prev;
}

void gw_old_forget_lists(struct gw_old_space *old)
{
    for (unsigned i = 0; i < GW_SIZE_CLASSES; i++) {
        old->holes[i] = (struct gw_hole){0};
        old->lists[i] = (struct gw_class_blocks){GW_NO_BLOCK, GW_NO_BLOCK, GW_NO_BLOCK, GW_NO_BLOCK};
    }
}

void gw_old_list_block(struct gw_old_space *old, uint32_t block)
{
    unsigned size_class = old->blocks.blocks[block].size_class;
    append_block(old, size_class, block);
    if (old->lists[size_class].refill == GW_NO_BLOCK) old->lists[size_class].refill = block;
}

/* ---- Sweeping -------------------------------------------------------------------------------------- */

/* Dead cells of a block whose marks are final: run destructors, poison. */
static void bury_dead_cells(struct gw_old_space *old, uint32_t block)
{
    size_t begin = block_granule(old, block), end = begin + BLOCK_GRANULES;
    size_t cell = old->classes.cell[old->blocks.blocks[block].size_class];
    for (size_t granule = gw_bit_next(old->starts, begin, end); granule < end; granule = gw_bit_next(old->starts, granule + 1, end)) {
        if (gw_bit_get(old->marks, granule)) continue;
        uintptr_t ref = old->base + (granule << GW_GRANULE_SHIFT);
        const struct gw_type *type = gw_object_type(ref);
        if (type->destroy) gw_call_destructor(type, ref);
        if (old->poison) gw_poison(gw_header(ref), cell);
    }
}

/* starts = marks, marks = 0; returns how many objects live. */
static uint32_t exchange_bits(struct gw_old_space *old, uint32_t block)
{
    size_t word = block_granule(old, block) >> 6;
    uint64_t *starts = old->starts + word, *marks = old->marks + word;
    uint32_t live = 0;
    for (size_t i = 0; i < BLOCK_WORDS; i++) {
        live += (uint32_t)__builtin_popcountll(marks[i]);
        starts[i] = marks[i];
        marks[i] = 0;
    }
    return live;
}

/* Returns true when the block turned out empty and went back to the block space. */
static bool sweep_small(struct gw_old_space *old, uint32_t index)
{
    struct gw_block *block = &old->blocks.blocks[index];
    if (old->poison || block->destructors) bury_dead_cells(old, index);
    block->epoch = old->epoch;
    block->live = exchange_bits(old, index);
    if (block->live) return false;
    remove_block(old, block->size_class, index);
    block->clean = false;
    gw_block_give(&old->blocks, index, 1);
    return true;
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
    for (unsigned i = 0; i < GW_SIZE_CLASSES; i++) {
        old->holes[i] = (struct gw_hole){0};
        old->lists[i].refill = old->lists[i].first;
        old->lists[i].hole_block = GW_NO_BLOCK;
    }
    old->used_bytes = live_bytes;
    old->epoch++;
}

static void sweep_block(struct gw_old_space *old, uint32_t index)
{
    if (old->blocks.blocks[index].kind == GW_BLOCK_SMALL) sweep_small(old, index);
    else if (old->blocks.blocks[index].kind == GW_BLOCK_LARGE) sweep_large(old, index);
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
        if (gw_block_is_unswept(old, cursor) && !old->blocks.blocks[cursor].frozen) sweep_block(old, cursor);
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
    size_t last = block_granule(old, block) + BLOCK_GRANULES;
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

/* Opens the next hole of the class: in the block at hand, in one not looked at yet, or in a fresh one. */
static bool open_hole(struct gw_old_space *old, unsigned size_class)
{
    struct gw_class_blocks *list = &old->lists[size_class];
    struct gw_hole *hole = &old->holes[size_class];
    uint32_t cells = (uint32_t)((GW_BLOCK_BYTES - GW_BLOCK_FIRST_CELL) / old->classes.cell[size_class]);
    if (list->hole_block != GW_NO_BLOCK && find_hole(old, list->hole_block, hole->end, hole)) return true;
    while (list->refill != GW_NO_BLOCK) {
        uint32_t block = list->refill;
        list->refill = old->blocks.blocks[block].next;
        if (gw_block_is_unswept(old, block) && sweep_small(old, block)) continue;
        if (old->blocks.blocks[block].live == cells) continue;
        list->hole_block = block;
        if (find_hole(old, block, gw_block_address(&old->blocks, block) + GW_BLOCK_FIRST_CELL, hole)) return true;
    }
    uint32_t block = gw_block_take(&old->blocks, 1);
    list->hole_block = block;
    *hole = (struct gw_hole){0};
    if (block == GW_NO_BLOCK) return false;
    old->blocks.blocks[block] = (struct gw_block){.kind = GW_BLOCK_SMALL, .size_class = (uint8_t)size_class, .epoch = old->epoch};
    append_block(old, size_class, block);
    char *base = gw_block_address(&old->blocks, block);
    *hole = (struct gw_hole){base + GW_BLOCK_FIRST_CELL, base + GW_BLOCK_BYTES};
    return true;
}

uintptr_t gw_old_alloc_slow(struct gw_old_space *old, unsigned size_class)
{
    if (!open_hole(old, size_class)) return 0;
    struct gw_hole *hole = &old->holes[size_class];
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

/* ---- Walking and checking -------------------------------------------------------------------------- */

void gw_old_each_object(const struct gw_old_space *old, gw_object_visitor *visit, void *context)
{
    size_t begin = block_granule(old, 0), end = begin + (size_t)old->blocks.top * BLOCK_GRANULES;
    for (size_t granule = gw_bit_next(old->starts, begin, end); granule < end; granule = gw_bit_next(old->starts, granule + 1, end))
        visit(context, old->base + (granule << GW_GRANULE_SHIFT));
}

bool gw_old_is_object(const struct gw_old_space *old, uintptr_t address)
{
    if (!gw_old_contains(old, address) || (address & (GW_OBJECT_ALIGN - 1))) return false;
    uint32_t index = gw_block_of(&old->blocks, address);
    const struct gw_block *block = &old->blocks.blocks[index];
    if (block->kind != GW_BLOCK_SMALL && block->kind != GW_BLOCK_LARGE) return false;
    return gw_bit_get(gw_block_is_unswept(old, index) ? old->marks : old->starts, gw_granule(old, address));
}

static void check_small(const struct gw_old_space *old, uint32_t index)
{
    const struct gw_block *block = &old->blocks.blocks[index];
    size_t cell = old->classes.cell[block->size_class];
    size_t begin = block_granule(old, index), end = begin + BLOCK_GRANULES;
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
        if (block->kind != GW_BLOCK_SMALL || block->size_class != size_class || block->prev != before)
            gw_fatal("block %u does not belong where it stands in the list of size class %u", i, size_class);
        check_small(old, i);
        before = i;
    }
    if (old->lists[size_class].last != before) gw_fatal("size class %u: list ends early", size_class);
}

void gw_old_space_check(const struct gw_old_space *old)
{
    gw_block_space_check(&old->blocks);
    for (unsigned i = 0; i < GW_SIZE_CLASSES; i++) check_list(old, i);
}
