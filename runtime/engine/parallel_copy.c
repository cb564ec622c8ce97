/* Copying by two threads. All that both change is changed under `lock`; copiers' own records belong to their threads, and to the thread
 * that has stopped the others while the marker rests. */
#include "engine/parallel_copy.h"

#include "base/report.h"
#include "os/linux/clock.h"

#include <sched.h>

#define SURVIVORS_AT_ONCE ((size_t)4096)      /* bytes of the survivor space for one copier */
#define LARGEST_YOUNG (SURVIVORS_AT_ONCE / 4) /* bytes of a survivor that either may keep young */
#define LEAST_SHARED 8                        /* objects on a stack, of which half are handed over */
#define SPINS 256                             /* looks before the processor is offered to others */
#define LONGEST_WAIT_NS 1000000               /* for a marker that is to take part surely */

/* ---- Handing over ---------------------------------------------------------------------------------- */

static void push(struct gw_copier *me, uintptr_t ref)
{
    me->stack[me->depth++] = ref;
}

/* The other one has nothing to do, as far as is known, and has not been given anything yet. */
static bool is_wanted(const struct gw_parallel *parallel)
{
    return __atomic_load_n(&parallel->waiting, __ATOMIC_RELAXED) && !__atomic_load_n(&parallel->given_count, __ATOMIC_RELAXED);
}

/* With the lock held; looked at without it. */
static void add_waiting(struct gw_parallel *parallel, unsigned copiers)
{
    __atomic_store_n(&parallel->waiting, parallel->waiting + copiers, __ATOMIC_RELAXED);
}

static void begin_to_wait(struct gw_parallel *parallel)
{
    gw_mutex_take(&parallel->lock);
    add_waiting(parallel, 1);
    gw_mutex_release(&parallel->lock);
}

static void give(struct gw_parallel *parallel, struct gw_copier *me)
{
    size_t count = (me->depth - me->base) / 2;
    if (count > GW_GIVEN) count = GW_GIVEN;
    gw_mutex_take(&parallel->lock);
    if (!parallel->given_count) {
        memcpy(parallel->given, me->stack + me->base, count * sizeof *me->stack);
        __atomic_store_n(&parallel->given_count, count, __ATOMIC_RELAXED);
        me->base += count;
        me->alone = false;
    }
    gw_mutex_release(&parallel->lock);
}

/* With the lock held. */
static bool take(struct gw_parallel *parallel, struct gw_copier *me)
{
    size_t count = parallel->given_count;
    me->base = me->depth = 0;
    for (size_t i = 0; i < count; i++) push(me, parallel->given[i]);
    __atomic_store_n(&parallel->given_count, 0, __ATOMIC_RELAXED);
    return count;
}

/* `saw_young`: slots of it refer to survivors in the nursery already, which who scans it again does not see. */
static void leave_alone(struct gw_parallel *parallel, uintptr_t ref, bool saw_young)
{
    gw_mutex_take(&parallel->lock);
    parallel->left[parallel->left_count++] = ref | saw_young;
    gw_mutex_release(&parallel->lock);
}

/* ---- Moving one object ----------------------------------------------------------------------------- */

static void fill_with_padding(struct gw_piece *piece)
{
    if (piece->from) memset(piece->from, 0, gw_piece_bytes(*piece));
    *piece = (struct gw_piece){0};
}

/* False: the survivor space is full. */
static bool next_survivors(struct gw_minor *minor, struct gw_copier *me, size_t bytes)
{
    struct gw_parallel *parallel = &minor->heap->parallel;
    gw_mutex_take(&parallel->lock);
    size_t left = (size_t)(minor->to_end - minor->to_next), most = left < SURVIVORS_AT_ONCE ? left : SURVIVORS_AT_ONCE;
    bool fits = most >= bytes;
    if (fits) {
        fill_with_padding(&me->survivors);
        me->survivors = (struct gw_piece){minor->to_next, minor->to_next + most};
        minor->to_next += most;
    }
    gw_mutex_release(&parallel->lock);
    return fits;
}

/* Where the copier may lay a survivor that stays young, which takes it when it is told to; 0: nowhere. */
static uintptr_t young_place(struct gw_minor *minor, struct gw_copier *me, size_t bytes, bool align16)
{
    if (gw_piece_bytes(me->survivors) < bytes + 8 && !next_survivors(minor, me, bytes + 8)) {
        me->survivors_full = true;
        return 0;
    }
    if (align16 && ((uintptr_t)me->survivors.from + GW_HEADER_SIZE) % 16) {
        *(uint64_t *)me->survivors.from = 0;
        me->survivors.from += 8;
    }
    return (uintptr_t)me->survivors.from + GW_HEADER_SIZE;
}

