/* Every allocation that the runtime makes for itself fails once: the call says so, and what was there before still works.
 *
 * The linker sends the runtime's malloc, calloc, realloc, aligned_alloc and mmap here (--wrap); the one numbered `fail_at` is refused.
 */
#include "heap_fixture.h"
#include "heap/samples.h"
#include "map_bytes.h"
#include "roots/modules.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static unsigned counted, fail_at; /* 0: none fails */

static bool refuse(void)
{
    return fail_at && ++counted == fail_at;
}

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *memory, size_t bytes);
void *__real_mmap(void *address, size_t bytes, int protection, int flags, int file, off_t offset);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *memory, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
void *__wrap_mmap(void *address, size_t bytes, int protection, int flags, int file, off_t offset);

void *__wrap_malloc(size_t bytes)
{
    return refuse() ? NULL : __real_malloc(bytes);
}
void *__wrap_calloc(size_t count, size_t bytes)
{
    return refuse() ? NULL : __real_calloc(count, bytes);
}
void *__wrap_realloc(void *memory, size_t bytes)
{
    return refuse() ? NULL : __real_realloc(memory, bytes);
}
void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
    return refuse() ? NULL : __real_aligned_alloc(alignment, bytes);
}
void *__wrap_mmap(void *address, size_t bytes, int protection, int flags, int file, off_t offset)
{
    return refuse() ? MAP_FAILED : __real_mmap(address, bytes, protection, flags, file, offset);
}

/* Runs `attempt` with the 1st, 2nd, … allocation refused until it gets through without one being refused. A call that can do
 * without some allocation may succeed all the same, and is then undone. */
static unsigned try_each(bool attempt(void), void undo(void))
{
    for (unsigned at = 1;; at++) {
        counted = 0;
        fail_at = at;
        bool succeeded = attempt();
        bool refused = counted >= at;
        fail_at = 0;
        if (!refused) {
            cr_assert(succeeded, "%s", gw_error_text());
            return at - 1;
        }
        if (succeeded) {
            cr_assert_not_null(undo, "allocation %u was refused, and the call did not say so", at);
            undo();
        } else {
            cr_assert_str_not_empty(gw_error_text());
        }
    }
}

static struct gw_heap *created;

static bool create_heap(void)
{
    struct gw_options options;
    gw_options_parse("max-heap=64m", &options);
    return gw_heap_create(&options, &created) == GW_OK;
}

Test(allocation_failure, creating_a_heap)
{
    cr_assert_geq(try_each(create_heap, NULL), 10);
    cr_assert_eq(gw_attach(created), GW_OK);
    cr_assert_not_null(gw_new(node));
}

static bool take_handle(void)
{
    return gw_handle_new(NULL) != NULL;
}

static bool add_roots(void)
{
    static void *words[2];
    return gw_add_roots(words, 2) == GW_OK;
}

static void ignore_object(void *payload)
{
    (void)payload;
}
static const struct gw_type mortal = {.name = "mortal", .size = 16, .destroy = ignore_object};

static bool allocate_with_destructor(void)
{
    return gw_alloc(&mortal) != NULL;
}

Test(allocation_failure, handles_roots_and_destructors)
{
    cr_assert_eq(gw_init("max-heap=64m"), GW_OK);
    make_list(0, 100);
    gw_handle list = NULL;
    cr_assert_eq(try_each(take_handle, NULL), 2); /* the slab; the index of roots, for which it was kept */
    list = gw_handle_new(roots[0]);
    cr_assert_eq(try_each(add_roots, NULL), 1);
    cr_assert_eq(try_each(allocate_with_destructor, NULL), 1);
    gw_collect(GW_FULL);
    cr_assert_eq(list_length(gw_handle_get(list)), 100);
}

/* ---- Life after reachability ------------------------------------------------------------------------ */

static gw_finalizer_queue *queue;

static bool make_queue(void)
{
    queue = gw_finalizer_queue_new(NULL, NULL);
    return queue != NULL;
}

static bool register_object(void)
{
    return gw_finalize_with(queue, roots[0]) == GW_OK;
}

static bool make_weak(void)
{
    return gw_weak_new(roots[0], GW_WEAK_SHORT) != NULL;
}

static bool set_map(void)
{
    return gw_weak_map_set(roots[1], roots[0], roots[0]) == GW_OK;
}

static bool hash_young(void)
{
    return gw_identity_hash(new_node(1)) != 0;
}

static bool pin(void)
{
    return gw_pin(roots[0]) != NULL;
}

static bool open_scoped(void)
{
    return gw_scope_handle(roots[0]) != NULL;
}

