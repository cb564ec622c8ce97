/* What random programs with threads share (random_program --threads). Each thread has globals, fuel and a checksum of its own, and works
 * off functions of its own; the malloc form runs one after another. What they share is used so that nobody's checksum depends on the order:
 * words that one thread alone reads and writes, side by side with those of others; parcels, which go to whoever takes them and show whether
 * they are whole; sums.
 *
 * Included behind the declaration of t0, which is what senders of parcels add of theirs. */
#ifndef GW_RANDOM_PROGRAMS_SHARED_H
#define GW_RANDOM_PROGRAMS_SHARED_H

#include "memory.h"
#include <pthread.h>
#include <sched.h>

enum { MOST_STEPS = 6, SHARED_WORDS = 240, POSTS = 4 };

static OWN unsigned me;
static uint64_t reported[PROGRAM_THREADS][MOST_STEPS];

/* ---- Words of one thread among those of others ------------------------------------------------------ */

struct shelf {
    uint64_t tag, length;
    struct t0 GW *at[];
};
static const uint32_t offsets_shelf[] = {0};
PROGRAM_ARRAY_TYPE(shelf, struct shelf, 1);

static struct shelf GW *shelf;                /* large enough for cards */
static struct t0 GW *shared_t0[SHARED_WORDS]; /* the same as a variable */

/* Neighbours belong to different threads. */
static inline unsigned own_word(uint64_t word)
{
    return (unsigned)(word % (SHARED_WORDS / PROGRAM_THREADS)) * PROGRAM_THREADS + me;
}

/* ---- Parcels ---------------------------------------------------------------------------------------- */

struct parcel {
    uint64_t tag, word, sum; /* of this word and those behind `next` */
    struct parcel GW *next;
    struct t0 GW *sender; /* which its thread goes on using: only the tag stays as it is */
};
static const uint32_t offsets_parcel[] = {offsetof(struct parcel, next), offsetof(struct parcel, sender)};
PROGRAM_TYPE(parcel, struct parcel, 2);

struct office {
    uint64_t tag, sum;
    struct parcel GW *post[POSTS];
    uint64_t count;
};
static const uint32_t offsets_office[] = {offsetof(struct office, post), offsetof(struct office, post) + 8,
                                          offsetof(struct office, post) + 16, offsetof(struct office, post) + 24};
PROGRAM_TYPE(office, struct office, POSTS);

static struct office GW *office;
static struct parcel GW *post[POSTS]; /* atomic, like the office's */
static struct parcel GW *kept;        /* guarded by the lock */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static inline uint64_t sum_behind(uint64_t word, struct parcel GW *next)
{
    return (next ? next->sum : 7) * 31 + word;
}

static struct parcel GW *new_parcel(uint64_t word, struct t0 GW *sender)
{
    struct parcel GW *first = NULL;
    for (uint64_t k = 0; k <= word % 5; k++) {
        struct parcel GW *made = gw_new(parcel);
        if (!made) program_exhausted();
        made->tag = 2000;
        made->word = word + k;
        made->sum = sum_behind(word + k, first);
        made->next = first;
        made->sender = sender;
        first = made;
    }
    return first;
}

/* Ends the program, too, when it is not: what this returns goes into the checksum of a thread whose other sums may be wrong by then. */
static inline uint64_t is_whole(struct parcel GW *parcel)
{
    for (; parcel; parcel = parcel->next) {
        bool sent = !parcel->sender || tag_of((void GW *)parcel->sender) == 1;
        if (parcel->tag == 2000 && parcel->sum == sum_behind(parcel->word, parcel->next) && sent) continue;
        fprintf(stderr, "thread %u: a parcel is not whole\n", me);
        exit(4);
    }
    return 1;
}

/* The parcel that was kept is looked at, and another one kept, while the others wait. */
static void keep_parcel(uint64_t word, struct t0 GW *sender)
{
    pthread_mutex_lock(&lock);
    struct parcel GW *before = kept;
    kept = new_parcel(word, sender);
    mix(is_whole(before) + is_whole(kept));
    pthread_mutex_unlock(&lock);
}

static void *yield(void *unused)
{
    sched_yield();
    return unused;
}

/* ---- Threads ---------------------------------------------------------------------------------------- */

static void open_office(void)
{
    shelf = (struct shelf GW *)gw_new_array(shelf, SHARED_WORDS);
    office = (struct office GW *)gw_new(office);
    if (!shelf || !office) program_exhausted();
    office->tag = 2001;
    shelf->tag = 2002;
    gw_collect(GW_FULL);
}

struct worker {
    pthread_t thread;
    struct gw_heap *heap;
    void (*work)(void);
    unsigned number;
};

static void *begin_work(void *argument)
{
    struct worker *worker = (struct worker *)argument;
    me = worker->number;
#ifndef PROGRAM_MALLOC
    if (gw_attach(worker->heap) != GW_OK) {
        fprintf(stderr, "%s\n", gw_error_text());
        exit(2);
    }
#endif
    worker->work();
    return NULL;
}

static void start(struct worker *worker, unsigned number, void (*work)(void))
{
    worker->number = number;
    worker->work = work;
#ifndef PROGRAM_MALLOC
    worker->heap = gw_current_thread.heap;
#endif
    if (pthread_create(&worker->thread, NULL, begin_work, worker)) program_exhausted();
#ifdef PROGRAM_MALLOC
    pthread_join(worker->thread, NULL);
#endif
}

/* This thread does the first one's work. */
static void run_threads(void (*const *works)(void))
{
    static struct worker workers[PROGRAM_THREADS];
    open_office();
    for (unsigned i = 1; i < PROGRAM_THREADS; i++) start(&workers[i], i, works[i]);
    works[0]();
#ifndef PROGRAM_MALLOC
    for (unsigned i = 1; i < PROGRAM_THREADS; i++) pthread_join(workers[i].thread, NULL);
#endif
}

static inline void report_step(int step)
{
    reported[me][step] = checksum;
}

static inline void print_reports(void)
{
    uint64_t sum = office->sum + office->count;
    for (int i = 0; i < PROGRAM_THREADS; i++)
        for (int step = 0; step < MOST_STEPS; step++) {
            sum += reported[i][step];
            if (reported[i][step]) printf("thread %d, %d: %016" PRIx64 "\n", i, step, reported[i][step]);
        }
    printf("sum: %016" PRIx64 "\n", sum + checksum);
}

#ifdef PROGRAM_MALLOC
#define gw_outside_call(function, argument) ((function)(argument))
#endif

#endif
