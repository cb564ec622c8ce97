/* Random graphs with finalizers, weak references, ephemerons, resurrection, pins and identity hashes, against a model that knows the
 * rules of docs/finalization.md.
 *
 *     random_life [--seed N] [--graphs N] [--options TEXT] [--chains 1] [--refuse N]
 *
 * Each graph has up to OBJECTS objects and lives through some dozens of actions, with steps of the major cycle, minor and
 * full collections between. The model is the same graph in sets of bits. At every moment: what it says is reachable is intact, a
 * cleared word stays cleared, what is ready was dead, in order, and registered. After a full collection: exactly what the
 * model says is alive is in the heap, cleared is what must be, ready is what may be. In the end nothing is left.
 *
 * The seed is printed first; the same seed gives the same run.
 */
#include "refusing.h"
#include "life/weak.h"
#include "engine/mark.h"
#include "heap/heap.h"

#include <greywave/greywave.h>
#include <stdio.h>
#include <stdlib.h>

#define OBJECTS 48
#define ROOTS 8
#define FIELDS 3
#define QUEUES 3
#define ACTIONS 60

struct node {
    uint64_t id;
    struct node *field[FIELDS];
};
GW_TYPE_OFFSETS(node, struct node, offsetof(struct node, field[0]), offsetof(struct node, field[1]), offsetof(struct node, field[2]));

typedef uint64_t set; /* of object numbers; object 0 does not exist */
#define BIT(id) ((set)1 << (id))

enum kind { NODE, SHORT, LONG, EPHEMERON };

static struct object {
    enum kind kind;
    unsigned field[FIELDS];      /* strong fields of a node; key and value of the others */
    unsigned registered[QUEUES]; /* not yet ready */
    unsigned ready[QUEUES];      /* not yet taken */
    uint64_t made, died;         /* moments; died: when it was last known to be dead, 0: never */
    bool cleared;                /* seen to be */
    uint64_t hash;
    void *pinned_at; /* its address while it is pinned */
    unsigned pins;
} model[OBJECTS];

static unsigned count, model_root[ROOTS];
static void *root[ROOTS];
static gw_finalizer_queue *queue[QUEUES];
static size_t seen[QUEUES]; /* entries of the queue that the model knows */
static bool whole_chains;   /* gw_finalize_whole_chains is on */
static uint64_t seed, graph, moment, state, became_ready, delivered, resurrected, cleared_words, steps, full_collections;

static uint64_t next_random(void) /* xorshift64*, Vigna 2016 */
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * UINT64_C(2685821657736338717);
}

static unsigned below(unsigned n)
{
    return (unsigned)((next_random() >> 33) % n);
}

#define FAIL(...)                                                                                                                          \
    do {                                                                                                                                   \
        fprintf(stderr, "random_life: seed %lu, graph %lu, moment %lu: ", (unsigned long)seed, (unsigned long)graph,                       \
                (unsigned long)moment);                                                                                                    \
        fprintf(stderr, __VA_ARGS__);                                                                                                      \
        fputc('\n', stderr);                                                                                                               \
        abort();                                                                                                                           \
    } while (0)

/* ---- What the model reaches ------------------------------------------------------------------------ */

static bool holds(set s, unsigned id)
{
    return id && (s & BIT(id));
}

/* Objects reached from `from`, which are in it. An ephemeron reaches its value if its key is in `live`: what is dead keeps no key. */
static set reach(set from, set live)
{
    for (set before = 0; before != from;) {
        before = from;
        for (unsigned id = 1; id < count; id++) {
            const struct object *object = &model[id];
            if (!holds(from, id)) continue;
            if (object->kind == NODE)
                for (int i = 0; i < FIELDS; i++) from |= object->field[i] ? BIT(object->field[i]) : 0;
            if (object->kind == EPHEMERON && object->field[1] && holds(live, object->field[0])) from |= BIT(object->field[1]);
        }
    }
    return from;
}

static set with(bool test(const struct object *))
{
    set all = 0;
    for (unsigned id = 1; id < count; id++)
        if (test(&model[id])) all |= BIT(id);
    return all;
}

static bool is_registered(const struct object *object)
{
    for (int q = 0; q < QUEUES; q++)
        if (object->registered[q]) return true;
    return false;
}

