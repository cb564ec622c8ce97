/* The write barrier and what it records; and that a missing barrier is seen. */
#define _GNU_SOURCE /* process_vm_readv */
#include "heap_fixture.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/uio.h>

/* roots[0]: an old node. */
static struct gw_heap *heap_with_old_node(const char *options)
{
    struct gw_heap *heap = start_heap(options);
    roots[0] = new_node(1);
    gw_collect(GW_FULL);
    cr_assert(gw_old_is_object(&heap->old, (uintptr_t)roots[0]));
    return heap;
}

Test(remembered, given_an_old_object_when_written_twice_then_it_is_recorded_once)
{
    struct gw_heap *heap = heap_with_old_node(NULL);
    struct node *old = roots[0];
    GW_STORE(old, left, new_node(2));
    GW_STORE(old, right, new_node(3));
    cr_assert_eq(heap->recorded.remembered_count, 1);
    cr_assert_eq(heap->recorded.remembered[0], (uintptr_t)old);
    gw_collect(GW_FULL);
    cr_assert_eq(heap->recorded.remembered_count, 0);
    cr_assert(*gw_header((uintptr_t)old) & GW_HEADER_TRACK);
    cr_assert_eq(old->left->number, 2);
    cr_assert_eq(old->right->number, 3);
}

Test(remembered, given_a_young_object_when_written_then_nothing_is_recorded)
{
    struct gw_heap *heap = start_heap(NULL);
    roots[0] = new_node(1);
    struct node *child = new_node(2);
    GW_STORE((struct node *)roots[0], left, child);
    cr_assert_eq(heap->recorded.remembered_count, 0);
}

Test(remembered, given_survivors_that_stay_young_when_collected_then_their_holder_stays_recorded)
{
    struct gw_heap *heap = heap_with_old_node("age=2");
    struct node *old = roots[0];
    GW_STORE(old, left, new_node(2));
    gw_collect(GW_MINOR);
    cr_assert(gw_is_young(&heap->old, (uintptr_t)old->left));
    cr_assert_eq(heap->recorded.remembered_count, 1);
    gw_collect(GW_MINOR);
    cr_assert(gw_is_young(&heap->old, (uintptr_t)old->left));
    gw_collect(GW_MINOR);
    cr_assert(gw_old_is_object(&heap->old, (uintptr_t)old->left));
    cr_assert_eq(heap->recorded.remembered_count, 0);
    cr_assert_eq(old->left->number, 2);
}

Test(cards, given_a_long_old_array_when_one_element_is_written_then_one_card_is_dirty)
{
    struct gw_heap *heap = start_heap(NULL);
    roots[0] = gw_new_array(references, 100000);
    struct references *array = roots[0];
    struct node *node = new_node(7);
    gw_write_barrier(array, &array->at[50000]);
    array->at[50000] = node;
    cr_assert_eq(heap->recorded.listed_count, 1);
    size_t dirty = 0;
    uint8_t *first = gw_card(&heap->recorded, (uintptr_t)array), *last = gw_card(&heap->recorded, (uintptr_t)&array->at[99999]);
    for (uint8_t *card = first; card <= last; card++) dirty += *card;
    cr_assert_eq(dirty, 1);
    gw_collect(GW_FULL);
    cr_assert_eq(((struct node *)array->at[50000])->number, 7);
    cr_assert_eq(heap->recorded.listed_count, 0);
}

static size_t dirty_cards(const struct gw_heap *heap)
{
    size_t dirty = 0;
    const uint8_t *first = gw_card(&heap->recorded, (uintptr_t)heap->old.blocks.base);
    for (size_t i = 0; i < (size_t)heap->old.blocks.top << GW_BLOCK_SHIFT >> GW_CARD_SHIFT; i++) dirty += first[i] != 0;
    return dirty;
}

/* roots[0] to [7]: old arrays, the end of one and the beginning of the next in one card. */
static struct gw_heap *heap_with_arrays_that_share_cards(const char *options)
{
    struct gw_heap *heap = start_heap(options);
    for (unsigned i = 0; i < 8; i++) roots[i] = gw_new_array(references, 143);
    gw_collect(GW_FULL);
    return heap;
}

