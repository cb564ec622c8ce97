/* Samples of allocations: how likely, whose they are, and how long they count as alive. What is written of them is tests/profile's. */
#include "heap_fixture.h"

#include "heap/samples.h"
#include "profile/poisson.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *file(void)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/gw-profile-%d", (int)getpid());
    return path;
}

static const struct gw_samples *samples(void)
{
    return gw_current_thread.heap->samples;
}

/* ---- Arithmetic ------------------------------------------------------------------------------------ */

/* Distances of mean 1000: 10^6 of them have a mean within 4 standard errors, 0.4 %, and as many beyond k times the mean as exp(-k) says. */
Test(profile, distances_are_exponential)
{
    enum { COUNT = 1000000 };
    uint64_t random = 1, sum = 0, beyond[4] = {0};
    for (int i = 0; i < COUNT; i++) {
        uint64_t distance = gw_poisson_distance(&random, 1000);
        cr_assert_geq(distance, 1);
        sum += distance;
        for (int k = 0; k < 4; k++) beyond[k] += distance > 500 * (uint64_t)(k + 1);
    }
    cr_assert_float_eq((double)sum / COUNT, 1000.5, 4);
    for (int k = 0; k < 4; k++) cr_assert_float_eq((double)beyond[k] / COUNT, exp(-(k + 1) / 2.0), 0.002);
}

Test(profile, a_sample_stands_for_so_many)
{
    for (uint64_t bytes = 16; bytes < (uint64_t)1 << 40; bytes = bytes * 3 / 2) {
        double share = -expm1(-(double)bytes / 524288), weight = gw_poisson_weight(bytes, 524288);
        cr_assert_float_eq(weight * share, 1, 1e-9);
    }
}

/* ---- Samples --------------------------------------------------------------------------------------- */

/* Bytes of objects of one size as the samples say. */
static double estimate(uint64_t bytes)
{
    double sum = 0;
    for (size_t i = 0; i < samples()->site_count; i++) {
        const struct gw_sampled_site *site = &samples()->sites[i];
        if (site->bytes == bytes) sum += (double)(site->sampled * bytes) * gw_poisson_weight(bytes, samples()->rate);
    }
    return sum;
}

/* Small objects by the short way, large ones that stand for a whole sample each, and those in between. */
Test(profile, estimates_are_what_was_allocated)
{
    start_heap("nursery=256k,max-heap=64m");
    cr_assert_eq(gw_profile_start(4096), GW_OK);
    for (int i = 0; i < 1000000; i++) new_node(0);
    for (int i = 0; i < 20000; i++) gw_new_array(bytes, 1000);
    for (int i = 0; i < 500; i++) gw_new_array(bytes, 50000);
    cr_assert_float_eq(estimate(32) / 32e6, 1, 0.03);
    cr_assert_float_eq(estimate(1016) / (20000 * 1016.0), 1, 0.03);
    cr_assert_float_eq(estimate(50016), 500 * 50016.0, 500);
}

/* What is counted as alive is in the tables, and everything there is an object of its site's type. */
static void check_tables(void)
{
    const struct gw_samples *all = samples();
    const struct gw_address_table *tables[] = {&all->young, &all->old};
    uint64_t alive = 0, *counted = calloc(all->site_count, sizeof *counted);
    for (int t = 0; t < 2; t++)
        for (size_t i = 0; i < tables[t]->count; i++) {
            const struct gw_address_entry *entry = &tables[t]->entries[i];
            cr_assert_eq(gw_is_young(&gw_current_thread.heap->old, entry->object), t == 0);
            cr_assert_eq(gw_object_type(entry->object), all->sites[entry->number].type);
            counted[entry->number]++;
        }
    for (size_t i = 0; i < all->site_count; i++) {
        cr_assert_eq(all->sites[i].alive, counted[i]);
        cr_assert_leq(all->sites[i].alive, all->sites[i].sampled);
        alive += counted[i];
    }
    cr_assert_eq(alive, all->young.count + all->old.count);
    free(counted);
}

static size_t sampled_nodes_of_list(const struct node *node)
{
    size_t count = 0;
    for (; node; node = node->left)
        count += gw_address_find(&samples()->young, (uintptr_t)node) || gw_address_find(&samples()->old, (uintptr_t)node);
    return count;
}

/* Objects are followed as they move, grow old, grow old where they are, and die, whatever collects. */
static void live_and_die(unsigned rounds, const char *options)
{
    start_heap(options);
    cr_assert_eq(gw_profile_start(1024), GW_OK);
    for (unsigned round = 0; round < rounds; round++) {
        make_list(round % 4, 2000 + 500 * (round % 5));
        for (int i = 0; i < 20; i++) roots[4 + i % 2] = gw_new_array(bytes, (size_t)(i * 3000));
        if (round % 3 == 0) gw_collect(GW_MINOR);
        if (round % 7 == 0) gw_collect(GW_FULL);
        if (round % 4 == 0) gw_collect_step(50000);
        check_tables();
    }
    gw_collect(GW_FULL);
    check_tables();
    size_t left = 0;
    for (int i = 0; i < 4; i++) left += sampled_nodes_of_list(roots[i]);
    cr_assert_gt(left, 50);
    cr_assert_leq(left, samples()->young.count + samples()->old.count);
    cr_assert_leq(samples()->young.count + samples()->old.count, left + 2);
    memset(roots, 0, sizeof roots);
    gw_collect(GW_FULL);
    cr_assert_eq(samples()->young.count + samples()->old.count, 0);
}

