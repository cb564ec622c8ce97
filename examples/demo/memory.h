/* One source, three kinds of memory. A demo program allocates with gw_new and gw_new_array and gives memory back with
 * memory_release; this header decides what that means.
 *
 *   (nothing)      Greywave: memory_release does nothing, the collector finds out by itself
 *   -DDEMO_MALLOC  malloc and free. Code that exists only to free stands under `#if MEMORY_EXPLICIT`. A program that
 *                  defines MEMORY_ARENA before it includes this header frees everything at the end instead.
 *   -DDEMO_BUMP    never given back: a pointer goes up through fresh memory. For benchmarks of compiled code
 *   -DDEMO_BOEHM   the Boehm collector, found through GC_malloc
 *
 * All give zeroed memory and end the program with a message when there is none left. memory_finish appends one
 * line of statistics to the file that the environment variable DEMO_STATS names ("-": standard error).
 *
 * A program may be cut in two, to be linked from two files: -DDEMO_HALF=1 compiles what stands under `#if DEMO_FIRST`,
 * -DDEMO_HALF=2 what stands under `#if DEMO_SECOND`. DEMO_SHARED marks the functions, DEMO_SHARED_VARIABLE the variables' declarations,
 * that the second half takes from the first.
 */
#ifndef DEMO_MEMORY_H
#define DEMO_MEMORY_H

#include <greywave/greywave.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Memory that no collector moves needs no barrier. */
#if defined(DEMO_MALLOC) || defined(DEMO_BUMP) || defined(DEMO_BOEHM)
#undef GW_STORE
#define GW_STORE(object, field, value) ((void)((object)->field = (value)))
#endif

#ifdef DEMO_HALF
#define DEMO_FIRST (DEMO_HALF == 1)
#define DEMO_SECOND (DEMO_HALF == 2)
#define DEMO_SHARED
#define DEMO_SHARED_VARIABLE extern
#else
#define DEMO_FIRST 1
#define DEMO_SECOND 1
#define DEMO_SHARED static
#define DEMO_SHARED_VARIABLE static
#endif

_Noreturn static inline void memory_exhausted(size_t bytes)
{
    fflush(stdout);
    fprintf(stderr, "out of memory: no room for %zu bytes\n", bytes);
    exit(3);
}

/* ---- malloc and free ------------------------------------------------------------------------------- */

#if defined(DEMO_MALLOC)
#define MEMORY_EXPLICIT 1

#ifdef MEMORY_ARENA
#define MEMORY_CHUNK_SIZE ((size_t)1 << 20)

struct memory_chunk {
    struct memory_chunk *next;
    char bytes[];
};
struct memory_arena {
    struct memory_chunk *chunks;
    char *free, *end;
};
/* Both halves of a program that was cut in two see the same arena. */
__attribute__((common)) struct memory_arena memory_arena;

static inline void memory_arena_grow_slow(size_t size)
{
    size_t bytes = size > MEMORY_CHUNK_SIZE ? size : MEMORY_CHUNK_SIZE;
    struct memory_chunk *chunk = malloc(sizeof *chunk + bytes);
    if (!chunk) memory_exhausted(bytes);
    chunk->next = memory_arena.chunks;
    memory_arena.chunks = chunk;
    memory_arena.free = chunk->bytes;
    memory_arena.end = chunk->bytes + bytes;
}

static inline void *memory_take(size_t size)
{
    size = (size + 7) & ~(size_t)7;
    if ((size_t)(memory_arena.end - memory_arena.free) < size) memory_arena_grow_slow(size);
    void *object = memory_arena.free;
    memory_arena.free += size;
    return object;
}

