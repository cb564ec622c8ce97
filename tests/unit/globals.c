/* Global roots: every reference of every block once, thread-local ones of the calling thread, damage refused. */
#include "roots/globals.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

static union {
    struct gw_global_record record;
    uint32_t words[5 + 2]; /* room for two offsets */
} array_record, thread_record;
static uintptr_t array[6];
static _Thread_local uintptr_t thread_local_root;

static void *thread_local_address(void)
{
    return &thread_local_root;
}

static int32_t relative(const void *target, const int32_t *field)
{
    return (int32_t)((intptr_t)target - (intptr_t)field);
}

/* Two blocks of three words, references in the first and last. */
static struct gw_module array_module(void)
{
    array_record.record =
        (struct gw_global_record){.address = relative(array, &array_record.record.address), .count = 2, .stride = 24, .offset_count = 2};
    array_record.record.offsets[0] = 0;
    array_record.record.offsets[1] = 16;
    return (struct gw_module){.abi_version = GW_ABI_VERSION,
                              .globals_begin = (const uint8_t *)&array_record,
                              .globals_end = (const uint8_t *)(&array_record + 1)};
}

static void add_one(void *context, uintptr_t *slot)
{
    ++*(int *)context;
    ++*slot;
}

Test(globals, given_blocks_then_each_reference_is_visited_once)
{
    struct gw_module module = array_module();
    cr_assert_eq(gw_module_register(&module), GW_OK, "%s", gw_error_text());
    int visits = 0;
    gw_visit_globals(add_one, &visits);
    cr_assert_eq(visits, 4);
    const uintptr_t expected[6] = {1, 0, 1, 1, 0, 1};
    cr_assert_eq(memcmp(array, expected, sizeof array), 0);
    gw_module_unregister(&module);
    gw_visit_globals(add_one, &visits);
    cr_assert_eq(visits, 4);
}

/* ---- In parts --------------------------------------------------------------------------------------- */

Test(globals, given_parts_then_each_reference_is_visited_once)
{
    struct gw_module module = array_module();
    cr_assert_eq(gw_module_register(&module), GW_OK, "%s", gw_error_text());
    struct gw_globals_cursor at = {0};
    int visits = 0, parts = 1;
    for (size_t words = 1; !gw_visit_some_globals(&at, &words, add_one, &visits); words = 1) parts++;
    cr_assert_eq(visits, 4);
    cr_assert_geq(parts, 2);
    const uintptr_t expected[6] = {1, 0, 1, 1, 0, 1};
    cr_assert_eq(memcmp(array, expected, sizeof array), 0);
    size_t words = 1;
    cr_assert(gw_visit_some_globals(&at, &words, add_one, &visits), "there is no more");
    cr_assert_eq(visits, 4);
    gw_module_unregister(&module);
}

/* Whoever loads modules all the time gets through nevertheless. */
Test(globals, given_modules_that_come_and_go_between_parts_then_all_are_visited_in_the_end)
{
    struct gw_module module = array_module(), other = {.abi_version = GW_ABI_VERSION};
    cr_assert_eq(gw_module_register(&module), GW_OK, "%s", gw_error_text());
    struct gw_globals_cursor at = {0};
    int visits = 0, parts = 0;
    for (size_t words = 1; !gw_visit_some_globals(&at, &words, add_one, &visits); words = 1, parts++) {
        cr_assert_eq(gw_module_register(&other), GW_OK, "%s", gw_error_text());
        gw_module_unregister(&other);
        cr_assert_lt(parts, 20);
    }
    for (size_t i = 0; i < 6; i++) cr_assert(i == 1 || i == 4 || array[i], "word %zu was not visited", i);
    gw_module_unregister(&module);
}

/* ---- Cards ----------------------------------------------------------------------------------------- */

/* 192 words, three cards. `heap` and `young` are where objects might lie. */
static struct {
    uintptr_t words[192];
    uint8_t cards[3];
} carded;
static const struct gw_settled settled = {.heap = 0x10000, .young = 0x10000, .heap_bytes = 0x10000, .young_bytes = 0x1000};
enum { YOUNG = 0x10008, OLD = 0x12008, OTHER_HEAPS = 0x40008 };

static union {
    struct gw_global_record record;
    uint32_t words[5 + 1];
} carded_record;

static struct gw_module carded_module;

static void register_carded(void)
{
    memset(&carded, 0, sizeof carded);
    carded_record.record = (struct gw_global_record){.address = relative(&carded, &carded_record.record.address),
                                                     .kind = GW_GLOBAL_VARIABLE | GW_GLOBAL_CARDS,
                                                     .count = 192,
                                                     .stride = 8,
                                                     .offset_count = 1};
    carded_module = (struct gw_module){.abi_version = GW_ABI_VERSION,
                                       .globals_begin = (const uint8_t *)&carded_record,
                                       .globals_end = (const uint8_t *)(&carded_record + 1)};
    cr_assert_eq(gw_module_register(&carded_module), GW_OK, "%s", gw_error_text());
}

/* Makes what is young old. */
static void promote(void *context, uintptr_t *slot)
{
    ++*(int *)context;
    if (*slot == YOUNG) *slot = OLD;
}

