/* Random heap against a model.
 *
 * A few dozen root slots, objects of every shape the runtime knows, and a model that holds the same graph in plain
 * arrays: for each object its kind, its length and what each field should be. After every action the objects it touched
 * are compared; every `check` actions, and after every collection, the whole reachable graph is walked in both worlds at once.
 * A full collection must leave exactly the objects the model can reach: nothing lost, nothing leaked.
 *
 *     random_heap [--seed N] [--actions N] [--check N] [--step N] [--refuse N] [--options TEXT] [--threads N]
 *                 [--snapshot FILE [--plant WHAT]]
 *
 * --refuse N has the system refuse one madvise in N.
 * --step N takes a step of the major cycle after every N-th action or so.
 * --threads N does so on as many threads, on one heap: each has a model of its own, and they exchange parcels (exchange.h), go outside,
 * and leave the heap for a while.
 * --snapshot FILE writes a heap snapshot a dozen times and compares it, too; with --plant a fault is to be found in it.
 *
 * The seed is printed first; the same seed gives the same run.
 */
#include "refusing.h"
#include "heap/heap.h"

#include <greywave/greywave.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#define ROOTS 48
#define ANCHORS 6 /* the first roots: trees of objects that grow until they are pruned */
#define FIELDS 4
#define PINS 40
#define MAX_LENGTH 300
#define LARGE_LENGTH 9000
#define MAX_REACHABLE 3000

/* ---- The objects ----------------------------------------------------------------------------------- */

struct node {
    uint64_t id;
    struct node *field[FIELDS];
};
struct traced { /* its odd fields are references, and only its trace function knows */
    uint64_t id;
    uintptr_t word[FIELDS];
};
struct aligned {
    uint64_t id;
    void *field[FIELDS];
    _Alignas(16) char pad[16];
};
struct references {
    uint64_t length, id;
    void *at[];
};
struct pair_element {
    uint64_t number;
    void *first, *second;
};
struct pairs {
    uint64_t length, id;
    struct pair_element at[];
};
struct bytes {
    uint64_t length, id;
    unsigned char at[];
};

/* The runtime's own thread, with helpers=1, runs nothing of the program. */
static _Thread_local bool is_programs;
static void expect_programs_thread(const char *what)
{
    if (is_programs) return;
    fprintf(stderr, "a %s runs on a thread of the runtime's\n", what);
    abort();
}

static void trace_traced(void *payload, struct gw_tracer *tracer)
{
    struct traced *object = payload;
    expect_programs_thread("trace function");
    for (int i = 1; i < FIELDS; i += 2) gw_trace_edge(tracer, &object->word[i]);
}

static _Atomic uint64_t destroyed;
static void destroy_mortal(void *payload)
{
    expect_programs_thread("destructor");
    destroyed += ((struct node *)payload)->id != 0;
}

#define FIELD_OFFSETS(T) offsetof(T, field[0]), offsetof(T, field[1]), offsetof(T, field[2]), offsetof(T, field[3])
GW_TYPE_OFFSETS(node, struct node, FIELD_OFFSETS(struct node));
GW_TYPE_OFFSETS(aligned, struct aligned, FIELD_OFFSETS(struct aligned));
GW_TYPE_REFERENCES(references, struct references, length, at);
GW_TYPE_BYTES(bytes, struct bytes, length, at);

static const struct gw_type gw_type_traced = {.name = "traced", .size = sizeof(struct traced), .trace = trace_traced};
static const uint32_t mortal_offsets[] = {FIELD_OFFSETS(struct node)};
static const struct gw_type gw_type_mortal = {
    .name = "mortal", .size = sizeof(struct node), .offset_count = 4, .offsets = mortal_offsets, .destroy = destroy_mortal};
static const uint32_t pair_offsets[] = {8, 16};
static const struct gw_type gw_type_pairs = {.name = "pairs",
                                             .size = sizeof(struct pairs),
                                             .element_offset_count = 2,
                                             .element_size = sizeof(struct pair_element),
                                             .length_offset = offsetof(struct pairs, length),
                                             .offsets = pair_offsets};

enum kind { NODE, TRACED, ALIGNED, MORTAL, REFERENCES, PAIRS, BYTES, KINDS };
static const struct gw_type *const types[KINDS] = {&gw_type_node,       &gw_type_traced, &gw_type_aligned, &gw_type_mortal,
                                                   &gw_type_references, &gw_type_pairs,  &gw_type_bytes};

