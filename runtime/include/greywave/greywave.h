/* Greywave: an incremental, precise, moving garbage collector for compiled languages.
 *
 *     #include <greywave/greywave.h>
 *     struct node { struct node GW *left, *right; };
 *     GW_TYPE(node, struct node);
 *     ...
 *     gw_init(NULL);
 *     struct node GW *n = gw_new(node);
 *
 * Compile with gwcc. Words are those of docs/abi.md. Unless a declaration says otherwise a function may be called
 * on any thread that has a heap attached, does not collect, takes no ownership of what it is given, and reports
 * errors through its result; gw_error_text says in words what the last failed call on this thread objected to.
 *
 * Functions of the program that the runtime calls:
 *
 *     finalizers, comparisons of gw_sort          may do anything, and may leave by longjmp or an exception
 *     out-of-memory handlers, visitors            may leave so too, but neither allocate nor collect
 *     trace functions, destructors, hooks, notify functions   may neither allocate nor collect, and must return
 *
 * What they may not do ends the process in words: allocating at once; an exception that leaves, at once; a longjmp that leaves, at the
 * next call that may collect. None of them may detach the heap that they are called for.
 *
 * References are found on a thread's own stack. A call that may collect on another one, such as a coroutine's, ends in words.
 */
#ifndef GREYWAVE_H
#define GREYWAVE_H

#include <greywave/abi.h>
#include <greywave/roots.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gw_status {
    GW_OK = 0,
    GW_ERROR_OPTION,   /* unknown key, or a value out of range: gw_error_text names it */
    GW_ERROR_MEMORY,   /* the operating system refused memory, or the heap limit is reached */
    GW_ERROR_STATE,    /* not now: no heap attached, already attached, still in use */
    GW_ERROR_ARGUMENT, /* this value can never be right */
    GW_ERROR_MAP,      /* a module's maps are corrupt or of another version */
} gw_status;

/* The last failed call's complaint on this thread; "" when none. Valid until the next failing call. */
GW_NOCOLLECT const char *gw_error_text(void);
GW_NOCOLLECT const char *gw_version(void);

/* ---- Start ----------------------------------------------------------------------------------------- */

struct gw_heap;

/* How a heap is set up; start from gw_options_parse("", …). All sizes in bytes. Zero sizes, growth and pause mean the default; other
 * values have the ranges that the text has (GW_ERROR_OPTION). */
struct gw_options {
    size_t nursery;        /* bytes allocated between minor collections; default: 6 MB, and up to 32 MB while that saves copying */
    size_t max_heap;       /* limit on nursery plus old generation; default: 7/8 of what the machine, the cgroup, ulimit -v and ulimit -d leave, less the collector's tables */
    unsigned growth;       /* percent by which the old generation may grow over live before the next cycle */
    uint64_t pause_ns;     /* pause to aim at: sizes the nursery and the slices of cycles; 0: throughput first */
    unsigned age;          /* minor collections that an object survives in the nursery before promotion */
    uint64_t stress_every; /* collect at every n-th allocation */
    bool stress_safepoint; /* collect at every slow path and poll */
    bool stress_step;      /* the smallest piece of a cycle at every allocation's slow path, cycle after cycle */
    bool stress_move;      /* keep survivors in the nursery and move them at every minor collection */
    bool poison;           /* overwrite what was vacated or freed */
    bool verify;           /* check the whole heap before and after every collection, also for other heaps' references */
    bool verify_walk;      /* check every replayed stack frame against its unwind information */
    bool debug_leak;       /* before each major cycle, list cycles of dead objects by type on stderr */
    bool log;              /* one line per collection on stderr, and one for a default limit */
};

/* Fills `options` with defaults, then parses comma-separated `key=value` text, e.g.
 * "nursery=2m,max-heap=512m,growth=80,pause=1ms,stress=alloc+step,poison=1,verify=1". On error nothing is written but defaults. */
GW_NOCOLLECT gw_status gw_options_parse(const char *text, struct gw_options *options);

/* Creates the default heap and attaches it to this thread. `text` as for gw_options_parse, or NULL; the environment
 * variable GREYWAVE, same syntax, is read after it and wins; not in programs that run with other rights than their caller's
 * (secure_getenv). */
gw_status gw_init(const char *text);

/* The heap reserves its address range at once and commits as it grows. `options` may be NULL. */
gw_status gw_heap_create(const struct gw_options *options, struct gw_heap **heap);
/* The heap must be attached nowhere. Its objects are gone without running destructors' order or finalizers, and so are its handles,
 * queues and registered roots. No variable, frame or object of another heap may refer to them any more: a later heap may lie at the
 * same addresses, and would take what is left in a global for references of its own. verify=1 reports such references where no later
 * heap lies. What else is left, the heap itself, its handles and its queues, is refused wherever it is used: with GW_ERROR_ARGUMENT, or
 * in words; a handle until a later heap needs its place. GW_ERROR_ARGUMENT, GW_ERROR_STATE. */
