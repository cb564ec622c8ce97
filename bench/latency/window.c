/* The sliding window in C: pushes messages of 1 KB, filled byte by byte, into a window that keeps the newest 200,000,
 * and times each push. A push allocates, fills, stores, and with explicit memory frees the message that falls out.
 *
 *   (nothing)        Greywave; argv[3] is the heap's options
 *   -DCONTEST_MALLOC  malloc and free, whoever provides them
 *   -DCONTEST_BOEHM   the Boehm collector; -DCONTEST_BOEHM_INCREMENTAL: its incremental mode
 *
 * Prints nanoseconds of the worst, the 99.9th percentile and the median push, and of all.
 */
#include "../contest/memory_version.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MESSAGE_BYTES = 1024 };

#if defined(CONTEST_MALLOC)
#define GW
struct message {
    unsigned char bytes[MESSAGE_BYTES];
};
typedef struct message **window_of_messages;

static void start(const char *options)
{
    (void)options;
}
static window_of_messages new_window(size_t size)
{
    return calloc(size, sizeof(struct message *));
}
static inline struct message *new_message(void)
{
    return malloc(sizeof(struct message));
}
#define SLOT(window, i) (window)[i]
#define release(message) free(message)

#elif defined(CONTEST_BOEHM)
#include <gc.h>
#define GW
struct message {
    unsigned char bytes[MESSAGE_BYTES];
};
typedef struct message **window_of_messages;

static void start(const char *options)
{
    (void)options;
    GC_INIT();
#ifdef CONTEST_BOEHM_INCREMENTAL
    GC_enable_incremental();
#endif
}
static window_of_messages new_window(size_t size)
{
    return GC_MALLOC(size * sizeof(struct message *));
}
static inline struct message *new_message(void)
{
    return GC_MALLOC_ATOMIC(sizeof(struct message));
}
#define SLOT(window, i) (window)[i]
#define release(message) ((void)(message))

#else
#include <greywave/greywave.h>
struct message {
    unsigned char bytes[MESSAGE_BYTES];
};
GW_TYPE_LEAF(message, struct message);
struct window {
    uint64_t length;
    struct message GW *messages[];
};
GW_TYPE_ARRAY(window, struct window, length, messages);
typedef struct window GW *window_of_messages;

static void start(const char *options)
{
    if (gw_init(options) == GW_OK) return;
    fprintf(stderr, "%s\n", gw_error_text());
    exit(2);
}
static window_of_messages new_window(size_t size)
{
    return gw_new_array(window, size);
}
static inline struct message GW *new_message(void)
{
    return gw_new(message);
}
#define SLOT(window, i) (window)->messages[i]
#define release(message) ((void)(message))
#endif

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

_Noreturn static void exhausted(void)
{
    fputs("out of memory\n", stderr);
    exit(3);
}

static void push(window_of_messages window, size_t at, unsigned char byte)
{
    struct message GW *message = new_message();
    if (!message) exhausted();
    for (int i = 0; i < MESSAGE_BYTES; i++) message->bytes[i] = byte;
    release(SLOT(window, at));
    SLOT(window, at) = message;
}

static void time_pushes(size_t size, size_t pushes, uint32_t *times)
{
    window_of_messages window = new_window(size);
    if (!window) exhausted();
    for (size_t i = 0; i < pushes; i++) {
        uint64_t began = now_ns();
        push(window, i % size, (unsigned char)i);
        uint64_t took = now_ns() - began;
        times[i] = took < UINT32_MAX ? (uint32_t)took : UINT32_MAX;
    }
    for (size_t i = pushes < size ? 0 : pushes - size; i < pushes; i++)
        if (SLOT(window, i % size)->bytes[i % MESSAGE_BYTES] != (unsigned char)i) {
            fprintf(stderr, "message %zu is wrong\n", i);
            exit(1);
        }
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    size_t size = argc > 1 ? (size_t)atol(argv[1]) : 200000, pushes = argc > 2 ? (size_t)atol(argv[2]) : 1000000;
    uint32_t *times = size && pushes ? malloc(pushes * sizeof *times) : NULL;
    if (!times) return 2;
    memset(times, 0, pushes * sizeof *times); /* its pages are not part of a push */
    start(argc > 3 ? argv[3] : NULL);
    uint64_t began = now_ns();
    time_pushes(size, pushes, times);
    uint64_t total = now_ns() - began;
    qsort(times, pushes, sizeof *times, compare);
    print_version();
    printf("worst %" PRIu32 "\np999 %" PRIu32 "\nmedian %" PRIu32 "\ntotal %" PRIu64 "\n", times[pushes - 1],
           times[pushes - 1 - pushes / 1000], times[pushes / 2], total);
    return 0;
}
