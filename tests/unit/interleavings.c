#include "interleavings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#define STACK_BYTES (64 << 10)
#define MOST_BUFFERED 8
#define MOST_STEPS 2000
#define MOST_CHOICES (MODEL_THREADS * (MOST_BUFFERED + 1))

/* Why a thread cannot go on at once. */
enum wait { GOES_ON, FOR_EMPTY_BUFFER, FOR_LOCK, FOR_CHANGE, FOR_WAKE, FOR_WAKE_OR_TIME, HAS_ENDED };

struct buffered {
    char *word;
    size_t bytes;
    uint64_t value;
    bool released; /* behind all before it */
};

struct thread {
    ucontext_t context;
    char *stack;
    enum wait wait;
    bool needs_empty;
    unsigned *word; /* that it waits for */
    uint64_t changes_seen;
    uint64_t history; /* of what it has read */
    struct buffered buffer[MOST_BUFFERED];
    int buffered;
};

/* The step of a thread, or of the store that has been in its buffer for so long. */
struct choice {
    int thread, store; /* -1: the thread's own */
};

struct decision {
    struct choice choice[MOST_CHOICES];
    int count, taken;
};

static const struct model *model;
static struct model_result result;
static struct thread threads[MODEL_THREADS];
static int running;
static ucontext_t scheduler;
static uint64_t changes;
static int breaks; /* of threads that could have gone on */
static struct decision path[MOST_STEPS];

/* ---- States that were seen ---------------------------------------------------------------------------- */

static uint64_t *seen;
static size_t seen_size, seen_count;

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t mix_bytes(uint64_t hash, const void *from, size_t bytes)
{
    for (size_t i = 0; i + 8 <= bytes; i += 8) {
        uint64_t word;
        memcpy(&word, (const char *)from + i, 8);
        hash = mix(hash, word);
    }
    return hash;
}

static uint64_t state(void)
{
    uint64_t hash = model->most_breaks ? mix((uint64_t)running, (uint64_t)breaks) : 1;
    for (size_t i = 0; i < sizeof model->memory / sizeof *model->memory; i++)
        hash = mix_bytes(hash, model->memory[i].from, model->memory[i].bytes);
    for (int t = 0; t < model->threads; t++) {
        const struct thread *thread = &threads[t];
        hash = mix(mix(hash, thread->history), (uint64_t)thread->wait * 2 + (thread->changes_seen == changes));
        for (int i = 0; i < thread->buffered; i++)
            hash = mix(mix(hash, (uintptr_t)thread->buffer[i].word), thread->buffer[i].value * 2 + thread->buffer[i].released);
        hash = mix(hash, (uint64_t)thread->buffered);
    }
    return hash ? hash : 1;
}

static bool note(uint64_t hash);

static void grow(void)
{
    uint64_t *before = seen;
    size_t size = seen_size;
    seen_size = size ? size * 2 : 1 << 16;
    seen = calloc(seen_size, sizeof *seen);
    seen_count = 0;
    for (size_t i = 0; i < size; i++)
        if (before[i]) note(before[i]);
    free(before);
}

/* Whether it is new. */
static bool note(uint64_t hash)
{
    if (seen_count * 2 >= seen_size) grow();
    size_t at = hash & (seen_size - 1);
    while (seen[at] && seen[at] != hash) at = (at + 1) & (seen_size - 1);
    if (seen[at]) return false;
    seen[at] = hash;
    seen_count++;
    return true;
}

/* ---- Memory --------------------------------------------------------------------------------------------- */

static uint64_t read_word(const void *word, size_t bytes)
{
    uint64_t value = 0;
    memcpy(&value, word, bytes);
    return value;
}

static void write_word(void *word, size_t bytes, uint64_t value)
{
    if (read_word(word, bytes) != value) changes++;
    memcpy(word, &value, bytes);
}

static struct thread *me(void)
{
    return &threads[running];
}

int model_me(void)
{
    return running;
}

void model_fail(const char *what)
{
    if (!result.fault) result.fault = what;
}