gw_status gw_heap_destroy(struct gw_heap *heap);
/* A thread has at most one heap attached; a heap is at present attached to at most one thread. A thread that ends detaches its heap, in the
 * last round but one of its destructors of thread-specific data. Global variables and static objects are seen by the collections of
 * all heaps: what one holds may be read only by the thread of the heap that it refers to, which may be moving it, and overwritten by any.
 * GW_ERROR_ARGUMENT: there is no such heap (any more). GW_ERROR_STATE. */
gw_status gw_attach(struct gw_heap *heap);
gw_status gw_detach(void);

/* fork: the child goes on with the heap of the thread that forked, and may allocate, collect, register and load libraries, whatever other threads were
 * doing in the runtime. Heaps that were attached to those stay attached, to nobody. One thing is the C library's: a child that was made
 * while another thread was inside dlopen or dlclose collects, but its own dlopen may wait for ever. */

/* ---- Types ----------------------------------------------------------------------------------------- */

/* GW_TYPE(name, T): objects of C type T, layout derived by the plug-in from T. Visible in this file only; may stand
 * in a header: what several files define alike is one type, at one address, for all of an image (C++ and C by clang; GCC makes one a
 * file). GW_TYPE_ARRAY(name, T, length, tail): T ends in the flexible array `tail`, and `length` is a uint64_t
 * field that the allocator fills in. The _FIELDS forms list the reference fields and work with any compiler;
 * the plug-in checks them against T. T is aligned to 16 bytes at most. */
#ifdef __GREYWAVE__
#define GW_LAYOUT_(name, T) static T gw_layout_##name __attribute__((used));
#define GW_LAYOUT_OF_(name) &gw_layout_##name
#else
/* The plug-in refuses by the layout, in its own words. */
#define GW_LAYOUT_(name, T) GW_STATIC_ASSERT(__alignof__(T) <= 16, "objects are aligned to 16 bytes at most: lower the alignment of " #T);
#define GW_LAYOUT_OF_(name) 0
#endif

#if GW_ROOTS_IN_GCC_
#define GW_DERIVED_(form) GW_STATIC_ASSERT(0, "GCC cannot derive a layout: list the reference fields with " form);
#else
#define GW_DERIVED_(form)
#endif

#define GW_ALIGN_FLAG_(T) (__alignof__(T) > 8 ? GW_TYPE_ALIGN16 : 0)

#define GW_TYPE(type_name, T)                                                                                          \
    GW_DERIVED_("GW_TYPE_FIELDS")                                                                                      \
    typedef T gw_typeof_##type_name;                                                                                   \
    GW_LAYOUT_(type_name, T)                                                                                           \
    __attribute__((unused)) static const struct gw_type gw_type_##type_name = {                                        \
        .name = #type_name,                                                                                            \
        .size = sizeof(T),                                                                                             \
        .flags = GW_TYPE_DERIVE | GW_ALIGN_FLAG_(T),                                                                  \
        .layout = GW_LAYOUT_OF_(type_name)}

#define GW_TYPE_ARRAY(type_name, T, length_field, tail_field)                                                          \
    GW_DERIVED_("GW_TYPE_REFERENCES, GW_TYPE_BYTES or GW_TYPE_ARRAY_FIELDS")                                           \
    typedef T gw_typeof_##type_name;                                                                                   \
    GW_LAYOUT_(type_name, T)                                                                                           \
    __attribute__((unused)) static const struct gw_type gw_type_##type_name = {                                        \
        .name = #type_name,                                                                                            \
        .size = offsetof(T, tail_field),                                                                               \
        .flags = GW_TYPE_DERIVE | GW_ALIGN_FLAG_(T),                                                                  \
        .element_size = sizeof(((T *)0)->tail_field[0]),                                                               \
        .length_offset = offsetof(T, length_field),                                                                    \
        .layout = GW_LAYOUT_OF_(type_name)}

/* Explicit lists: GW_TYPE_FIELDS(node, struct node, left, right), up to eight fields; GW_TYPE_LEAF(name, T) has none.
 * GW_TYPE_OFFSETS(name, T, …) takes byte offsets, any number. */
#define GW_TYPE_OFFSETS(type_name, T, ...)                                                                             \
    typedef T gw_typeof_##type_name;                                                                                   \
    GW_LAYOUT_(type_name, T)                                                                                           \
    static const uint32_t gw_offsets_##type_name[] = {__VA_ARGS__};                                                    \
    __attribute__((unused)) static const struct gw_type gw_type_##type_name = {                                        \
        .name = #type_name,                                                                                            \
        .size = sizeof(T),                                                                                             \
        .flags = GW_ALIGN_FLAG_(T),                                                                                    \
        .offset_count = sizeof(gw_offsets_##type_name) / sizeof(uint32_t),                                             \
        .offsets = gw_offsets_##type_name,                                                                             \
        .layout = GW_LAYOUT_OF_(type_name)}
