/* Memory of stacks that the runtime makes: one range for each, from its lowest address on
 *
 *     guard | frames, downwards | marks of variables, a byte for each word | shadow stack, as large as the frames
 *
 * and a pool of ranges that are used no more, as they were left but for the marks, which are clear. A pool is one heap's. */
#ifndef GW_MUTATOR_STACK_MEMORY_H
#define GW_MUTATOR_STACK_MEMORY_H

#include "base/compiler.h"
#include "os/linux/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* At the very end of the frames, where a stack that has ended, and on which somebody may still stand, has nothing. */
struct gw_pooled {
    struct gw_pooled *next;
    size_t bytes; /* of frames */
};

struct gw_stack_pool {
    struct gw_pooled *first;
    size_t count;
};

/* What frames, marks and the shadow stack of a range with `bytes` bytes for frames have: whole pages. The frames' low end; 0: no memory. */
uintptr_t gw_stack_memory_take(struct gw_stack_pool *pool, size_t bytes);

/* Nothing is given back to the system before gw_stack_pool_trim: the caller may stand on it. `marked`: some of its marks may be set. */
void gw_stack_memory_put(struct gw_stack_pool *pool, uintptr_t low, size_t bytes, bool marked);

/* Gives back what is beyond a number that is worth keeping, or all. True when something was. */
bool gw_stack_pool_trim(struct gw_stack_pool *pool);
void gw_stack_pool_destroy(struct gw_stack_pool *pool);

static inline size_t gw_stack_marks_bytes(size_t bytes)
{
    return gw_round_up(bytes / 8, gw_page_bytes());
}

static inline uint8_t *gw_stack_marks(uintptr_t low, size_t bytes)
{
    return (uint8_t *)(low + bytes);
}

static inline void **gw_stack_shadow(uintptr_t low, size_t bytes)
{
    return (void **)(low + bytes + gw_stack_marks_bytes(bytes));
}

#endif
