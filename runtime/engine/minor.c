/* The minor collection (copying, depth first).
 *
 * Depth first because a stack of promoted objects is all the state it needs although they are scattered over size
 * classes, and because children then come to lie beside their parent. Survivors that stay young are contiguous and are
 * scanned where they lie (Cheney 1970).
 *
 * The promise of gw_heap_open_nursery makes every promotion succeed; a failure here is a broken heap.
 */
#include "engine/minor.h"

#include "engine/destructors.h"
#include "engine/mark.h"
#include "engine/moving.h"
#include "engine/parallel_copy.h"
#include "engine/roots.h"
#include "base/report.h"
#include "heap/options.h"
#include "os/linux/clock.h"

/* ---- Moving one object ----------------------------------------------------------------------------- */

GW_ALWAYS_INLINE uintptr_t promote(struct gw_minor *minor, uintptr_t ref, uint64_t header, size_t bytes)
{
    struct gw_heap *heap = minor->heap;
    const struct gw_type *type = gw_header_type(header);
    uintptr_t moved = gw_old_alloc(&heap->old, bytes, type->flags & GW_TYPE_ALIGN16);
    if (gw_unlikely(!moved)) gw_fatal("promoting %zu bytes of '%s': the reserved range is full", bytes, type->name);
    *gw_header(moved) = (uintptr_t)type | gw_old_flags(type, header, bytes);
    gw_copy_words((void *)moved, (void *)ref, bytes - GW_HEADER_SIZE);
    if (minor->marks_new) gw_mark_black(heap, moved, bytes);
    if (gw_type_has_references(type)) heap->promotion.stack[heap->promotion.depth++] = moved;
    return moved;
}

/* The object grows old where it is. */
static void stay(struct gw_minor *minor, uintptr_t ref, uint64_t header, size_t bytes)
{
    struct gw_heap *heap = minor->heap;
    const struct gw_type *type = gw_header_type(header);
    heap->nursery.has_old = heap->nursery.stayed = true;
    gw_old_adopt(&heap->old, ref, bytes);
    *gw_header(ref) = (uintptr_t)type | gw_old_flags(type, header, bytes) | (uint64_t)GW_AGE_IN_PLACE << GW_HEADER_AGE_SHIFT;
    if (minor->marks_new) gw_mark_black(heap, ref, bytes);
    if (gw_type_has_references(type)) heap->promotion.stack[heap->promotion.depth++] = ref;
}

GW_ALWAYS_INLINE uintptr_t keep_young(struct gw_minor *minor, uintptr_t ref, uint64_t header, size_t bytes)
{
    if ((gw_header_type(header)->flags & GW_TYPE_ALIGN16) && ((uintptr_t)minor->to_next + GW_HEADER_SIZE) % 16) {
        *(uint64_t *)minor->to_next = 0;
        minor->to_next += 8;
    }
    uintptr_t moved = (uintptr_t)minor->to_next + GW_HEADER_SIZE;
    minor->to_next += bytes;
    *gw_header(moved) = gw_older_header(header);
    gw_copy_words((void *)moved, (void *)ref, bytes - GW_HEADER_SIZE);
    return moved;
}

GW_ALWAYS_INLINE void prefetch_young(void *context, uintptr_t *slot)
{
    const struct gw_minor *minor = context;
    if (*slot - minor->from < minor->from_bytes) __builtin_prefetch(gw_header(*slot));
}

/* The same where old referents are to be shaded: their marks lie anywhere too. */
GW_ALWAYS_INLINE void prefetch_referent(void *context, uintptr_t *slot)
{
    const struct gw_minor *minor = context;
    const struct gw_old_space *old = &minor->heap->old;
    prefetch_young(context, slot);
    if (gw_in_blocks(old, *slot)) __builtin_prefetch(&old->marks[gw_granule(old, *slot) >> 6]);
}

