/* The words that compiled code and the runtime agree on.
 *
 * Everything here is ABI: the plug-in emits code against these layouts, modules carry the map format
 * described in docs/abi.md, and the static assertions below pin both. Bump GW_ABI_VERSION when one changes;
 * an object file built against another version is refused when its module registers.
 */
#ifndef GREYWAVE_ABI_H
#define GREYWAVE_ABI_H

#include <greywave/names.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

#ifdef __cplusplus
extern "C" {
#define GW_STATIC_ASSERT static_assert
#else
#define GW_STATIC_ASSERT _Static_assert /* of C and C++ */
#endif

/* Of what is in this file, of the maps, and of the calls in docs/abi.md; docs/versions.md says what it promises. */
#define GW_ABI_VERSION 6

/* Names of the module record and of what registers it, as text: object files of two versions bring two of each. */
#define GW_MODULE_NAME_(name, version) name "_" #version
#define GW_MODULE_NAME_OF_(name, version) GW_MODULE_NAME_(name, version)
#define GW_MODULE_NAME(name) GW_MODULE_NAME_OF_(name, GW_ABI_VERSION)
#define GW_MODULE_RECORD GW_MODULE_NAME("gw_module_record")
#define GW_MODULE_ENTER GW_MODULE_NAME("gw_module_enter")
#define GW_MODULE_LEAVE GW_MODULE_NAME("gw_module_leave")

/* `GW` qualifies a collected pointer: `struct node GW *n`. The driver defines __GREYWAVE__ when the plug-in
 * is loaded; every other compilation (GCC, native helpers, the runtime itself) sees plain pointers. */
#if defined(__GREYWAVE__) && defined(__clang__)
#define GW __attribute__((address_space(1)))
#else
#define GW
#endif

/* Marks a C function that never collects and never calls code that does: calls to it need no safepoint. A
 * collection under such a call ends with a fatal message, not with a wrong heap. */
#if defined(__clang__)
#define GW_NOCOLLECT __attribute__((annotate("gc-leaf-function")))
#else
#define GW_NOCOLLECT
#endif

/* Marks a C function that may keep its caller waiting, and that neither touches references nor uses the heap: with gwcc -pthread, calls of
 * it by its name are made as gw_outside_call makes them (threads.h), so that other threads may collect meanwhile. It may throw, not leave
 * by longjmp. Other compilers take no notice. */
#if defined(__clang__)
#define GW_BLOCKING __attribute__((annotate("gw-blocking")))
#else
#define GW_BLOCKING
#endif

/* ---- The header: one word before the payload ------------------------------------------------------- */

/* The header word's bits, all of them:
 *
 *      0       TRACK      a store of a reference into this object must be recorded (write barrier)
 *      1       FORWARDED  vacated: the rest of the word is the payload's new address
 *      2       CARDS      recorded card by card, see gw_write_barrier
 *      3       STATIC     outside every heap: constant or global data with a header in front
 *      4 - 47  TYPE       address of the object's gw_type, which is 16-byte aligned
 *     48 - 51  AGE        minor collections survived in the nursery; 15: grown old where it was
 *     52       LISTED     of an object in the list of those with dirty cards
 *     53       HASHED     its identity hash is kept in a table: it was asked for when the object was young
 *     54 - 56  ORDER      while a minor collection puts dead objects in order; otherwise clear
 *     57 - 63  free, and clear
 *
 * Compiled code reads the byte with TRACK and knows no other bit but STATIC's, in constants. It never writes to a header but whole, when it
 * makes an object. TRACK is cleared, and LISTED set, in the barrier's slow path: by operations on the whole word, atomic ones where
 * several threads share a heap, so that no neighbour's bit is lost. All other bits change in collections alone, but HASHED, which belongs
 * to young objects. */
#define GW_HEADER_TRACK 1u
#define GW_HEADER_FORWARDED 2u
#define GW_HEADER_CARDS 4u
#define GW_HEADER_STATIC 8u
#define GW_HEADER_TYPE_MASK UINT64_C(0x0000fffffffffff0)
#define GW_HEADER_AGE_SHIFT 48
#define GW_HEADER_AGE_MASK (UINT64_C(15) << GW_HEADER_AGE_SHIFT)
#define GW_HEADER_LISTED (UINT64_C(1) << 52)
#define GW_HEADER_HASHED (UINT64_C(1) << 53)
#define GW_HEADER_ORDER_SHIFT 54
#define GW_HEADER_ORDER_MASK (UINT64_C(7) << GW_HEADER_ORDER_SHIFT)

#define GW_HEADER_SIZE 8     /* bytes */
#define GW_OBJECT_ALIGN 8    /* payloads; a type may ask for 16 */
#define GW_IMMEDIATE_MASK 7u /* a word with any of these bits is an immediate and is never followed */

/* ---- Types ----------------------------------------------------------------------------------------- */

struct gw_tracer;

/* Custom trace: call gw_trace_edge(tracer, slot) for each word of the payload that may hold a reference. It runs
 * inside a collection: it must return, may not allocate, and may read only this object. */
typedef void gw_trace_function(void *payload, struct gw_tracer *tracer);

/* Light destructor: the object is dead. It must return, and may touch only its own payload and native memory. */
typedef void gw_destroy_function(void *payload);

#define GW_TYPE_DERIVE 1u  /* layout not known yet: the plug-in fills it in from `layout` and clears this */
#define GW_TYPE_ALIGN16 2u /* payloads are 16-byte aligned; the plug-in sets it where a layout needs it */
#define GW_TYPE_RUNS 4u    /* references are told as runs; `trace` is gw_trace_runs */
#define GW_TYPE_TAGS 8u    /* with GW_TYPE_RUNS: runs with tags, struct gw_tagged_run; `trace` is gw_trace_tagged */

/* References of an object or element: `count` of them, at least one, the first at byte `start`, each `stride` bytes behind the last. */
struct gw_run {
    uint32_t start, count, stride;
};

/* A number beside a word, in the same object or element, that says whether the word is a reference: where ((tag & mask) - low) <= span, in
 * as many bits as the tag has, without sign. So a value, a range of values, also from negative ones on, and bits that are set can be
 * told. */
struct gw_tag {
    uint32_t offset; /* of the first one; the others `stride` bytes apart, as their words are */
    uint32_t bytes;  /* 1, 2 or 4; 0: there is no tag, all words of the run are references */
    uint32_t mask, low, span;
};

/* A run whose words are references while its tags say so. */
struct gw_tagged_run {
    struct gw_run words;
    struct gw_tag tag;
};

/* Describes objects of one type. Constant data, 16-byte aligned (its low address bits carry header flags);
 * no registration call. An array type has `element_size` > 0: its elements start at payload + size, and its
 * element count is the uint64_t at payload + length_offset, written by the allocator and never changed. */
struct gw_type {
    const char *name;
    uint32_t size;                 /* payload bytes of the fixed part; a multiple of 8 for array types */
    uint32_t flags;                /* GW_TYPE_… */
    uint32_t offset_count;         /* reference fields of the fixed part */
    uint32_t element_offset_count; /* reference fields of one element */
    uint32_t element_size;         /* bytes; 0: not an array */
    uint32_t length_offset;        /* payload offset of the element count */
    const uint32_t *offsets;       /* byte offsets: the fixed part's, ascending, then one element's, ascending; or runs, see below */
    gw_trace_function *trace;      /* NULL, or replaces the offsets */
    gw_destroy_function *destroy;  /* NULL, or run when an object dies */
    const void *layout;            /* NULL, or a zero object whose IR type shows the plug-in the layout; the plug-in clears it */
} __attribute__((aligned(16)));

/* With GW_TYPE_RUNS both offset counts are 0, and `offsets` points at words: how many runs the fixed part has, how many an element has, and
 * start, count and stride of each run, the fixed part's first, both ascending by their starts. Runs do not overlap. The collector looks at
 * parts of such an object as it does with offsets; whoever takes `trace` for any other function is right too. Never collects. */
GW_NOCOLLECT void gw_trace_runs(void *payload, struct gw_tracer *tracer);

/* With GW_TYPE_TAGS besides, each run is a struct gw_tagged_run. Runs with tags may overlap. A tag and its word are written with no
 * safepoint between: what a collection meets is taken for what the tag says. Never collects. */
GW_NOCOLLECT void gw_trace_tagged(void *payload, struct gw_tracer *tracer);

GW_STATIC_ASSERT(offsetof(struct gw_type, size) == 8, "the plug-in reads gw_type by these offsets");
GW_STATIC_ASSERT(offsetof(struct gw_type, flags) == 12, "the plug-in reads gw_type by these offsets");
GW_STATIC_ASSERT(offsetof(struct gw_type, offset_count) == 16, "the plug-in reads gw_type by these offsets");
GW_STATIC_ASSERT(offsetof(struct gw_type, offsets) == 32, "the plug-in reads gw_type by these offsets");
GW_STATIC_ASSERT(offsetof(struct gw_type, layout) == 56, "the plug-in reads gw_type by these offsets");
GW_STATIC_ASSERT(sizeof(struct gw_type) == 64, "the plug-in reads gw_type by these offsets");

/* ---- Per-thread state ------------------------------------------------------------------------------ */

struct gw_heap;
struct gw_mutator;

/* One per thread, thread-local, initial-exec. Compiled code touches alloc, limit, poll, shadow_top, shadow_limit, shadow_base, marks,
 * marks_from and marks_count only. */
struct gw_thread {
    char *alloc;          /* next free byte of the nursery, 8-byte aligned */
    char *limit;          /* an allocation that would end beyond this takes the slow path */
    uintptr_t poll;       /* non-zero: the next loop poll must call gw_poll_slow */
    void **shadow_top;    /* shadow stack: first free slot */
    struct gw_heap *heap; /* attached heap, or NULL */
    void **shadow_limit;  /* a push that would end beyond this calls gw_shadow_reserve first; NULL before the first */
    uint8_t *cards;       /* the heap's card table: a byte for each 512 bytes from cards_base on */
    uintptr_t cards_base;
    size_t cards_count;
    void **shadow_base;         /* its first slot */
    int64_t card_patience;      /* stores into cards that are dirty already, until somebody thinks about it (engine/barrier.c) */
    uint64_t surveys;           /* walks that left their number in frame marks (roots/known_stack.h) */
    uint8_t *marks;             /* a byte for each word of the thread's stack: not 0 in variables that hold references */
    uintptr_t marks_from;       /* the address of the first of those words */
    size_t marks_count;         /* 0 before the first mark */
    size_t record_bytes;        /* of this record, as the runtime has it; 0 before a heap was attached */
    int64_t card_budget;        /* clean cards that may be dirtied, until somebody thinks about it (heap/account.h) */
    struct gw_mutator *mutator; /* what else the runtime knows of a thread that is attached */
    uintptr_t reserved[6];      /* 0 */
};

GW_STATIC_ASSERT(offsetof(struct gw_thread, alloc) == 0, "ABI");
GW_STATIC_ASSERT(offsetof(struct gw_thread, limit) == 8, "ABI");
GW_STATIC_ASSERT(offsetof(struct gw_thread, poll) == 16, "ABI");
GW_STATIC_ASSERT(offsetof(struct gw_thread, shadow_top) == 24, "ABI");
GW_STATIC_ASSERT(offsetof(struct gw_thread, shadow_limit) == 40, "ABI");
GW_STATIC_ASSERT(offsetof(struct gw_thread, shadow_base) == 72, "ABI");
GW_STATIC_ASSERT(offsetof(struct gw_thread, marks) == 96, "ABI");
GW_STATIC_ASSERT(offsetof(struct gw_thread, marks_from) == 104, "ABI");
GW_STATIC_ASSERT(offsetof(struct gw_thread, marks_count) == 112, "ABI");
GW_STATIC_ASSERT(offsetof(struct gw_thread, record_bytes) == 120, "ABI");
GW_STATIC_ASSERT(sizeof(struct gw_thread) == 192, "ABI: three lines of the cache");

/* A word on the shadow stack with this bit, its low three bits zero, is the address of a stack variable that holds references;
 * the word above it, with the same bit, is the address of its constant struct gw_shadow_layout, which is 8-byte aligned: `count` blocks
 * of `stride` bytes with references at `offsets`. */
#define GW_SHADOW_VARIABLE (UINT64_C(1) << 63)
struct gw_shadow_layout {
    uint32_t count;
    uint32_t stride; /* bytes */
    uint32_t offset_count;
    uint32_t offsets[]; /* bytes from the start of a block */
};

#ifdef __cplusplus
#define GW_THREAD_LOCAL thread_local
#else
#define GW_THREAD_LOCAL _Thread_local /* of C and C++ */
#endif
/* The state of the running thread. */
extern GW_THREAD_LOCAL struct gw_thread gw_current_thread __attribute__((tls_model("initial-exec")));

/* How far gw_current_thread is from the thread pointer, in bytes, on every thread: for code that was not linked (JIT).
 * Set when the runtime is loaded, never changed. */
extern intptr_t gw_current_thread_offset;

/* ---- Modules --------------------------------------------------------------------------------------- */

/* What one linked image (executable, shared library, JIT module) hands to the runtime. The plug-in emits one
 * constant of this type per image, and a constructor and destructor that register and unregister it. */
struct gw_module {
    uint32_t abi_version; /* GW_ABI_VERSION */
    uint32_t reserved;
    const uint8_t *maps_begin; /* section gw_maps: frame maps, docs/abi.md */
    const uint8_t *maps_end;
    const uint8_t *globals_begin; /* section gw_globals: struct gw_global_record, variable length */
    const uint8_t *globals_end;
};

/* A global (or thread-local) variable that holds references: `count` blocks of `stride` bytes, each with
 * references at `offsets`. 4-byte aligned, packed one after another. */
struct gw_global_record {
    int32_t address; /* relative to this field: the variable, or its accessor function `void *f(void)` */
    uint32_t kind;   /* GW_GLOBAL_… */
    uint32_t count;
    uint32_t stride; /* bytes */
    uint32_t offset_count;
    uint32_t offsets[]; /* bytes from the start of a block */
};
#define GW_GLOBAL_VARIABLE 0u
#define GW_GLOBAL_THREAD_LOCAL 1u
/* Besides: a card, one byte, for each 512 bytes of the variable follows its last block. A card is not 0 when the words that it stands for
 * were written since it was 0: set after the write, with no safepoint between. */
#define GW_GLOBAL_CARDS 2u

/* ---- Entry points that only compiled code calls ---------------------------------------------------- */

/* gw_alloc and gw_alloc_array (greywave.h) are the slow paths of inline allocation: safepoints.
 *
 * gw_barrier_slow(object, slot): not a safepoint; preserves every register but flags. `slot` is the address stored to.
 * gw_barrier_slow_R, not declared here, for each general register R but rsp: the same with the object in R, for slots
 * in its first 512 bytes; gw_barrier_slow_slot_R: for any slot, whose address is pushed by the caller and popped by the
 * callee. So calling them costs the fast path nothing. All may be called for an object without GW_HEADER_TRACK, and do
 * nothing then.
 * gw_barrier_range(object, slot, bytes): the same for a copy of `bytes` bytes to `slot` that may bring references, clamped to the
 * object's end; ordinary calling convention, not a safepoint.
 * gw_alloc_room(bytes): the slow path of several allocations at once, a safepoint: zeroed room in the nursery, at most
 * 512 bytes, where the caller makes objects side by side before anything else; NULL when they must be allocated one
 * by one.
 * gw_poll_slow(): a safepoint.
 * gw_shadow_reserve(words): makes this thread's shadow stack, or ends the process when `words` more do not fit. Ordinary
 * calling convention, not a safepoint; shadow_top must be read again after it.
 * gw_check_store(slot, reference): called in front of a store to memory of which nothing is known, unless the slot is marked
 * (gw_current_thread.marks); fatal when a reference would land where the collector does not look. Preserves all general
 * registers, whatever the stack's alignment. gw_check_copy(to, from, bytes): the same in front of a copy; ordinary calling convention.
 * gw_check_word(place, word): called in front of the store of a number that was read before a call that may collect, where nothing is
 * known of either end; fatal when the number is the address of an object, and the collector looks at the place: it may have moved since.
 * Ordinary calling convention.
 * None is a safepoint. gw_mark_variable(variable, layout): marks the references of a stack variable, where that is too much for compiled
 * code or there are no marks yet. Gives the mark of its first word, or the variable itself on a stack without marks. gw_marks_unwound():
 * frames younger than the caller's were left by an exception or longjmp, and what they marked is a variable no more. Ordinary calling
 * convention, no safepoints. gw_module_load(module), gw_module_unload(module): for an image's constructor and destructor, where nobody
 * would read a status. The first registers, and keeps the image mapped until the process ends, since objects refer to their types; the
 * second does nothing. A module that is refused or cannot be kept ends the process. gw_module_without_roots(): a module was compiled with
 * --roots=none. From then on a collection ends the process. */
GW_NOCOLLECT void gw_barrier_slow(void *object, void *slot);
GW_NOCOLLECT void gw_barrier_range(void *object, void *slot, size_t bytes);
char *gw_alloc_room(size_t bytes);
/* What calls of GW_BLOCKING functions lead to: function(arguments), outside where this thread has a heap and may leave it, and none of the
 * words in the `bytes` bytes of `arguments` is an address in that heap. A safepoint. */
void *gw_blocking_call(void *(*function)(void *), void *arguments, size_t bytes);
void gw_poll_slow(void);
GW_NOCOLLECT void gw_check_store(void *slot, void GW *reference);
GW_NOCOLLECT void gw_check_copy(void *to, const void *from, size_t bytes);
GW_NOCOLLECT void gw_check_word(void *place, uint64_t word);
GW_NOCOLLECT uint8_t *gw_mark_variable(void *variable, const struct gw_shadow_layout *layout);
GW_NOCOLLECT void gw_marks_unwound(void);
GW_NOCOLLECT void gw_shadow_reserve(size_t words);
GW_NOCOLLECT void gw_module_load(const struct gw_module *module);
GW_NOCOLLECT void gw_module_unload(const struct gw_module *module);
GW_NOCOLLECT void gw_module_without_roots(void);

#ifdef __cplusplus
}
#endif

#pragma GCC visibility pop
#endif
