/* Sleeping until a word changes, and a lock made of it. Inline, and by the system call itself: the write barrier's slow path comes here
 * with all vector registers live, which the C library may use. */
#ifndef GW_OS_LINUX_FUTEX_H
#define GW_OS_LINUX_FUTEX_H

#include "base/compiler.h"

#include <linux/futex.h>
#include <sys/syscall.h>

GW_ALWAYS_INLINE void gw_futex(unsigned *word, long operation, unsigned value, const void *timeout)
{
#if defined(__x86_64__)
    long number = SYS_futex;
    register const void *fourth __asm__("r10") = timeout;
    __asm__ volatile("syscall" : "+a"(number) : "D"(word), "S"(operation), "d"((long)value), "r"(fourth) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
    register long number __asm__("x8") = SYS_futex;
    register unsigned *first __asm__("x0") = word;
    register long second __asm__("x1") = operation, third __asm__("x2") = (long)value;
    register const void *fourth __asm__("x3") = timeout;
    __asm__ volatile("svc 0" : "+r"(first) : "r"(number), "r"(second), "r"(third), "r"(fourth) : "memory");
#else
#error "how this machine makes a system call is not written down"
#endif
}

/* Returns when the word is not `value`, when somebody wakes this thread, after `ns` nanoseconds if that is not 0, or for no reason. */
GW_ALWAYS_INLINE void gw_futex_wait(unsigned *word, unsigned value, uint64_t ns)
{
    struct {
        int64_t s, ns;
    } timeout = {(int64_t)(ns / 1000000000), (int64_t)(ns % 1000000000)};
    gw_futex(word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, value, ns ? &timeout : (const void *)0);
}

GW_ALWAYS_INLINE void gw_futex_wake(unsigned *word, unsigned count)
{
    gw_futex(word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, (const void *)0);
}

/* What to do between two looks at a word that another thread is about to change. */
GW_ALWAYS_INLINE void gw_spin(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    __asm__ volatile("yield" ::: "memory");
#endif
}

/* A lock of one word: free, held, or held while somebody sleeps (Drepper, "Futexes are tricky", 2011, mutex2). */
struct gw_mutex {
    unsigned word;
};

#define GW_SPINS 100 /* about as long as a thread that holds it takes to record a write */

GW_ALWAYS_INLINE bool gw_mutex_try(struct gw_mutex *mutex)
{
    unsigned free = 0;
    return __atomic_compare_exchange_n(&mutex->word, &free, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

GW_ALWAYS_INLINE void gw_mutex_take(struct gw_mutex *mutex)
{
    for (unsigned i = 0; i < GW_SPINS; i++) {
        if (gw_mutex_try(mutex)) return;
        gw_spin();
    }
    while (__atomic_exchange_n(&mutex->word, 2, __ATOMIC_ACQUIRE)) gw_futex_wait(&mutex->word, 2, 0);
}

GW_ALWAYS_INLINE void gw_mutex_release(struct gw_mutex *mutex)
{
    if (__atomic_exchange_n(&mutex->word, 0, __ATOMIC_RELEASE) == 2) gw_futex_wake(&mutex->word, 1);
}

#endif