static bool is_ready(const struct object *object)
{
    for (int q = 0; q < QUEUES; q++)
        if (object->ready[q]) return true;
    return false;
}

static set root_set(void)
{
    set roots = 0;
    for (int i = 0; i < ROOTS; i++) roots |= model_root[i] ? BIT(model_root[i]) : 0;
    return roots;
}

static bool is_pinned(const struct object *object)
{
    return object->pins != 0;
}

static set strong(void)
{
    set live = root_set() | with(is_ready) | with(is_pinned);
    for (set before = 0; before != live;) {
        before = live;
        live = reach(live, live);
    }
    return live;
}

/* ---- Comparing ------------------------------------------------------------------------------------- */

static unsigned id_of_node(const void *real)
{
    if (gw_type_of(real) != &gw_type_node) FAIL("%p should be a node and is a '%s'", real, gw_type_of(real)->name);
    return (unsigned)((const struct node *)real)->id;
}

static void *address[OBJECTS]; /* in the present comparison, or NULL */

static void compare(void *real, unsigned id);

static void compare_word(void *real, unsigned expected, unsigned holder)
{
    if (!real != !expected) FAIL("a word of object %u is %p, should refer to object %u", holder, real, expected);
    if (real) compare(real, expected);
}

/* A word that may have been cleared: only if its object is not strongly reachable, and for good. */
static void compare_weak_word(void *real, unsigned id, unsigned target, set live)
{
    struct object *object = &model[id];
    if (!target || object->cleared) {
        if (real) FAIL("object %u was cleared and now holds %p", id, real);
        return;
    }
    bool must_live = holds(live, target);
    if (!real) {
        if (must_live) FAIL("object %u lost its word, although object %u is alive", id, target);
        object->cleared = true;
        cleared_words++;
        return;
    }
    if (object->kind != LONG && model[target].died > object->made) FAIL("object %u still hands out object %u, which has died", id, target);
    if (model[target].kind == NODE && id_of_node(real) != target)
        FAIL("object %u hands out object %u instead of %u", id, id_of_node(real), target);
}

static set live_now;

static void compare(void *real, unsigned id)
{
    struct object *object = &model[id];
    if (address[id]) {
        if (address[id] != real) FAIL("object %u is at %p and at %p", id, address[id], real);
        return;
    }
    address[id] = real;
    if (object->hash && gw_identity_hash(real) != object->hash) FAIL("object %u changed its hash", id);
    if (object->kind == NODE) {
        if (id_of_node(real) != id) FAIL("found object %u instead of %u", id_of_node(real), id);
        for (int i = 0; i < FIELDS; i++) compare_word(((struct node *)real)->field[i], object->field[i], id);
    } else if (object->kind == EPHEMERON) {
        void *key = gw_ephemeron_key(real), *value = gw_ephemeron_value(real);
        compare_weak_word(key, id, object->field[0], live_now);
        if (!key && value) FAIL("ephemeron %u has a value without a key", id);
        if (key && holds(live_now, object->field[0])) compare_word(value, object->field[1], id);
    } else {
        compare_weak_word(gw_weak_get(real), id, object->field[0], live_now);
    }
}

static void compare_all(void)
{
    memset(address, 0, sizeof address);
    live_now = strong();
    for (int i = 0; i < ROOTS; i++) {
        if (!root[i] != !model_root[i]) FAIL("root %d is %p, should refer to object %u", i, root[i], model_root[i]);
        if (root[i]) compare(root[i], model_root[i]);
    }
    for (unsigned id = 1; id < count; id++)
        if (model[id].pins) compare(model[id].pinned_at, id); /* there, and nowhere else */
}

/* ---- What has become ready ------------------------------------------------------------------------- */

/* Whether all entries of `first` stand before those of `second` in each queue that has both. */
static bool comes_before(unsigned first, unsigned second)
{
    for (int q = 0; q < QUEUES; q++) {
        const struct gw_registrations *ready = &queue[q]->ready;
        bool seen_second = false;
        for (size_t i = queue[q]->head; i < ready->count; i++) {
            unsigned id = id_of_node((void *)ready->at[i].object);
            seen_second |= id == second;
            if (id == first && seen_second) return false;
        }
    }
    return true;
}

