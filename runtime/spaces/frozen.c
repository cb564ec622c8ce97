/* Freezing and thawing all blocks. */
#include "spaces/frozen.h"

#include "spaces/mixed.h"

#define BLOCK_WORDS (GW_BLOCK_GRANULES / 64)

static size_t first_word(const struct gw_old_space *old, uint32_t block)
{
    return gw_granule(old, (uintptr_t)gw_block_address(&old->blocks, block)) >> 6;
}

/* Makes the block's marks its starts, or clears them; returns how many objects it has. */
static uint32_t set_marks(struct gw_old_space *old, uint32_t block, bool marked)
{
    size_t word = first_word(old, block);
    uint32_t objects = 0;
    for (size_t i = word; i < word + BLOCK_WORDS; i++) {
        objects += (uint32_t)__builtin_popcountll(old->starts[i]);
        old->marks[i] = marked ? old->starts[i] : 0;
    }
    return objects;
}

static bool holds_objects(const struct gw_block *block)
{
    return block->kind == GW_BLOCK_SMALL || block->kind == GW_BLOCK_LARGE || block->kind == GW_BLOCK_MIXED;
}

static uint64_t bytes_of(const struct gw_old_space *old, uint32_t index, uint32_t objects)
{
    const struct gw_block *block = &old->blocks.blocks[index];
    if (block->kind == GW_BLOCK_LARGE) return (uint64_t)block->run << GW_BLOCK_SHIFT;
    if (block->kind == GW_BLOCK_MIXED) return gw_mixed_object_bytes(old, index);
    return (uint64_t)objects * old->classes.cell[block->size_class];
}

void gw_freeze_blocks(struct gw_old_space *old, struct gw_frozen_blocks *frozen)
{
    gw_old_forget_lists(old);
    for (uint32_t i = 0; i < old->blocks.top; i++) {
        struct gw_block *block = &old->blocks.blocks[i];
        if (!holds_objects(block) || block->frozen) continue;
        uint32_t objects = set_marks(old, i, true);
        block->frozen = true;
        block->written = false;
        frozen->objects += objects;
        frozen->bytes += bytes_of(old, i, objects);
    }
    old->used_bytes = 0;
}

void gw_unfreeze_blocks(struct gw_old_space *old, struct gw_frozen_blocks *frozen)
{
    for (uint32_t i = 0; i < old->blocks.top; i++) {
        struct gw_block *block = &old->blocks.blocks[i];
        if (!holds_objects(block) || !block->frozen) continue;
        block->live = set_marks(old, i, false);
        block->epoch = old->epoch;
        block->frozen = block->written = false;
        if (block->kind != GW_BLOCK_LARGE) gw_old_list_block(old, i);
    }
    old->used_bytes += frozen->bytes;
    *frozen = (struct gw_frozen_blocks){0};
}
