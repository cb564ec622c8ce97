/* Frozen objects: permanent, written to like others, and their pages not written to by collections. */
#include "heap_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

Test(freeze, frozen_objects_stay_when_nothing_refers_to_them_until_they_are_thawed)
{
    struct gw_heap *heap = start_heap("nursery=64k,verify=1");
    make_list(0, 1000);
    gw_freeze();
    cr_assert_eq(gw_frozen_objects().objects, 1000);
    cr_assert_eq(gw_frozen_objects().bytes, 32000);
    roots[0] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 1000);
    gw_unfreeze();
    cr_assert_eq(gw_frozen_objects().objects, 0);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 0);
}

Test(freeze, what_is_stored_into_a_frozen_object_lives_by_it)
{
    struct gw_heap *heap = start_heap("nursery=64k,verify=1,growth=10");
    roots[0] = gw_new_array(references, 1000);
    make_list(1, 500);
    gw_freeze();
    for (size_t i = 0; i < 1000; i += 100) {
        void *node = new_node(i);
        GW_STORE((struct references *)roots[0], at[i], node);
    }
    void *node = new_node(77);
    GW_STORE((struct node *)roots[1], right, node);
    for (int round = 0; round < 4; round++) {
        if (round == 1) gw_collect(GW_MINOR);
        if (round > 1) gw_collect(GW_FULL);
        for (size_t i = 0; i < 1000; i += 100) cr_assert_eq(((struct node *)((struct references *)roots[0])->at[i])->number, i);
        cr_assert_eq(((struct node *)roots[1])->right->number, 77);
        cr_assert_eq(list_length(roots[1]), 500);
    }
    cr_assert_eq(old_objects(heap), 1 + 500 + 11);
    GW_STORE((struct node *)roots[1], right, NULL);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 1 + 500 + 10);
    gw_freeze(); /* a second time: what came since */
    cr_assert_eq(gw_frozen_objects().objects, 1 + 500 + 10);
}

Test(freeze, given_writes_to_frozen_objects_between_steps_then_nothing_is_lost)
{
    start_heap("nursery=64k,verify=1,growth=10");
    make_list(0, 1000);
    gw_freeze();
    gw_disable();
    make_list(1, 3000);
    make_list(2, 3000);
    gw_collect(GW_MINOR);
    gw_collect(GW_MINOR);
    roots[2] = NULL;
    struct node *at = roots[0];
    for (uint64_t turn = 0;; turn++) {
        void *node = new_node(turn);
        GW_STORE(at, right, node);
        at = at->left ? at->left : roots[0];
        if (gw_collect_step(0).status == GW_STEP_DONE) break;
    }
    cr_assert_eq(list_length(roots[0]), 1000);
    cr_assert_eq(list_length(roots[1]), 3000);
}

/* ---- fork ------------------------------------------------------------------------------------------ */

/* Bit 56 of an entry of /proc/self/pagemap: this process alone maps the page. What a forked child has not written, it shares. */
static bool is_own_page(int pagemap, uintptr_t page)
{
    uint64_t entry;
    cr_assert_eq(pread(pagemap, &entry, sizeof entry, (off_t)(page / 4096 * 8)), sizeof entry);
    return (entry >> 63 & 1) && (entry >> 56 & 1);
}

/* Pages of the blocks below `top`, but for the nursery's, that this process alone maps. */
static size_t own_pages(const struct gw_heap *heap, uint32_t top)
{
    int pagemap = open("/proc/self/pagemap", O_RDONLY);
    cr_assert_geq(pagemap, 0);
    size_t own = 0;
    for (uint32_t block = 0; block < top; block++)
        for (size_t page = 0; page < GW_BLOCK_BYTES && !heap->old.blocks.young[block]; page += 4096)
            own += is_own_page(pagemap, (uintptr_t)gw_block_address(&heap->old.blocks, block) + page);
    close(pagemap);
    return own;
}

/* What a forked child that allocates and collects makes its own of the parent's `top` blocks. */
static size_t pages_a_child_dirties(struct gw_heap *heap, uint32_t top, bool store)
{
    int channel[2];
    cr_assert_eq(pipe(channel), 0);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 5; i++) {
            for (uint64_t k = 0; k < 20000; k++) new_node(k);
            make_list(1, 5000);
            gw_collect(GW_FULL);
        }
        if (store) ((struct node *)roots[0])->number = 0;
        size_t own = own_pages(heap, top);
        _exit(write(channel[1], &own, sizeof own) != sizeof own);
    }
    size_t own = 0;
    cr_assert_eq(read(channel[0], &own, sizeof own), sizeof own);
    cr_assert_eq(waitpid(child, NULL, 0), child);
    close(channel[0]);
    close(channel[1]);
    return own;
}

Test(freeze, a_forked_child_that_collects_dirties_no_frozen_page_it_does_not_write)
{
    struct gw_heap *heap = start_heap(NULL);
    make_list(0, 1000000);
    for (struct node *node = roots[0]; node && node->left; node = node->left) /* and holes between */
        GW_STORE(node, left, node->left->left);
    gw_collect(GW_FULL);
    uint32_t top = heap->old.blocks.top;
    size_t thawed = pages_a_child_dirties(heap, top, false);
    gw_freeze();
    size_t frozen = pages_a_child_dirties(heap, top, false), written = pages_a_child_dirties(heap, top, true);
    size_t live = (size_t)(gw_frozen_objects().bytes / 4096);
    printf("[fork] %zu pages of live objects; a child that collects five times and keeps 5000 objects makes its own: %zu without freeze, "
           "%zu frozen, "
           "%zu frozen and one object written\n",
           live, thawed, frozen, written);
    cr_assert_leq(thawed, live / 20);
    cr_assert_eq(frozen, 0);
    cr_assert_eq(written, 1);
}