#define GW_TYPE_LEAF(type_name, T)                                                                                     \
    typedef T gw_typeof_##type_name;                                                                                   \
    GW_LAYOUT_(type_name, T)                                                                                           \
    __attribute__((unused)) static const struct gw_type gw_type_##type_name = {                                        \
        .name = #type_name,                                                                                            \
        .size = sizeof(T),                                                                                             \
        .flags = GW_ALIGN_FLAG_(T),                                                                                    \
        .layout = GW_LAYOUT_OF_(type_name)}
/* Array whose elements are references (GW_TYPE_REFERENCES) or hold none (GW_TYPE_BYTES). */
#define GW_TYPE_REFERENCES(type_name, T, length_field, tail_field)                                                     \
    typedef T gw_typeof_##type_name;                                                                                   \
    GW_LAYOUT_(type_name, T)                                                                                           \
    static const uint32_t gw_offsets_##type_name[] = {0};                                                              \
    __attribute__((unused)) static const struct gw_type gw_type_##type_name = {                                        \
        .name = #type_name,                                                                                            \
        .size = offsetof(T, tail_field),                                                                               \
        .flags = GW_ALIGN_FLAG_(T),                                                                                    \
        .element_offset_count = 1,                                                                                     \
        .element_size = sizeof(((T *)0)->tail_field[0]),                                                               \
        .length_offset = offsetof(T, length_field),                                                                    \
        .offsets = gw_offsets_##type_name,                                                                             \
        .layout = GW_LAYOUT_OF_(type_name)}
#define GW_TYPE_BYTES(type_name, T, length_field, tail_field)                                                          \
    typedef T gw_typeof_##type_name;                                                                                   \
    GW_LAYOUT_(type_name, T)                                                                                           \
    __attribute__((unused)) static const struct gw_type gw_type_##type_name = {                                        \
        .name = #type_name,                                                                                            \
        .size = offsetof(T, tail_field),                                                                               \
        .flags = GW_ALIGN_FLAG_(T),                                                                                    \
        .element_size = sizeof(((T *)0)->tail_field[0]),                                                               \
        .length_offset = offsetof(T, length_field),                                                                    \
        .layout = GW_LAYOUT_OF_(type_name)}

#define GW_TYPE_FIELDS(type_name, T, ...)                                                                              \
    GW_TYPE_OFFSETS(type_name, T, GW_FIELDS_(T, __VA_ARGS__, 8, 7, 6, 5, 4, 3, 2, 1, 0)(T, __VA_ARGS__))
#define GW_FIELDS_(T, a, b, c, d, e, f, g, h, n, ...) GW_FIELDS_##n##_
#define GW_FIELDS_1_(T, a) offsetof(T, a)
#define GW_FIELDS_2_(T, a, ...) offsetof(T, a), GW_FIELDS_1_(T, __VA_ARGS__)
#define GW_FIELDS_3_(T, a, ...) offsetof(T, a), GW_FIELDS_2_(T, __VA_ARGS__)
#define GW_FIELDS_4_(T, a, ...) offsetof(T, a), GW_FIELDS_3_(T, __VA_ARGS__)
#define GW_FIELDS_5_(T, a, ...) offsetof(T, a), GW_FIELDS_4_(T, __VA_ARGS__)
#define GW_FIELDS_6_(T, a, ...) offsetof(T, a), GW_FIELDS_5_(T, __VA_ARGS__)
#define GW_FIELDS_7_(T, a, ...) offsetof(T, a), GW_FIELDS_6_(T, __VA_ARGS__)
#define GW_FIELDS_8_(T, a, ...) offsetof(T, a), GW_FIELDS_7_(T, __VA_ARGS__)

/* For custom trace functions: `slot` is the address of a word of the object that may hold a reference. */
GW_NOCOLLECT void gw_trace_edge(struct gw_tracer *tracer, void *slot);

/* ---- Allocate -------------------------------------------------------------------------------------- */

/* A zeroed object, or NULL when the heap limit is reached, a full collection did not help and the out-of-memory
 * handler gave up. The limit counts as reached, too, when several cycles in a row left less than a thirty-second of what is live: the
 * program would do little but wait. May collect. Fatal when no heap is attached. */
void GW *gw_alloc(const struct gw_type *type);
void GW *gw_alloc_array(const struct gw_type *type, size_t count);