/* One call may run several collections, and a key may float on in the first that is dead for the next: y reaches x for certain by
 * what was alive before, and x may reach y by any ephemeron, cleared since or not. */
static void check_order(set fresh, set earlier_ready, set registered, set live, const set may_reach[])
{
    for (unsigned x = 1; x < count; x++) {
        if (!holds(fresh, x)) continue;
        if (holds(live, x)) FAIL("object %u is ready and is reachable", x);
        for (unsigned y = 1; y < count; y++) {
            if (y == x || !holds(fresh | earlier_ready | registered, y) || !holds(reach(BIT(y), live), x)) continue;
            if (whole_chains && holds(fresh, y) && !holds(may_reach[x], y) && comes_before(y, x)) continue;
            if (!holds(may_reach[x], y)) FAIL("object %u is ready before object %u, which reaches it", x, y);
            if (holds(fresh | earlier_ready, y) && holds(reach(BIT(x), live), y))
                FAIL("objects %u and %u of one cycle are ready at once", x, y);
        }
    }
}

/* Every weak word that the collector has cleared, or would not hand out any more, whoever can see it. Cells are told apart by their
 * identity hashes. */
static void observe_cells(const struct gw_word_list *cells, set live, set kept)
{
    const struct gw_heap *heap = gw_current_thread.heap;
    for (size_t i = 0; i < cells->count; i++) {
        const struct gw_cell *cell = (const struct gw_cell *)(cells->at[i] & ~(uintptr_t)1);
        bool compacting = cells == &heap->cells.old && heap->cycle.phase == GW_PHASE_WEAK && heap->cells.stage == GW_WEAK_END;
        if (compacting && i >= heap->cells.kept && i < heap->cells.cursor) continue;
        uint64_t hash = gw_identity_hash(cell);
        for (unsigned id = 1; id < count; id++) {
            struct object *object = &model[id];
            if (object->kind == NODE || object->hash != hash || object->cleared) continue;
            bool gone = heap->cycle.phase == GW_PHASE_WEAK && object->kind != LONG && gw_is_unmarked(heap, cell->key);
            if (cell->key && !gone) continue;
            if (holds(object->kind == LONG ? kept : live, object->field[0]))
                FAIL("object %u lost its word, although object %u is alive", id, object->field[0]);
            object->cleared = true;
            object->field[0] = object->field[1] = 0;
            cleared_words++;
        }
    }
}

/* After anything that collects. */
static void observe_queues(void)
{
    const struct gw_weak_cells *cells = &gw_current_thread.heap->cells;
    set before = strong(), kept = reach(before | with(is_registered), before), may_reach[OBJECTS];
    for (unsigned id = 1; id < count; id++) may_reach[id] = reach(BIT(id), ~(set)0);
    observe_cells(&cells->old, before, kept);
    observe_cells(&cells->young, before, kept);
    set earlier_ready = with(is_ready), live = strong(), fresh = 0;
    for (int q = 0; q < QUEUES; q++) {
        const struct gw_registrations *ready = &queue[q]->ready;
        for (size_t i = queue[q]->head + seen[q]; i < ready->count; i++) {
            unsigned id = id_of_node((void *)ready->at[i].object);
            if (!model[id].registered[q]) FAIL("object %u is ready in queue %d without a registration", id, q);
            model[id].registered[q]--;
            model[id].ready[q]++;
            fresh |= BIT(id);
            became_ready++;
        }
        seen[q] = ready->count - queue[q]->head;
    }
    if (!fresh) return;
    for (unsigned id = 1; id < count; id++)
        if (holds(fresh, id) && is_registered(&model[id])) FAIL("object %u is ready, but not for all its registrations", id);
    check_order(fresh, earlier_ready, with(is_registered), live, may_reach);
    moment++;
    for (unsigned id = 1; id < count; id++)
        if (holds(fresh, id)) model[id].died = moment;
}

/* ---- After a full collection ----------------------------------------------------------------------- */

static void count_object(void *total, uintptr_t ref)
{
    (void)ref;
    ++*(size_t *)total;
}

static size_t objects_in_heap(void)
{
    struct gw_heap *heap = gw_current_thread.heap;
    size_t total = 0;
    gw_old_each_object(&heap->old, count_object, &total);
    gw_heap_each_young(heap, count_object, &total);
    return total;
}