/* What each thread has for itself. */
#define OWN static _Thread_local
#define MOST_THREADS 16

static struct static_node {
    uint64_t header;
    struct node node;
} static_nodes[MOST_THREADS];
OWN struct static_node *own_static_node;
#define static_node (*own_static_node)

/* ---- The model ------------------------------------------------------------------------------------- */

/* A value: 0 null, an odd word an immediate, otherwise twice the id of an object. */
struct model_object {
    enum kind kind;
    size_t length, fields;
    uint64_t *field;
    uintptr_t seen_at; /* address in the walk numbered `walk` */
    uint64_t walk;
};

OWN struct model_object *model;
OWN uint64_t model_count = 1, model_capacity, walk;
OWN uint64_t model_root[ROOTS], model_static[FIELDS];
static void *all_roots[MOST_THREADS][ROOTS]; /* snapshots name it */
OWN unsigned own_number;
#define root all_roots[own_number]
OWN struct {
    uint64_t id;
    void *at;
} pinned[PINS]; /* id 0: none */
OWN uint64_t seed, action, mortals, steps, stepped_cycles, largest;
OWN uint64_t state;
static unsigned threads = 1;

static uint64_t next_random(void) /* xorshift64*, Vigna 2016 */
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * UINT64_C(2685821657736338717);
}

static size_t below(size_t n)
{
    return (size_t)((next_random() >> 33) % n);
}

#define FAIL(...)                                                                                                                          \
    do {                                                                                                                                   \
        fprintf(stderr, "random_heap: seed %lu, action %lu: ", (unsigned long)seed, (unsigned long)action);                                \
        fprintf(stderr, __VA_ARGS__);                                                                                                      \
        fputc('\n', stderr);                                                                                                               \
        abort();                                                                                                                           \
    } while (0)

static uint64_t add_model_object(enum kind kind, size_t length, size_t fields)
{
    if (model_count >= model_capacity) {
        model_capacity = model_capacity ? 2 * model_capacity : 1 << 16;
        model = realloc(model, model_capacity * sizeof *model);
        if (!model) FAIL("no memory for the model");
    }
    model[model_count] = (struct model_object){.kind = kind, .length = length, .fields = fields};
    model[model_count].field = fields ? calloc(fields, sizeof(uint64_t)) : NULL;
    return model_count++;
}

/* ---- Both worlds ----------------------------------------------------------------------------------- */

static size_t fields_of(enum kind kind, size_t length)
{
    switch (kind) {
    case REFERENCES: return length;
    case PAIRS: return 2 * length;
    case BYTES: return 0;
    case TRACED: return FIELDS / 2;
    default: return FIELDS;
    }
}

static void **real_field(void *object, enum kind kind, size_t i)
{
    switch (kind) {
    case REFERENCES: return &((struct references *)object)->at[i];
    case PAIRS: return i & 1 ? &((struct pairs *)object)->at[i / 2].second : &((struct pairs *)object)->at[i / 2].first;
    case TRACED: return (void **)&((struct traced *)object)->word[2 * i + 1];
    case ALIGNED: return &((struct aligned *)object)->field[i];
    default: return (void **)&((struct node *)object)->field[i];
    }
}

static uint64_t *real_id(void *object, enum kind kind)
{
    return (uint64_t *)object + (kind == REFERENCES || kind == PAIRS || kind == BYTES);
}

static void store(void *object, enum kind kind, size_t i, void *value)
{
    void **slot = real_field(object, kind, i);
    gw_write_barrier(object, slot);
    __atomic_store_n(slot, value, __ATOMIC_RELAXED); /* a marker may read it */
}

/* One value of one world against the other's; returns the object to walk on into, or 0. */
static uint64_t compare(void *real, uint64_t expected, const char *where)
{
    if (expected == 0 || expected & 1) {
        if ((uintptr_t)real != expected) FAIL("%s holds %p, should hold the word %#lx", where, real, (unsigned long)expected);
        return 0;
    }
    uint64_t id = expected / 2;
    struct model_object *object = &model[id];
    if (!gw_is_reference((uintptr_t)real)) FAIL("%s holds %p, should refer to object %lu", where, real, (unsigned long)id);
    if (gw_type_of(real) != types[object->kind])
        FAIL("%s refers to a '%s', should to a '%s'", where, gw_type_of(real)->name, types[object->kind]->name);
    if (*real_id(real, object->kind) != id)
        FAIL("%s refers to object %lu, should to %lu", where, (unsigned long)*real_id(real, object->kind), (unsigned long)id);
    if (object->walk == walk && object->seen_at != (uintptr_t)real)
        FAIL("object %lu is at %p and at %p", (unsigned long)id, (void *)object->seen_at, real);
    if (object->walk == walk) return 0;
    object->walk = walk;
    object->seen_at = (uintptr_t)real;
    return id;
}

