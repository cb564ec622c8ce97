/* Functions of the C library that may keep their caller waiting, for as long as somebody else likes: what compiled code with -pthread calls
 * outside, so that other threads may collect meanwhile. A name, and its type as letters: result first, i int, l a word, p a pointer, v
 * nothing; a program's own function of another type is left alone.
 *
 * Streams are not among them but for whole lines and blocks: a character at a time they would cost ten times what they do. Nor is what
 * waits for a disk, or only in theory; nor readv and its like, whose addresses stand in memory: they may lie in objects, and nobody sees
 * it.
 */
#ifndef GW_ABI_BLOCKING_H
#define GW_ABI_BLOCKING_H

/* clang-format off */
#define GW_LIBRARY_BLOCKS(f)                                                                                           \
    /* time and processes */                                                                                           \
    f("sleep", "ii") f("usleep", "ii") f("nanosleep", "ipp") f("clock_nanosleep", "iiipp") f("pause", "i")             \
    f("wait", "ip") f("waitpid", "iipi") f("wait3", "ipip") f("wait4", "iipip") f("waitid", "iiipi")                   \
    f("system", "ip") f("sigsuspend", "ip") f("sigwait", "ipp") f("sigwaitinfo", "ipp") f("sigtimedwait", "ippp")      \
    /* descriptors */                                                                                                  \
    f("read", "lipl") f("write", "lipl") f("select", "iipppp")                  \
    f("pselect", "iippppp") f("poll", "ipli") f("ppoll", "iplpp") f("epoll_wait", "iipii") f("epoll_pwait", "iipiip")  \
    f("accept", "iipp") f("accept4", "iippi") f("connect", "iipi") f("recv", "lipli") f("recvfrom", "liplipp")         \
    f("send", "lipli") f("sendto", "liplipi") f("sendfile", "liipl")         \
    f("splice", "lipipli") f("flock", "iii") f("lockf", "iiil") f("__read_chk", "lipll") f("__recv_chk", "liplli")     \
    f("__recvfrom_chk", "lipllipp") f("__poll_chk", "iplil") f("__ppoll_chk", "iplppl")                                \
    /* streams */                                                                                                      \
    f("fgets", "ppip") f("fread", "lpllp") f("getline", "lppp") f("getdelim", "lppip") f("__fgets_chk", "pplip")       \
    f("__fread_chk", "lplllp")                                                                                         \
    /* threads */                                                                                                      \
    f("pthread_join", "ilp") f("pthread_timedjoin_np", "ilpp") f("pthread_barrier_wait", "ip")                         \
    f("pthread_cond_wait", "ipp") f("pthread_cond_timedwait", "ippp") f("pthread_cond_clockwait", "ippip")             \
    f("pthread_mutex_timedlock", "ipp") f("pthread_mutex_clocklock", "ipip")                                           \
    f("pthread_rwlock_timedrdlock", "ipp") f("pthread_rwlock_timedwrlock", "ipp") f("sem_timedwait", "ipp")            \
    f("sem_clockwait", "ipip") f("thrd_join", "ilp") f("thrd_sleep", "ipp") f("cnd_wait", "ipp")                       \
    f("cnd_timedwait", "ippp") f("mtx_timedlock", "ipp")                                                               \
    /* messages between processes */                                                                                   \
    f("msgrcv", "liplli") f("msgsnd", "iipli") f("semop", "iipl") f("semtimedop", "iiplp")                             \
    f("mq_receive", "liplp") f("mq_send", "iipli") f("getaddrinfo", "ipppp")

/* The same of C++'s library, whose names say their types; a list of string literals. */
#define GW_CPLUSPLUS_BLOCKS                                                                                            \
    "_ZNSt6thread4joinEv", "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE",                                \
    "_ZNSt28__atomic_futex_unsigned_base19_M_futex_wait_untilEPjjbNSt6chrono8durationIlSt5ratioILl1ELl1EEEENS2_IlS3_ILl1ELl1000000000EEEE", \
    "_ZNSt28__atomic_futex_unsigned_base26_M_futex_wait_until_steadyEPjjbNSt6chrono8durationIlSt5ratioILl1ELl1EEEENS2_IlS3_ILl1ELl1000000000EEEE"

/* `syscall` is, when its first argument is one of these: the futex by which headers of C++20 wait, on the two machines. */
#define GW_SYSTEM_CALLS_THAT_BLOCK 202, 98

/* Those that are nearly always over at once: first the form that does not wait is tried, whose result is `busy` where it would have to. */
#define GW_LIBRARY_LOCKS(f)                                                                                            \
    f("pthread_mutex_lock", "pthread_mutex_trylock", 16 /* EBUSY */)                                                   \
    f("pthread_rwlock_rdlock", "pthread_rwlock_tryrdlock", 16)                                                         \
    f("pthread_rwlock_wrlock", "pthread_rwlock_trywrlock", 16)                                                         \
    f("sem_wait", "sem_trywait", -1)                                                                                   \
    f("mtx_lock", "mtx_trylock", 1 /* thrd_busy */)
/* clang-format on */

#endif
