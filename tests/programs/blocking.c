/* Calls that wait while another thread collects: each waits for what the other thread does only when it has collected, so that a call that
 * kept the heap would keep both for ever. What moves meanwhile is found again; what is read into an object arrives there.
 */
#include <greywave/greywave.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

struct node {
    struct node GW *next;
    long number;
};
GW_TYPE(node, struct node);
struct text {
    uint64_t length;
    char bytes[];
};
GW_TYPE_BYTES(text, struct text, length, bytes);

#define ROUNDS 3

static struct gw_heap *heap;
static int ends[2];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, guard = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
static sem_t turn;
static _Atomic int waiting, released, finished;
static long wrong;

#define CHECK(condition) (wrong += !(condition))

/* Stands for a library's function that waits, and that another file defines. */
GW_BLOCKING static int wait_for_byte(int descriptor, char *byte, double number)
{
    struct pollfd ready = {descriptor, POLLIN, 0};
    while (poll(&ready, 1, -1) != 1) continue;
    return read(descriptor, byte, 1) == 1 ? (int)number : -1;
}

/* Each returns what it read, or 0. */
static int by_read(char *byte)
{
    return read(ends[0], byte, 1) == 1;
}
static int by_poll(char *byte)
{
    struct pollfd ready = {ends[0], POLLIN, 0};
    return poll(&ready, 1, -1) == 1 && read(ends[0], byte, 1) == 1;
}
static int by_select(char *byte)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    return select(ends[0] + 1, &set, NULL, NULL, NULL) == 1 && read(ends[0], byte, 1) == 1;
}
static int by_lock(char *byte)
{
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    return read(ends[0], byte, 1) == 1;
}
static int by_shared_lock(char *byte)
{
    pthread_rwlock_rdlock(&shared);
    pthread_rwlock_unlock(&shared);
    return read(ends[0], byte, 1) == 1;
}
static int by_semaphore(char *byte)
{
    return sem_wait(&turn) == 0 && read(ends[0], byte, 1) == 1;
}
static int by_condition(char *byte)
{
    pthread_mutex_lock(&guard);
    while (!released) pthread_cond_wait(&told, &guard);
    pthread_mutex_unlock(&guard);
    return read(ends[0], byte, 1) == 1;
}
static int by_sleep(char *byte)
{
    while (!released) nanosleep(&(struct timespec){0, 1000000}, NULL);
    return read(ends[0], byte, 1) == 1;
}
static int by_declaration(char *byte)
{
    return wait_for_byte(ends[0], byte, 7.5) == 7;
}

static int (*const ways[])(char *) = {by_read,      by_poll,      by_select, by_lock,       by_shared_lock,
                                      by_semaphore, by_condition, by_sleep,  by_declaration};
#define WAYS (int)(sizeof ways / sizeof *ways)

static void *wait_in_each_way(void *unused)
{
    if (gw_attach(heap) != GW_OK) abort();
    for (int i = 0; i < ROUNDS * WAYS; i++) {
        struct node GW *kept = gw_new(node), *other = gw_new(node);
        char byte = 0;
        kept->number = i;
        other->number = -i;
        kept->next = other;
        waiting = i + 1;
        CHECK(ways[i % WAYS](&byte));
        CHECK(byte == 'a' + i % WAYS);
        CHECK(kept->number == i && kept->next == other && other->number == -i);
        finished = i + 1;
    }
    return unused;
}

static void collect_and_release(int i)
{
    char byte = (char)('a' + i % WAYS);
    while (waiting <= i) sched_yield();
    for (int k = 0; k < 3; k++) gw_collect(k == 1 ? GW_FULL : GW_MINOR);
    if (write(ends[1], &byte, 1) != 1) abort();
    if (ways[i % WAYS] == by_semaphore) sem_post(&turn);
    pthread_mutex_lock(&guard);
    released = 1;
    pthread_cond_signal(&told);
    pthread_mutex_unlock(&guard);
}

/* What the waiting thread holds of these is let go when the collections are over. */
static void play(int i)
{
    int (*way)(char *) = ways[i % WAYS];
    released = 0;
    if (way == by_lock) pthread_mutex_lock(&lock);
    if (way == by_shared_lock) pthread_rwlock_wrlock(&shared);
    collect_and_release(i);
    if (way == by_lock) pthread_mutex_unlock(&lock);
    if (way == by_shared_lock) pthread_rwlock_unlock(&shared);
    while (finished <= i) sched_yield();
}

/* A read into an object stays inside, so that the object stays where it is: who wants to collect waits for it. */
static void *collect(void *unused)
{
    if (gw_attach(heap) != GW_OK) abort();
    gw_collect(GW_MINOR);
    return unused;
}

static void *write_late(void *unused)
{
    nanosleep(&(struct timespec){0, 20000000}, NULL);
    if (write(ends[1], "hello", 5) != 5) abort();
    return unused;
}

/* The address is a number meanwhile, of which nothing shows where it leads. */
static void read_into_object(volatile long number)
{
    pthread_t collecting, writing;
    struct text GW *text = gw_new_array(text, 5);
    if (pthread_create(&collecting, NULL, collect, NULL) || pthread_create(&writing, NULL, write_late, NULL)) abort();
    CHECK(read(ends[0], (char *)((uintptr_t)text->bytes + number), 5) == 5);
    CHECK(text->bytes[0] == 'h' && text->bytes[4] == 'o');
    pthread_join(collecting, NULL);
    pthread_join(writing, NULL);
    CHECK(text->bytes[0] == 'h' && text->bytes[4] == 'o');
}

/* A handler may interrupt anything, and leaves no heap. */
static char handled;
static void read_in_handler(int signal)
{
    if (read(ends[0], &handled, 1) != 1) abort();
    (void)signal;
}

static void handle_signal(void)
{
    struct node GW *kept = gw_new(node);
    kept->number = 5;
    signal(SIGUSR1, read_in_handler);
    if (write(ends[1], "x", 1) != 1) abort();
    raise(SIGUSR1);
    CHECK(handled == 'x' && kept->number == 5);
}

int main(void)
{
    pthread_t thread;
    char byte;
    if (gw_init(NULL) != GW_OK || pipe(ends) || sem_init(&turn, 0, 0)) return 1;
    heap = gw_current_thread.heap;
    if (pthread_create(&thread, NULL, wait_in_each_way, NULL)) return 1;
    for (int i = 0; i < ROUNDS * WAYS; i++) play(i);
    pthread_join(thread, NULL);
    errno = 0;
    CHECK(read(-1, &byte, 1) == -1 && errno == EBADF);
    read_into_object(0);
    handle_signal();
    printf("%ld wrong\n", wrong);
    return wrong != 0;
}