/* A young node numbered `i` in the first and in the last element of an array. */
static void write_both_ends(unsigned i)
{
    struct node *node = new_node(i);
    struct references *array = roots[i];
    for (unsigned at = 0; at < 143; at += 142) {
        gw_write_barrier(array, &array->at[at]);
        array->at[at] = node;
    }
}

static void find_both_ends(unsigned i)
{
    struct references *array = roots[i];
    cr_assert_eq(((struct node *)array->at[0])->number, i);
    cr_assert_eq(((struct node *)array->at[142])->number, i);
}

static void collect_arrays_that_share_cards(const char *options, unsigned step)
{
    struct gw_heap *heap = heap_with_arrays_that_share_cards(options);
    for (unsigned i = 0; i < 8; i += step) write_both_ends(i);
    cr_assert_gt(dirty_cards(heap), 0);
    gw_collect(GW_MINOR);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    for (unsigned i = 0; i < 8; i += step) find_both_ends(i);
    cr_assert_eq(dirty_cards(heap), 0, "there is nothing young");
}

Test(cards, given_arrays_that_share_cards_when_all_are_written_then_all_are_scanned_and_no_card_stays_dirty)
{
    collect_arrays_that_share_cards("nursery=64k,age=0", 1);
}

Test(cards, given_arrays_that_share_cards_when_some_are_written_then_no_card_stays_dirty_for_the_others)
{
    collect_arrays_that_share_cards("nursery=64k,age=0", 2);
}

Test(cards, given_arrays_that_grew_old_where_they_are_when_some_are_written_then_no_card_stays_dirty)
{
    collect_arrays_that_share_cards("nursery=64k,age=0,stress=stay", 2);
}

/* A card is scanned for the first array while the second waits for its turn; the next time the other way round. */
Test(cards, given_survivors_that_stay_young_in_shared_cards_then_their_cards_stay_dirty_until_they_are_old)
{
    struct gw_heap *heap = heap_with_arrays_that_share_cards("nursery=64k,age=2");
    for (unsigned i = 0; i < 8; i++) write_both_ends(i);
    for (int collection = 0; collection < 3; collection++) {
        cr_assert_gt(dirty_cards(heap), 0);
        gw_collect(GW_MINOR);
        cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    }
    cr_assert_eq(dirty_cards(heap), 0);
    for (unsigned i = 0; i < 8; i++) find_both_ends(i);
}

/* roots[0]: an old array, remembered as a whole because roots[1] was stored into one element again and again. */
static struct references *array_written_again_and_again(void)
{
    roots[0] = gw_new_array(references, 1000);
    gw_collect(GW_FULL);
    roots[1] = new_node(7);
    struct references *array = roots[0];
    for (int i = 0; i < GW_CARD_PATIENCE + 2; i++) {
        gw_write_barrier(array, &array->at[5]);
        array->at[5] = roots[1];
    }
    return array;
}

Test(cards, given_an_old_array_when_it_is_written_again_and_again_then_it_is_remembered_as_a_whole)
{
    struct gw_heap *heap = start_heap("age=0");
    struct references *array = array_written_again_and_again();
    cr_assert_not(*gw_header((uintptr_t)array) & GW_HEADER_TRACK);
    cr_assert_eq(heap->recorded.remembered_count, 1);
    array->at[900] = new_node(8);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    gw_collect(GW_MINOR);
    cr_assert_eq(((struct node *)array->at[5])->number, 7);
    cr_assert_eq(((struct node *)array->at[900])->number, 8);
    cr_assert(*gw_header((uintptr_t)array) & GW_HEADER_TRACK);
    cr_assert_eq(heap->recorded.remembered_count + heap->recorded.listed_count, 0);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
}