static void compare_contents(uint64_t id)
{
    struct model_object *object = &model[id];
    void *real = (void *)object->seen_at;
    if (object->kind >= REFERENCES && gw_length(real) != object->length)
        FAIL("object %lu has %zu elements, should have %zu", (unsigned long)id, gw_length(real), object->length);
    if (object->kind == ALIGNED && (uintptr_t)real % 16) FAIL("object %lu at %p is not aligned", (unsigned long)id, real);
    if (object->kind == BYTES)
        for (size_t i = 0; i < object->length; i++)
            if (((struct bytes *)real)->at[i] != (unsigned char)(id + i)) FAIL("object %lu: byte %zu is wrong", (unsigned long)id, i);
    if (object->kind == PAIRS)
        for (size_t i = 0; i < object->length; i++)
            if (((struct pairs *)real)->at[i].number != id + i) FAIL("object %lu: number %zu is wrong", (unsigned long)id, i);
}

OWN uint64_t *stack;
OWN size_t capacity;

/* Walks both graphs from the roots; returns how many objects are reachable. */
static size_t compare_all(void)
{
    size_t depth = 0, reachable = 0;
    walk++;
#define VISIT(real, expected, where)                                                                                                       \
    do {                                                                                                                                   \
        uint64_t found = compare(real, expected, where);                                                                                   \
        if (!found) break;                                                                                                                 \
        if (depth == capacity) {                                                                                                           \
            capacity = capacity ? 2 * capacity : 4096;                                                                                     \
            stack = realloc(stack, capacity * sizeof *stack);                                                                              \
        }                                                                                                                                  \
        stack[depth++] = found;                                                                                                            \
    } while (0)
    for (size_t i = 0; i < ROOTS; i++) VISIT(root[i], model_root[i], "a root");
    for (size_t i = 0; i < FIELDS; i++) VISIT(static_node.node.field[i], model_static[i], "the static object");
    for (size_t i = 0; i < PINS; i++) VISIT(pinned[i].at, 2 * pinned[i].id, "a pin");
    while (depth) {
        uint64_t id = stack[--depth];
        reachable++;
        compare_contents(id);
        for (size_t i = 0; i < model[id].fields; i++)
            VISIT(*real_field((void *)model[id].seen_at, model[id].kind, i), model[id].field[i], "a field");
    }
    if (reachable > largest) largest = reachable;
    return reachable;
}

static void count_object(void *context, uintptr_t ref)
{
    (void)ref;
    ++*(size_t *)context;
}

static size_t collect_and_compare(gw_collection kind)
{
    gw_collect(kind);
    size_t reachable = compare_all();
    if (kind == GW_FULL && threads == 1) {
        size_t found = 0;
        gw_old_each_object(&gw_current_thread.heap->old, count_object, &found);
        if (found != reachable) FAIL("after a full collection %zu objects are left, but %zu are reachable", found, reachable);
    }
    return reachable;
}

#include "exchange.h"
#include "snapshot_compare.h"

/* ---- Actions --------------------------------------------------------------------------------------- */

static size_t random_length(void)
{
    size_t kind = below(100);
    if (kind == 0) return below(LARGE_LENGTH);
    return kind < 20 ? below(MAX_LENGTH) : below(12);
}

/* A root that actions may overwrite. */
static size_t random_slot(void)
{
    return ANCHORS + below(ROOTS - ANCHORS);
}

/* Hangs an object below a random anchor, at the end of a random path. False when the path ended at an object without fields. */
static bool attach(void *object, uint64_t id)
{
    size_t anchor = below(ANCHORS);
    if (!model_root[anchor]) {
        root[anchor] = object;
        model_root[anchor] = 2 * id;
        return true;
    }
    void *holder = root[anchor];
    for (struct model_object *at = &model[model_root[anchor] / 2]; at->fields;) {
        size_t field = below(at->fields);
        uint64_t value = at->field[field];
        if (!value || value & 1 || below(200) == 0) {
            store(holder, at->kind, field, object);
            at->field[field] = 2 * id;
            return true;
        }
        holder = *real_field(holder, at->kind, field);
        at = &model[value / 2];
    }
    return false;
}

