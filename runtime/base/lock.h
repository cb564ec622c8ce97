/* Locks that a child of fork finds free: held for a look into a table, never across a call of the program's code. */
#ifndef GW_BASE_LOCK_H
#define GW_BASE_LOCK_H

#include <pthread.h>

struct gw_lock {
    pthread_mutex_t mutex;
    struct gw_lock *next; /* of all that were prepared */
};

#define GW_LOCK {PTHREAD_MUTEX_INITIALIZER, NULL}

/* Before the lock's first use, from a constructor. */
void gw_lock_prepare(struct gw_lock *lock);

/* What else is to be held over a fork: after all locks, where whoever holds one of them may want it (`before`), or before them, where
 * whoever holds it may want a lock (`first`). NULL: neither. From a constructor. */
struct gw_fork_step {
    void (*first)(void), (*before)(void), (*in_parent)(void), (*in_child)(void);
    struct gw_fork_step *next;
};
void gw_fork_prepare(struct gw_fork_step *step);

static inline void gw_lock_take(struct gw_lock *lock)
{
    pthread_mutex_lock(&lock->mutex);
}

static inline void gw_lock_release(struct gw_lock *lock)
{
    pthread_mutex_unlock(&lock->mutex);
}

#endif
