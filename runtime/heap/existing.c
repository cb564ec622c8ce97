/* One lock, held for a look into a table. */
#include "heap/existing.h"

#include "observe/report.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct gw_address_table heaps;
static struct gw_handle_slab *oldest, *newest; /* retired */

/* A child must not wait for a thread that it does not have. */
static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void in_parent(void)
{
    pthread_mutex_unlock(&lock);
}

static void in_child(void)
{
    lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
}

static __attribute__((constructor)) void prepare_for_fork(void)
{
    if (pthread_atfork(before_fork, in_parent, in_child) != 0) gw_fatal("no native memory to prepare for fork");
}

static bool exists(const struct gw_heap *heap)
{
    return gw_address_find(&heaps, (uintptr_t)heap) != NULL;
}

gw_status gw_existing_add(struct gw_heap *heap)
{
    pthread_mutex_lock(&lock);
    bool room = gw_address_table_reserve(&heaps, heaps.count + 1);
    if (room) gw_address_add(&heaps, (uintptr_t)heap, 0);
    pthread_mutex_unlock(&lock);
    return room ? GW_OK : gw_fail(GW_ERROR_MEMORY, "gw_heap_create: no native memory for the heap's record");
}

gw_status gw_existing_remove(struct gw_heap *heap)
{
    pthread_mutex_lock(&lock);
    struct gw_address_entry *entry = gw_address_find(&heaps, (uintptr_t)heap);
    bool attached = entry && heap->thread;
    if (entry && !attached) gw_address_remove(&heaps, entry);
    pthread_mutex_unlock(&lock);
    if (!entry) return gw_fail(GW_ERROR_ARGUMENT, "gw_heap_destroy: %p is no heap; was it destroyed before?", (void *)heap);
    return attached ? gw_fail(GW_ERROR_STATE, "gw_heap_destroy: the heap is still attached; call gw_detach first") : GW_OK;
}

static gw_status attach(struct gw_heap *heap)
{
    if (!exists(heap)) return gw_fail(GW_ERROR_ARGUMENT, "gw_attach: %p is no heap; was it destroyed before?", (void *)heap);
    if (heap->thread) return gw_fail(GW_ERROR_STATE, "gw_attach: the heap is attached to another thread");
    if (heap->callback.what)
        return gw_fail(GW_ERROR_STATE, "gw_attach: the heap's thread ended inside %s; what it left cannot be used", heap->callback.what);
    heap->thread = &gw_current_thread;
    return GW_OK;
}

gw_status gw_existing_attach(struct gw_heap *heap)
{
    pthread_mutex_lock(&lock);
    gw_status status = attach(heap);
    pthread_mutex_unlock(&lock);
    return status;
}

void gw_existing_detach(struct gw_heap *heap)
{
    pthread_mutex_lock(&lock);
    heap->thread = NULL;
    pthread_mutex_unlock(&lock);
}

/* ---- Handles that are left ------------------------------------------------------------------------- */

void gw_existing_retire(struct gw_handle_slab *slab)
{
    for (size_t i = 0; i < GW_HANDLES_PER_SLAB; i++) slab->words[i] = GW_NO_HANDLE;
    slab->owner = NULL;
    slab->next = NULL;
    pthread_mutex_lock(&lock);
    if (newest) newest->next = slab;
    else oldest = slab;
    newest = slab;
    pthread_mutex_unlock(&lock);
}

struct gw_handle_slab *gw_existing_reuse(void)
{
    pthread_mutex_lock(&lock);
    struct gw_handle_slab *slab = oldest;
    if (slab) oldest = slab->next;
    if (!oldest) newest = NULL;
    pthread_mutex_unlock(&lock);
    return slab;
}
