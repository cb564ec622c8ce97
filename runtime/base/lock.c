/* All locks are taken before a fork and released after it: a child must not wait for a thread that it does not have. */
#include "base/lock.h"

#include "base/report.h"

static struct gw_lock *locks;
static struct gw_fork_step *steps;

static void before_fork(void)
{
    for (struct gw_fork_step *step = steps; step; step = step->next)
        if (step->first) step->first();
    for (struct gw_lock *lock = locks; lock; lock = lock->next) gw_lock_take(lock);
    for (struct gw_fork_step *step = steps; step; step = step->next)
        if (step->before) step->before();
}

static void in_parent(void)
{
    for (struct gw_fork_step *step = steps; step; step = step->next) step->in_parent();
    for (struct gw_lock *lock = locks; lock; lock = lock->next) gw_lock_release(lock);
}

static void in_child(void)
{
    for (struct gw_fork_step *step = steps; step; step = step->next) step->in_child();
    for (struct gw_lock *lock = locks; lock; lock = lock->next) lock->mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
}

static void watch_forks(void)
{
    static bool watched;
    if (!watched && pthread_atfork(before_fork, in_parent, in_child) != 0) gw_fatal("no native memory to prepare for fork");
    watched = true;
}

void gw_lock_prepare(struct gw_lock *lock)
{
    watch_forks();
    lock->next = locks;
    locks = lock;
}

void gw_fork_prepare(struct gw_fork_step *step)
{
    watch_forks();
    step->next = steps;
    steps = step;
}