static void allocate(void)
{
    enum kind kind = (enum kind)below(KINDS);
    size_t length = kind >= REFERENCES ? random_length() : 0, at = random_slot();
    void *object = kind >= REFERENCES ? gw_alloc_array(types[kind], length) : gw_alloc(types[kind]);
    if (!object) FAIL("allocation of %zu elements failed: %s", length, gw_error_text());
    uint64_t id = add_model_object(kind, length, fields_of(kind, length));
    *real_id(object, kind) = id;
    for (size_t i = 0; i < length && kind == BYTES; i++) ((struct bytes *)object)->at[i] = (unsigned char)(id + i);
    for (size_t i = 0; i < length && kind == PAIRS; i++) ((struct pairs *)object)->at[i].number = id + i;
    mortals += kind == MORTAL;
    if (below(2) && attach(object, id)) return;
    root[at] = object;
    model_root[at] = 2 * id;
}

/* A root that refers to an object with fields, or ROOTS. */
static size_t pick_holder(void)
{
    for (int tries = 0; tries < 8; tries++) {
        size_t at = below(16) ? random_slot() : below(ROOTS); /* writing to an anchor cuts off much */
        if (model_root[at] && !(model_root[at] & 1) && model[model_root[at] / 2].fields) return at;
    }
    return ROOTS;
}

static void link_fields(void)
{
    size_t holder = pick_holder(), value = below(ROOTS);
    if (holder == ROOTS) return;
    struct model_object *object = &model[model_root[holder] / 2];
    size_t field = below(object->fields);
    if (object->field[field] && below(8)) return; /* mostly into empty fields, or the graph would stay small */
    store(root[holder], object->kind, field, root[value]);
    object->field[field] = model_root[value];
}

static void unlink_field(void)
{
    size_t holder = pick_holder();
    if (holder == ROOTS) return;
    struct model_object *object = &model[model_root[holder] / 2];
    size_t field = below(object->fields);
    uint64_t value = below(2) ? 0 : next_random() | 1;
    store(root[holder], object->kind, field, (void *)value);
    object->field[field] = value;
}

static void load_field(void)
{
    size_t holder = pick_holder(), to = random_slot();
    if (holder == ROOTS) return;
    struct model_object *object = &model[model_root[holder] / 2];
    size_t field = below(object->fields);
    root[to] = *real_field(root[holder], object->kind, field);
    model_root[to] = object->field[field];
}

/* An object with fields somewhere below a root: its id, or 0. */
static uint64_t pick_deep(void **real)
{
    size_t at = below(ROOTS);
    if (!model_root[at] || model_root[at] & 1) return 0;
    uint64_t id = model_root[at] / 2;
    *real = root[at];
    for (size_t further = below(30); further-- && model[id].fields;) {
        size_t field = below(model[id].fields);
        uint64_t value = model[id].field[field];
        if (!value || value & 1 || !model[value / 2].fields) continue;
        *real = *real_field(*real, model[id].kind, field);
        id = value / 2;
    }
    return model[id].fields ? id : 0;
}

/* Moves a reference from one object to another without passing through a root: what a marker in between must not lose. */
static void move_field(void)
{
    void *from, *to;
    uint64_t from_id = pick_deep(&from), to_id = pick_deep(&to);
    if (!from_id || !to_id) return;
    size_t source = below(model[from_id].fields), target = below(model[to_id].fields);
    uint64_t value = model[from_id].field[source];
    if (!value || (model[to_id].field[target] && below(8))) return;
    store(to, model[to_id].kind, target, *real_field(from, model[from_id].kind, source));
    model[to_id].field[target] = value;
    store(from, model[from_id].kind, source, NULL);
    model[from_id].field[source] = 0;
}

/* The same into a root, which the snapshot of the roots may have seen before. */
static void take_field(void)
{
    void *from;
    uint64_t id = pick_deep(&from);
    if (!id) return;
    size_t field = below(model[id].fields), to = random_slot();
    root[to] = *real_field(from, model[id].kind, field);
    model_root[to] = model[id].field[field];
    store(from, model[id].kind, field, NULL);
    model[id].field[field] = 0;
}

static void drop_root(void)
{
    size_t at = random_slot();
    root[at] = NULL;
    model_root[at] = 0;
}