/* The fields of an object were just copied and are at hand; the headers of what they refer to are needed soon. */
GW_ALWAYS_INLINE void prefetch_referents(struct gw_minor *minor, uintptr_t moved, const struct gw_type *type)
{
    for (uint32_t i = 0; i < type->offset_count; i++) prefetch_young(minor, (uintptr_t *)(moved + type->offsets[i]));
}

/* Cells wait for their keys to survive. */
GW_ALWAYS_INLINE void wake_waiting(const struct gw_minor *minor, uintptr_t ref)
{
    struct gw_weak_cells *cells = &minor->heap->cells;
    if (gw_unlikely(cells->young_awaiting.active)) gw_awaiting_wake(&cells->young_awaiting, &cells->young, ref);
}

/* Survivor spaces are small, and what is large is not among them: only what is pinned stays there. */
static bool lies_in_eden(const struct gw_minor *minor, uintptr_t ref)
{
    const struct gw_block_space *blocks = &minor->heap->old.blocks;
    return blocks->young[gw_block_of(blocks, ref)] & (GW_EDEN_0 | GW_EDEN_1);
}

GW_ALWAYS_INLINE void forward(struct gw_minor *minor, uintptr_t ref, uintptr_t moved, const struct gw_type *type)
{
    *gw_header(ref) = moved | GW_HEADER_FORWARDED;
    prefetch_referents(minor, moved, type);
    wake_waiting(minor, ref);
}

/* An object that would take a run of blocks for itself is not copied where it need not be. */
static __attribute__((noinline)) uintptr_t promote_large(struct gw_minor *minor, uintptr_t ref, uint64_t header, size_t bytes)
{
    if (gw_header_age(header) == GW_AGE_IN_PLACE) return ref;
    if (minor->large_stay && lies_in_eden(minor, ref)) {
        stay(minor, ref, header, bytes);
        wake_waiting(minor, ref);
        return ref;
    }
    uintptr_t moved = promote(minor, ref, header, bytes);
    forward(minor, ref, moved, gw_header_type(header));
    return moved;
}

/* One that has grown old where it is says so in its header: it is as old as can be. */
GW_ALWAYS_INLINE uintptr_t move_object(struct gw_minor *minor, uintptr_t ref, uint64_t header)
{
    const struct gw_type *type = gw_header_type(header);
    size_t bytes = gw_object_bytes(ref, type);
    unsigned age = gw_header_age(header);
    uintptr_t moved;
    if (age < minor->age_limit && (size_t)(minor->to_end - minor->to_next) >= bytes + 8) {
        moved = keep_young(minor, ref, header, bytes);
    } else {
        if (gw_unlikely(bytes > GW_LARGEST_CELL)) return promote_large(minor, ref, header, bytes);
        if (gw_unlikely(age == GW_AGE_IN_PLACE)) return ref;
        minor->again += age ? bytes : 0;
        moved = promote(minor, ref, header, bytes);
    }
    forward(minor, ref, moved, type);
    return moved;
}

/* For a reference into the range of what is vacated, where nothing else lies. */
static __attribute__((noinline)) void evacuate_young(struct gw_minor *minor, uintptr_t *slot)
{
    uintptr_t ref = *slot;
    uint64_t header = *gw_header(ref);
    if (header & GW_HEADER_FORWARDED) ref = header & ~(uint64_t)GW_IMMEDIATE_MASK;
    else ref = move_object(minor, ref, header);
    *slot = ref;
    minor->saw_young |= gw_stays_young(minor, ref);
}

/* With stress=stay. */
static void stay_at_random(struct gw_minor *minor, uintptr_t ref)
{
    uint64_t header = *gw_header(ref), *random = &minor->heap->stress_random;
    if ((header & GW_HEADER_FORWARDED) || gw_header_age(header) == GW_AGE_IN_PLACE || !lies_in_eden(minor, ref)) return;
    *random ^= *random << 13; /* xorshift64, Marsaglia 2003 */
    *random ^= *random >> 7;
    *random ^= *random << 17;
    if (*random % 3) return;
    stay(minor, ref, header, gw_object_bytes(ref, gw_header_type(header)));
    wake_waiting(minor, ref);
}

