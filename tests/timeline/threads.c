/* Two threads with heaps of their own, one after the other and at once, in one timeline by option; and a child that has the parent's. */
#define _GNU_SOURCE /* pthread_setname_np */
#include <greywave/greywave.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct node {
    struct node *next;
    uint64_t number;
};
GW_TYPE_FIELDS(node, struct node, next);

static void work(void)
{
    for (int i = 0; i < 200000; i++) gw_alloc(&gw_type_node);
    gw_collect(GW_FULL);
}

static void *run(void *name)
{
    pthread_setname_np(pthread_self(), name);
    if (gw_init("nursery=256k") != GW_OK) exit(2);
    struct gw_heap *heap = gw_current_thread.heap;
    work();
    if (gw_detach() != GW_OK || gw_heap_destroy(heap) != GW_OK) exit(3);
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    char names[2][8] = {"first", "second"};
    if (gw_init("nursery=256k") != GW_OK) return 2;
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, run, names[i]);
    work();
    pid_t child = fork();
    if (child == 0) {
        work();
        exit(0);
    }
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    int status;
    waitpid(child, &status, 0);
    work();
    return status;
}