#if GW_ROOTS_IN_GCC_
/* The plug-in's inline allocation, written in C: folds to a few instructions where the type is known. */
__attribute__((always_inline)) static inline void *gw_alloc_inline_(const struct gw_type *type)
{
    if (__builtin_constant_p(type->size) && type->size && type->size <= 512 && !type->flags && !type->element_size && !type->destroy) {
        struct gw_thread *thread = &gw_current_thread;
        size_t size = (type->size + 7u) & ~(size_t)7;
        char *header = thread->alloc, *end = header + GW_HEADER_SIZE + size;
        if (__builtin_expect(end <= thread->limit, 1)) {
            thread->alloc = end;
            *(uintptr_t *)header = (uintptr_t)type;
            return __builtin_memset(header + GW_HEADER_SIZE, 0, size);
        }
    }
    return gw_alloc(type);
}
#define gw_new(name) ((gw_typeof_##name GW *)gw_alloc_inline_(&gw_type_##name))
#else
#define gw_new(name) ((gw_typeof_##name GW *)gw_alloc(&gw_type_##name))
#endif
#define gw_new_array(name, count) ((gw_typeof_##name GW *)gw_alloc_array(&gw_type_##name, (count)))

/* Element count of an array object; 0 for one without elements. Never collects. */
GW_NOCOLLECT size_t gw_length(const void GW *object);
GW_NOCOLLECT const struct gw_type *gw_type_of(const void GW *object);

/* Called when an allocation of `bytes` failed after a full collection: drop what can be dropped and return true to
 * collect and try again, or false to let the allocation return NULL. May leave by longjmp or an exception: the allocation is then as if
 * it had not been tried. Allocating collected objects or collecting in one is fatal. */
typedef bool gw_oom_handler(void *data, size_t bytes);
GW_NOCOLLECT void gw_set_oom_handler(gw_oom_handler *handler, void *data);

/* A word as a value in a reference field. Its low three bits must not all be zero, and it is never followed. */
#ifdef __GREYWAVE__
GW_NOCOLLECT void GW *gw_immediate_word(uintptr_t word);
#else
static inline void *gw_immediate_word(uintptr_t word)
{
    if (!(word & GW_IMMEDIATE_MASK)) __builtin_trap();
    return (void *)word;
}
#endif
#define gw_is_immediate(reference) (((uintptr_t)(reference) & GW_IMMEDIATE_MASK) != 0)
#define gw_small_integer(n) gw_immediate_word((uintptr_t)(n) << 3 | 1)
#define gw_small_integer_value(reference) ((intptr_t)(reference) >> 3)

/* ---- Roots ----------------------------------------------------------------------------------------- */

/* Registers `count` words at `words`, native memory outside the heap, as roots: each holds a reference, null or an
 * immediate, and is updated when its object moves. The memory stays the caller's. */
gw_status gw_add_roots(void *words, size_t count);
gw_status gw_remove_roots(void *words);

/* A handle holds one reference for native code, at an address that does not move. */
typedef struct gw_handle_cell *gw_handle;
GW_NOCOLLECT gw_handle gw_handle_new(void GW *reference); /* NULL: out of native memory */
GW_NOCOLLECT void GW *gw_handle_get(gw_handle handle);
GW_NOCOLLECT void gw_handle_set(gw_handle handle, void GW *reference);
GW_NOCOLLECT void gw_handle_free(gw_handle handle);

/* Handles that end together: gw_scope_handle makes them, and gw_scope_end frees all that were made since gw_scope_begin. Scopes
 * nest. These handles may be read and set, but not freed one by one. */
typedef struct gw_scope { size_t handles; } gw_scope;
GW_NOCOLLECT gw_scope gw_scope_begin(void);
GW_NOCOLLECT gw_handle gw_scope_handle(void GW *reference); /* NULL: out of native memory */
GW_NOCOLLECT void gw_scope_end(gw_scope scope);
/* Ends the scope and hands one of its references on, to a handle of the scope around it. */
GW_NOCOLLECT gw_handle gw_scope_end_with(gw_scope scope, gw_handle handle);

/* ---- Barrier --------------------------------------------------------------------------------------- */

/* Must precede a store of a reference into `object` at `slot`, with no safepoint between. Compiled code does this
 * by itself; C compiled without the plug-in uses GW_STORE. */
#if defined(__GREYWAVE__)
#define gw_write_barrier(object, slot) ((void)0)
#else
static inline void gw_write_barrier(void *object, void *slot)
{
    if (__builtin_expect(((unsigned char *)object)[-GW_HEADER_SIZE] & GW_HEADER_TRACK, 0)) gw_barrier_slow(object, slot);
}
#endif
#define GW_STORE(object, field, value)                                                                                 \
    (gw_write_barrier((object), (void *)(uintptr_t)&(object)->field), (void)((object)->field = (value)))

/* Copies elements [from, from + count) of `source` to [to, to + count) of `target`, arrays of one type, which may be
 * the same object and overlap. Out of range is fatal. With barrier; never collects. */