static void hand_over(enum wait wait, bool needs_empty, unsigned *word)
{
    struct thread *thread = me();
    thread->wait = wait;
    thread->needs_empty = needs_empty;
    thread->word = word;
    swapcontext(&thread->context, &scheduler);
}

static uint64_t learn(uint64_t value)
{
    me()->history = mix(me()->history, value + 1);
    return value;
}

void model_step(void)
{
    hand_over(GOES_ON, false, NULL);
    learn(0);
}

static const struct buffered *own_store(const struct thread *thread, const void *word)
{
    for (int i = thread->buffered; i-- > 0;)
        if (thread->buffer[i].word == word) return &thread->buffer[i];
    return NULL;
}

uint64_t model_load(const void *word, size_t bytes)
{
    hand_over(GOES_ON, false, NULL);
    const struct buffered *own = own_store(me(), word);
    me()->changes_seen = changes;
    return learn(own ? own->value : read_word(word, bytes));
}

void model_store(void *word, size_t bytes, uint64_t value, int order)
{
    bool at_once = order == __ATOMIC_SEQ_CST || model->in_order;
    hand_over(GOES_ON, at_once, NULL);
    learn(0);
    struct thread *thread = me();
    if (at_once) return write_word(word, bytes, value);
    if (thread->buffered == MOST_BUFFERED) return model_fail("a thread stores more than the model keeps");
    thread->buffer[thread->buffered++] = (struct buffered){word, bytes, value, order == __ATOMIC_RELEASE};
}

/* Gives what comes of it. */
uint64_t model_add(void *word, size_t bytes, uint64_t value, int order)
{
    bool waits = order != __ATOMIC_RELAXED && order != __ATOMIC_ACQUIRE;
    hand_over(GOES_ON, waits || own_store(me(), word), NULL);
    uint64_t mask = bytes == 8 ? ~UINT64_C(0) : (UINT64_C(1) << bytes * 8) - 1;
    uint64_t sum = (read_word(word, bytes) + value) & mask;
    write_word(word, bytes, sum);
    return learn(sum);
}

/* ---- Locks and sleep ------------------------------------------------------------------------------------ */

void model_lock(unsigned *word)
{
    hand_over(FOR_LOCK, false, word);
    write_word(word, sizeof *word, 1);
    learn(0);
}

bool model_try_lock(unsigned *word)
{
    hand_over(GOES_ON, false, NULL);
    bool free = !*word && !own_store(me(), word);
    if (free) write_word(word, sizeof *word, 1);
    return learn(free);
}

void model_unlock(unsigned *word)
{
    if (!*word) model_fail("a lock is released that nobody holds");
    model_store(word, sizeof *word, 0, __ATOMIC_RELEASE);
}

void model_spin(void)
{
    hand_over(FOR_CHANGE, false, NULL);
    learn(0);
}

void model_wait(unsigned *word, unsigned value, bool limited)
{
    hand_over(GOES_ON, true, NULL);
    bool sleeps = read_word(word, sizeof *word) == value;
    if (learn(sleeps)) hand_over(limited ? FOR_WAKE_OR_TIME : FOR_WAKE, false, word);
    learn(0);
}

void model_wake(unsigned *word)
{
    hand_over(GOES_ON, true, NULL);
    learn(0);
    for (int t = 0; t < model->threads; t++)
        if ((threads[t].wait == FOR_WAKE || threads[t].wait == FOR_WAKE_OR_TIME) && threads[t].word == word) threads[t].wait = GOES_ON;
}

/* ---- Which steps there are ------------------------------------------------------------------------------ */

static bool can_go_on(const struct thread *thread)
{
    if (thread->needs_empty && thread->buffered) return false;
    switch (thread->wait) {
    case GOES_ON: return true;
    case FOR_LOCK: return !*thread->word && !own_store(thread, thread->word);
    case FOR_CHANGE: return thread->changes_seen != changes;
    default: return false;
    }
}

