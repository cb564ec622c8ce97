/* glibc notes where the program was entered, and what stack it gave to a thread. For the first thread pthread_getattr_np would read
 * /proc/self/maps, so it is asked for others alone. */
#define _GNU_SOURCE /* pthread_getattr_np, gettid */
#include "os/linux/thread_stack.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

extern void *__libc_stack_end;

uintptr_t gw_os_entered_at(void)
{
    return (uintptr_t)__libc_stack_end;
}

bool gw_os_is_first_thread(void)
{
    return getpid() == gettid();
}

bool gw_os_stack_limit(size_t *bytes)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return false;
    *bytes = (size_t)limit.rlim_cur;
    return true;
}

unsigned gw_thread_number(void)
{
    return (unsigned)gettid();
}

void gw_thread_name(unsigned number, char *name, size_t room)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%u/comm", number);
    FILE *file = fopen(path, "re");
    snprintf(name, room, "?");
    if (file && fgets(name, (int)room, file)) name[strcspn(name, "\n")] = '\0';
    if (file) fclose(file);
}

bool gw_os_thread_stack(uintptr_t *low, size_t *bytes)
{
    pthread_attr_t attributes;
    void *lowest = NULL;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return false;
    bool said = pthread_attr_getstack(&attributes, &lowest, bytes) == 0;
    pthread_attr_destroy(&attributes);
    *low = (uintptr_t)lowest;
    return said;
}

bool gw_os_on_signal_stack(void)
{
    stack_t stack;
    return sigaltstack(NULL, &stack) == 0 && (stack.ss_flags & SS_ONSTACK);
}
