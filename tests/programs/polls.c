/* Compiled with --polls: a loop without calls stops when it is asked to, and its references survive what happens then.
 * A timer asks, as another thread would: by the poll word. */
#include "check.h"
#include <signal.h>
#include <string.h>
#include <sys/time.h>

static volatile sig_atomic_t asked, answered, over;

/* Every millisecond: was the last request answered? Then the next one. */
static void ask(int signal)
{
    (void)signal;
    if (asked && gw_current_thread.poll == 0) answered++;
    if (answered >= 20 || asked >= 3000) over = 1;
    gw_current_thread.poll = 1;
    gw_current_thread.limit = NULL;
    asked++;
}

static void start_timer(long microseconds)
{
    struct itimerval every = {{0, microseconds}, {0, microseconds}};
    signal(SIGALRM, ask);
    setitimer(ITIMER_REAL, &every, NULL);
}

static struct node GW *make_ring(long length)
{
    struct node GW *last = node_make(length - 1, NULL), *first = last;
    for (long i = length - 2; i >= 0; i--) first = node_make(i, first);
    last->next = first;
    return first;
}

/* Goes round and round until the timer ends it: no call, no allocation. */
__attribute__((noinline)) static int64_t count_mistakes(struct node GW *at)
{
    int64_t mistakes = 0, expected = at->value;
    while (!over) {
        mistakes += at->value != expected;
        at = at->next;
        expected = at->value ? expected + 1 : 0;
    }
    return mistakes;
}

/* Neither this inner loop nor the outer one has a call. */
__attribute__((noinline)) static long sum_rounds(struct node GW *ring, long rounds)
{
    long sum = 0;
    for (long i = 0; i < rounds; i++) {
        struct node GW *n = ring;
        do sum += n->value;
        while ((n = n->next) != ring);
    }
    return sum;
}

struct bytes {
    uint64_t length;
    char at[];
};
GW_TYPE_BYTES(bytes, struct bytes, length, at);

/* A plain address of the bytes is made, and a number of it, in each turn; a poll lies between two turns. */
__attribute__((noinline)) static int64_t count_words(struct bytes GW *text)
{
    int64_t words = 0;
    for (size_t from = 0;;) {
        char *space = strchr((char *)text->at + from, ' ');
        if (!space) return words;
        from = (size_t)(space - (char *)text->at) + 1;
        words++;
    }
}

static struct bytes GW *make_text(void)
{
    struct bytes GW *text = gw_new_array(bytes, 1000);
    for (int i = 0; i < 999; i++) text->at[i] = i % 2 ? ' ' : 'a';
    return text;
}

static int64_t count_words_until_over(struct bytes GW *text)
{
    int64_t wrong = 0;
    while (!over) wrong += count_words(text) != 499;
    return wrong;
}

/* Allocates on every way round, and so does not poll. */
__attribute__((noinline)) static int64_t allocate_until_over(void)
{
    int64_t made = 0;
    while (!over) made += node_make(1, NULL)->value;
    return made;
}

int main(void)
{
    start(NULL);
    struct node GW *ring = make_ring(100);
    start_timer(1000);
    CHECK(count_mistakes(ring) == 0);
    CHECK(answered >= 20);
    CHECK(sum_rounds(ring, 1000) == 4950 * 1000);
    asked = answered = over = 0;
    start_timer(1000);
    CHECK(count_words_until_over(make_text()) == 0);
    CHECK(answered >= 20);
    asked = answered = over = 0;
    start_timer(1000);
    CHECK(allocate_until_over() > 0);
    CHECK(answered >= 20);
    start_timer(0);
    puts("polls answered");
    return 0;
}