/* The same where blocks of others lie between, or objects stay at random. */
static void evacuate_young_asking(struct gw_minor *minor, uintptr_t *slot)
{
    if (!gw_is_in_vacated_block(minor, *slot)) return;
    if (minor->heap->options.stress_stay) stay_at_random(minor, *slot);
    evacuate_young(minor, slot);
}

GW_ALWAYS_INLINE void evacuate(void *context, uintptr_t *slot)
{
    struct gw_minor *minor = context;
    uintptr_t ref = *slot;
    if (ref - minor->from < minor->from_bytes && !(ref & GW_IMMEDIATE_MASK)) minor->evacuate_young(minor, slot);
}

GW_ALWAYS_INLINE void evacuate_and_shade(void *context, uintptr_t *slot)
{
    struct gw_minor *minor = context;
    evacuate(minor, slot);
    uintptr_t ref = *slot;
    if (!(ref & GW_IMMEDIATE_MASK) && gw_in_blocks(&minor->heap->old, ref)) gw_mark_shade(minor->heap, ref);
}

/* ---- Scanning -------------------------------------------------------------------------------------- */

/* Whether the referents of an old object are to be shaded. A white one's are not: it may be dead, or is traced later. */
GW_ALWAYS_INLINE bool shades(const struct gw_minor *minor, uintptr_t holder)
{
    return minor->marking && gw_is_marked(minor->heap, holder);
}

static bool is_listed_at(const struct gw_old_space *old, size_t granule)
{
    return *gw_header(old->base + (granule << GW_GRANULE_SHIFT)) & GW_HEADER_LISTED;
}

/* Whether the card is shared with an object that is listed, so that its part is still to be scanned, or refers to young objects. Nobody
 * dirties a card but for an object that is listed then. No object that could reach into the card begins more than a block before it. */
static bool is_awaited(const struct gw_old_space *old, uintptr_t ref, uintptr_t from, uintptr_t to)
{
    size_t begin = gw_granule(old, from), end = gw_granule(old, to), own = gw_granule(old, ref);
    size_t least = begin > GW_BLOCK_GRANULES ? begin - GW_BLOCK_GRANULES : 0, before = gw_bit_last(old->starts, least, begin);
    if (before < begin && before != own && is_listed_at(old, before)) return true;
    for (size_t at = gw_bit_next(old->starts, begin, end); at < end; at = gw_bit_next(old->starts, at + 1, end))
        if (at != own && is_listed_at(old, at)) return true;
    return false;
}

/* Scans the part of a large object that lies in one card. The card stays dirty while it refers to young objects, or a neighbour needs it.
 * `end` is where its references end. */
static bool scan_card(struct gw_minor *minor, uintptr_t ref, const struct gw_type *type, uintptr_t end, uint8_t *card)
{
    struct gw_recorded *recorded = &minor->heap->recorded;
    uintptr_t from = recorded->base + ((uintptr_t)(card - recorded->cards) << GW_CARD_SHIFT), to = from + GW_CARD_BYTES;
    minor->saw_young = false;
    minor->cards++;
    /* What the slots refer to lies anywhere: the headers are asked for together, before the first is needed. */
    bool shade = shades(minor, ref);
    if (shade) gw_each_field_within(ref, type, from, to, prefetch_referent, minor);
    else gw_each_field_within(ref, type, from, to, prefetch_young, minor);
    if (shade) gw_each_field_within(ref, type, from, to, evacuate_and_shade, minor);
    else gw_each_field_within(ref, type, from, to, evacuate, minor);
    bool shared = from < ref || to > end;
    minor->cards_left += minor->saw_young;
    if (minor->saw_young) *card = 1;
    else if (!shared || !is_awaited(&minor->heap->old, ref, from, to)) *card = 0;
    return minor->saw_young;
}

