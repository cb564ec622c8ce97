/* Where threads' stacks lie, as far as the system says so. Opens no file for a thread that pthread_create made, nor for the first one. */
#ifndef GW_OS_LINUX_THREAD_STACK_H
#define GW_OS_LINUX_THREAD_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The stack pointer with which the program was entered: on the first thread's stack. */
uintptr_t gw_os_entered_at(void);

/* Whether this is the process's first thread. In a child that another thread forked the only thread counts as first, and runs on that
 * thread's stack. */
bool gw_os_is_first_thread(void);

/* How far the first thread's stack may grow; false: there is no limit, or the system does not say. */
bool gw_os_stack_limit(size_t *bytes);

/* The stack that this thread was made with; false: the system does not say. */
bool gw_os_thread_stack(uintptr_t *low, size_t *bytes);

/* This thread's number, by which ps and debuggers know it; and the name that the system has for a number's thread, "?" when it has none. */
unsigned gw_thread_number(void);
void gw_thread_name(unsigned number, char *name, size_t room);

/* Whether this thread is on the stack that it gave to its signal handlers. */
bool gw_os_on_signal_stack(void);

#endif
