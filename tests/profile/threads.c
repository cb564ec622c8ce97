/* Two threads with heaps of their own, whose profile by option is one file: each allocates in a function of its own. */
#include <greywave/greywave.h>
#include <pthread.h>
#include <stdlib.h>

struct node {
    struct node *next;
    uint64_t number;
};
GW_TYPE_FIELDS(node, struct node, next);

static __attribute__((noinline)) void allocate_twice(void)
{
    for (int i = 0; i < 2000000; i++) gw_alloc(&gw_type_node);
    __asm__ volatile("");
}

static __attribute__((noinline)) void allocate_once(void)
{
    for (int i = 0; i < 1000000; i++) gw_alloc(&gw_type_node);
    __asm__ volatile("");
}

static void *run(void *work)
{
    if (gw_init(NULL) != GW_OK) exit(2);
    struct gw_heap *heap = gw_current_thread.heap;
    ((void (*)(void))work)();
    if (gw_detach() != GW_OK || gw_heap_destroy(heap) != GW_OK) exit(3);
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    void *works[2] = {allocate_twice, allocate_once};
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, run, works[i]);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    return 0;
}