/* All cards of a large object, or only the dirty ones. Lists it again when young references are left. */
static void scan_cards(struct gw_minor *minor, uintptr_t ref, bool only_dirty)
{
    struct gw_recorded *recorded = &minor->heap->recorded;
    const struct gw_type *type = gw_object_type(ref);
    uintptr_t end = ref + gw_referring_bytes(type, gw_object_bytes(ref, type) - GW_HEADER_SIZE);
    uint8_t *last = gw_card(recorded, end - 1);
    bool young_left = false;
    for (uint8_t *card = gw_card(recorded, ref); card <= last; card++) {
        if (only_dirty) card = gw_next_dirty(card, last);
        if (card <= last) young_left |= scan_card(minor, ref, type, end, card);
    }
    if (young_left) gw_list_for_cards(recorded, ref);
}

/* An old object, just promoted or recorded. */
static void scan_old(struct gw_minor *minor, uintptr_t ref)
{
    uint64_t header = *gw_header(ref);
    if (gw_unlikely(header & GW_HEADER_CARDS)) {
        scan_cards(minor, ref, false);
        return;
    }
    minor->saw_young = false;
    if (gw_unlikely(shades(minor, ref))) gw_each_field(ref, gw_header_type(header), evacuate_and_shade, minor);
    else gw_each_field(ref, gw_header_type(header), evacuate, minor);
    if (gw_unlikely(minor->saw_young)) gw_remember(&minor->heap->recorded, ref);
}

/* For the parts of the collection that lie elsewhere. */
static void evacuate_slot(void *context, uintptr_t *slot)
{
    evacuate(context, slot);
}

/* Its old referents are not shaded: it has gone to the old generation, or died, before marking ends. */
static void scan_survivor(void *context, uintptr_t ref)
{
    gw_each_field(ref, gw_object_type(ref), evacuate, context);
}

static void drain(void *context)
{
    struct gw_minor *minor = context;
    struct gw_heap *heap = minor->heap;
    do {
        while (heap->promotion.depth) scan_old(minor, heap->promotion.stack[--heap->promotion.depth]);
        char *scanned = minor->to_scanned, *next = minor->to_next;
        minor->to_scanned = next;
        gw_nursery_each_object(scanned, next, scan_survivor, minor);
    } while (heap->promotion.depth || minor->to_scanned < minor->to_next);
}

/* ---- Recorded writes ------------------------------------------------------------------------------- */

/* One that is listed too is scanned as such, for it may stand in the list only once. */
static void scan_remembered(struct gw_minor *minor, uintptr_t ref)
{
    uint64_t header = *gw_header(ref) |= GW_HEADER_TRACK;
    if (header & GW_HEADER_LISTED) {
        gw_dirty_cards(&minor->heap->recorded, ref, gw_object_bytes(ref, gw_header_type(header)) - GW_HEADER_SIZE);
        return;
    }
    gw_frozen_note_write(&minor->heap->old, ref);
    scan_old(minor, ref);
}

static void scan_listed(struct gw_minor *minor, uintptr_t ref)
{
    *gw_header(ref) &= ~GW_HEADER_LISTED;
    gw_frozen_note_write(&minor->heap->old, ref);
    scan_cards(minor, ref, true);
}

static void scan_if_recorded(void *context, uintptr_t ref)
{
    uint64_t header = *gw_header(ref);
    if (!(header & GW_HEADER_TRACK)) scan_remembered(context, ref);
    if (header & GW_HEADER_LISTED) scan_listed(context, ref);
}

/* Recorded objects lie anywhere, and what they refer to does: both are asked for ahead of time, the object first. */
#define AHEAD 8

GW_ALWAYS_INLINE void prefetch_object(const uintptr_t *list, size_t at, size_t count)
{
    if (at < count) __builtin_prefetch(gw_header(list[at]));
}

static void prefetch_fields(struct gw_minor *minor, uintptr_t ref)
{
    const struct gw_type *type = gw_object_type(ref);
    if (gw_unlikely(type->trace)) return;
    for (uint32_t i = 0; i < type->offset_count && i < AHEAD; i++) prefetch_young(minor, (uintptr_t *)(ref + type->offsets[i]));
}

