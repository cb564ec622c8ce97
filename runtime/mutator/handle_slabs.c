/* Memory of handles: what heaps that are gone have left, then new. */
#include "mutator/handle_slabs.h"

#include "base/lock.h"

#include <stdlib.h>
#include <string.h>

static struct gw_lock lock = GW_LOCK;
static struct gw_handle_slab *oldest, *newest; /* retired */

static __attribute__((constructor)) void prepare(void)
{
    gw_lock_prepare(&lock);
}

void gw_handle_slab_retire(struct gw_handle_slab *slab)
{
    for (size_t i = 0; i < GW_HANDLES_PER_SLAB; i++) slab->words[i] = GW_NO_HANDLE;
    slab->roots = NULL;
    slab->changed_slabs = NULL;
    slab->next = NULL;
    gw_lock_take(&lock);
    if (newest) newest->next = slab;
    else oldest = slab;
    newest = slab;
    gw_lock_release(&lock);
}

static struct gw_handle_slab *reuse(void)
{
    gw_lock_take(&lock);
    struct gw_handle_slab *slab = oldest;
    if (slab) oldest = slab->next;
    if (!oldest) newest = NULL;
    gw_lock_release(&lock);
    return slab;
}

static struct gw_handle_slab *new_page(void)
{
    struct gw_handle_slab *slab = aligned_alloc(GW_HANDLE_SLAB_BYTES, sizeof *slab);
    for (size_t i = 0; slab && i < GW_HANDLES_PER_SLAB; i++) slab->words[i] = GW_NO_HANDLE;
    return slab;
}

struct gw_handle_slab *gw_handle_slab_new(struct gw_root_index *index, struct gw_changed_slabs *changed)
{
    struct gw_handle_slab *slab = reuse();
    if (!slab) slab = new_page();
    if (!slab) return NULL;
    memset(slab, 0, offsetof(struct gw_handle_slab, words));
    slab->roots = index;
    slab->changed_slabs = changed;
    if (gw_root_index_add(index, (uintptr_t)slab->words, GW_HANDLES_PER_SLAB)) return slab;
    gw_root_index_remove(index, (uintptr_t)slab->words, GW_HANDLES_PER_SLAB);
    gw_handle_slab_retire(slab);
    return NULL;
}

/* ---- What has changed ------------------------------------------------------------------------------ */

/* True when some of the slab's handles are still to be read next time. */
static bool visit_changed(struct gw_handle_slab *slab, uintptr_t young, size_t young_bytes, gw_field_visitor *visit, void *context)
{
    uint64_t left = 0;
    for (size_t i = 0; i < GW_HANDLE_WORDS; i++) {
        for (uint64_t changed = slab->changed[i]; changed; changed &= changed - 1) {
            uintptr_t *word = &slab->words[i * 64 + (size_t)__builtin_ctzll(changed)];
            visit(context, word);
            if (*word - young >= young_bytes) slab->changed[i] &= ~(changed & -changed);
        }
        left |= slab->changed[i];
    }
    return left != 0;
}

void gw_changed_slabs_visit(struct gw_changed_slabs *changed, uintptr_t young, size_t young_bytes, gw_field_visitor *visit, void *context)
{
    struct gw_handle_slab **link = &changed->first;
    for (struct gw_handle_slab *slab; (slab = *link);) {
        slab->is_listed = visit_changed(slab, young, young_bytes, visit, context);
        if (slab->is_listed) link = &slab->next_changed;
        else *link = slab->next_changed;
    }
}