static void collect_array_remembered_as_a_whole(bool overflows)
{
    struct gw_heap *heap = start_heap("age=2");
    struct references *array = array_written_again_and_again();
    array->at[900] = new_node(8);
    heap->recorded.overflowed = overflows;
    gw_collect(GW_MINOR);
    cr_assert_eq(heap->recorded.listed_count, 1);
    cr_assert_eq(heap->recorded.remembered_count, 0);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    gw_collect(GW_FULL);
    cr_assert_eq(((struct node *)array->at[900])->number, 8);
}

Test(cards, given_an_array_remembered_as_a_whole_when_young_references_stay_then_it_is_listed_once)
{
    collect_array_remembered_as_a_whole(false);
}

Test(cards, given_an_array_remembered_as_a_whole_when_the_lists_have_overflowed_then_it_is_listed_once)
{
    collect_array_remembered_as_a_whole(true);
}

Test(cards, given_an_array_too_large_for_a_minor_collection_when_it_is_written_again_and_again_then_it_stays_listed)
{
    struct gw_heap *heap = start_heap("nursery=64k");
    roots[0] = gw_new_array(references, 10000);
    gw_collect(GW_FULL);
    struct references *array = roots[0];
    for (int i = 0; i < 10 * GW_CARD_PATIENCE; i++) gw_write_barrier(array, &array->at[5]);
    cr_assert(*gw_header((uintptr_t)array) & GW_HEADER_TRACK);
    cr_assert_eq(heap->recorded.remembered_count, 0);
    cr_assert_eq(heap->recorded.listed_count, 1);
}

struct pair_element {
    uint64_t number;
    void *first, *second;
};
struct pairs {
    uint64_t length;
    struct pair_element at[];
};
static const uint32_t pair_offsets[] = {8, 16};
static const struct gw_type gw_type_pairs = {.name = "pairs",
                                             .size = sizeof(struct pairs),
                                             .element_offset_count = 2,
                                             .element_size = sizeof(struct pair_element),
                                             .offsets = pair_offsets};

Test(cards, given_elements_across_cards_when_their_array_is_promoted_before_what_they_refer_to_then_every_slot_is_recorded)
{
    start_heap("age=2");
    roots[0] = gw_alloc_array(&gw_type_pairs, 200);
    gw_collect(GW_MINOR);
    gw_collect(GW_MINOR);
    struct pairs *array = roots[0];
    array->at[20].first = gw_new(node);
    gw_collect(GW_MINOR);
    array = roots[0];
    /* The first cell of a fresh block: element 20 begins in one card and its first reference lies in the next. */
    cr_assert_eq((uintptr_t)&array->at[20].first % GW_CARD_BYTES, 0);
    cr_assert(gw_old_contains(&gw_current_thread.heap->old, (uintptr_t)roots[0]));
    cr_assert(gw_is_young(&gw_current_thread.heap->old, (uintptr_t)array->at[20].first));
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
}

Test(array_copy, given_an_old_target_when_young_references_are_copied_then_they_survive)
{
    start_heap(NULL);
    roots[0] = gw_new_array(references, 1000);
    roots[1] = gw_new_array(references, 20);
    gw_collect(GW_FULL);
    roots[2] = gw_new_array(references, 20);
    for (uint64_t i = 0; i < 20; i++) {
        struct node *node = new_node(i);
        ((struct references *)roots[2])->at[i] = node;
    }
    gw_array_copy(roots[0], 500, roots[2], 0, 20);
    gw_array_copy(roots[1], 0, roots[2], 0, 20);
    roots[2] = NULL;
    gw_collect(GW_MINOR);
    gw_collect(GW_FULL);
    for (uint64_t i = 0; i < 20; i++) {
        cr_assert_eq(((struct node *)((struct references *)roots[0])->at[500 + i])->number, i);
        cr_assert_eq(((struct node *)((struct references *)roots[1])->at[i])->number, i);
    }
}

