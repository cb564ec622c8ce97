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
    array_record.record.kind = 2;
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
