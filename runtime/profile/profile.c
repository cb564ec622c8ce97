/* Taking samples. */
#include "profile/profile.h"

#include "base/report.h"
#include "heap/file_names.h"
#include "heap/options.h"
#include "mutator/native_stack.h"
#include "os/linux/clock.h"
#include "profile/poisson.h"
#include "profile/pprof_file.h"
#include "roots/stack_walk.h"

#include <stdlib.h>

/* ---- Calls ----------------------------------------------------------------------------------------- */

/* The calls of this sample and of the one before. Where return addresses stand where they stood nobody has returned: from there outwards
 * the calls are the same, and need not be unwound once more. */
struct walk {
    struct gw_sampled_calls *now;
    const struct gw_sampled_calls *before;
    size_t at; /* in `before`: calls in front of it are further in than the one at hand */
    bool joined;
};

static bool stands(uintptr_t pc, uintptr_t sp)
{
    return gw_on_native_stack(sp) && ((const uintptr_t *)sp)[-1] == pc;
}

static bool is_as_before(const struct walk *walk, uintptr_t pc, uintptr_t sp)
{
    const struct gw_sampled_calls *before = walk->before;
    size_t i = walk->at;
    if (!before->whole || i >= before->count || before->pc[i] != pc || before->sp[i] != sp) return false;
    while (i < before->count && stands(before->pc[i], before->sp[i])) i++;
    return i == before->count;
}

static void add_call(struct gw_sampled_calls *calls, uintptr_t pc, uintptr_t sp)
{
    calls->whole = calls->count < GW_SAMPLED_CALLS;
    if (!calls->whole) return;
    calls->pc[calls->count] = pc;
    calls->sp[calls->count++] = sp;
}

static bool note_call(void *context, uintptr_t pc, uintptr_t sp)
{
    struct walk *walk = context;
    const struct gw_sampled_calls *before = walk->before;
    while (walk->at < before->count && before->sp[walk->at] < sp) walk->at++;
    walk->joined = is_as_before(walk, pc, sp);
    if (!walk->joined) add_call(walk->now, pc, sp);
    else
        for (size_t i = walk->at; i < before->count; i++) add_call(walk->now, before->pc[i], before->sp[i]);
    return walk->now->whole && !walk->joined;
}

static const struct gw_sampled_calls *find_calls(struct gw_samples *samples, const struct gw_entry *entry)
{
    struct walk walk = {.before = &samples->walks[samples->walk]};
    walk.now = &samples->walks[samples->walk ^= 1];
    walk.now->count = 0;
    bool ended = gw_each_call(entry, note_call, &walk);
    walk.now->whole &= ended || walk.joined;
    return walk.now;
}

/* ---- Samples --------------------------------------------------------------------------------------- */

static void draw(struct gw_heap *heap)
{
    struct gw_samples *samples = heap->samples;
    samples->due = gw_heap_allocated_bytes(heap) + gw_poisson_distance(&samples->random, samples->rate);
}

gw_status gw_profile_begin(struct gw_heap *heap, uint64_t rate)
{
    struct gw_samples *samples = calloc(1, sizeof *samples);
    if (!samples) return gw_fail(GW_ERROR_MEMORY, "gw_profile_start: no native memory");
    samples->rate = rate;
    samples->random = UINT64_C(0x9e3779b97f4a7c15); /* the same run has the same profile */
    samples->start_ns = gw_now_ns();
    heap->samples = samples;
    draw(heap);
    gw_heap_set_limit(heap);
    return GW_OK;
}

void gw_profile_begin_by_option(struct gw_heap *heap)
{
    if (!heap->options.profile_file || heap->samples) return;
    uint64_t rate = heap->options.profile_rate ? heap->options.profile_rate : GW_DEFAULT_PROFILE_RATE;
    if (gw_profile_begin(heap, rate) != GW_OK) gw_warn("option 'profile': %s", gw_error_text());
}

static void take(struct gw_heap *heap, const struct gw_entry *entry, uintptr_t object, uint64_t bytes)
{
    struct gw_samples *samples = heap->samples;
    const struct gw_sampled_calls *calls = find_calls(samples, entry);
    struct gw_sampled_site site = {.type = gw_object_type(object), .bytes = bytes, .depth = calls->count};
    if (!gw_samples_add(samples, &heap->old, object, &site, calls->pc)) samples->lost++;
}

void gw_profile_look(struct gw_heap *heap, const struct gw_entry *entry, uintptr_t object, uint64_t bytes)
{
    if (gw_profile_is_due(heap, 0)) {
        take(heap, entry, object, bytes);
        draw(heap);
    }
    gw_heap_set_limit(heap);
}

void gw_profile_write_by_option(struct gw_heap *heap)
{
    uint16_t number = heap->options.profile_file;
    if (!number || number > GW_FILE_NAMES || !heap->samples) return;
    heap->options.profile_file = 0;
    if (gw_pprof_add(heap->samples, number) != GW_OK) gw_warn("option 'profile': %s", gw_error_text());
}