/* Destructors of what is swept on the way are the program's, and run on its threads. */
static bool next_hole(struct gw_old_space *old, struct gw_parallel *parallel, struct gw_copier *me, unsigned size_class)
{
    gw_mutex_take(&parallel->lock);
    old->may_bury = me == &parallel->copiers[0];
    bool found = gw_old_open_hole(old, me->holes, size_class);
    old->may_bury = true;
    gw_mutex_release(&parallel->lock);
    return found;
}

static unsigned class_of(const struct gw_old_space *old, const struct gw_type *type, size_t bytes)
{
    unsigned size_class = gw_size_class(&old->classes, bytes);
    return type->flags & GW_TYPE_ALIGN16 ? gw_size_class_align16(&old->classes, size_class) : size_class;
}

/* The same in the old generation. */
static uintptr_t old_place(struct gw_heap *heap, struct gw_copier *me, unsigned size_class)
{
    struct gw_hole *hole = &me->holes->open[size_class];
    if ((size_t)(hole->end - hole->next) < heap->old.classes.cell[size_class] && !next_hole(&heap->old, &heap->parallel, me, size_class))
        gw_fatal("promoting: the reserved range is full");
    return (uintptr_t)hole->next + GW_HEADER_SIZE;
}

static void take_old_place(struct gw_old_space *old, struct gw_copier *me, unsigned size_class, uintptr_t ref)
{
    size_t cell = old->classes.cell[size_class];
    me->holes->open[size_class].next += cell;
    me->promoted += cell;
    gw_bit_set(old->starts, gw_granule(old, ref)); /* no other copier's cell has a start in this word */
}

/* The header tells who was first. Its copy counts, the other one's was for nothing. Who has not given anything away is alone with what it
 * can reach. */
static bool forward_first(const struct gw_copier *me, uintptr_t ref, uint64_t *header, uintptr_t moved)
{
    if (me->alone) {
        __atomic_store_n(gw_header(ref), moved | GW_HEADER_FORWARDED, __ATOMIC_RELAXED);
        return true;
    }
    return __atomic_compare_exchange_n(gw_header(ref), header, moved | GW_HEADER_FORWARDED, false, __ATOMIC_RELEASE, __ATOMIC_ACQUIRE);
}

static uintptr_t moved_by_other(uint64_t header)
{
    return header & ~(uint64_t)GW_IMMEDIATE_MASK;
}

/* Headers of what it refers to are needed soon, to be written to: to read them first would be to ask for their lines twice. */
static void prefetch_to_write(const struct gw_minor *minor, uintptr_t ref)
{
    if (ref - minor->from < minor->from_bytes) __builtin_prefetch(gw_header(ref), 1);
}

static void has_moved(struct gw_minor *minor, struct gw_copier *me, uintptr_t moved, const struct gw_type *type)
{
    for (uint32_t i = 0; i < type->offset_count; i++) prefetch_to_write(minor, *(uintptr_t *)(moved + type->offsets[i]));
    if (gw_type_has_references(type)) push(me, moved);
}

static uintptr_t promote_first(struct gw_minor *minor, struct gw_copier *me, uintptr_t ref, uint64_t header, size_t bytes)
{
    struct gw_old_space *old = &minor->heap->old;
    const struct gw_type *type = gw_header_type(header);
    unsigned size_class = class_of(old, type, bytes);
    uintptr_t moved = old_place(minor->heap, me, size_class);
    *gw_header(moved) = (uintptr_t)type | gw_old_flags(type, header, bytes);
    gw_copy_words((void *)moved, (void *)ref, bytes - GW_HEADER_SIZE);
    if (gw_unlikely(!forward_first(me, ref, &header, moved))) return moved_by_other(header);
    take_old_place(old, me, size_class, moved);
    me->again += gw_header_age(header) ? bytes : 0;
    has_moved(minor, me, moved, type);
    return moved;
}

/* 0: there is no room. */
static uintptr_t keep_young_first(struct gw_minor *minor, struct gw_copier *me, uintptr_t ref, uint64_t header, size_t bytes)
{
    const struct gw_type *type = gw_header_type(header);
    uintptr_t moved = young_place(minor, me, bytes, type->flags & GW_TYPE_ALIGN16);
    if (!moved) return 0;
    *gw_header(moved) = gw_older_header(header);
    gw_copy_words((void *)moved, (void *)ref, bytes - GW_HEADER_SIZE);
    if (gw_unlikely(!forward_first(me, ref, &header, moved))) return moved_by_other(header);
    me->survivors.from += bytes;
    has_moved(minor, me, moved, type);
    return moved;
}

