/* One lock, held for a look into a table. */
#include "heap/existing.h"

#include "base/lock.h"
#include "base/report.h"

static struct gw_lock lock = GW_LOCK;
static struct gw_address_table heaps;

static void nothing(void) {}

/* Threads that a child does not have will neither use nor give back what they had. */
static void note_left_heaps(void)
{
    for (size_t i = 0; i < heaps.count; i++) {
        struct gw_heap *heap = (struct gw_heap *)heaps.entries[i].object;
        heap->mutator.left_by_fork |= heap->mutator.thread && heap->mutator.thread != &gw_current_thread;
    }
}

static __attribute__((constructor)) void prepare(void)
{
    static struct gw_fork_step step = {nothing, nothing, note_left_heaps, NULL};
    gw_lock_prepare(&lock);
    gw_fork_prepare(&step);
}

void gw_existing_lock(void)
{
    gw_lock_take(&lock);
}

void gw_existing_unlock(void)
{
    gw_lock_release(&lock);
}

void gw_existing_each_other(const struct gw_heap *except, gw_heap_look *look, void *context)
{
    gw_lock_take(&lock);
    for (size_t i = 0; i < heaps.count; i++) {
        struct gw_heap *heap = (struct gw_heap *)heaps.entries[i].object;
        if (heap != except && !heap->mutator.left_by_fork) look(context, heap);
    }
    gw_lock_release(&lock);
}

static bool exists(const struct gw_heap *heap)
{
    return gw_address_find(&heaps, (uintptr_t)heap) != NULL;
}

gw_status gw_existing_add(struct gw_heap *heap)
{
    gw_lock_take(&lock);
    bool room = gw_address_table_reserve(&heaps, heaps.count + 1);
    if (room) gw_address_add(&heaps, (uintptr_t)heap, 0);
    gw_lock_release(&lock);
    return room ? GW_OK : gw_fail(GW_ERROR_MEMORY, "gw_heap_create: no native memory for the heap's record");
}

gw_status gw_existing_remove(struct gw_heap *heap)
{
    gw_lock_take(&lock);
    struct gw_address_entry *entry = gw_address_find(&heaps, (uintptr_t)heap);
    bool attached = entry && heap->mutator.thread;
    if (entry && !attached) gw_address_remove(&heaps, entry);
    gw_lock_release(&lock);
    if (!entry) return gw_fail(GW_ERROR_ARGUMENT, "gw_heap_destroy: %p is no heap; was it destroyed before?", (void *)heap);
    return attached ? gw_fail(GW_ERROR_STATE, "gw_heap_destroy: the heap is still attached; call gw_detach first") : GW_OK;
}

static gw_status attach(struct gw_heap *heap)
{
    if (!exists(heap)) return gw_fail(GW_ERROR_ARGUMENT, "gw_attach: %p is no heap; was it destroyed before?", (void *)heap);
    if (heap->mutator.thread) return gw_fail(GW_ERROR_STATE, "gw_attach: the heap is attached to another thread");
    if (heap->mutator.callback.what)
        return gw_fail(GW_ERROR_STATE, "gw_attach: the heap's thread ended inside %s; what it left cannot be used",
                       heap->mutator.callback.what);
    heap->mutator.thread = &gw_current_thread;
    return GW_OK;
}

gw_status gw_existing_attach(struct gw_heap *heap)
{
    gw_lock_take(&lock);
    gw_status status = attach(heap);
    gw_lock_release(&lock);
    return status;
}

void gw_existing_detach(struct gw_heap *heap)
{
    gw_lock_take(&lock);
    heap->mutator.thread = NULL;
    gw_lock_release(&lock);
}

static bool is_some_heaps(uintptr_t ref)
{
    bool found = false;
    for (size_t i = 0; i < heaps.count; i++) found |= gw_heap_contains((const struct gw_heap *)heaps.entries[i].object, ref);
    return found;
}

void gw_look_in_other_heaps(uintptr_t ref, const char *function)
{
    gw_lock_take(&lock);
    bool found = is_some_heaps(ref);
    gw_lock_release(&lock);
    if (found) gw_fatal("%s: %p is an object of another heap than is attached here", function, (void *)ref);
}