static bool can_become_visible(const struct thread *thread, int store)
{
    for (int i = 0; i < store; i++)
        if (thread->buffer[store].released || thread->buffer[i].word == thread->buffer[store].word) return false;
    return true;
}

static void add_choice(struct decision *decision, int thread, int store)
{
    decision->choice[decision->count++] = (struct choice){thread, store};
}

static void list_choices(struct decision *decision)
{
    *decision = (struct decision){0};
    bool stays = model->most_breaks && breaks == model->most_breaks && can_go_on(&threads[running]);
    for (int t = 0; t < model->threads; t++) {
        if (stays && t != running) continue;
        if (can_go_on(&threads[t])) add_choice(decision, t, -1);
        for (int i = 0; i < threads[t].buffered; i++)
            if (can_become_visible(&threads[t], i)) add_choice(decision, t, i);
    }
    /* Time goes by where nothing else happens. */
    for (int t = 0; !decision->count && t < model->threads; t++)
        if (threads[t].wait == FOR_CHANGE || (threads[t].wait == FOR_WAKE_OR_TIME && model->patient)) add_choice(decision, t, -1);
}

static void make_visible(struct thread *thread, int store)
{
    struct buffered now = thread->buffer[store];
    memmove(&thread->buffer[store], &thread->buffer[store + 1], (size_t)(thread->buffered - store - 1) * sizeof now);
    thread->buffered--;
    write_word(now.word, now.bytes, now.value);
}

static void take(const struct choice *choice)
{
    result.steps++;
    struct thread *thread = &threads[choice->thread];
    if (choice->store >= 0) return make_visible(thread, choice->store);
    breaks += choice->thread != running && can_go_on(&threads[running]);
    running = choice->thread;
    swapcontext(&scheduler, &thread->context);
}

/* ---- All orders ----------------------------------------------------------------------------------------- */

static void run_thread(int number)
{
    model->run[number]();
    threads[number].wait = HAS_ENDED;
}

static void begin_thread(int number)
{
    struct thread *thread = &threads[number];
    char *stack = thread->stack ? thread->stack : malloc(STACK_BYTES);
    *thread = (struct thread){.stack = stack};
    getcontext(&thread->context);
    thread->context.uc_stack.ss_sp = stack;
    thread->context.uc_stack.ss_size = STACK_BYTES;
    thread->context.uc_link = &scheduler;
    makecontext(&thread->context, (void (*)(void))run_thread, 1, number);
    running = number; /* as far as its first step */
    swapcontext(&scheduler, &thread->context);
}

static void begin(void)
{
    changes = 1;
    breaks = 0;
    model->begin();
    for (int t = 0; t < model->threads; t++) begin_thread(t);
}

static bool have_all_ended(void)
{
    for (int t = 0; t < model->threads; t++)
        if (threads[t].wait != HAS_ENDED || threads[t].buffered) return false;
    return true;
}

static void end_order(void)
{
    if (have_all_ended()) model->end();
    else model_fail("threads wait for ever");
    result.orders++;
}

/* Takes the choices of the path as far as it goes, and then the first of each. Gives the number of decisions. */
static int run_order(int known)
{
    begin();
    for (int at = 0;; at++) {
        if (at == MOST_STEPS) model_fail("an order does not end");
        if (at >= known) {
            if (result.fault || !note(state())) return at;
            list_choices(&path[at]);
        }
        if (!path[at].count) {
            end_order();
            return at;
        }
        take(&path[at].choice[path[at].taken]);
    }
}

struct model_result model_run(const struct model *of)
{
    model = of;
    result = (struct model_result){0};
    free(seen);
    seen = NULL;
    seen_size = seen_count = 0;
    for (int length = run_order(0); length > 0 && !result.fault;) {
        int last = length - 1;
        while (last >= 0 && path[last].taken + 1 == path[last].count) last--;
        if (last < 0) break;
        path[last].taken++;
        length = run_order(last + 1);
    }
    result.states = seen_count;
    return result;
}