/* 0: only one thread alone may. */
static uintptr_t move_object(struct gw_minor *minor, struct gw_copier *me, uintptr_t ref)
{
    uint64_t header = __atomic_load_n(gw_header(ref), __ATOMIC_ACQUIRE);
    if (header & GW_HEADER_FORWARDED) return moved_by_other(header);
    unsigned age = gw_header_age(header);
    size_t bytes = gw_object_bytes(ref, gw_header_type(header));
    if (gw_unlikely(age == GW_AGE_IN_PLACE)) return ref;
    bool young = age < minor->age_limit && !me->survivors_full;
    if (gw_unlikely(bytes > (young ? LARGEST_YOUNG : GW_LARGEST_CELL))) return 0;
    uintptr_t moved = young ? keep_young_first(minor, me, ref, header, bytes) : 0;
    return moved ? moved : promote_first(minor, me, ref, header, bytes);
}

static void evacuate(void *context, uintptr_t *slot)
{
    struct gw_copier *me = context;
    struct gw_minor *minor = me->minor;
    uintptr_t ref = *slot;
    if (ref - minor->from >= minor->from_bytes || (ref & GW_IMMEDIATE_MASK) || !gw_is_in_vacated_block(minor, ref)) return;
    uintptr_t moved = move_object(minor, me, ref);
    if (moved) *slot = moved;
    else me->leaves = true;
    me->saw_young |= gw_stays_young(minor, moved);
}

/* ---- Scanning -------------------------------------------------------------------------------------- */

static void remember(struct gw_heap *heap, uintptr_t ref)
{
    gw_mutex_take(&heap->parallel.lock);
    gw_remember(&heap->recorded, ref);
    gw_mutex_release(&heap->parallel.lock);
}

static void scan(struct gw_minor *minor, struct gw_copier *me, uintptr_t ref)
{
    uint64_t header = *gw_header(ref);
    const struct gw_type *type = gw_header_type(header);
    me->saw_young = false;
    me->leaves = (header & GW_HEADER_CARDS) || type->trace;
    if (!me->leaves) gw_each_field(ref, type, evacuate, me);
    if (gw_unlikely(me->leaves)) leave_alone(&minor->heap->parallel, ref, me->saw_young);
    else if (gw_unlikely(me->saw_young) && !gw_stays_young(minor, ref)) remember(minor->heap, ref);
}

static void scan_all(struct gw_minor *minor, struct gw_copier *me)
{
    struct gw_parallel *parallel = &minor->heap->parallel;
    while (me->depth > me->base) {
        if (me->depth - me->base >= LEAST_SHARED && is_wanted(parallel)) give(parallel, me);
        scan(minor, me, me->stack[--me->depth]);
    }
}

/* ---- The marker's thread --------------------------------------------------------------------------- */

static void wait_a_little(unsigned *looks)
{
    if (++*looks % SPINS) gw_spin();
    else sched_yield();
}

/* Waits for something to be handed over. NULL: the collection has ended. */
static struct gw_minor *wait_for_work(struct gw_parallel *parallel)
{
    struct gw_copier *me = &parallel->copiers[1];
    unsigned looks = 0;
    for (;;) {
        gw_mutex_take(&parallel->lock);
        struct gw_minor *minor = parallel->minor;
        bool taken = minor && take(parallel, me);
        if (!minor) __atomic_store_n(&parallel->joined, false, __ATOMIC_RELAXED);
        if (taken || !minor) add_waiting(parallel, -1u);
        gw_mutex_release(&parallel->lock);
        if (taken || !minor) return minor;
        while (!__atomic_load_n(&parallel->given_count, __ATOMIC_RELAXED) && __atomic_load_n(&parallel->minor, __ATOMIC_RELAXED))
            wait_a_little(&looks);
    }
}

void gw_parallel_join(struct gw_heap *heap)
{
    struct gw_parallel *parallel = &heap->parallel;
    gw_mutex_take(&parallel->lock);
    bool late = !parallel->minor;
    __atomic_store_n(&parallel->joined, !late, __ATOMIC_RELAXED);
    gw_mutex_release(&parallel->lock);
    if (late) return;
    begin_to_wait(parallel);
    for (struct gw_minor *minor; (minor = wait_for_work(parallel)) != NULL;) {
        scan_all(minor, &parallel->copiers[1]);
        begin_to_wait(parallel);
    }
}

/* ---- The thread that has stopped the others --------------------------------------------------------- */

/* At the limit of the heap one thread wastes less of the last blocks than two. */
static bool has_room(const struct gw_heap *heap)
{
    return gw_heap_spare_blocks(heap) > 2 * GW_SIZE_CLASSES;
}