static void scan_all_remembered(struct gw_minor *minor, size_t count)
{
    const uintptr_t *list = minor->heap->recorded.remembered;
    for (size_t i = 0; i < AHEAD; i++) prefetch_object(list, i, count);
    for (size_t i = 0; i < count; i++) {
        prefetch_object(list, i + AHEAD, count);
        if (i + AHEAD / 2 < count) prefetch_fields(minor, list[i + AHEAD / 2]);
        scan_remembered(minor, list[i]);
    }
}

/* The first dirty card's part of a listed object. */
static void prefetch_dirty(struct gw_minor *minor, uintptr_t ref)
{
    const struct gw_recorded *recorded = &minor->heap->recorded;
    size_t bytes = gw_object_bytes(ref, gw_object_type(ref)) - GW_HEADER_SIZE;
    uint8_t *last = gw_card(recorded, ref + bytes - 1), *card = gw_next_dirty(gw_card(recorded, ref), last);
    uintptr_t from = recorded->base + ((uintptr_t)(card - recorded->cards) << GW_CARD_SHIFT);
    for (uintptr_t at = from; card <= last && at < from + GW_CARD_BYTES; at += GW_LINE_BYTES) __builtin_prefetch((const void *)at);
}

static void scan_all_listed(struct gw_minor *minor, size_t count)
{
    const struct gw_recorded *recorded = &minor->heap->recorded;
    const uintptr_t *list = recorded->listed;
    for (size_t i = 0; i < count; i++) {
        prefetch_object(list, i + AHEAD, count);
        if (i + AHEAD < count) __builtin_prefetch(gw_card(recorded, list[i + AHEAD]));
        if (i + AHEAD / 2 < count) prefetch_dirty(minor, list[i + AHEAD / 2]);
        scan_listed(minor, list[i]);
    }
}

/* Remembered objects come first: among them are listed ones that are to be scanned as a whole. The lists are read while survivors
 * that stay young may put entries back: never more than were read. */
static void scan_recorded(struct gw_minor *minor)
{
    struct gw_recorded *recorded = &minor->heap->recorded;
    struct gw_recorded_work *work = &minor->work;
    size_t remembered = recorded->remembered_count, listed = recorded->listed_count;
    bool overflowed = recorded->overflowed;
    *work = (struct gw_recorded_work){.objects = remembered + recorded->whole_lines, .marking = minor->marking};
    recorded->remembered_count = recorded->listed_count = 0;
    recorded->whole_lines = recorded->whole_bytes = recorded->whole_earned = 0;
    recorded->overflowed = false;
    if (gw_unlikely(overflowed)) {
        gw_old_each_object(&minor->heap->old, scan_if_recorded, minor);
        return;
    }
    if (!remembered && !listed) return;
    uint64_t start = gw_processor_ns();
    scan_all_remembered(minor, remembered);
    uint64_t middle = gw_processor_ns();
    scan_all_listed(minor, listed);
    work->objects_ns = middle - start;
    work->cards_ns = gw_processor_ns() - middle;
    work->cards = minor->cards;
}

/* ---- The collection -------------------------------------------------------------------------------- */

static void set_from(struct gw_minor *minor, const struct gw_nursery *nursery)
{
    struct gw_piece vacated = gw_nursery_vacated(nursery);
    minor->from = (uintptr_t)vacated.from;
    minor->from_bytes = (size_t)(vacated.end - vacated.from);
    minor->vacated = gw_eden_part(nursery->eden) | gw_survivors_part(nursery->survivor);
}