Test(remembered, given_more_writes_than_the_set_holds_when_collected_then_nothing_is_lost)
{
    enum { COUNT = GW_REMEMBERED_CAPACITY + 1000 };
    struct gw_heap *heap = start_heap("nursery=1m,age=0");
    make_list(0, COUNT);
    gw_collect(GW_FULL);
    struct node *shared = new_node(42);
    for (struct node *node = roots[0]; node; node = node->left) GW_STORE(node, right, shared);
    cr_assert(heap->recorded.overflowed);
    gw_collect(GW_MINOR);
    cr_assert_not(heap->recorded.overflowed);
    for (struct node *node = roots[0]; node; node = node->left) cr_assert_eq(node->right->number, 42);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
}

Test(remembered, given_nearly_as_many_writes_when_the_program_allocates_then_a_minor_collection_has_drained_them)
{
    struct gw_heap *heap = start_heap("nursery=1m");
    make_list(0, GW_REMEMBERED_HIGH + 10);
    gw_collect(GW_FULL);
    struct node *shared = new_node(42);
    for (struct node *node = roots[0]; node; node = node->left) GW_STORE(node, right, shared);
    cr_assert_geq(heap->recorded.remembered_count, GW_REMEMBERED_HIGH);
    roots[1] = ((struct node *)roots[0])->right;
    uint64_t before = heap->stats.minor_collections;
    new_node(1);
    cr_assert_eq(heap->stats.minor_collections, before + 1);
}

static struct {
    uint64_t header;
    struct node node;
} prebuilt = {(uintptr_t)&gw_type_node + (GW_HEADER_STATIC | GW_HEADER_TRACK), {0}};

Test(statics, given_a_static_object_when_a_reference_is_stored_then_it_is_a_root_from_then_on)
{
    start_heap("age=0");
    GW_STORE(&prebuilt.node, left, new_node(5));
    gw_collect(GW_FULL);
    cr_assert_eq(prebuilt.node.left->number, 5);
    GW_STORE(&prebuilt.node, right, new_node(6));
    gw_collect(GW_MINOR);
    gw_collect(GW_FULL);
    cr_assert_eq(prebuilt.node.left->number, 5);
    cr_assert_eq(prebuilt.node.right->number, 6);
    cr_assert_eq(gw_current_thread.heap->recorded.static_count, 1);
}

Test(statics, given_old_referents_when_nobody_writes_then_minor_collections_do_not_look_at_it)
{
    struct gw_heap *heap = start_heap("age=1,verify=1");
    GW_STORE(&prebuilt.node, left, new_node(5));
    cr_assert_eq(heap->recorded.changed_static_count, 1);
    gw_collect(GW_MINOR);
    cr_assert_eq(heap->recorded.changed_static_count, 1, "a survivor is young");
    gw_collect(GW_MINOR);
    cr_assert_eq(heap->recorded.changed_static_count, 0);
    GW_STORE(&prebuilt.node, right, new_node(6));
    GW_STORE(&prebuilt.node, right, new_node(7));
    cr_assert_eq(heap->recorded.changed_static_count, 1);
    for (int i = 0; i < 3; i++) gw_collect(GW_MINOR);
    gw_collect(GW_FULL);
    cr_assert_eq(prebuilt.node.left->number, 5);
    cr_assert_eq(prebuilt.node.right->number, 7);
}

Test(planted, a_missing_barrier_for_a_static_object_is_reported)
{
    start_heap("nursery=256k");
    GW_STORE(&prebuilt.node, left, NULL);
    gw_barrier_slow(&prebuilt.node, &prebuilt.node.left);
    gw_collect(GW_MINOR);
    prebuilt.node.left = new_node(1); /* the planted bug: no barrier */
    cr_assert_eq(gw_verify(), GW_ERROR_STATE);
    cr_assert_not_null(strstr(gw_error_text(), "barrier"), "%s", gw_error_text());
    prebuilt.node.left = NULL;
}

static struct {
    uint64_t header;
    struct node node;
} untracked = {(uintptr_t)&gw_type_node + GW_HEADER_STATIC, {0}};