Test(profile, objects_are_followed)
{
    live_and_die(8, "nursery=64k,max-heap=64m,verify=1");
}
Test(profile, objects_are_followed_that_grow_old_in_place)
{
    live_and_die(30, "nursery=64k,max-heap=64m,stress=stay,poison=1");
}
Test(profile, objects_are_followed_by_the_smallest_steps)
{
    live_and_die(8, "nursery=64k,max-heap=64m,stress=step");
}
Test(profile, objects_are_followed_that_always_move)
{
    live_and_die(30, "nursery=64k,max-heap=64m,stress=move,age=3");
}

static void allocate_here(unsigned count) __attribute__((noinline));
static void allocate_here(unsigned count)
{
    for (unsigned i = 0; i < count; i++) new_node(i);
    __asm__ volatile("");
}
static void recur(unsigned depth) __attribute__((noinline));
static void recur(unsigned depth)
{
    if (depth) recur(depth - 1);
    else allocate_here(1000);
    __asm__ volatile("");
}

/* Of a deep stack the innermost calls; a site is told apart by where it was called from. */
Test(profile, a_site_is_known_by_its_calls)
{
    start_heap("nursery=64k");
    cr_assert_eq(gw_profile_start(1024), GW_OK);
    allocate_here(1000);
    size_t first = samples()->site_count;
    cr_assert_geq(first, 1);
    allocate_here(1000);
    size_t second = samples()->site_count;
    cr_assert_gt(second, first);
    recur(500);
    cr_assert_gt(samples()->site_count, second);
    cr_assert_eq(samples()->sites[samples()->site_count - 1].depth, 128);
}

/* ---- What is refused, and files ---------------------------------------------------------------------- */

Test(profile, is_begun_once)
{
    start_heap("nursery=64k");
    cr_assert_eq(gw_profile_write(file()), GW_ERROR_STATE);
    cr_assert_str_eq(gw_error_text(), "gw_profile_write: this heap is not profiled; gw_profile_start begins that");
    cr_assert_eq(gw_profile_stop(), GW_ERROR_STATE);
    cr_assert_eq(gw_profile_start(1), GW_ERROR_ARGUMENT);
    cr_assert_str_eq(gw_error_text(), "gw_profile_start: a sample each 1 bytes; give 1024 to 1073741824, or 0 for 524288");
    cr_assert_eq(gw_profile_start(0), GW_OK);
    cr_assert_eq(gw_profile_start(0), GW_ERROR_STATE);
    cr_assert_eq(gw_profile_write(NULL), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_profile_write("/nowhere/at/all"), GW_ERROR_ARGUMENT);
    cr_assert_str_eq(gw_error_text(), "gw_profile_write: cannot write '/nowhere/at/all': No such file or directory");
    cr_assert_eq(gw_profile_write("/dev/full"), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_profile_write(file()), GW_OK);
    unlink(file());
    cr_assert_eq(gw_profile_stop(), GW_OK);
    cr_assert_eq(gw_profile_start(4096), GW_OK);
}

/* Allocation is inline again. */
Test(profile, ends_without_a_trace)
{
    start_heap("nursery=64k");
    cr_assert_eq(gw_profile_start(1024), GW_OK);
    make_list(0, 100);
    cr_assert_eq(gw_profile_stop(), GW_OK);
    cr_assert_eq(gw_current_thread.limit, gw_heap_room_end(gw_current_thread.heap));
    make_list(0, 10000);
    cr_assert_eq(gw_verify(), GW_OK);
}

Test(profile, options_say_what_is_wrong)
{
    struct gw_options options;
    cr_assert_eq(gw_options_parse("profile=", &options), GW_ERROR_OPTION);
    cr_assert_str_eq(gw_error_text(), "option 'profile': '' is not the name of a file");
    cr_assert_eq(gw_options_parse("profile-rate=12", &options), GW_ERROR_OPTION);
    cr_assert_str_eq(gw_error_text(), "option 'profile-rate': 12 is out of range; give 1k to 1024m");
    cr_assert_eq(gw_options_parse("profile=a,profile-rate=64k", &options), GW_OK);
    cr_assert_eq(options.profile_rate, 65536);
    struct gw_heap *heap = start_heap("nursery=64k,profile=/nowhere/at/all");
    cr_assert_eq(samples()->rate, 524288);
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_eq(gw_heap_destroy(heap), GW_OK);
}

/* By option the file is written where the heap ends, and in a child under its own name. */
Test(profile, of_a_heap_is_written_with_its_end)
{
    char options[128], name[64];
    struct stat status;
    snprintf(options, sizeof options, "nursery=64k,profile=%s-%%p", file());
    pid_t child = fork();
    if (child == 0) {
        start_heap(options);
        make_list(0, 100000);
        exit(0);
    }
    int ended;
    waitpid(child, &ended, 0);
    cr_assert_eq(ended, 0);
    snprintf(name, sizeof name, "/tmp/gw-profile-%d-%d", (int)getpid(), (int)child);
    cr_assert_eq(stat(name, &status), 0);
    cr_assert_gt(status.st_size, 100);
    unlink(name);
}
