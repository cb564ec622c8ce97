// Signal handlers that allocate, or look at references, may run in the middle of an allocation or a collection.
// RUN: refused %gwcc -O0 -c %s -o %t 2>&1 | %check
// RUN: refused %gwcc -O2 -c %s -o %t 2>&1 | %check
// RUN: %gwcc -O2 -DFLAG -c %s -o %t
#include <greywave/greywave.h>
#include <signal.h>

struct node {
    struct node GW *next;
    long value;
};
GW_TYPE(node, struct node);
static struct node GW *seen;
static volatile sig_atomic_t flag;

static void set_flag(int number) { flag = number; }
// CHECK-DAG: refuse-signals.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a signal handler holds references or may collect, and may run in the middle of an allocation or a collection; set a flag in it, and act on that elsewhere [function 'looks']
static void looks(int number) { flag = seen->value > number; }
static __attribute__((noinline)) void make_one(void) { seen = gw_new(node); }
static void allocates(int number)
{
    flag = number;
    make_one();
}

void install(void)
{
    signal(SIGUSR1, set_flag);
#ifndef FLAG
    // CHECK-DAG: refuse-signals.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a signal handler holds references or may collect
    signal(SIGUSR2, allocates);
    struct sigaction action = {.sa_handler = looks};
    sigaction(SIGUSR2, &action, NULL);
    // CHECK-DAG: refuse-signals.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a signal handler holds references or may collect
    action.sa_handler = allocates;
    sigaction(SIGHUP, &action, NULL);
#else
    (void)looks, (void)allocates;
#endif
}