GW_NOCOLLECT void gw_array_copy(void GW *target, size_t to, const void GW *source, size_t from, size_t count);

/* As qsort and qsort_r of the C library, and stable, but every element is in its place in the array whenever `compare`
 * runs, which may therefore collect while it sorts references. It may leave by longjmp or an exception: the array then holds its
 * elements in some order. Compiled code calls these in place of qsort and qsort_r
 * when the comparison may collect and the array is not known to hold no references. The array is native memory that the
 * collector knows: a variable, or registered roots. */
void gw_sort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));
void gw_sort_r(void *base, size_t count, size_t size, int (*compare)(const void *, const void *, void *), void *data);

/* ---- Control --------------------------------------------------------------------------------------- */

typedef enum gw_collection { GW_MINOR, GW_FULL } gw_collection;
void gw_collect(gw_collection kind);

/* Where a major cycle stands: snapshot of the roots, marking, what ephemerons and finalizer queues keep alive, waiting for a minor
 * collection to find that nothing is left to mark, clearing weak references and ordering finalizers, sweeping, giving memory back. */
typedef enum gw_phase {
    GW_PHASE_IDLE,
    GW_PHASE_ROOTS,
    GW_PHASE_MARK,
    GW_PHASE_EPHEMERONS,
    GW_PHASE_REMARK,
    GW_PHASE_WEAK,
    GW_PHASE_SWEEP,
    GW_PHASE_RETURN,
} gw_phase;
#define GW_PHASES (GW_PHASE_RETURN + 1)

typedef enum gw_step_status {
    GW_STEP_IDLE, /* no cycle is under way, and the heap has not grown enough to start one */
    GW_STEP_MORE, /* the cycle goes on */
    GW_STEP_DONE, /* this step finished it */
} gw_step_status;

/* What one step did. Nanoseconds; `used_ns` includes the two parts named below it. */
struct gw_step {
    gw_step_status status;
    gw_phase before, after;
    uint64_t used_ns;    /* the whole pause */
    uint64_t overrun_ns; /* beyond the budget, minor collections not counted */
    uint64_t atomic_ns;  /* in work that cannot be split: looking at the roots */
    uint64_t minor_ns;   /* in minor collections: one that fits, one at a cycle's beginning, one or a few to end marking */
};

/* Works on the major cycle for `budget_ns`, starting one when the old generation has used up half of its growth: earlier than cycles
 * start by themselves, and what is done here need not be done by allocation. A budget of 0 does the smallest piece of work there is.
 * A minor collection is run first when it may be expected to fit into the budget now but not into that of the next such step, so that a
 * program which steps in its idle time does not wait for it elsewhere; the cycle gets the rest, at least half of the budget. The minor
 * collections that a cycle needs come on top; pause= bounds them. Works while disabled. May collect. */
struct gw_step gw_collect_step(uint64_t budget_ns);

/* While disabled no major cycle starts or goes on by itself; minor collections go on, and the heap limit still holds. Not nested. */
GW_NOCOLLECT void gw_disable(void);
GW_NOCOLLECT void gw_enable(void);
GW_NOCOLLECT bool gw_is_enabled(void);

/* The next `bytes` of allocation (headers included: 8 bytes an object, sizes rounded up to 8) trigger no collection and move nothing.
 * May collect now, to make room. GW_ERROR_MEMORY: that much cannot be promised. GW_ERROR_STATE: a promise is running. Collections
 * that the program asks for still run. The promise ends with gw_no_collect_end, which returns GW_ERROR_STATE when more was allocated
 * and the promise ended before. */
gw_status gw_no_collect_begin(size_t bytes);
GW_NOCOLLECT gw_status gw_no_collect_end(void);

/* ---- Weak references ------------------------------------------------------------------------------- */

/* A weak reference is an object that does not keep its target alive. When the target dies it is cleared: a SHORT one before
 * finalizers are delivered, so that nobody reaches what they are about to see; a LONG one when no finalizer keeps the target
 * either. A target that is null, an immediate or static never dies. Reading never hands out a dead object, between steps too. */
struct gw_weak;
typedef enum gw_weak_kind { GW_WEAK_SHORT, GW_WEAK_LONG } gw_weak_kind;

/* NULL when out of memory. May collect. */
struct gw_weak GW *gw_weak_new(void GW *target, gw_weak_kind kind);
/* The target, or NULL once it is dead. A LONG reference to a target that may be dead, read while the cycle looks for the order
 * of finalizers, waits for the rest of that phase. */
GW_NOCOLLECT void GW *gw_weak_get(const struct gw_weak GW *weak);
GW_NOCOLLECT void gw_weak_clear(struct gw_weak GW *weak);

/* An ephemeron keeps its value alive as long as it is alive itself and its key is, however the value leads back to the key.
 * When the key dies both are cleared, before finalizers are delivered (Hayes 1997). */
