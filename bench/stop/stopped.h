/* What threads may be doing when another one wants to collect. Each works on `heap` until stopped_end, and returns what nobody needs. */
#ifndef GW_BENCH_STOP_STOPPED_H
#define GW_BENCH_STOP_STOPPED_H

struct gw_heap;

/* What a thread is started with. */
struct stopped {
    struct gw_heap *heap;
    int pipe; /* of those that wait: nothing comes until it is closed */
};

void *stopped_allocating(void *stopped); /* lists of small objects */
void *stopped_looping(void *stopped);    /* numbers, without allocating: polls alone */
void *stopped_waiting(void *stopped);    /* in read, outside */

/* How many have begun, and are attached. */
int stopped_count(void);
/* Those that do not wait return soon. */
void stopped_end(void);
/* Before others are started. */
void stopped_begin(void);

#endif
