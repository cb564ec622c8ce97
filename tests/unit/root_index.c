/* The index of roots: against a model, with ranges that share pages and words, and looks beside changes. */
#include "roots/root_index.h"

#include <criterion/criterion.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define BASE UINT64_C(0x7f0000000000)
#define WORDS 200000

Test(root_index, given_nothing_when_asked_then_no_word_is_a_root)
{
    struct gw_root_index index = {0};
    cr_assert_not(gw_root_index_contains(&index, BASE));
    cr_assert_not(gw_root_index_has_page(&index, BASE));
    gw_root_index_remove(&index, BASE, 3);
    cr_assert(gw_root_index_check(&index));
    gw_root_index_destroy(&index);
}

Test(root_index, given_a_range_when_asked_then_its_words_are_roots_and_their_neighbours_are_not)
{
    struct gw_root_index index = {0};
    cr_assert(gw_root_index_add(&index, BASE + 4088, 1025)); /* the last word of a page, two whole ones */
    cr_assert(gw_root_index_contains(&index, BASE + 4088));
    cr_assert(gw_root_index_contains(&index, BASE + 4088 + 1024 * 8));
    cr_assert_not(gw_root_index_contains(&index, BASE + 4080));
    cr_assert_not(gw_root_index_contains(&index, BASE + 4088 + 1025 * 8));
    cr_assert_not(gw_root_index_contains(&index, BASE + 4092));
    cr_assert(gw_root_index_has_page(&index, BASE));
    cr_assert_not(gw_root_index_has_page(&index, BASE + 4 * 4096));
    cr_assert_not(index.overlaps);
    cr_assert(gw_root_index_add(&index, BASE + 4096, 1));
    cr_assert(index.overlaps);
    gw_root_index_destroy(&index);
}

Test(root_index, given_ranges_that_come_and_go_when_asked_then_it_agrees_with_a_model)
{
    struct gw_root_index index = {0};
    static bool model[WORDS];
    unsigned seed = 1;
    for (int step = 0; step < 3000; step++) {
        size_t first = (size_t)rand_r(&seed) % WORDS, words = 1 + (size_t)rand_r(&seed) % (step % 7 ? 20 : 3000);
        if (words > WORDS - first) words = WORDS - first;
        bool adds = step < 1000 ? step % 3 != 0 : step % 3 == 0;
        if (adds) cr_assert(gw_root_index_add(&index, BASE + first * 8, words));
        else gw_root_index_remove(&index, BASE + first * 8, words);
        memset(model + first, adds, words);
        cr_assert(step % 50 || gw_root_index_check(&index));
    }
    for (size_t i = 0; i < WORDS; i++) cr_assert_eq(gw_root_index_contains(&index, BASE + i * 8), model[i], "word %zu", i);
    gw_root_index_clear(&index);
    for (size_t i = 0; i < WORDS; i += 7) cr_assert_not(gw_root_index_contains(&index, BASE + i * 8));
    cr_assert(gw_root_index_check(&index));
    gw_root_index_destroy(&index);
}

/* A word at a new page each time, as JIT modules do: tables are used again. */
Test(root_index, given_pages_that_are_never_the_same_when_they_go_then_memory_does_not_grow)
{
    struct gw_root_index index = {0};
    size_t before = mallinfo2().uordblks;
    for (uintptr_t i = 0; i < 100000; i++) {
        cr_assert(gw_root_index_add(&index, BASE + i * 4096, 1));
        gw_root_index_remove(&index, BASE + i * 4096, 1);
    }
    cr_assert_leq(mallinfo2().uordblks - before, 64 << 10); /* 0 under AddressSanitizer */
    gw_root_index_destroy(&index);
}

static struct gw_root_index shared;
static atomic_bool stop;

static void *change(void *unused)
{
    for (uintptr_t i = 0; i < 200000; i++) {
        gw_root_index_add(&shared, BASE + (UINT64_C(1) << 30) + i * 4096, 3);
        if (i % 3) gw_root_index_remove(&shared, BASE + (UINT64_C(1) << 30) + i * 4096, 3);
    }
    atomic_store(&stop, true);
    return unused;
}

Test(root_index, given_a_thread_that_loads_modules_when_another_looks_then_each_answer_is_right)
{
    pthread_t thread;
    cr_assert(gw_root_index_add(&shared, BASE, 5));
    cr_assert_eq(pthread_create(&thread, NULL, change, NULL), 0);
    while (!atomic_load(&stop)) {
        cr_assert(gw_root_index_contains(&shared, BASE + 32));
        cr_assert_not(gw_root_index_contains(&shared, BASE + 40));
        cr_assert_not(gw_root_index_contains(&shared, BASE + (UINT64_C(1) << 30) + 24));
    }
    pthread_join(thread, NULL);
    cr_assert(gw_root_index_check(&shared));
    gw_root_index_destroy(&shared);
}