static struct gw_minor begin_minor(struct gw_heap *heap, enum gw_survivors survivors)
{
    const struct gw_options *options = &heap->options;
    struct gw_nursery *nursery = &heap->nursery;
    struct gw_minor minor = {.heap = heap, .marks_new = gw_marks_new(heap), .marking = gw_is_marking(heap)};
    set_from(&minor, nursery);
    minor.to = gw_survivors(nursery, nursery->survivor ^ 1);
    minor.to_next = minor.to_end = minor.to_scanned = minor.to;
    if (survivors == GW_SURVIVORS_AGE && (options->age || options->stress_move)) {
        unsigned age = options->age == GW_AGE_BY_SURVIVAL ? 1 : options->age;
        minor.age_limit = options->stress_move ? GW_AGE_IN_PLACE : age;
        if (minor.to) minor.to_end = minor.to + gw_heap_survivor_room(heap);
    }
    minor.large_stay = !options->stress_move;
    minor.evacuate_young = nursery->scattered || options->stress_stay ? evacuate_young_asking : evacuate_young;
    return minor;
}

/* Allocation goes on in an empty eden; the other one while what was vacated is to stay as it is. */
static void end_minor(struct gw_heap *heap, const struct gw_minor *minor)
{
    struct gw_nursery *nursery = &heap->nursery;
    if (heap->options.poison) gw_heap_poison_vacated(heap);
    gw_nursery_exchange(nursery, gw_heap_spare_blocks(heap), gw_heap_edens(heap) == 1);
    nursery->survivor ^= 1;
    nursery->survivors_end = minor->to_next;
    gw_nursery_begin_eden(nursery, heap->options.poison || heap->options.stress_move ? nursery->survivor : 0);
    gw_heap_begin_pieces(heap);
}

/* Pinned objects come first, before anything could move them. One that was unpinned since is like any other. */
static void keep_pinned(struct gw_minor *minor)
{
    struct gw_pins *pins = &minor->heap->pins;
    for (size_t i = 0; i < pins->young.count; i++) {
        uintptr_t ref = pins->young.at[i];
        uint64_t header = *gw_header(ref);
        if (!gw_address_find(&pins->table, ref) || gw_header_age(header) == GW_AGE_IN_PLACE) continue;
        stay(minor, ref, header, gw_object_bytes(ref, gw_header_type(header)));
    }
    pins->young.count = 0;
}

/* By the machine's clock, which is cheap to look at. */
static void visit_roots(struct gw_minor *minor, const struct gw_entry *entry)
{
    uint64_t start = gw_now_ns();
    gw_visit_young_roots(minor->heap, entry, minor->marking ? evacuate_and_shade : evacuate, minor);
    minor->work.roots_ns = gw_now_ns() - start;
}

/* One that another thread has left. */
static void scan_moved(struct gw_minor *minor, uintptr_t ref)
{
    if (gw_stays_young(minor, ref)) scan_survivor(minor, ref);
    else scan_old(minor, ref);
}

void gw_minor_collect(struct gw_heap *heap, const struct gw_entry *entry, enum gw_survivors survivors, enum gw_copiers copiers,
                      gw_after_moving_function *after)
{
    struct gw_minor minor = begin_minor(heap, survivors);
    uint64_t old_used = heap->old.used_bytes;
    heap->stats.minor_collections++;
    gw_heap_count_allocated(heap);
    if (copiers != GW_COPY_ALONE) gw_parallel_begin(&minor, copiers == GW_COPY_SURELY_WITH_MARKER);
    keep_pinned(&minor);
    scan_recorded(&minor);
    visit_roots(&minor, entry);
    gw_parallel_drain(&minor, scan_moved);
    drain(&minor);
    struct gw_evacuation evacuation = {heap, minor.from, minor.from_bytes, minor.vacated, evacuate_slot, drain, &minor};
    after(&evacuation);
    gw_destructible_sweep(&evacuation);
    heap->cycle.last_promotion = heap->old.used_bytes - old_used;
    heap->stats.promoted_bytes += heap->cycle.last_promotion;
    heap->aging.again = minor.again;
    end_minor(heap, &minor);
    minor.work.left = minor.cards_left;
    gw_account_note(heap, &minor.work);
}
