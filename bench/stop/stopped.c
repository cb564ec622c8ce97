#include "stopped.h"

#include <greywave/greywave.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct node {
    struct node GW *next;
    long number;
};
GW_TYPE(node, struct node);

static _Atomic int count;
static _Atomic bool ended;

int stopped_count(void)
{
    return count;
}

void stopped_end(void)
{
    ended = true;
}

void stopped_begin(void)
{
    count = 0;
    ended = false;
}

static void begin(const struct stopped *stopped)
{
    if (gw_attach(stopped->heap) != GW_OK) {
        fprintf(stderr, "bench_stop: %s\n", gw_error_text());
        exit(2);
    }
    count++;
}

void *stopped_allocating(void *stopped)
{
    begin(stopped);
    while (!ended) {
        struct node GW *list = NULL;
        for (long i = 0; i < 1000; i++) {
            struct node GW *node = gw_new(node);
            node->next = list;
            node->number = i;
            list = node;
        }
    }
    return NULL;
}

void *stopped_looping(void *stopped)
{
    unsigned long number = 1;
    begin(stopped);
    while (!ended) number = number * 6364136223846793005u + 1;
    return (void *)number;
}

void *stopped_waiting(void *stopped)
{
    int pipe = ((struct stopped *)stopped)->pipe;
    char byte[1];
    begin(stopped);
    return (void *)read(pipe, byte, 1);
}