static void store_static(void)
{
    size_t field = below(FIELDS), value = below(ROOTS);
    gw_write_barrier(&static_node.node, &static_node.node.field[field]);
    static_node.node.field[field] = below(4) ? root[value] : NULL;
    model_static[field] = static_node.node.field[field] ? model_root[value] : 0;
}

static void copy_array(void)
{
    size_t target = pick_holder(), source = below(4) ? pick_holder() : target;
    if (target == ROOTS || source == ROOTS) return;
    struct model_object *to = &model[model_root[target] / 2], *from = &model[model_root[source] / 2];
    if (to->kind < REFERENCES || to->kind != from->kind || !to->length || !from->length) return;
    size_t to_at = below(to->length), from_at = below(from->length);
    size_t most = to->length - to_at < from->length - from_at ? to->length - to_at : from->length - from_at;
    size_t count = below(most + 1), width = to->kind == PAIRS ? 2 : 1;
    gw_array_copy(root[target], to_at, root[source], from_at, count);
    memmove(&to->field[to_at * width], &from->field[from_at * width], count * width * sizeof(uint64_t));
    if (to->kind != PAIRS) return;
    for (size_t i = 0; i < count; i++) /* the copied numbers are restored: the model does not keep them */
        ((struct pairs *)root[target])->at[to_at + i].number = model_root[target] / 2 + to_at + i;
}

/* Pins what a root refers to, in the place of another pin. */
static void pin_root(void)
{
    size_t at = below(ROOTS), pin = below(PINS);
    if (!model_root[at] || model_root[at] & 1) return;
    void *object = gw_pin(root[at]);
    if (object != root[at]) FAIL("pinned at %p, a root refers to it at %p", object, root[at]);
    if (pinned[pin].id && gw_unpin(pinned[pin].at) != GW_OK) FAIL("%s", gw_error_text());
    pinned[pin].at = object;
    pinned[pin].id = model_root[at] / 2;
}

static void act(void)
{
    size_t kind = below(100);
    if (kind < 34) allocate();
    else if (kind < 62) link_fields();
    else if (kind < 66) unlink_field();
    else if (kind < 74) load_field();
    else if (kind < 83) move_field();
    else if (kind < 84) take_field();
    else if (kind < 90) drop_root();
    else if (kind < 92) store_static();
    else if (kind < 93) pin_root();
    else copy_array();
}

/* A step of the major cycle between two actions: the smallest there is, or a few microseconds' worth. */
static void take_step(void)
{
    struct gw_step step = gw_collect_step(below(16) ? 0 : below(3000));
    steps += step.status != GW_STEP_IDLE;
    if (step.status == GW_STEP_DONE) stepped_cycles++;
}

static void unpin_all(void)
{
    for (size_t i = 0; i < PINS; i++) {
        if (pinned[i].id && gw_unpin(pinned[i].at) != GW_OK) FAIL("%s", gw_error_text());
        pinned[i].id = 0;
        pinned[i].at = NULL;
    }
}

/* The graph may not grow for ever: when it is large, most roots go. */
static void prune(size_t reachable)
{
    if (reachable < MAX_REACHABLE) return;
    for (size_t i = 0; i < ROOTS; i++)
        if (below(8)) root[i] = NULL, model_root[i] = 0;
    unpin_all();
    for (size_t i = 0; i < FIELDS; i++) static_node.node.field[i] = NULL, model_static[i] = 0;
}

static void run(uint64_t actions, uint64_t check_every, uint64_t step_every, const char *snapshot)
{
    for (action = 1; action <= actions; action++) {
        act();
        if (snapshot && below(actions / 12 + 1) == 0) compare_snapshot(snapshot);
        if (step_every && below(step_every) == 0) take_step();
        if (threads > 1) meet_others();
        size_t event = below(4000);
        if (event == 0) prune(collect_and_compare(GW_FULL));
        else if (event < 8) prune(collect_and_compare(GW_MINOR));
        else if (action % check_every == 0) prune(compare_all());
    }
}

static const char *text_option(int argc, char **argv, const char *name, const char *value)
{
    for (int i = 1; i + 1 < argc; i++)
        if (!strcmp(argv[i], name)) value = argv[i + 1];
    return value;
}

static uint64_t number_option(int argc, char **argv, const char *name, uint64_t value)
{
    for (int i = 1; i + 1 < argc; i++)
        if (!strcmp(argv[i], name)) value = strtoull(argv[i + 1], NULL, 0);
    return value;
}

