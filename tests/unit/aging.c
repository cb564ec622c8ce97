/* Whether survivors are kept young: the rule as arithmetic, then programs whose survivors die old or die soon. */
#include "control/aging.h"
#include "control/eden_size.h"
#include "heap/options.h"
#include "heap_fixture.h"

#define MB ((size_t)1 << 20)

static struct gw_heap heap_by_survival(void)
{
    return (struct gw_heap){.options.age = GW_AGE_BY_SURVIVAL};
}

/* A minor collection that found a megabyte of survivors, of which `percent` survived again. Whether the next is to promote at once. */
static bool after_survivors(struct gw_heap *heap, size_t percent)
{
    heap->aging.again = MB / 100 * percent;
    gw_aging_note_minor(heap, MB);
    return gw_aging_is_in_vain(heap);
}

/* How many minor collections promote at once, which have no survivors to find. */
static unsigned spell(struct gw_heap *heap)
{
    unsigned spell = 0;
    for (heap->aging.again = 0; gw_aging_is_in_vain(heap); spell++) gw_aging_note_minor(heap, 0);
    return spell;
}

Test(aging, given_survivors_that_survive_again_then_the_next_are_promoted_at_once_for_longer_each_time)
{
    struct gw_heap heap = heap_by_survival();
    unsigned expected[] = {4, 8, 16, 16};
    for (int i = 0; i < 4; i++) {
        cr_assert_not(gw_aging_is_in_vain(&heap));
        cr_assert(after_survivors(&heap, 90));
        cr_assert_eq(spell(&heap), expected[i]);
    }
    cr_assert_not(after_survivors(&heap, 70));
    cr_assert(after_survivors(&heap, 80));
    cr_assert_eq(spell(&heap), 4, "as at the beginning");
}

/* Small edens have few survivors each time. */
Test(aging, given_few_survivors_then_they_tell_together)
{
    struct gw_heap heap = heap_by_survival();
    for (int i = 0; i < 4; i++) {
        cr_assert_not(gw_aging_is_in_vain(&heap));
        heap.aging.again = i % 2 ? 16000 : 20000;
        gw_aging_note_minor(&heap, 20000);
    }
    cr_assert(gw_aging_is_in_vain(&heap));
    cr_assert_eq(spell(&heap), 4);
    heap.aging.again = 0;
    gw_aging_note_minor(&heap, 60000);
    cr_assert_not(gw_aging_is_in_vain(&heap));
    after_survivors(&heap, 90);
    cr_assert(gw_aging_is_in_vain(&heap), "those before are a small part");
    cr_assert_eq(spell(&heap), 8);
}

Test(aging, given_an_age_then_the_program_gets_it)
{
    for (unsigned age = 0; age <= 2; age++) {
        struct gw_heap heap = {.options.age = age};
        cr_assert_not(after_survivors(&heap, 100));
    }
}

/* ---- Whole programs ---------------------------------------------------------------------------------- */

/* Makes a list of 96 KB in the place of another and collects. Whether the list is young still. */
static bool stays_young(const struct gw_heap *heap, uint64_t at)
{
    struct references *kept = roots[0];
    kept->at[at] = NULL;
    make_list(1, 3000);
    gw_collect(GW_MINOR);
    gw_write_barrier(kept, &kept->at[at]);
    kept->at[at] = roots[1];
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    return gw_is_young(&heap->old, (uintptr_t)roots[1]);
}

/* Of each spell the two before tell: one keeps survivors, the next finds them. */
Test(aging, given_lists_that_live_on_then_most_are_promoted_at_once)
{
    struct gw_heap *heap = start_heap("");
    gw_disable();
    roots[0] = gw_new_array(references, 40);
    gw_collect(GW_FULL);
    for (uint64_t i = 1; i < 34; i++) {
        bool young = i <= 2 || i == 7 || i == 8 || i == 17 || i == 18;
        cr_assert_eq(stays_young(heap, i), young, "minor collection %lu", (unsigned long)i);
    }
}

Test(aging, given_lists_that_die_before_the_next_then_all_are_kept_young_first)
{
    struct gw_heap *heap = start_heap("");
    gw_disable();
    roots[0] = gw_new_array(references, 1);
    gw_collect(GW_FULL);
    uint64_t promoted = heap->stats.promoted_bytes;
    for (int i = 0; i < 33; i++) cr_assert(stays_young(heap, 0), "minor collection %d", i);
    cr_assert_eq(heap->stats.promoted_bytes, promoted);
}

Test(aging, given_survivors_that_live_on_then_eden_is_not_grown_for_them)
{
    struct gw_heap heap = {.eden = {.bytes = 6 * MB, .least = 6 * MB}, .nursery.eden_bytes = 32 * MB, .aging.spell = 4};
    gw_eden_size_note_minor(&heap, 6 * MB, 3 * MB, 3 * MB);
    cr_assert_eq(heap.eden.bytes, 6 * MB);
    heap.aging.spell = 0;
    gw_eden_size_note_minor(&heap, 6 * MB, 3 * MB, 3 * MB);
    cr_assert_eq(heap.eden.bytes, 12 * MB);
}
