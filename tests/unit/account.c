/* The account: prices and expectations as arithmetic, then a heap whose program dirties cards until a minor collection is asked for. */
#include "heap/account.h"
#include "control/eden_size.h"
#include "counted_clock.h"
#include "heap_fixture.h"

#include <signal.h>

static struct gw_thread thread;
static struct gw_mutator mutator = {.thread = &thread};

/* A heap of which no more is there than the account looks at. */
static struct gw_heap bare_heap(uint64_t pause_ns)
{
    struct gw_heap heap = {
        .options = {.pause_ns = pause_ns}, .mutator = &mutator, .mutators = &mutator, .nursery.survivors = {GW_NO_BLOCK, GW_NO_BLOCK}};
    gw_account_init(&heap);
    thread = (struct gw_thread){.card_budget = mutator.armed = INT64_MAX};
    return heap;
}

Test(account, given_no_pause_then_it_is_never_full)
{
    struct gw_heap heap = bare_heap(0);
    heap.recorded.remembered_count = 100 * 1000 * 1000;
    cr_assert_not(gw_account_is_full(&heap));
}

Test(account, given_work_then_its_price_is_what_it_took_and_at_most_doubles)
{
    struct gw_heap heap = bare_heap(1000 * 1000);
    uint64_t first = heap.account.prices[0].card_ns;
    gw_account_note(&heap, &(struct gw_recorded_work){.cards = 100, .cards_ns = 100 * (first + 50)});
    cr_assert_eq(heap.account.prices[0].card_ns, first + 51);
    gw_account_note(&heap, &(struct gw_recorded_work){.cards = 100, .cards_ns = 100 * 100000});
    cr_assert_eq(heap.account.prices[0].card_ns, 2 * (first + 51) + 1);
    uint64_t high = heap.account.prices[0].card_ns;
    gw_account_note(&heap, &(struct gw_recorded_work){.cards = 100, .cards_ns = 100});
    cr_assert_eq(heap.account.prices[0].card_ns, high - high / 16, "forgotten slowly");
}

Test(account, given_few_then_their_time_is_noise_and_given_marking_then_it_has_a_price_of_its_own)
{
    struct gw_heap heap = bare_heap(1000 * 1000);
    struct gw_prices before[2] = {heap.account.prices[0], heap.account.prices[1]};
    gw_account_note(&heap, &(struct gw_recorded_work){.cards = 3, .cards_ns = 100000});
    cr_assert_eq(heap.account.prices[0].card_ns, before[0].card_ns);
    gw_account_note(&heap, &(struct gw_recorded_work){.objects = 100, .objects_ns = 100 * 1000, .marking = true});
    cr_assert_eq(heap.account.prices[0].object_ns, before[0].object_ns);
    cr_assert_gt(heap.account.prices[1].object_ns, before[1].object_ns);
    heap.cycle.phase = GW_PHASE_MARK;
    heap.recorded.remembered_count = 10;
    cr_assert_eq(gw_account_recorded_ns(&heap), 10 * heap.account.prices[1].object_ns);
}

Test(account, what_is_expected_is_the_sum_of_what_is_recorded_and_of_bytes)
{
    struct gw_heap heap = bare_heap(1000 * 1000);
    uint64_t nothing = gw_account_expected_ns(&heap, 0);
    heap.recorded.remembered_count = 7;
    heap.recorded.whole_lines = 5;
    heap.account.old_cards = 3;
    heap.account.new_cards = 2;
    mutator.armed = 20;
    thread.card_budget = 16; /* four more, counted by the barrier */
    uint64_t recorded = 12 * heap.account.prices[0].object_ns + 9 * heap.account.prices[0].card_ns;
    cr_assert_eq(gw_account_recorded_ns(&heap), recorded);
    cr_assert_eq(gw_account_expected_ns(&heap, 5000), nothing + recorded + 5 * heap.account.byte_ps);
}

/* A deep stack or a large exported table is read whole each time: minor collections that are smaller for it would only be more. */
Test(account, what_roots_took_is_expected_again_but_for_half_of_the_target_at_most)
{
    struct gw_heap heap = bare_heap(1000 * 1000);
    uint64_t nothing = gw_account_expected_ns(&heap, 0) - heap.account.roots_ns;
    for (int i = 0; i < 4; i++) gw_account_note(&heap, &(struct gw_recorded_work){.roots_ns = 100000});
    cr_assert_eq(gw_account_expected_ns(&heap, 0), nothing + 100000);
    cr_assert_eq(heap.account.last_ns, 100000);
    gw_account_note(&heap, &(struct gw_recorded_work){.roots_ns = UINT64_C(1) << 40});
    cr_assert_eq(heap.account.roots_ns, 800000, "eight times at most");
    cr_assert_eq(gw_account_expected_ns(&heap, 0), nothing + 400000);
}