static void look(void *context, uintptr_t *slot)
{
    (void)slot;
    ++*(int *)context;
}

static int changed_words(gw_slot_visitor *visit)
{
    int visits = 0;
    gw_visit_changed_globals(&settled, visit, &visits);
    return visits;
}

Test(cards, given_a_card_then_its_words_are_visited_until_they_are_settled)
{
    register_carded();
    cr_assert_eq(changed_words(look), 0, "nobody has written");
    carded.words[100] = YOUNG;
    carded.cards[1] = 1;
    cr_assert_eq(changed_words(look), 64);
    cr_assert_eq(carded.cards[1], 1, "it refers to a young object still");
    cr_assert_eq(changed_words(promote), 64);
    cr_assert_eq(carded.words[100], OLD);
    cr_assert_eq(carded.cards[1], 0);
    cr_assert_eq(changed_words(look), 0);
    gw_module_unregister(&carded_module);
}

Test(cards, given_another_heaps_reference_then_the_card_stays)
{
    register_carded();
    carded.words[191] = OTHER_HEAPS;
    carded.words[0] = 5; /* an immediate */
    carded.cards[0] = carded.cards[2] = 1;
    cr_assert_eq(changed_words(promote), 128);
    cr_assert_eq(carded.cards[0], 0);
    cr_assert_eq(carded.cards[2], 1);
    gw_module_unregister(&carded_module);
}

Test(cards, changed_and_unchanged_words_are_all_words)
{
    register_carded();
    int all = 0, unchanged = 0;
    carded.cards[2] = 1;
    carded.words[130] = YOUNG;
    gw_visit_globals(look, &all);
    gw_visit_unchanged_globals(look, &unchanged);
    cr_assert_eq(all, 192);
    cr_assert_eq(unchanged, 128);
    cr_assert_eq(changed_words(look), 64);
    gw_module_unregister(&carded_module);
}

/* 24-byte blocks, of which a card's end cuts one: each slot belongs to the card that it lies in. */
Test(cards, given_a_block_in_two_cards_then_each_slot_is_visited_with_its_own)
{
    register_carded();
    carded_record.record.count = 64;
    carded_record.record.stride = 24;
    carded_record.record.offsets[0] = 16;
    carded.cards[0] = 1;
    cr_assert_eq(changed_words(promote), 21, "those at 16, 40, ... 496");
    carded.cards[1] = 1;
    cr_assert_eq(changed_words(promote), 21, "those at 520, ... 1000");
    carded.cards[2] = 1;
    cr_assert_eq(changed_words(promote), 22, "those at 1024, ... 1528");
    gw_module_unregister(&carded_module);
}

static void *visit_on_thread(void *visits)
{
    gw_visit_globals(add_one, visits);
    return (void *)thread_local_root;
}

Test(globals, given_a_thread_local_then_it_is_the_callers)
{
    thread_record.record = (struct gw_global_record){.address = relative((void *)thread_local_address, &thread_record.record.address),
                                                     .kind = GW_GLOBAL_THREAD_LOCAL,
                                                     .count = 1,
                                                     .stride = 8,
                                                     .offset_count = 1};
    struct gw_module module = {.abi_version = GW_ABI_VERSION,
                               .globals_begin = (const uint8_t *)&thread_record,
                               .globals_end = (const uint8_t *)&thread_record + sizeof(struct gw_global_record) + 4};
    cr_assert_eq(gw_module_register(&module), GW_OK, "%s", gw_error_text());
    int visits = 0;
    thread_local_root = 100;
    pthread_t thread;
    void *on_thread;
    pthread_create(&thread, NULL, visit_on_thread, &visits);
    pthread_join(thread, &on_thread);
    cr_assert_eq((uintptr_t)on_thread, 1);
    cr_assert_eq(thread_local_root, 100);
    gw_visit_globals(add_one, &visits);
    cr_assert_eq(thread_local_root, 101);
    cr_assert_eq(visits, 2);
    gw_module_unregister(&module);
}

Test(globals, given_a_cut_at_any_byte_then_refused)
{
    struct gw_module module = array_module();
    const uint8_t *end = module.globals_end;
    for (module.globals_end = module.globals_begin + 1; module.globals_end < end; module.globals_end++)
        cr_assert_eq(gw_module_register(&module), GW_ERROR_MAP);
}

static void refused(const char *why)
{
    struct gw_module module = {.abi_version = GW_ABI_VERSION,
                               .globals_begin = (const uint8_t *)&array_record,
                               .globals_end = (const uint8_t *)(&array_record + 1)};
    cr_assert_eq(gw_module_register(&module), GW_ERROR_MAP);
    cr_assert(strstr(gw_error_text(), why), "%s", gw_error_text());
}

Test(globals, given_nonsense_then_the_error_says_which)
{
    array_module();
    array_record.record.kind = 4;
    refused("unknown kind");
    array_module();
    array_record.record.stride = 12;
    refused("stride");
    array_module();
    array_record.record.offsets[1] = 20;
    refused("aligned");
    array_module();
    array_record.record.offsets[1] = 24;
    refused("beyond its block");
    array_module();
    array_record.record.offset_count = UINT32_MAX;
    refused("cut off");
}
