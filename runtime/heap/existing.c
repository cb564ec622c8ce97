/* One lock, held for a look into a table. */
#include "heap/existing.h"

#include "base/lock.h"
#include "base/report.h"

static struct gw_lock lock = GW_LOCK;
static struct gw_address_table heaps;

/* What the thread that forks shares with others is to be whole in the child. */
static void hold_own_heap(void)
{
    if (gw_current_thread.heap) gw_world_hold_for_fork(gw_current_thread.heap);
}

static void release_own_heap(void)
{
    if (gw_current_thread.heap) gw_world_release_after_fork(gw_current_thread.heap);
}

/* Threads that a child does not have will neither use nor give back what they had. */
static void note_left_heaps(void)
{
    for (size_t i = 0; i < heaps.count; i++) {
        struct gw_heap *heap = (struct gw_heap *)heaps.entries[i].object;
        if (heap == gw_current_thread.heap) gw_world_survive_fork(heap);
        else gw_world_note_left_by_fork(heap);
    }
}

static __attribute__((constructor)) void prepare(void)
{
    static struct gw_fork_step step = {.first = hold_own_heap, .in_parent = release_own_heap, .in_child = note_left_heaps};
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
        if (heap != except && !heap->left_by_fork) look(context, heap);
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
    bool attached = entry && heap->world.attached;
    if (entry && !attached) gw_address_remove(&heaps, entry);
    gw_lock_release(&lock);
    if (!entry) return gw_fail(GW_ERROR_ARGUMENT, "gw_heap_destroy: %p is no heap; was it destroyed before?", (void *)heap);
    return attached ? gw_fail(GW_ERROR_STATE, "gw_heap_destroy: the heap is still attached; call gw_detach first") : GW_OK;
}

/* The heap cannot be destroyed from here on. */
static gw_status expect(struct gw_heap *heap, bool *first)
{
    if (!exists(heap)) return gw_fail(GW_ERROR_ARGUMENT, "gw_attach: %p is no heap; was it destroyed before?", (void *)heap);
    if (heap->left_by_fork)
        return gw_fail(GW_ERROR_STATE, "gw_attach: the heap was attached to a thread that this process, a child of fork, does not have");
    if (!heap->world.attached && heap->mutator->callback.what)
        return gw_fail(GW_ERROR_STATE, "gw_attach: the heap's thread ended inside %s; what it left cannot be used",
                       heap->mutator->callback.what);
    *first = __atomic_fetch_add(&heap->world.attached, 1, __ATOMIC_RELAXED) == 0;
    return GW_OK;
}

gw_status gw_existing_expect(struct gw_heap *heap, bool *first)
{
    gw_lock_take(&lock);
    gw_status status = expect(heap, first);
    gw_lock_release(&lock);
    return status;
}

void gw_existing_leave(struct gw_heap *heap)
{
    gw_lock_take(&lock);
    __atomic_fetch_sub(&heap->world.attached, 1, __ATOMIC_RELAXED);
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
