/* The heap verifier. Reads everything, changes nothing; keeps the first complaint. */
#include "verify/verify.h"

#include "heap/callbacks.h"
#include "engine/mark.h"
#include "engine/roots.h"
#include "engine/stacks.h"
#include "life/finalizers.h"
#include "life/weak.h"
#include "os/linux/memory.h"
#include "base/report.h"
#include "roots/globals.h"
#include "roots/modules.h"

#include <stdarg.h>
#include <stdio.h>

struct verify {
    struct gw_heap *heap;
    uint64_t *young;       /* one bit a granule of the heap: a young object starts here */
    uintptr_t holder;      /* object whose fields are looked at, or 0: a root */
    uintptr_t static_seen; /* the last static object that was looked into */
    size_t remembered, listed;
    uintptr_t readable; /* number of a page outside of the heap that was read */
    bool shared;        /* the root that is looked at may belong to whatever heap comes to this thread, or to another thread's */
    bool failed;
    char complaint[320];
};

static void complain(struct verify *verify, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void complain(struct verify *verify, const char *format, ...)
{
    if (verify->failed) return;
    verify->failed = true;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(verify->complaint, sizeof verify->complaint, format, arguments);
    va_end(arguments);
}

/* "field 8 of 'node' at 0x…" or "root at 0x…". */
static const char *name_slot(const struct verify *verify, const uintptr_t *slot, char name[128])
{
    uintptr_t holder = verify->holder;
    if (holder)
        snprintf(name, 128, "field %zu of '%s' at %p", (size_t)((uintptr_t)slot - holder), gw_object_type(holder)->name, (void *)holder);
    else snprintf(name, 128, "root at %p", (const void *)slot);
    return name;
}

/* ---- Words ----------------------------------------------------------------------------------------- */

static size_t young_granule(const struct gw_heap *heap, uintptr_t address)
{
    return gw_granule(&heap->old, address);
}

static bool is_recorded(const struct gw_heap *heap, uintptr_t holder, const uintptr_t *slot)
{
    uint64_t header = *gw_header(holder);
    if (!(header & GW_HEADER_TRACK)) return true;
    return (header & GW_HEADER_LISTED) && *gw_card(&heap->recorded, (uintptr_t)slot);
}

static void check_young_reference(struct verify *verify, const uintptr_t *slot, uintptr_t ref)
{
    char name[128];
    if (!gw_bit_get(verify->young, young_granule(verify->heap, ref)))
        complain(verify, "%s refers to vacated memory, %p: a root or a derived pointer was missed when its object moved",
                 name_slot(verify, slot, name), (void *)ref);
    else if (verify->holder && gw_old_contains(&verify->heap->old, verify->holder) && !is_recorded(verify->heap, verify->holder, slot))
        complain(verify, "%s refers to the young object %p, and the write was not recorded: a write barrier is missing",
                 name_slot(verify, slot, name), (void *)ref);
}

/* The strong tri-colour invariant, up to what is recorded and will be grey again (Dijkstra et al. 1978). */
static void check_colours(struct verify *verify, const uintptr_t *slot, uintptr_t ref)
{
    const struct gw_heap *heap = verify->heap;
    uintptr_t holder = verify->holder;
    char name[128];
    if (!gw_is_marking(heap) || !holder || !gw_old_contains(&heap->old, holder)) return;
    if (!gw_bit_get(heap->old.marks, gw_granule(&heap->old, holder))) return;
    if (gw_bit_get(heap->old.marks, gw_granule(&heap->old, ref))) return;
    if (heap->old.blocks.blocks[gw_block_of(&heap->old.blocks, holder)].written) return; /* frozen: traced before remark */
    if (!is_recorded(heap, holder, slot) && !gw_mark_is_grey(heap, holder))
        complain(verify, "%s is black and refers to the white object %p: marking lost it", name_slot(verify, slot, name), (void *)ref);
}

#define PAGE_SHIFT 12

/* Asking the system for every word would take most of the time of programs with large tables. */
static bool leads_nowhere(struct verify *verify, uintptr_t ref)
{
    uint64_t header;
    uintptr_t page = (ref - GW_HEADER_SIZE) >> PAGE_SHIFT;
    if (page == verify->readable) return false;
    enum gw_peek peek = gw_peek(ref - GW_HEADER_SIZE, &header);
    if (peek == GW_PEEK_READ) verify->readable = page;
    return peek == GW_PEEK_NOTHING;
}

/* ---- Static objects */

/* What is stored in one is found where the word is a root by itself, or where the object is listed. */
static void check_static_field(void *context, uintptr_t *slot)
{
    struct verify *verify = context;
    uintptr_t word = gw_slot_word(slot);
    char name[128];
    if (!gw_is_reference(word) || !gw_heap_contains(verify->heap, word)) return;
    if (gw_root_index_contains(gw_registry_globals(), (uintptr_t)slot)) return;
    if (gw_root_index_contains(&verify->heap->native_roots, (uintptr_t)slot)) return;
    complain(verify, "static %s refers to the object %p, which that does not keep alive: %s", name_slot(verify, slot, name), (void *)word,
             *gw_header(verify->holder) & GW_HEADER_TRACK ? "a write barrier is missing" : "its header lacks GW_HEADER_TRACK");
}

static void check_unlisted_static(struct verify *verify, uintptr_t ref)
{
    const struct gw_recorded *recorded = &verify->heap->recorded;
    uintptr_t holder = verify->holder;
    if (ref == verify->static_seen || !gw_is_static_object(ref) || recorded->static_set[gw_static_slot(recorded, ref)]) return;
    verify->static_seen = verify->holder = ref;
    gw_each_field(ref, gw_object_type(ref), check_static_field, verify);
    verify->holder = holder;
}

/* ---- Words, on */

/* Variables and frames outlive a heap's time on this thread: what they hold of another heap is for that one, while it exists. */
static void check_outside(struct verify *verify, const uintptr_t *slot, uintptr_t ref)
{
    char name[128];
    bool nothing = verify->shared && leads_nowhere(verify, ref);
    if (nothing && gw_slot_word(slot) != ref) return; /* another heap's thread has cleared it since, and then destroyed that heap */
    if (nothing)
        complain(verify, "%s refers to %p, where there is no memory: it is left from a heap that was destroyed",
                 name_slot(verify, slot, name), (void *)ref);
    else if (!verify->shared && !gw_is_static_object(ref))
        complain(verify,
                 "%s refers to %p, which is neither of this heap nor static: an object of another heap, or of one that was destroyed",
                 name_slot(verify, slot, name), (void *)ref);
    else check_unlisted_static(verify, ref);
}

static void check_word(void *context, uintptr_t *slot)
{
    struct verify *verify = context;
    struct gw_heap *heap = verify->heap;
    uintptr_t ref = gw_slot_word(slot);
    char name[128];
    if (!gw_is_reference(ref) || verify->failed) return;
    if (ref == GW_POISON) complain(verify, "%s holds poison: it was read from vacated or freed memory", name_slot(verify, slot, name));
    else if (gw_is_young(&heap->old, ref)) check_young_reference(verify, slot, ref);
    else if (gw_heap_contains(heap, ref) && !gw_old_is_object(&heap->old, ref))
        complain(verify, "%s refers to %p, where no object lives: freed too early, or an interior pointer", name_slot(verify, slot, name),
                 (void *)ref);
    else if (gw_heap_contains(heap, ref)) check_colours(verify, slot, ref);
    else check_outside(verify, slot, ref);
}

/* ---- Objects --------------------------------------------------------------------------------------- */

static void note_young(void *context, uintptr_t ref)
{
    struct verify *verify = context;
    gw_bit_set(verify->young, young_granule(verify->heap, ref));
}

static void forget_young(void *context, uintptr_t ref)
{
    struct verify *verify = context;
    verify->young[young_granule(verify->heap, ref) >> 6] = 0;
}

static void check_young(void *context, uintptr_t ref)
{
    struct verify *verify = context;
    verify->holder = ref;
    gw_each_field(ref, gw_object_type(ref), check_word, verify);
}

/* One that has grown old in a block of the nursery says so; others are of no age, or came to the old generation with such a block. */
static bool has_age_of_old(const struct gw_heap *heap, uintptr_t ref, uint64_t header)
{
    const struct gw_block_space *blocks = &heap->old.blocks;
    uint64_t age = header & GW_HEADER_AGE_MASK;
    return age == GW_HEADER_AGE_MASK || (age == 0 && !blocks->young[gw_block_of(blocks, ref)]);
}

static void check_old(void *context, uintptr_t ref)
{
    struct verify *verify = context;
    if (verify->failed || !gw_old_is_object(&verify->heap->old, ref)) return;
    uint64_t header = *gw_header(ref);
    if (!gw_header_is_plausible(header) || (header & GW_HEADER_STATIC) || !has_age_of_old(verify->heap, ref, header)) {
        complain(verify, "the old object at %p has the header %#lx, which cannot be one", (void *)ref, (unsigned long)header);
        return;
    }
    const struct gw_type *type = gw_header_type(header);
    if ((header & GW_HEADER_CARDS) != gw_cards_flag(type, gw_object_bytes(ref, type)))
        complain(verify, "the old object '%s' at %p is %srecorded by card, which does not go with its size and layout", type->name,
                 (void *)ref, header & GW_HEADER_CARDS ? "" : "not ");
    verify->listed += (header & GW_HEADER_LISTED) != 0;
    verify->remembered += !(header & GW_HEADER_TRACK);
    verify->holder = ref;
    gw_each_field(ref, type, check_word, verify);
}

static void check_recorded(struct verify *verify)
{
    const struct gw_recorded *recorded = &verify->heap->recorded;
    if (recorded->overflowed) return;
    if (verify->remembered != recorded->remembered_count)
        complain(verify, "%zu objects have their tracking bit cleared, but the remembered set lists %zu", verify->remembered,
                 recorded->remembered_count);
    if (verify->listed != recorded->listed_count)
        complain(verify, "%zu objects say they are listed for dirty cards, but %zu are", verify->listed, recorded->listed_count);
    for (size_t i = 0; i < recorded->remembered_count; i++)
        if (*gw_header(recorded->remembered[i]) & GW_HEADER_TRACK)
            complain(verify, "the remembered set lists %p, which is not recorded", (void *)recorded->remembered[i]);
}

/* ---- Roots that minor collections read when they have changed ---------------------------------------- */

static void check_handle(void *context, uintptr_t *slot)
{
    struct verify *verify = context;
    if (gw_is_young(&verify->heap->old, *slot) && !gw_handle_is_changed(slot))
        complain(verify,
                 "the handle at %p refers to the young object %p, and no minor collection will read it: it was not set by gw_handle_set",
                 (void *)slot, (void *)*slot);
}

static void check_unchanged_word(void *context, uintptr_t *slot)
{
    struct verify *verify = context;
    if (gw_is_young(&verify->heap->old, *slot))
        complain(
            verify,
            "the tracked root at %p refers to the young object %p, and no minor collection will read it: gw_roots_changed was not told",
            (void *)slot, (void *)*slot);
}

static void check_unchanged_variable(void *context, uintptr_t *slot)
{
    struct verify *verify = context;
    uintptr_t word = gw_slot_word(slot);
    if (gw_is_young(&verify->heap->old, word))
        complain(verify, "the variable at %p refers to the young object %p, and no minor collection will read it: its card was not set",
                 (void *)slot, (void *)word);
}

static void check_unchanged_static(void *context, uintptr_t *slot)
{
    struct verify *verify = context;
    char name[128];
    uintptr_t word = gw_slot_word(slot);
    if (gw_is_young(&verify->heap->old, word))
        complain(verify, "static %s refers to the young object %p, and the write was not recorded: a write barrier is missing",
                 name_slot(verify, slot, name), (void *)word);
}

static void check_unchanged_stack(void *context, uintptr_t *slot)
{
    struct verify *verify = context;
    uintptr_t word = gw_slot_word(slot);
    if (gw_is_young(&verify->heap->old, word))
        complain(verify,
                 "a stack that waits refers at %p to the young object %p, and no minor collection will look at it: it has run unnoticed",
                 (void *)slot, (void *)word);
}

static void check_changed_roots(struct verify *verify)
{
    struct gw_heap *heap = verify->heap;
    const struct gw_recorded *recorded = &heap->recorded;
    for (size_t i = 0; i < recorded->static_count; i++) {
        if (gw_static_is_changed(recorded, i)) continue;
        verify->holder = gw_static_at(recorded, i);
        gw_each_field(verify->holder, gw_object_type(verify->holder), check_unchanged_static, verify);
    }
    verify->holder = 0;
    gw_handles_visit(&heap->handles, check_handle, verify);
    gw_scopes_visit(&heap->stacks, check_handle, verify);
    gw_registered_roots_visit_unchanged(&heap->registered, check_unchanged_word, verify);
    gw_visit_unchanged_globals(check_unchanged_variable, verify);
    gw_visit_unchanged_stacks(heap, check_unchanged_stack, verify);
}

/* ---- All of it ------------------------------------------------------------------------------------- */

static void verify_heap(struct verify *verify, const struct gw_entry *entry)
{
    struct gw_heap *heap = verify->heap;
    verify->young = heap->verify_bits;
    gw_weak_check(heap);
    gw_finalizers_check(heap);
    gw_old_space_check(&heap->old);
    gw_heap_each_young(heap, note_young, verify);
    gw_heap_each_young(heap, check_young, verify);
    gw_old_each_object(&heap->old, check_old, verify);
    check_recorded(verify);
    verify->holder = 0;
    gw_visit_own_roots(heap, check_word, verify);
    check_changed_roots(verify);
    verify->shared = true;
    gw_visit_roots(heap, entry, check_word, verify);
    gw_heap_each_young(heap, forget_young, verify);
}

void gw_verify_or_die(struct gw_heap *heap, const struct gw_entry *entry, const char *when)
{
    struct verify verify = {.heap = heap};
    verify_heap(&verify, entry);
    if (verify.failed) gw_fatal("verify %s: %s", when, verify.complaint);
}

gw_status gw_verify_from(const struct gw_entry *entry)
{
    struct gw_heap *heap GW_STOPPED = gw_heap_to_stop("gw_verify", entry, NULL, 0);
    struct verify verify = {.heap = heap};
    struct gw_callback before = gw_restrict(verify.heap, "gw_verify");
    verify_heap(&verify, entry);
    gw_unrestrict(verify.heap, before);
    return verify.failed ? gw_fail(GW_ERROR_STATE, "%s", verify.complaint) : GW_OK;
}