struct gw_ephemeron;

/* NULL when out of memory. May collect. */
struct gw_ephemeron GW *gw_ephemeron_new(void GW *key, void GW *value);
/* NULL once the key is dead. */
GW_NOCOLLECT void GW *gw_ephemeron_key(const struct gw_ephemeron GW *ephemeron);
GW_NOCOLLECT void GW *gw_ephemeron_value(const struct gw_ephemeron GW *ephemeron);
/* GW_ERROR_STATE when the key is dead, GW_ERROR_MEMORY when native memory is out. */
GW_NOCOLLECT gw_status gw_ephemeron_set(struct gw_ephemeron GW *ephemeron, void GW *value);
GW_NOCOLLECT void gw_ephemeron_clear(struct gw_ephemeron GW *ephemeron);

/* A weak map finds values by the identity of their keys. By KEYS, an entry is an ephemeron: its value lives as long as map and key
 * do. By VALUES, it lasts as long as its value lives otherwise, and keeps the key until then. By BOTH, it keeps neither, and
 * goes when one dies. Entries go when weak references would be cleared. */
struct gw_weak_map;
typedef enum gw_weak_map_kind { GW_WEAK_KEYS, GW_WEAK_VALUES, GW_WEAK_BOTH } gw_weak_map_kind;

/* NULL when out of memory. May collect. */
struct gw_weak_map GW *gw_weak_map_new(gw_weak_map_kind kind);
/* Adds an entry, or gives the one of `key` another value. GW_ERROR_MEMORY; GW_ERROR_ARGUMENT for a null key, or a null
 * value that would be held weakly. May collect. */
gw_status gw_weak_map_set(struct gw_weak_map GW *map, void GW *key, void GW *value);
/* The value, or NULL when there is no entry. */
GW_NOCOLLECT void GW *gw_weak_map_get(const struct gw_weak_map GW *map, const void GW *key);
/* Whether there was an entry. */
GW_NOCOLLECT bool gw_weak_map_remove(struct gw_weak_map GW *map, const void GW *key);
/* Calls `visit` for every entry. It may leave by longjmp or an exception; it may not allocate, and not change the map but by
 * removing. */
typedef void gw_weak_map_visitor(void *data, void GW *key, void GW *value);
GW_NOCOLLECT void gw_weak_map_each(const struct gw_weak_map GW *map, gw_weak_map_visitor *visit, void *data);
/* How many entries there are, by looking at each. */
GW_NOCOLLECT size_t gw_weak_map_count(const struct gw_weak_map GW *map);

/* ---- Finalizers ------------------------------------------------------------------------------------ */

/* An object registered with a queue is delivered once it is unreachable, once for each registration, and is then an ordinary
 * object again: it may be kept, registered again, or dropped. Order: if A reaches B and both are registered, A comes first, and
 * B not before a later collection has found A gone. Of objects that reach each other one comes, whichever the collector
 * meets first, and the others not before a later collection. Several registrations of one object are delivered together.
 * docs/finalization.md has the rules and what to build on them. */
typedef struct gw_finalizer_queue gw_finalizer_queue;

/* Called at the end of a collection that made something ready, on the thread that collected. It must return, and may not allocate: it
 * sets a flag or wakes a thread. */
typedef void gw_finalizer_notify(void *data);

/* `notify` may be NULL. NULL when out of memory. The queue belongs to the attached heap. */
GW_NOCOLLECT gw_finalizer_queue *gw_finalizer_queue_new(gw_finalizer_notify *notify, void *data);
/* Its registrations are forgotten, and what is ready is dropped. */
GW_NOCOLLECT void gw_finalizer_queue_free(gw_finalizer_queue *queue);
/* GW_ERROR_ARGUMENT when `object` is none of the heap's, GW_ERROR_MEMORY. */
GW_NOCOLLECT gw_status gw_finalize_with(gw_finalizer_queue *queue, void GW *object);
/* The next object that is ready, or NULL. */
GW_NOCOLLECT void GW *gw_finalizer_queue_next(gw_finalizer_queue *queue);
GW_NOCOLLECT size_t gw_finalizer_queue_length(const gw_finalizer_queue *queue);

/* Off at first. On: if A reaches B, both unreachable and old, a major cycle may make both ready, A before B in their queue, without
 * waiting for A to be gone: a chain of any length takes one cycle. B may then be delivered although A's finalizer has kept
 * A alive. Objects of a cycle, and what it reaches, still wait. GW_ERROR_MEMORY. */
GW_NOCOLLECT gw_status gw_finalize_whole_chains(bool on);

/* The default queue calls a function for each object. It may do what any code may: allocate, collect, register, leave by
 * longjmp. */
