/* What the names in a random program mean, in each of its forms:
 *
 *   compiled by gwcc           collected; the plug-in finds roots and puts barriers
 *   -DPROGRAM_MALLOC, any cc   calloc, and nothing is ever freed: the expected output
 *   compiled by GCC            collected; GW_STORE and ROOT say what the plug-in would find out
 */
#ifndef GW_RANDOM_PROGRAMS_MEMORY_H
#define GW_RANDOM_PROGRAMS_MEMORY_H

#include <greywave/greywave.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#if defined __cplusplus && !__STDC_HOSTED__ /* newer C++ libraries leave these out then */
extern "C" char *getenv(const char *) noexcept;
extern "C" void qsort(void *, size_t, size_t, int (*)(const void *, const void *));
#endif

/* What each thread has for itself. */
#ifdef PROGRAM_THREADS
#define OWN __thread
#else
#define OWN
#endif

/* ---- Allocation ------------------------------------------------------------------------------------ */

#ifdef PROGRAM_MALLOC

static inline void *program_allocate(const struct gw_type *type, size_t count)
{
    /* The type stands in front of the payload, which stays 16-byte aligned. */
    const struct gw_type **object = (const struct gw_type **)calloc(1, 16 + type->size + count * type->element_size);
    if (!object) abort();
    object[1] = type;
    uint64_t length = count;
    if (type->element_size) memcpy((char *)(object + 2) + type->length_offset, &length, sizeof length);
    return object + 2;
}

static inline void program_copy(void *target, size_t to, const void *from, size_t at, size_t count)
{
    const struct gw_type *type = ((const struct gw_type **)target)[-1];
    memmove((char *)target + type->size + to * type->element_size, (const char *)from + type->size + at * type->element_size,
            count * type->element_size);
}

static inline gw_handle program_handle(void *reference)
{
    void **handle = (void **)malloc(sizeof *handle);
    if (!handle) abort();
    *handle = reference;
    return (gw_handle)handle;
}

/* Coroutines of the C library in place of the runtime's. */
struct program_stack {
    ucontext_t own, back;
    struct program_stack *resumer;
    void *(*function)(void *argument, void *value);
    void *argument, *value, *memory;
    bool is_done;
};
static OWN struct program_stack *program_running;

static inline void program_stack_begin(void)
{
    struct program_stack *stack = program_running;
    stack->value = stack->function(stack->argument, stack->value);
    stack->is_done = true;
    program_running = stack->resumer;
    setcontext(&stack->back);
}

static inline struct program_stack *program_stack_new(size_t bytes, void *(*function)(void *, void *), void *argument)
{
    struct program_stack *stack = (struct program_stack *)calloc(1, sizeof *stack);
    if (!stack || getcontext(&stack->own) || !(stack->memory = malloc(bytes))) abort();
    stack->function = function;
    stack->argument = argument;
    stack->own.uc_stack.ss_sp = stack->memory;
    stack->own.uc_stack.ss_size = bytes;
    makecontext(&stack->own, program_stack_begin, 0);
    return stack;
}

static inline void *program_stack_switch(struct program_stack *to, void *value)
{
    to->resumer = program_running;
    to->value = value;
    program_running = to;
    swapcontext(&to->back, &to->own);
    return to->value;
}

static inline void *program_stack_yield(void *value)
{
    struct program_stack *stack = program_running;
    stack->value = value;
    program_running = stack->resumer;
    swapcontext(&stack->own, &stack->back);
    return stack->value;
}

static inline void program_stack_free(struct program_stack *stack)
{
    free(stack->memory);
    free(stack);
}

#define gw_stack struct program_stack
#define gw_stack_new program_stack_new
#define gw_stack_switch program_stack_switch
#define gw_stack_yield program_stack_yield
#define gw_stack_is_done(stack) ((stack)->is_done)
#define gw_stack_free program_stack_free

#define gw_alloc(type) program_allocate(type, 0)
#define gw_alloc_array(type, count) program_allocate(type, count)
#define gw_array_copy(target, to, from, at, count) program_copy(target, to, from, at, count)
#define gw_collect(kind) ((void)0)
#define gw_handle_new(reference) program_handle(reference)
#define gw_handle_get(handle) (*(void **)(handle))
#define gw_handle_free(handle) free(handle)
#define gw_write_barrier(object, slot) ((void)0)
#define gw_trace_edge(tracer, slot) ((void)(tracer), (void)(slot))
#define gw_trace_tagged NULL
#define program_start() ((void)0)

#else

/* With PROGRAM_MINOR in the environment the program's own collections are minor ones: a full one promotes everything, and
 * what is old does not move. */
static bool only_minor;
#define gw_collect(kind) (gw_collect)(only_minor ? GW_MINOR : (kind))

static inline void program_start(void)
{
    only_minor = getenv("PROGRAM_MINOR") != NULL;
    if (gw_init(NULL) == GW_OK) return;
    fprintf(stderr, "%s\n", gw_error_text());
    exit(2);
}

#endif

#ifdef PROGRAM_ROOTS_none
#undef gw_collect
#define gw_collect(kind) ((void)0)
#endif