/* Words whose objects are dead have been cleared, whether anybody looked or not. */
static void clear_model_words(set live, set kept)
{
    for (unsigned id = 1; id < count; id++) {
        struct object *object = &model[id];
        if (object->kind == NODE || !object->field[0]) continue;
        if (holds(object->kind == LONG ? kept : live, object->field[0])) continue;
        object->cleared = true;
        object->field[0] = object->field[1] = 0;
    }
}

static void collect_full(void)
{
    gw_collect(GW_FULL);
    full_collections++;
    observe_queues();
    set registered = with(is_registered);
    set live = strong(), kept = reach(live | registered, live);
    clear_model_words(live, kept);
    kept = reach(kept, kept);
    for (unsigned x = 1; x < count; x++) {
        if (!holds(registered & ~live, x)) continue;
        bool waits = false;
        for (unsigned y = 1; y < count; y++) waits |= y != x && holds(registered | with(is_ready), y) && holds(reach(BIT(y), live), x);
        if (!waits) FAIL("object %u is dead, waits for nobody and is not ready", x);
    }
    size_t real = objects_in_heap();
    if (real != (size_t)__builtin_popcountll(kept)) FAIL("%zu objects in the heap, should be %d", real, __builtin_popcountll(kept));
    compare_all();
    for (unsigned id = 1; id < count; id++)
        if (!holds(kept, id)) model[id] = (struct object){.died = moment};
}

/* ---- Actions --------------------------------------------------------------------------------------- */

static int some_root(enum kind kind)
{
    for (int tries = 0; tries < 12; tries++) {
        int i = (int)below(ROOTS);
        if (model_root[i] && model[model_root[i]].kind == kind) return i;
    }
    return -1;
}

static int any_root(void)
{
    for (int tries = 0; tries < 6; tries++) {
        int i = (int)below(ROOTS);
        if (model_root[i]) return i;
    }
    return -1;
}

static unsigned add_object(enum kind kind, unsigned key, unsigned value)
{
    model[count] = (struct object){.kind = kind, .field = {key, value}, .made = moment++};
    return count++;
}

static unsigned add_cell(void *cell, enum kind kind, unsigned key, unsigned value)
{
    unsigned id = add_object(kind, key, value);
    model[id].hash = gw_identity_hash(cell);
    return id;
}

static void set_root(int i, void *real, unsigned id)
{
    root[i] = real;
    model_root[i] = id;
}

static void make_node(void)
{
    if (count == OBJECTS) return;
    struct node *node = gw_new(node);
    observe_queues();
    unsigned id = add_object(NODE, 0, 0);
    node->id = id;
    for (int i = 0; i < FIELDS; i++) {
        int from = any_root();
        if (from < 0 || below(3)) continue;
        node->field[i] = root[from];
        model[id].field[i] = model_root[from];
    }
    set_root((int)below(ROOTS), node, id);
}

static void make_weak(void)
{
    int target = any_root();
    if (target < 0 || count == OBJECTS) return;
    bool is_long = below(3) == 0;
    struct gw_weak *weak = gw_weak_new(root[target], is_long ? GW_WEAK_LONG : GW_WEAK_SHORT);
    observe_queues();
    set_root((int)below(ROOTS), weak, add_cell(weak, is_long ? LONG : SHORT, model_root[target], 0));
}

static void make_ephemeron(void)
{
    int key = any_root(), value = any_root();
    if (key < 0 || value < 0 || count == OBJECTS) return;
    struct gw_ephemeron *ephemeron = gw_ephemeron_new(root[key], root[value]);
    observe_queues();
    set_root((int)below(ROOTS), ephemeron, add_cell(ephemeron, EPHEMERON, model_root[key], model_root[value]));
}

static void link_field(void)
{
    int to = some_root(NODE), from = any_root(), field = (int)below(FIELDS);
    if (to < 0 || from < 0) return;
    bool null = below(4) == 0;
    GW_STORE((struct node *)root[to], field[field], null ? NULL : root[from]);
    model[model_root[to]].field[field] = null ? 0 : model_root[from];
}

static void load_field(void)
{
    int from = some_root(NODE), field = (int)below(FIELDS);
    if (from >= 0) set_root((int)below(ROOTS), ((struct node *)root[from])->field[field], model[model_root[from]].field[field]);
}