typedef void gw_finalizer(void GW *object);
GW_NOCOLLECT gw_status gw_finalize(void GW *object, gw_finalizer *function);
/* Calls finalizers of ready objects, at most `max`, and no further ones when `budget_ns` is used up (UINT64_MAX: no budget).
 * Returns how many were called. May collect. */
size_t gw_run_finalizers(size_t max, uint64_t budget_ns);
/* Whether allocation calls the finalizers of what is ready; off at first. On: the first allocation after a collection calls those of
 * all that is ready then, and nothing does while one of them runs. One that leaves by longjmp or an exception leaves the others to the
 * first allocation after the next collection. */
GW_NOCOLLECT void gw_run_finalizers_at_allocation(bool on);

/* ---- Identity -------------------------------------------------------------------------------------- */

/* A number that an object keeps as long as it lives, wherever it moves; not 0. Objects never asked for cost nothing, old ones
 * asked for nothing either. Immediates and static objects have one too. 0 when native memory is out. */
GW_NOCOLLECT uint64_t gw_identity_hash(const void GW *object);

/* ---- Pinning --------------------------------------------------------------------------------------- */

/* Keeps an object alive and in its place until gw_unpin has been called as often as gw_pin, and returns its address, for native
 * code; NULL when native memory is out. Pinning a young object runs a minor collection, which gives it a place in the old
 * generation: its address from before is no longer valid. There is no limit to how many objects are pinned. */
void *gw_pin(void GW *object);
/* GW_ERROR_ARGUMENT when the object is not pinned. */
GW_NOCOLLECT gw_status gw_unpin(const void GW *object);
GW_NOCOLLECT bool gw_is_pinned(const void GW *object);

/* ---- Freezing -------------------------------------------------------------------------------------- */

/* Collects fully, then makes everything alive permanent: it is no longer marked, swept or moved, and collections do not write to its
 * pages, which a forked child goes on sharing. It may be used and written to as before. Weak words that refer to it are never
 * cleared, its finalizers never run. Freezing again adds to what is frozen. */
void gw_freeze(void);
/* Everything is collected as before. */
void gw_unfreeze(void);
struct gw_frozen {
    uint64_t objects, bytes;
};
GW_NOCOLLECT struct gw_frozen gw_frozen_objects(void);

/* ---- External memory ------------------------------------------------------------------------------- */

/* Tells the collector that objects of the attached heap keep `bytes` more native memory alive, or fewer when negative (from
 * a destructor, say): major cycles then start as if the heap had grown by so much. */
GW_NOCOLLECT void gw_external_memory(ptrdiff_t bytes);
/* What the calls add up to. */
GW_NOCOLLECT size_t gw_external_memory_bytes(void);

/* ---- Observe --------------------------------------------------------------------------------------- */

struct gw_stats {
    uint64_t minor_collections;
    uint64_t major_collections;     /* finished cycles */
    uint64_t allocated_bytes;       /* since the heap was created, headers included */
    uint64_t promoted_bytes;
    uint64_t live_bytes;            /* after the last cycle: bytes of marked objects */
    uint64_t heap_bytes;            /* now: nursery plus blocks in use */
    uint64_t peak_heap_bytes;
    uint64_t returned_bytes;        /* given back to the operating system */
    uint64_t minor_ns, major_ns;    /* time spent */
    uint64_t longest_pause_ns, longest_atomic_ns;
    uint64_t assists;               /* slices of cycles run by allocation */
    uint64_t goal_bytes;            /* what the old generation and external memory should not exceed before the next cycle's end */
    uint64_t external_bytes;        /* native memory the program told of */
    uint64_t frames_walked, roots_visited;
    uint64_t walks_stopped;         /* minor collections that left out older frames, known to hold nothing young */
};
GW_NOCOLLECT void gw_get_stats(struct gw_stats *stats);

/* Looking in. A visitor may leave by longjmp or an exception, but not allocate or collect; what it is given is a reference like any other, valid until the next
 * safepoint unless it is stored in a root. Each function returns how many objects it visited; `visitor` may be NULL. Objects that
 * a collection under way knows to be dead are not shown. */
typedef void gw_inspect_visitor(void *data, void GW *object);
/* Every object of the heap, dead ones that no collection has met included. */
GW_NOCOLLECT size_t gw_heap_walk(gw_inspect_visitor *visitor, void *data);
/* What `object` refers to, once for each field; the value of an ephemeron too, not what is referred to weakly. */
GW_NOCOLLECT size_t gw_referents(const void GW *object, gw_inspect_visitor *visitor, void *data);
/* The objects that refer to `object`, by looking at all. */
GW_NOCOLLECT size_t gw_referrers(const void GW *object, gw_inspect_visitor *visitor, void *data);
/* The shortest way from a root to `object`, both included: why it is alive. 0 when it is not, or native memory is out. Never
 * collects. */
