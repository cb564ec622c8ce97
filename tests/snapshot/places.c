/* A program whose every kind of place refers to an object of a type of its own, and a snapshot while it does. For gwcc with any root
 * finder, and for GCC.
 *
 *     places <file>
 */
#include <greywave/greywave.h>
#include <stdio.h>
#include <stdlib.h>

#define OBJECT(name)                                                                                                                       \
    struct name {                                                                                                                          \
        uint64_t number;                                                                                                                   \
    };                                                                                                                                     \
    GW_TYPE_LEAF(name, struct name)

OBJECT(of_outer_frame);
OBJECT(of_inner_frame);
OBJECT(of_waiting_frame);
OBJECT(of_new_stack);
OBJECT(of_global);
OBJECT(of_array);
OBJECT(of_thread);
OBJECT(of_handle);

struct of_global GW *kept_by_global;
static struct of_array GW *kept_by_array[3];
static _Thread_local struct of_thread GW *kept_by_thread;
GW_GLOBAL(kept_by_global);
GW_GLOBAL(kept_by_array);
GW_GLOBAL(kept_by_thread);

static volatile uint64_t used;
static int failed;

__attribute__((noinline)) static void inner(const char *path)
{
    struct of_inner_frame GW *object = gw_new(of_inner_frame);
    GW_CALL(failed = gw_heap_snapshot(path), object);
    used = object->number;
}

__attribute__((noinline)) static void outer(const char *path)
{
    struct of_outer_frame GW *object;
    object = gw_new(of_outer_frame);
    GW_CALL(inner(path), object);
    used = object->number;
}

__attribute__((noinline)) static void GW *waits(void GW *argument, void GW *unused)
{
    struct of_waiting_frame GW *object = (struct of_waiting_frame GW *)argument;
    (void)unused;
    GW_CALL(gw_stack_yield(NULL), object);
    used = object->number;
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc != 2 || gw_init("nursery=64k") != GW_OK) return 2;
    kept_by_global = gw_new(of_global);
    kept_by_array[1] = gw_new(of_array);
    kept_by_thread = gw_new(of_thread);
    gw_handle handle = gw_handle_new(gw_new(of_handle));
    gw_stack *waiting = gw_stack_new(0, waits, gw_new(of_waiting_frame));
    gw_stack_switch(waiting, NULL);
    gw_stack *begins = gw_stack_new(0, waits, gw_new(of_new_stack));
    outer(argv[1]);
    used = kept_by_global->number + kept_by_array[1]->number + kept_by_thread->number;
    gw_handle_free(handle);
    gw_stack_free(begins);
    gw_stack_free(waiting);
    if (failed) fprintf(stderr, "%s\n", gw_error_text());
    return failed;
}