static void drop_root(void)
{
    set_root((int)below(ROOTS), NULL, 0);
}

/* What a weak word hands out is alive from then on, finalizable or not. */
static void load_weak(void)
{
    int from = some_root(below(2) ? SHORT : LONG);
    if (from < 0) return;
    struct object *weak = &model[model_root[from]];
    void *real = gw_weak_get(root[from]);
    observe_queues(); /* a long reference may have finished the order */
    compare_weak_word(real, model_root[from], weak->field[0], strong());
    if (real) set_root((int)below(ROOTS), real, weak->field[0]);
}

static void load_ephemeron(void)
{
    int from = some_root(EPHEMERON);
    if (from < 0) return;
    struct object *ephemeron = &model[model_root[from]];
    void *key = gw_ephemeron_key(root[from]), *value = gw_ephemeron_value(root[from]);
    compare_weak_word(key, model_root[from], ephemeron->field[0], strong());
    if (!key) return;
    if (!value != !ephemeron->field[1]) FAIL("ephemeron %u has a key and lost its value", model_root[from]);
    unsigned id = ephemeron->field[1];
    set_root((int)below(ROOTS), key, ephemeron->field[0]);
    if (value) set_root((int)below(ROOTS), value, id);
}

static void set_ephemeron(void)
{
    int to = some_root(EPHEMERON), from = any_root();
    if (to < 0 || from < 0) return;
    if (gw_ephemeron_set((struct gw_ephemeron *)root[to], root[from]) == GW_OK) model[model_root[to]].field[1] = model_root[from];
    else if (holds(strong(), model[model_root[to]].field[0])) FAIL("an ephemeron with a live key refused a value: %s", gw_error_text());
}

static void clear_cell(void)
{
    int at = any_root();
    if (at < 0 || model[model_root[at]].kind == NODE || below(3)) return;
    struct object *object = &model[model_root[at]];
    if (object->kind == EPHEMERON) gw_ephemeron_clear(root[at]);
    else gw_weak_clear(root[at]);
    object->cleared = true;
    object->field[0] = object->field[1] = 0;
}

static void register_root(void)
{
    int at = some_root(NODE), q = (int)below(QUEUES);
    if (at < 0) return;
    if (gw_finalize_with(queue[q], root[at]) != GW_OK) FAIL("%s", gw_error_text());
    model[model_root[at]].registered[q]++;
}

static void hash_root(void)
{
    int at = any_root();
    if (at < 0) return;
    struct object *object = &model[model_root[at]];
    uint64_t hash = gw_identity_hash(root[at]);
    if (object->hash && hash != object->hash) FAIL("object %u changed its hash", model_root[at]);
    object->hash = hash;
}

/* Pins what a root holds, or takes one pin off it. */
static void pin_root(void)
{
    int at = any_root();
    if (at < 0) return;
    struct object *object = &model[model_root[at]];
    if (object->pins && below(3)) {
        if (gw_unpin(root[at]) != GW_OK) FAIL("%s", gw_error_text());
        object->pins--;
        return;
    }
    object->pinned_at = gw_pin(root[at]);
    observe_queues();
    if (object->pinned_at != root[at]) FAIL("object %u is pinned at %p and is at %p", model_root[at], object->pinned_at, root[at]);
    object->pins++;
}

/* Takes the next ready object and keeps it, registers it again, or lets it go. */
static void take_ready(void)
{
    int q = (int)below(QUEUES);
    void *real = gw_finalizer_queue_next(queue[q]);
    if (!real != !seen[q]) FAIL("queue %d hands out %p, with %zu ready", q, real, seen[q]);
    if (!real) return;
    unsigned id = id_of_node(real);
    if (!model[id].ready[q]) FAIL("queue %d hands out object %u, which is not ready there", q, id);
    model[id].ready[q]--;
    seen[q]--;
    delivered++;
    if (below(2)) return;
    resurrected++;
    int at = (int)below(ROOTS);
    set_root(at, real, id);
    if (below(2)) {
        gw_finalize_with(queue[q], real);
        model[id].registered[q]++;
    }
}