Test(account, at_worst_all_that_is_young_is_copied)
{
    struct gw_heap heap = bare_heap(1000 * 1000);
    uint64_t nothing = gw_account_worst_ns(&heap);
    static char eden[1 << 20];
    mutator.piece = (struct gw_piece){eden, eden + sizeof eden};
    heap.nursery.given_bytes = sizeof eden;
    thread.alloc = eden + 500000;
    heap.account.copy_ps = 3000;
    cr_assert_eq(gw_account_worst_ns(&heap), nothing + 1500000);
    cr_assert_not(gw_account_is_full(&heap));
    thread.alloc = eden + 550000;
    cr_assert(gw_account_is_full(&heap), "all of it surviving would take more than 1.6 ms");
    heap.account.byte_ps = 1;
    cr_assert(gw_account_is_full(&heap), "however little survives of late");
}

Test(account, the_price_of_copying_rises_slowly_and_is_kept_long)
{
    struct gw_heap heap = bare_heap(1000 * 1000);
    uint64_t first = heap.account.copy_ps, much = 1 << 20;
    gw_account_note_copying(&heap, 1000, 1000 * 1000);
    cr_assert_eq(heap.account.copy_ps, first, "of so few bytes it says nothing");
    gw_account_note_copying(&heap, much, 100 * much);
    cr_assert_eq(heap.account.copy_ps, first + first / 8 + 1);
    first = heap.account.copy_ps;
    gw_account_note_copying(&heap, much, much / 10);
    cr_assert_eq(heap.account.copy_ps, first - first / 64);
    for (int i = 0; i < 100; i++) gw_account_note_copying(&heap, much, 4 * much);
    cr_assert_eq(heap.account.copy_ps, 4001, "what it takes in truth");
}

Test(account, given_more_cards_left_than_were_counted_out_then_fatal, .signal = SIGABRT)
{
    struct gw_heap heap = bare_heap(1000 * 1000);
    mutator.armed = 10;
    thread.card_budget = 11;
    gw_account_check(&heap);
}

/* Eden by what garbage costs alone would be all of it. */
Test(account, given_a_program_that_makes_garbage_then_it_may_begin_to_keep_everything_at_any_time)
{
    struct gw_heap *heap = start_heap("pause=1ms,nursery=8m");
    for (int i = 0; i < 1000; i++) gw_eden_size_note_minor(heap, heap->eden.bytes, 0, 10000);
    cr_assert_eq(heap->eden.bytes, 8 << 20);
    gw_collect(GW_MINOR);
    size_t left = (size_t)(heap->mutator->thread->limit - heap->mutator->thread->alloc);
    cr_assert_leq(left * heap->account.copy_ps / 1000, 2 * heap->options.pause_ns);
    cr_assert_geq(left * heap->account.copy_ps / 1000, heap->options.pause_ns);
    size_t kept = 0;
    for (uint64_t before = heap->stats.minor_collections; heap->stats.minor_collections == before; kept++) {
        struct node *node = new_node(kept);
        node->left = roots[0]; /* it is young */
        roots[0] = node;
    }
    cr_assert_leq(kept * (sizeof(struct node) + GW_HEADER_SIZE), left + 4096);
}

/* A barrier that does not charge what it dirties would let this go on to the end. */
Test(account, given_a_pause_and_cards_that_are_dirtied_then_a_minor_collection_is_asked_for_in_time)
{
    struct gw_heap *heap = start_heap("pause=1ms,nursery=4m,max-heap=256m");
    const size_t length = 4 << 20, step = GW_CARD_BYTES / sizeof(void *);
    struct references *array = roots[0] = gw_new_array(references, length);
    gw_collect(GW_FULL);
    array = roots[0];
    size_t dirtied = 0;
    for (size_t i = 0; i < length && gw_current_thread.limit; i += step, dirtied++) GW_STORE(array, at[i], array);
    cr_assert_null(gw_current_thread.limit, "the next allocation is to take its slow path, after %zu cards", dirtied);
    cr_assert(gw_heap_wants_minor(heap));
    uint64_t expected = gw_account_expected_ns(heap, 0), price = heap->account.prices[0].card_ns;
    cr_assert_leq(expected, heap->account.most_ns + 256 * price + heap->account.byte_ps * 4096);
    cr_assert_leq(expected, 2 * heap->options.pause_ns);
}