static bool may_share(const struct gw_minor *minor)
{
    const struct gw_heap *heap = minor->heap;
    bool colours = minor->marking || minor->marks_new;
    return heap->marker.parked && !colours && !heap->options.stress_stay && has_room(heap);
}

static void wait_for_marker(struct gw_parallel *parallel)
{
    uint64_t start = gw_now_ns();
    while (!__atomic_load_n(&parallel->joined, __ATOMIC_RELAXED) && gw_now_ns() - start < LONGEST_WAIT_NS) sched_yield();
}

void gw_parallel_begin(struct gw_minor *minor, bool surely)
{
    struct gw_heap *heap = minor->heap;
    struct gw_parallel *parallel = &heap->parallel;
    if (!may_share(minor)) return;
    gw_mutex_take(&parallel->lock);
    parallel->copiers[0] = (struct gw_copier){.minor = minor, .stack = heap->promotion.stack, .holes = &heap->old.holes, .alone = true};
    parallel->copiers[1] = (struct gw_copier){.minor = minor, .stack = parallel->copiers[1].stack, .holes = &heap->old.other_holes};
    __atomic_store_n(&parallel->minor, minor, __ATOMIC_RELAXED);
    gw_mutex_release(&parallel->lock);
    __atomic_fetch_or(&heap->marker.work, GW_MARKER_COPIES, __ATOMIC_RELAXED);
    gw_futex_wake(&heap->marker.work, 1);
    if (surely) wait_for_marker(parallel);
}

static void push_survivor(void *context, uintptr_t ref)
{
    if (gw_type_has_references(gw_object_type(ref))) push(context, ref);
}

/* What this thread has moved while it was alone is on the stack of promotion and in the survivor space. */
static void take_over(struct gw_minor *minor, struct gw_copier *me)
{
    struct gw_promotion *promotion = &minor->heap->promotion;
    me->base = 0;
    me->depth = promotion->depth;
    promotion->depth = 0;
    gw_nursery_each_object(minor->to_scanned, minor->to_next, push_survivor, me);
    minor->to_scanned = minor->to_next;
}

/* Until neither has anything left. */
static void copy_with_marker(struct gw_minor *minor, struct gw_copier *me)
{
    struct gw_parallel *parallel = &minor->heap->parallel;
    unsigned looks = 0;
    for (bool done = false; !done;) {
        scan_all(minor, me);
        begin_to_wait(parallel);
        bool more = false;
        while (!more && !done) {
            gw_mutex_take(&parallel->lock);
            more = take(parallel, me);
            done = !more && parallel->waiting == 1u + parallel->joined;
            if (more || done) add_waiting(parallel, -1u);
            gw_mutex_release(&parallel->lock);
            if (!more && !done) wait_a_little(&looks);
        }
    }
}

/* The other one rests. */
static bool scan_left(struct gw_minor *minor, void (*scan_one)(struct gw_minor *minor, uintptr_t ref))
{
    struct gw_parallel *parallel = &minor->heap->parallel;
    size_t count = parallel->left_count;
    minor->to_scanned = minor->to_next;
    for (size_t i = 0; i < count; i++) {
        uintptr_t ref = parallel->left[i] & ~(uintptr_t)1;
        scan_one(minor, ref);
        bool recorded = gw_stays_young(minor, ref) || !(*gw_header(ref) & GW_HEADER_TRACK);
        if ((parallel->left[i] & 1) && !recorded) gw_remember(&minor->heap->recorded, ref);
    }
    parallel->left_count = 0;
    return count;
}

static void end(struct gw_minor *minor)
{
    struct gw_parallel *parallel = &minor->heap->parallel;
    gw_mutex_take(&parallel->lock);
    for (unsigned i = 0; i < 2; i++) {
        fill_with_padding(&parallel->copiers[i].survivors);
        minor->heap->old.used_bytes += parallel->copiers[i].promoted;
        minor->again += parallel->copiers[i].again;
    }
    minor->heap->marker.promoted += parallel->copiers[1].promoted;
    __atomic_store_n(&parallel->minor, NULL, __ATOMIC_RELAXED);
    gw_mutex_release(&parallel->lock);
}

void gw_parallel_drain(struct gw_minor *minor, void (*scan_one)(struct gw_minor *minor, uintptr_t ref))
{
    struct gw_parallel *parallel = &minor->heap->parallel;
    if (!parallel->minor) return;
    do {
        take_over(minor, &parallel->copiers[0]);
        copy_with_marker(minor, &parallel->copiers[0]);
    } while (scan_left(minor, scan_one));
    end(minor);
}