/* As long as somebody refers to it: no list has it. */
Test(planted, a_static_object_that_is_written_to_without_being_tracked_is_reported)
{
    start_heap("nursery=256k");
    roots[0] = &untracked.node;
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    GW_STORE(&untracked.node, left, new_node(1));
    cr_assert_eq(gw_verify(), GW_ERROR_STATE);
    cr_assert_not_null(strstr(gw_error_text(), "its header lacks GW_HEADER_TRACK"), "%s", gw_error_text());
    cr_assert_eq(gw_add_roots((void **)&untracked.node.left, 1), GW_OK);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
}

Test(planted, a_first_write_to_a_static_object_without_a_barrier_is_reported)
{
    start_heap("nursery=256k");
    roots[0] = new_node(1);
    GW_STORE((struct node *)roots[0], left, &prebuilt.node);
    prebuilt.node.right = new_node(2); /* the planted bug: no barrier */
    cr_assert_eq(gw_verify(), GW_ERROR_STATE);
    cr_assert_not_null(strstr(gw_error_text(), "which that does not keep alive: a write barrier is missing"), "%s", gw_error_text());
}

Test(planted, a_missing_barrier_is_reported)
{
    heap_with_old_node(NULL);
    struct node *young = new_node(2);
    ((struct node *)roots[0])->left = young; /* the planted bug: no barrier */
    cr_assert_eq(gw_verify(), GW_ERROR_STATE);
    cr_assert_not_null(strstr(gw_error_text(), "barrier"), "%s", gw_error_text());
    cr_assert_not_null(strstr(gw_error_text(), "'node'"), "%s", gw_error_text());
}

Test(planted, a_missing_root_is_reported_when_its_stale_value_is_stored)
{
    heap_with_old_node("poison=1");
    struct node *stale = new_node(2); /* the planted bug: no root holds it */
    gw_collect(GW_MINOR);
    cr_assert_eq((uintptr_t)stale->left, GW_POISON);
    roots[1] = stale;
    cr_assert_eq(gw_verify(), GW_ERROR_STATE);
    cr_assert_not_null(strstr(gw_error_text(), "vacated"), "%s", gw_error_text());
}

Test(planted, an_early_free_is_reported)
{
    struct gw_heap *heap = heap_with_old_node(NULL);
    roots[1] = new_node(3);
    gw_collect(GW_FULL);
    uintptr_t ref = (uintptr_t)roots[1]; /* the planted bug: its start bit goes, as if it had been swept */
    heap->old.starts[gw_granule(&heap->old, ref) >> 6] &= ~(UINT64_C(1) << (gw_granule(&heap->old, ref) & 63));
    cr_assert_eq(gw_verify(), GW_ERROR_STATE);
    cr_assert_not_null(strstr(gw_error_text(), "freed too early"), "%s", gw_error_text());
}

/* ---- Another heap's references ---------------------------------------------------------------------- */

static struct node *global; /* of the program, and of no heap */

static void *global_address(void)
{
    return &global;
}

/* A node of a heap that waits, while this one is attached. */
static struct node *foreign_node(struct gw_heap **waiting)
{
    struct gw_options options;
    gw_options_parse("nursery=256k,max-heap=16m", &options);
    cr_assert_eq(gw_heap_create(&options, waiting), GW_OK);
    cr_assert_eq(gw_attach(*waiting), GW_OK);
    struct node *foreign = new_node(7);
    cr_assert_eq(gw_detach(), GW_OK);
    start_heap("nursery=256k,max-heap=16m");
    roots[0] = new_node(1);
    return foreign;
}

static void expect_seen(const char *words)
{
    cr_assert_eq(gw_verify(), GW_ERROR_STATE);
    cr_assert_not_null(strstr(gw_error_text(), words), "%s", gw_error_text());
}

Test(foreign, a_field_with_another_heaps_reference_is_reported)
{
    struct gw_heap *waiting;
    struct node *foreign = foreign_node(&waiting);
    ((struct node *)roots[0])->right = foreign;
    expect_seen("field 8 of 'node'");
    expect_seen("an object of another heap");
    gw_collect(GW_FULL);
    expect_seen("an object of another heap");
    cr_assert_eq(gw_heap_destroy(waiting), GW_OK);
    expect_seen("one that was destroyed");
}

