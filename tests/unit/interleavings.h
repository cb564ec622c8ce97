/* Runs a few threads of one model in every order of what they do to shared words. The threads are coroutines, which hand over in front of
 * each such step; code that is to be looked at is compiled with its atomic operations and locks made of these functions.
 *
 * Stores may also become visible late, as AArch64 has it: a relaxed one goes to a buffer of its thread's and from there to memory whenever
 * it likes, in any order but that of one word; one with release, as an unlock's, goes behind all that were before it; what is sequentially
 * consistent, or asks the system, waits until the buffer is empty. Loads happen in the order of the program.
 *
 * An order is left where it comes to a state that was seen: the same memory and buffers, and threads that have read the same from their
 * beginning on. */
#ifndef GW_TESTS_INTERLEAVINGS_H
#define GW_TESTS_INTERLEAVINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_THREADS 3

struct model {
    int threads;
    void (*run[MODEL_THREADS])(void);
    void (*begin)(void); /* makes the shared memory what it is at the start */
    void (*end)(void);   /* when all threads have ended, and all stores are visible */
    struct {
        const void *from;
        size_t bytes;
    } memory[6];     /* that distinguishes states, beside what threads have read */
    bool in_order;   /* stores are visible at once */
    int most_breaks; /* so often a thread is left that could go on, in one order; 0: as often as there is a way */
    bool patient;    /* a wait with a limit of time ends by it, where nothing else goes on; otherwise that is a wait for ever */
};

struct model_result {
    uint64_t orders, states, steps;
    const char *fault; /* the first one; NULL: none */
};

/* A fault is what model_fail said, or that threads wait for ever. */
struct model_result model_run(const struct model *model);

/* For the threads of a model. */
int model_me(void);
void model_fail(const char *what);
void model_step(void); /* somebody else may go on */

uint64_t model_load(const void *word, size_t bytes);
void model_store(void *word, size_t bytes, uint64_t value, int order);
uint64_t model_add(void *word, size_t bytes, uint64_t value, int order);
void model_lock(unsigned *word);
bool model_try_lock(unsigned *word);
void model_unlock(unsigned *word);
/* Until another thread has changed something. */
void model_spin(void);
void model_wait(unsigned *word, unsigned value, bool limited);
void model_wake(unsigned *word);

#endif
