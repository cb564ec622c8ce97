/* Checks of `gwcc --check`: a reference may be kept only in a place that is a root at that moment, or in an object. Every
 * check visits all roots, so its cost is that of the root scan of a collection. Nothing is moved. */
#include "collect/check_store.h"

#include "collect/roots.h"
#include "heap/heap.h"
#include "heap/object.h"
#include "observe/report.h"

struct search {
    const uintptr_t *slot;
    bool found;
};

static void compare_slot(void *context, uintptr_t *slot)
{
    struct search *search = context;
    if (slot == search->slot) search->found = true;
}

static bool is_root(struct gw_heap *heap, const uintptr_t *slot, const struct gw_entry *entry)
{
    struct search search = {slot, false};
    gw_visit_roots(heap, entry, compare_slot, &search);
    return search.found;
}

static void check_word(struct gw_heap *heap, const uintptr_t *slot, uintptr_t word, const char *how, const struct gw_entry *entry)
{
    if (word & GW_IMMEDIATE_MASK || !gw_heap_contains(heap, word)) return;
    if (gw_heap_contains(heap, (uintptr_t)slot))
        gw_fatal("check: a reference to %p is %s %p, inside an object, through a plain pointer, which leaves out the write "
                 "barrier: keep the GW pointer",
                 (void *)word, how, (const void *)slot);
    if (is_root(heap, slot, entry)) return;
    gw_fatal("check: a reference to %p is %s %p, where the collector does not look: keep it in a variable or an object, "
             "register the memory with gw_add_roots, or store a handle",
             (void *)word, how, (const void *)slot);
}

void gw_check_store_from(const uintptr_t *slot, uintptr_t word, const struct gw_entry *entry)
{
    struct gw_heap *heap = gw_current_thread.heap;
    if (heap) check_word(heap, slot, word, "stored at", entry);
}

void gw_check_copy_from(const uintptr_t *to, const uintptr_t *from, size_t bytes, const struct gw_entry *entry)
{
    struct gw_heap *heap = gw_current_thread.heap;
    if (!heap || ((uintptr_t)to | (uintptr_t)from) % 8) return; /* references are aligned at both ends, or not followed */
    for (size_t i = 0; i < bytes / 8; i++) check_word(heap, to + i, from[i], "copied to", entry);
}