struct task {
    pthread_t thread;
    struct gw_heap *heap;
    unsigned number;
    uint64_t seed, actions, check, step, mortals, objects, largest, steps, cycles;
    const char *snapshot;
};

static void begin(const struct task *task)
{
    seed = task->seed;
    state = seed * 2 + 1;
    own_number = task->number;
    own_static_node = &static_nodes[task->number];
    static_node.header = (uintptr_t)&gw_type_node + (GW_HEADER_STATIC | GW_HEADER_TRACK);
    gw_add_roots(root, ROOTS);
    gw_add_roots(parcels, 2);
}

static void end(struct task *task)
{
    unpin_all();
    memset(root, 0, sizeof root);
    memset(model_root, 0, sizeof model_root);
    memset(static_node.node.field, 0, sizeof static_node.node.field);
    memset(model_static, 0, sizeof model_static);
    task->mortals = mortals;
    task->objects = model_count;
    task->largest = largest;
    task->steps = steps;
    task->cycles = stepped_cycles;
}

static void free_model(void)
{
    for (uint64_t i = 1; i < model_count; i++) free(model[i].field);
    free(model);
    free(stack);
}

static void *work(void *argument)
{
    struct task *task = argument;
    is_programs = true;
    if (gw_attach(task->heap) != GW_OK) FAIL("%s", gw_error_text());
    begin(task);
    run(task->actions, task->check, task->step, NULL);
    end(task);
    gw_remove_roots(root);
    gw_remove_roots(parcels);
    free_model();
    return NULL; /* the heap is detached by the thread's end */
}

static void *join(void *thread)
{
    pthread_join(*(pthread_t *)thread, NULL);
    return NULL;
}

int main(int argc, char **argv)
{
    const char *options = text_option(argc, argv, "--options", "nursery=64k");
    struct task tasks[MOST_THREADS] = {0}, all = {0};
    planted = text_option(argc, argv, "--plant", "");
    refusing = number_option(argc, argv, "--refuse", 0);
    threads = (unsigned)number_option(argc, argv, "--threads", 1);
    if (!threads || threads > MOST_THREADS) FAIL("1 to %d threads", MOST_THREADS);
    for (unsigned i = 0; i < threads; i++)
        tasks[i] = (struct task){.number = i,
                                 .seed = number_option(argc, argv, "--seed", 20261120) + i,
                                 .actions = number_option(argc, argv, "--actions", 1000000),
                                 .check = number_option(argc, argv, "--check", 100),
                                 .step = number_option(argc, argv, "--step", 0),
                                 .snapshot = text_option(argc, argv, "--snapshot", NULL)};
    printf("random_heap: seed %lu, %lu actions, %s\n", (unsigned long)tasks[0].seed, (unsigned long)tasks[0].actions, options);
    fflush(stdout);
    is_programs = true;
    if (gw_init(options) != GW_OK) FAIL("%s", gw_error_text());
    begin(&tasks[0]);
    make_board();
    if (tasks[0].step) gw_disable(); /* cycles go by steps alone */
    for (unsigned i = 1; i < threads; i++) {
        tasks[i].heap = gw_current_thread.heap;
        if (pthread_create(&tasks[i].thread, NULL, work, &tasks[i])) FAIL("no thread");
    }
    run(tasks[0].actions, tasks[0].check, tasks[0].step, tasks[0].snapshot);
    for (unsigned i = 1; i < threads; i++) gw_outside_call(join, &tasks[i].thread);
    end(&tasks[0]);
    clear_board();
    threads = 1;
    collect_and_compare(GW_FULL);
    for (const struct task *task = tasks; task < tasks + MOST_THREADS; task++) {
        all.mortals += task->mortals;
        all.objects += task->objects;
        all.steps += task->steps;
        all.cycles += task->cycles;
        if (task->largest > all.largest) all.largest = task->largest;
    }
    if (destroyed != all.mortals) FAIL("%lu destructors ran, should be %lu", (unsigned long)destroyed, (unsigned long)all.mortals);
    struct gw_stats stats;
    gw_get_stats(&stats);
    printf("random_heap: %lu objects, at most %lu alive, %lu minor and %lu major collections, %lu of them in %lu steps, all as the model "
           "says\n",
           (unsigned long)all.objects, (unsigned long)all.largest, (unsigned long)stats.minor_collections,
           (unsigned long)stats.major_collections, (unsigned long)all.cycles, (unsigned long)all.steps);
    return 0;
}
