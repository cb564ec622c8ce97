/* Registration: versions, damage, duplicates, removal. */
#include "map_bytes.h"
#include "roots/modules.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

static struct map_bytes bytes;
static uint8_t code[0x300]; /* stands for machine code: only its addresses matter */

static struct gw_module sample_module(void)
{
    bytes.size = 0;
    put_sample(&bytes, (uintptr_t)bytes.data, (uintptr_t)code);
    return (struct gw_module){.abi_version = GW_ABI_VERSION, .maps_begin = bytes.data, .maps_end = bytes.data + bytes.size};
}

static size_t sites(void)
{
    const struct gw_registry *registry = gw_registry_read();
    size_t count = registry->frames.count;
    cr_assert(gw_registry_check(registry));
    gw_registry_read_end();
    return count;
}

Test(modules, given_a_module_when_registered_then_its_sites_and_code_are_known)
{
    struct gw_module module = sample_module();
    cr_assert_eq(gw_module_register(&module), GW_OK, "%s", gw_error_text());
    cr_assert_eq(sites(), 5);
    const struct gw_registry *registry = gw_registry_read();
    cr_assert_not_null(gw_frame_table_find(&registry->frames, (uintptr_t)code + 5));
    cr_assert_not_null(gw_registry_find_code(registry, (uintptr_t)code + 6));
    cr_assert_null(gw_registry_find_code(registry, (uintptr_t)code));
    gw_registry_read_end();
    cr_assert_eq(gw_module_unregister(&module), GW_OK);
    cr_assert_eq(sites(), 0);
}

Test(modules, given_another_version_then_refused_and_named)
{
    struct gw_module module = sample_module();
    module.abi_version = GW_ABI_VERSION + 1;
    cr_assert_eq(gw_module_register(&module), GW_ERROR_MAP);
    char words[80];
    snprintf(words, sizeof words, "version %d, this runtime has %d: recompile it", GW_ABI_VERSION + 1, GW_ABI_VERSION);
    cr_assert(strstr(gw_error_text(), words), "%s", gw_error_text());
    cr_assert_eq(sites(), 0);
}

Test(modules, given_corrupt_maps_then_refused)
{
    struct gw_module module = sample_module();
    module.maps_end--;
    cr_assert_eq(gw_module_register(&module), GW_ERROR_MAP);
    module.maps_end = module.maps_begin - 1;
    cr_assert_eq(gw_module_register(&module), GW_ERROR_MAP);
    cr_assert_eq(gw_module_register(NULL), GW_ERROR_ARGUMENT);
    cr_assert_eq(sites(), 0);
}

Test(modules, given_one_record_registered_twice_then_the_second_unregister_removes_it)
{
    struct gw_module module = sample_module();
    cr_assert_eq(gw_module_register(&module), GW_OK);
    cr_assert_eq(gw_module_register(&module), GW_OK);
    cr_assert_eq(sites(), 5);
    cr_assert_eq(gw_module_unregister(&module), GW_OK);
    cr_assert_eq(sites(), 5);
    cr_assert_eq(gw_module_unregister(&module), GW_OK);
    cr_assert_eq(sites(), 0);
    cr_assert_eq(gw_module_unregister(&module), GW_ERROR_ARGUMENT);
}

Test(modules, given_two_records_for_one_code_then_the_second_is_refused)
{
    struct gw_module module = sample_module(), copy = module;
    cr_assert_eq(gw_module_register(&module), GW_OK);
    cr_assert_eq(gw_module_register(&copy), GW_ERROR_MAP);
    cr_assert(strstr(gw_error_text(), "two frame maps"), "%s", gw_error_text());
    cr_assert_eq(sites(), 5);
    gw_module_unregister(&module);
}

Test(modules, given_a_refused_module_when_its_constructor_runs_then_fatal, .signal = SIGABRT)
{
    struct gw_module module = sample_module();
    module.abi_version = 0;
    gw_module_load(&module);
}

Test(modules, given_a_module_when_its_constructor_and_destructor_run_then_its_maps_stay)
{
    struct gw_module module = sample_module();
    gw_module_load(&module);
    cr_assert_eq(sites(), 5);
    gw_module_unload(&module);
    cr_assert_eq(sites(), 5);
    cr_assert_eq(gw_module_unregister(&module), GW_OK);
}

static void *register_and_drop(void *module)
{
    for (int i = 0; i < 2000; i++) {
        cr_assert_eq(gw_module_register(module), GW_OK);
        cr_assert_eq(gw_module_unregister(module), GW_OK);
    }
    return NULL;
}

Test(modules, given_threads_that_register_one_module_then_nothing_is_left)
{
    struct gw_module module = sample_module();
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, register_and_drop, &module);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    cr_assert_eq(sites(), 0);
}