static bool copies_are_forbidden;

ssize_t __real_process_vm_readv(pid_t, const struct iovec *, unsigned long, const struct iovec *, unsigned long, unsigned long);
ssize_t __wrap_process_vm_readv(pid_t, const struct iovec *, unsigned long, const struct iovec *, unsigned long, unsigned long);
ssize_t __wrap_process_vm_readv(pid_t pid, const struct iovec *to, unsigned long tos, const struct iovec *from, unsigned long froms,
                                unsigned long flags)
{
    if (!copies_are_forbidden) return __real_process_vm_readv(pid, to, tos, from, froms, flags);
    errno = EPERM;
    return -1;
}

Test(foreign, another_heaps_reference_is_reported_where_a_sandbox_forbids_copies)
{
    struct gw_heap *waiting;
    copies_are_forbidden = true;
    struct node *foreign = foreign_node(&waiting);
    ((struct node *)roots[0])->right = foreign;
    expect_seen("an object of another heap");
    cr_assert_eq(gw_heap_destroy(waiting), GW_OK);
    expect_seen("one that was destroyed");
}

/* The functions refuse it: it comes there past them. */
static void put_there(gw_handle handle, void *foreign)
{
    *(void **)handle = foreign;
}

Test(foreign, a_handle_with_another_heaps_reference_is_reported)
{
    struct gw_heap *waiting;
    struct node *foreign = foreign_node(&waiting);
    gw_handle handle = gw_handle_new(NULL);
    put_there(handle, foreign);
    expect_seen("an object of another heap");
    gw_handle_free(handle);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    gw_scope scope = gw_scope_begin();
    put_there(gw_scope_handle(NULL), foreign);
    expect_seen("an object of another heap");
    gw_scope_end(scope);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
}

Test(foreign, a_registered_word_with_another_heaps_reference_is_reported)
{
    struct gw_heap *waiting;
    roots[1] = foreign_node(&waiting);
    expect_seen("an object of another heap");
    roots[1] = &roots; /* of no heap at all */
    expect_seen("neither of this heap nor static");
}

Test(foreign, a_weak_reference_to_another_heaps_object_is_reported, .signal = SIGABRT)
{
    struct gw_heap *waiting;
    struct node *foreign = foreign_node(&waiting);
    roots[1] = gw_weak_new(roots[0], GW_WEAK_SHORT);
    *(void **)roots[1] = foreign;
    gw_verify();
}

/* A variable of the program is for all heaps: it may hold what another one keeps, as long as that exists. */
Test(foreign, a_variable_may_hold_another_heaps_reference_until_that_is_destroyed)
{
    static struct {
        struct gw_global_record record;
        uint32_t offset;
    } record = {{0, GW_GLOBAL_THREAD_LOCAL, 1, 8, 1}, 0};
    struct gw_module module = {.abi_version = GW_ABI_VERSION, .globals_begin = (uint8_t *)&record, .globals_end = (uint8_t *)(&record + 1)};
    struct gw_heap *waiting;
    record.record.address = (int32_t)((intptr_t)global_address - (intptr_t)&record);
    cr_assert_eq(gw_module_register(&module), GW_OK, "%s", gw_error_text());
    global = foreign_node(&waiting);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    gw_collect(GW_FULL);
    cr_assert_eq(gw_heap_destroy(waiting), GW_OK);
    expect_seen("left from a heap that was destroyed");
    global = NULL;
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    cr_assert_eq(gw_module_unregister(&module), GW_OK);
}

Test(foreign, references_to_static_objects_are_not_reported)
{
    struct gw_heap *waiting;
    struct node *foreign = foreign_node(&waiting);
    roots[1] = &prebuilt.node;
    GW_STORE((struct node *)roots[0], left, &prebuilt.node);
    gw_handle_new(&prebuilt.node);
    roots[2] = gw_weak_new(&prebuilt.node, GW_WEAK_LONG);
    prebuilt.node.right = foreign; /* a static object is for all heaps, too */
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    prebuilt.node.right = NULL;
}