/* These graphs are so small that no cycle would be worth starting, were the goal not taken away. */
static void take_step(void)
{
    struct gw_cycle *cycle = &gw_current_thread.heap->cycle;
    cycle->live_bytes = 0;
    gw_current_thread.heap->external_bytes = (int64_t)1 << 30;
    steps += gw_collect_step(0).status != GW_STEP_IDLE;
    gw_current_thread.heap->external_bytes = 0;
}

static void collect_some(void)
{
    unsigned how = below(20);
    if (how == 0) {
        collect_full();
    } else if (how < 4) {
        gw_collect(GW_MINOR);
    } else {
        for (unsigned n = below(12); n > 0; n--) take_step();
    }
    observe_queues();
}

static void act(void)
{
    static void (*const actions[])(void) = {
        make_node,  make_node,  make_node,     make_node,     make_weak,     make_ephemeron, link_field,     link_field, link_field,
        link_field, load_field, load_field,    drop_root,     drop_root,     drop_root,      load_weak,      hash_root,  load_ephemeron,
        clear_cell, take_ready, take_ready,    set_ephemeron, register_root, register_root,  make_ephemeron, make_weak,  drop_root,
        drop_root,  drop_root,  register_root, register_root, take_ready,    make_node,      pin_root,
    };
    moment++;
    actions[below(sizeof actions / sizeof *actions)]();
    if (below(2)) collect_some();
    compare_all();
    observe_queues(); /* so may reading one in the comparison */
}

/* Everything is let go: each full collection must deliver something, until nothing is left. */
static void end_graph(void)
{
    for (unsigned id = 1; id < count; id++)
        for (; model[id].pins; model[id].pins--)
            if (gw_unpin(model[id].pinned_at) != GW_OK) FAIL("%s", gw_error_text());
    for (int i = 0; i < ROOTS; i++) set_root(i, NULL, 0);
    for (int round = 0;; round++) {
        for (int q = 0; q < QUEUES; q++)
            for (void *real; (real = gw_finalizer_queue_next(queue[q]));) {
                model[id_of_node(real)].ready[q]--;
                seen[q]--;
            }
        if (!with(is_registered) && round) break;
        if (round > OBJECTS) FAIL("%d objects are never delivered", __builtin_popcountll(with(is_registered)));
        collect_full();
    }
    collect_full();
    if (objects_in_heap()) FAIL("%zu objects are left in the end", objects_in_heap());
}

static uint64_t number_option(int argc, char **argv, const char *name, uint64_t value)
{
    for (int i = 1; i + 1 < argc; i++)
        if (!strcmp(argv[i], name)) value = strtoull(argv[i + 1], NULL, 0);
    return value;
}

int main(int argc, char **argv)
{
    const char *options = "nursery=64k,verify=1,growth=10";
    for (int i = 1; i + 1 < argc; i++)
        if (!strcmp(argv[i], "--options")) options = argv[i + 1];
    seed = number_option(argc, argv, "--seed", 20261121);
    refusing = number_option(argc, argv, "--refuse", 0);
    uint64_t graphs = number_option(argc, argv, "--graphs", 1000);
    printf("random_life: seed %lu, %lu graphs, %s\n", (unsigned long)seed, (unsigned long)graphs, options);
    fflush(stdout);
    if (gw_init(options) != GW_OK) FAIL("%s", gw_error_text());
    gw_add_roots(root, ROOTS);
    whole_chains = number_option(argc, argv, "--chains", 0) != 0;
    if (gw_finalize_whole_chains(whole_chains) != GW_OK) FAIL("%s", gw_error_text());
    for (int q = 0; q < QUEUES; q++) queue[q] = gw_finalizer_queue_new(NULL, NULL);
    for (graph = 1; graph <= graphs; graph++) {
        state = (seed + graph) * 2654435761 * 2 + 1;
        count = 1;
        for (int i = 0; i < ACTIONS; i++) act();
        end_graph();
    }
    struct gw_stats stats;
    gw_get_stats(&stats);
    printf("random_life: %lu ready, %lu taken while the graph lived, %lu resurrected, %lu words cleared; %lu minor collections, %lu "
           "cycles, %lu steps; all as the model "
           "says\n",
           (unsigned long)became_ready, (unsigned long)delivered, (unsigned long)resurrected, (unsigned long)cleared_words,
           (unsigned long)stats.minor_collections, (unsigned long)stats.major_collections, (unsigned long)steps);
    return 0;
}