static bool deliver_whole_chains(void)
{
    return gw_finalize_whole_chains(true) == GW_OK;
}

static void undo_nothing(void) {}

Test(allocation_failure, what_life_after_reachability_needs)
{
    cr_assert_eq(gw_init("max-heap=64m"), GW_OK);
    gw_add_roots(roots, 8);
    roots[0] = new_node(7);
    roots[1] = gw_weak_map_new(GW_WEAK_KEYS);
    cr_assert_eq(try_each(make_queue, NULL), 1);
    cr_assert_geq(try_each(register_object, NULL), 2);
    cr_assert_geq(try_each(make_weak, NULL), 2);
    cr_assert_geq(try_each(hash_young, NULL), 1);
    cr_assert_geq(try_each(set_map, NULL), 0);
    cr_assert_geq(try_each(open_scoped, NULL), 1);
    cr_assert_geq(try_each(deliver_whole_chains, NULL), 1);
    cr_assert_geq(try_each(pin, undo_nothing), 1);
    gw_collect(GW_FULL);
    cr_assert_eq(gw_weak_map_get(roots[1], roots[0]), roots[0]);
    cr_assert_eq(gw_finalizer_queue_length(queue), 0);
    void *pinned = roots[0];
    roots[0] = NULL;
    while (gw_unpin(pinned) == GW_OK) continue;
    gw_scope_end((gw_scope){0});
    gw_collect(GW_FULL);
    cr_assert_eq(((struct node *)gw_finalizer_queue_next(queue))->number, 7);
}

static struct map_bytes bytes;
static uint8_t code[0x300];
static struct gw_module module;

static bool take_snapshot(void)
{
    gw_status status = gw_heap_snapshot("/dev/null");
    cr_assert(status == GW_OK || status == GW_ERROR_MEMORY, "%s", gw_error_text());
    return status == GW_OK;
}

static bool write_timeline(void)
{
    gw_status status = gw_trace_start("/dev/null");
    cr_assert(status == GW_OK || status == GW_ERROR_MEMORY, "%s", gw_error_text());
    return status == GW_OK && gw_trace_stop() == GW_OK;
}

/* Of a heap whose names and roots need more than one step of their lists, and whose array more than the tracer's stack. */
Test(allocation_failure, snapshots_and_timelines)
{
    start_heap("nursery=64k,max-heap=64m");
    roots[0] = gw_new_array(references, 40000);
    for (size_t i = 0; i < 40000; i++) {
        void *node = new_node(i);
        GW_STORE((struct references *)roots[0], at[i], node);
    }
    for (int i = 0; i < 600; i++) cr_assert_not_null(gw_handle_new(roots[0]));
    cr_assert_geq(try_each(take_snapshot, undo_nothing), 8); /* without the file that names a variable lies in, it has none */
    cr_assert_eq(try_each(write_timeline, NULL), 1);
    cr_assert_eq(gw_verify(), GW_OK);
}

static bool profile(void)
{
    if (gw_profile_start(1024) != GW_OK) return false;
    make_list(0, 10000);
    bool complete = gw_current_thread.heap->samples->lost == 0;
    gw_status status = gw_profile_write("/dev/null");
    cr_assert(status == GW_OK || status == GW_ERROR_MEMORY, "%s", gw_error_text());
    gw_collect(GW_FULL);
    cr_assert_eq(gw_verify(), GW_OK);
    cr_assert_eq(gw_profile_stop(), GW_OK);
    return complete && status == GW_OK;
}

/* The file of an image that cannot be mapped is done without. */
Test(allocation_failure, profiles)
{
    start_heap("nursery=64k,max-heap=64m");
    cr_assert_geq(try_each(profile, undo_nothing), 12);
}

static bool register_module(void)
{
    return gw_module_register(&module) == GW_OK;
}

/* What was registered although memory was short must be complete. */
static void unregister_module(void)
{
    const struct gw_registry *registry = gw_registry_read();
    cr_assert_eq(registry->frames.count, 5);
    cr_assert(gw_registry_check(registry));
    gw_registry_read_end();
    cr_assert_eq(gw_module_unregister(&module), GW_OK);
}

Test(allocation_failure, registering_a_module)
{
    put_sample(&bytes, (uintptr_t)bytes.data, (uintptr_t)code);
    module = (struct gw_module){.abi_version = GW_ABI_VERSION, .maps_begin = bytes.data, .maps_end = bytes.data + bytes.size};
    cr_assert_geq(try_each(register_module, unregister_module), 2);
    unregister_module();
    cr_assert_eq(gw_module_unregister(&module), GW_ERROR_ARGUMENT);
}