static inline void memory_end(void)
{
    for (struct memory_chunk *chunk = memory_arena.chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
}
#define memory_release(object) ((void)(object))
#else
static inline void *memory_take(size_t size)
{
    void *object = malloc(size);
    /* Keeps clang from making calloc, which is slower here, of this malloc and the memset that follows. */
    __asm__("" : "+r"(object));
    if (!object) memory_exhausted(size);
    return object;
}

static inline void memory_end(void) {}
#define memory_release(object) free(object)
#endif

static inline void memory_begin(void) {}

static inline void *memory_allocate(const struct gw_type *type)
{
    return memset(memory_take(type->size), 0, type->size);
}

static inline void *memory_allocate_array(const struct gw_type *type, size_t count)
{
    size_t size = type->size + count * type->element_size;
    char *object = memset(memory_take(size), 0, size);
    *(uint64_t *)(object + type->length_offset) = count;
    return object;
}
#define gw_alloc(type) memory_allocate(type)
#define gw_alloc_array(type, count) memory_allocate_array(type, count)

/* ---- A bump allocator that gives nothing back ------------------------------------------------------ */

#elif defined(DEMO_BUMP)
#include <sys/mman.h>
#define MEMORY_EXPLICIT 0
#define memory_release(object) ((void)(object))

/* Both halves of a program that was cut in two see the same one. */
struct memory_bump {
    char *free, *end;
};
__attribute__((common)) struct memory_bump memory_bump;

__attribute__((noinline, unused)) static void memory_bump_grow_slow(size_t size)
{
    size_t bytes = size > (size_t)1 << 30 ? size : (size_t)1 << 30;
    void *chunk = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (chunk == MAP_FAILED) memory_exhausted(bytes);
    madvise(chunk, bytes, MADV_HUGEPAGE); /* as the collector does for its nursery: pages are not what is compared */
    memory_bump.free = chunk;
    memory_bump.end = memory_bump.free + bytes;
}

/* Zeroed by the operating system, and aligned as malloc does it. */
static inline void *memory_take(size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if (__builtin_expect((size_t)(memory_bump.end - memory_bump.free) < size, 0)) memory_bump_grow_slow(size);
    void *object = memory_bump.free;
    memory_bump.free += size;
    return object;
}

static inline void memory_begin(void) {}
static inline void memory_end(void) {}

static inline void *memory_allocate(const struct gw_type *type)
{
    return memory_take(type->size);
}

static inline void *memory_allocate_array(const struct gw_type *type, size_t count)
{
    char *object = memory_take(type->size + count * type->element_size);
    *(uint64_t *)(object + type->length_offset) = count;
    return object;
}
#define gw_alloc(type) memory_allocate(type)
#define gw_alloc_array(type, count) memory_allocate_array(type, count)

/* ---- The Boehm collector --------------------------------------------------------------------------- */

#elif defined(DEMO_BOEHM)
#include <gc.h>
#define MEMORY_EXPLICIT 0
#define memory_release(object) ((void)(object))

static inline void memory_begin(void)
{
    GC_INIT();
    GC_start_performance_measurement();
}
static inline void memory_end(void) {}

static inline void *memory_allocate(const struct gw_type *type)
{
    void *object = GC_MALLOC(type->size);
    if (!object) memory_exhausted(type->size);
    return object;
}

static inline void *memory_allocate_array(const struct gw_type *type, size_t count)
{
    size_t size = type->size + count * type->element_size;
    bool bytes = !(type->flags & GW_TYPE_DERIVE) && !type->offset_count && !type->element_offset_count;
    char *object = bytes ? GC_MALLOC_ATOMIC(size) : GC_MALLOC(size);
    if (!object) memory_exhausted(size);
    if (bytes) memset(object, 0, size);
    *(uint64_t *)(object + type->length_offset) = count;
    return object;
}
#define gw_alloc(type) memory_allocate(type)
#define gw_alloc_array(type, count) memory_allocate_array(type, count)

/* ---- Greywave -------------------------------------------------------------------------------------- */

#else
#define MEMORY_EXPLICIT 0
#define memory_release(object) ((void)0)

static inline bool memory_exhausted_handler(void *data, size_t bytes)
{
    (void)data;
    memory_exhausted(bytes);
}

static inline void memory_begin(void)
{
    if (gw_init(NULL) != GW_OK) {
        fprintf(stderr, "%s\n", gw_error_text());
        exit(2);
    }
    gw_set_oom_handler(memory_exhausted_handler, NULL);
}
static inline void memory_end(void) {}
#endif

/* ---- Start and finish ------------------------------------------------------------------------------ */

static inline uint64_t memory_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Returns the time of the start, which memory_finish wants back. */
static inline uint64_t memory_start(void)
{
    uint64_t started = memory_now();
    memory_begin();
    return started;
}

static inline void memory_report(FILE *file, uint64_t elapsed)
{
    struct gw_stats stats = {0};
#if defined(DEMO_BOEHM)
    stats.major_collections = GC_get_gc_no();
    stats.peak_heap_bytes = GC_get_heap_size();
    stats.allocated_bytes = GC_get_total_bytes();
    stats.major_ns = (uint64_t)GC_get_full_gc_total_time() * 1000000u;
#elif !defined(DEMO_MALLOC) && !defined(DEMO_BUMP)
    gw_get_stats(&stats);
#endif
    fprintf(file,
            "wall_ns=%" PRIu64 " minor=%" PRIu64 " major=%" PRIu64 " longest_pause_ns=%" PRIu64 " peak_heap=%" PRIu64 " live=%" PRIu64
            " collecting_ns=%" PRIu64 " allocated=%" PRIu64 "\n",
            elapsed, stats.minor_collections, stats.major_collections, stats.longest_pause_ns, stats.peak_heap_bytes, stats.live_bytes,
            stats.minor_ns + stats.major_ns, stats.allocated_bytes);
}

/* Frees what is left and reports. The result is main's. */
static inline int memory_finish(uint64_t started)
{
    uint64_t elapsed = memory_now() - started;
    const char *name = getenv("DEMO_STATS");
    FILE *file = !name ? NULL : strcmp(name, "-") == 0 ? stderr : fopen(name, "a");
    if (file) {
        memory_report(file, elapsed);
        if (file != stderr) fclose(file);
    } else if (name) {
        perror(name);
    }
    memory_end();
    return fflush(stdout) == 0 ? 0 : 1;
}

/* The program's size argument: argv[1], or the default. */
static inline long demo_size(int argc, char **argv, long otherwise, long most)
{
    if (argc < 2) return otherwise;
    char *end;
    long size = strtol(argv[1], &end, 10);
    if (*argv[1] && !*end && size > 0 && size <= most) return size;
    fprintf(stderr, "%s: the size is a number from 1 to %ld, not \"%s\"\n", argv[0], most, argv[1]);
    exit(2);
}

#endif