__attribute__((noreturn)) static inline void program_exhausted(void)
{
    fputs("out of memory\n", stderr);
    exit(3);
}

/* ---- Types, stores and roots ----------------------------------------------------------------------- */

#if defined(__GREYWAVE__) || defined(PROGRAM_MALLOC)
#define PROGRAM_DERIVES 1
#else
#define PROGRAM_DERIVES 0
#endif

#define PROGRAM_TYPE(type_name, T, references)                                                                                             \
    GW_TYPE_WITH(type_name, T, sizeof(T), .offset_count = (references), .offsets = offsets_##type_name)
#define PROGRAM_ARRAY_TYPE(type_name, T, references)                                                                                       \
    GW_TYPE_WITH(type_name, T, offsetof(T, at), .element_offset_count = (references), .element_size = sizeof(((T *)0)->at[0]),             \
                 .length_offset = offsetof(T, length), .offsets = offsets_##type_name)

#if PROGRAM_DERIVES
#define ROOT(variable)
#define PROGRAM_ADD_ROOT(variable) ((void)0)
#define PROGRAM_STORE_PART(object, member, value) ((void)((object)->member = (value)))
/* `copy` is memcpy or memmove, `set` memset; the target lies in the object. */
#define PROGRAM_COPY(copy, object, target, source, size) ((void)copy(target, source, size))
#define PROGRAM_CLEAR(set, object, target, size) ((void)set(target, 0, size))
#else
#define ROOT(variable) GW_ROOT(variable)
#define PROGRAM_ADD_ROOT(variable) program_add_root((void *)&(variable))
/* A part may lie across the border of two cards. */
#define PROGRAM_STORE_PART(object, member, value)                                                                                          \
    do {                                                                                                                                   \
        if (((unsigned char *)(object))[-GW_HEADER_SIZE] & GW_HEADER_TRACK)                                                                \
            gw_barrier_range((object), &(object)->member, sizeof(object)->member);                                                         \
        (object)->member = (value);                                                                                                        \
    } while (0)
#define PROGRAM_COPY(copy, object, target, source, size)                                                                                   \
    do {                                                                                                                                   \
        if (((unsigned char *)(object))[-GW_HEADER_SIZE] & GW_HEADER_TRACK) gw_barrier_range((object), (target), (size));                  \
        copy((target), (source), (size));                                                                                                  \
    } while (0)
#define PROGRAM_CLEAR(set, object, target, size) PROGRAM_COPY(set, object, target, 0, size)

static inline void program_add_root(void *variable)
{
    if (gw_add_roots(variable, 1) == GW_OK) return;
    fprintf(stderr, "%s\n", gw_error_text());
    exit(2);
}
#endif

/* Pieces by which something is copied. */
typedef uint64_t __attribute__((may_alias)) word_piece;
typedef uint32_t __attribute__((may_alias)) int_piece;
typedef unsigned __int128 __attribute__((may_alias, aligned(8))) wide_piece;
typedef uint64_t __attribute__((may_alias, vector_size(16), aligned(8))) vector_piece;
typedef uint64_t __attribute__((vector_size(32))) vector;

/* ---- What every program uses ----------------------------------------------------------------------- */

static OWN int fuel, hash_budget;
static OWN uint64_t checksum = UINT64_C(0xcbf29ce484222325);

/* False once the fuel is used up: then loops end and functions return at once. */
static inline bool spend(void)
{
    if (fuel <= 0) return false;
    fuel--;
    return true;
}

static inline void mix(uint64_t word)
{
    checksum = (checksum ^ word) * UINT64_C(0x100000001b3);
    checksum ^= checksum >> 29;
}

static inline void mix_real(double real)
{
    uint64_t word = 1;
    if (real == real) memcpy(&word, &real, sizeof word);
    mix(word);
}

static inline uint64_t word_of_real(double real)
{
    return real >= -1e15 && real <= 1e15 ? (uint64_t)(int64_t)real : 1;
}

static inline uint64_t tag_of(void GW *any)
{
    return !any || gw_is_immediate(any) ? 0 : *(const uint64_t GW *)any;
}

static inline uint64_t word_of(void GW *any)
{
    return !any ? 0 : gw_is_immediate(any) ? (uint64_t)gw_small_integer_value(any) : tag_of(any);
}

static inline bool hash_enters(void GW *object, int depth)
{
    mix(object != NULL);
    return object && depth > 0 && hash_budget-- > 0;
}

/* Copies some elements between arrays of one type, at places that exist. */
#define copy_elements(target, from, to, at, count)                                                                                         \
    do {                                                                                                                                   \
        if (!(target)->length || !(from)->length) break;                                                                                   \
        uint64_t to_ = (to) % (target)->length, at_ = (at) % (from)->length, count_ = (count) % 8;                                         \
        if (count_ > (target)->length - to_) count_ = (target)->length - to_;                                                              \
        if (count_ > (from)->length - at_) count_ = (from)->length - at_;                                                                  \
        gw_array_copy((target), to_, (from), at_, count_);                                                                                 \
    } while (0)

static inline void program_report(int step)
{
    printf("%d: %016" PRIx64 "\n", step, checksum);
}

#endif