size_t gw_path_to(const void GW *object, gw_inspect_visitor *visitor, void *data);

/* Pauses by kind: all times the program stood still; the minor collections among them; steps by hand, minor collections not counted. */
typedef enum gw_pause_kind { GW_PAUSE_ANY, GW_PAUSE_MINOR, GW_PAUSE_STEP } gw_pause_kind;

/* Nanoseconds; quantiles are exact to 6 %. Minimum mutator utilisation is the least share of any stretch of that length that was left
 * to the program so far (Cheng and Blelloch 2001). */
struct gw_pause_summary {
    uint64_t count, total_ns;
    uint64_t p50_ns, p90_ns, p99_ns, p999_ns, max_ns;
    double utilisation_1ms, utilisation_5ms, utilisation_16_7ms, utilisation_50ms;
};
GW_NOCOLLECT void gw_get_pauses(gw_pause_kind kind, struct gw_pause_summary *summary);
/* The histogram behind it: fills up to `capacity` of `ends_ns` (longest pause that falls into a bucket) and `counts` with the buckets
 * that hold any, in ascending order, and returns how many there are. */
GW_NOCOLLECT size_t gw_get_pause_histogram(gw_pause_kind kind, size_t capacity, uint64_t *ends_ns, uint64_t *counts);

/* ---- Hooks ----------------------------------------------------------------------------------------- */

struct gw_minor_event {
    uint64_t ns;
    uint64_t allocated_bytes; /* since the minor collection before, headers included */
    uint64_t promoted_bytes;
    gw_phase phase;           /* of the major cycle, afterwards */
};
/* A run of pieces of a cycle, by gw_collect_step, by allocation, or as part of a whole collection. */
struct gw_step_event {
    uint64_t ns, atomic_ns;   /* without minor collections */
    uint64_t minor_ns;        /* in minor collections, which had events of their own */
    uint64_t work_bytes;      /* marked, or as many nanoseconds in other phases: what pacing counts */
    gw_phase before, after;
    bool by_hand;
};
struct gw_cycle_event {
    uint64_t ns, atomic_ns;   /* in all its steps */
    uint64_t wall_ns;         /* from its beginning to its end */
    uint64_t steps;
    uint64_t used_at_start_bytes, live_bytes, goal_bytes; /* of the old generation; the goal is the next cycle's */
};

/* Called after the event, on the thread that collected, with the heap consistent; NULL: none. A hook may read the heap and the
 * statistics, and must return; allocating collected objects or collecting in one is fatal. */
struct gw_hooks {
    void *data;
    void (*minor)(void *data, const struct gw_minor_event *event);
    void (*step)(void *data, const struct gw_step_event *event);
    void (*cycle)(void *data, const struct gw_cycle_event *event);
};
/* Copies `hooks`; NULL removes them. */
GW_NOCOLLECT void gw_set_hooks(const struct gw_hooks *hooks);

/* Checks the whole heap. GW_OK, or GW_ERROR_STATE with gw_error_text saying what is wrong. Never collects. */
gw_status gw_verify(void);

/* ---- Modules --------------------------------------------------------------------------------------- */

/* Programs and libraries register themselves, and stay: dlclose does not unload a library that has managed code or types, and opening
 * it again finds it as it was left. A new version of a library therefore needs a new file name.
 *
 * The calls are for code made at run time. Adds one module's maps and globals to the process-wide frame table. The record and what it
 * points at must stay until it is unregistered. Corrupt maps are refused: GW_ERROR_MAP. Any thread. */
GW_NOCOLLECT gw_status gw_module_register(const struct gw_module *module);
/* To be called when no frame of the module is on any stack, and nothing refers to what its globals hold. Its types (struct gw_type) must
 * stay in memory as long as any heap has objects of them, unreachable ones included: until a full collection found none, or until
 * the heap is destroyed. */
GW_NOCOLLECT gw_status gw_module_unregister(const struct gw_module *module);

/* The same for a stock `.llvm_stackmaps` section, version 3, at its run-time address. `name` is used in messages. */
GW_NOCOLLECT gw_status gw_stackmaps_register(const void *section, size_t size, const char *name);
GW_NOCOLLECT gw_status gw_stackmaps_unregister(const void *section);

/* Unwind entries of code made at run time: an `.eh_frame` section at its run-time address, relocated, of at most `size`
 * bytes. A JIT calls this before its code runs; without it, a collection below that code ends with a fatal message. The
 * section must stay until it is unregistered. GW_ERROR_MAP: it cannot be read. Any thread. */
GW_NOCOLLECT gw_status gw_unwind_register(const void *eh_frame, size_t size);
GW_NOCOLLECT gw_status gw_unwind_unregister(const void *eh_frame);

#ifdef __cplusplus
}
#endif

#pragma GCC visibility pop
#endif
