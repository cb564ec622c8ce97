#include "contexts.h"

#include <stdlib.h>
#include <ucontext.h>

static ucontext_t here, there;

static void body(void)
{
    for (;;) swapcontext(&there, &here);
}

void contexts_start(void)
{
    size_t bytes = 64 << 10;
    if (getcontext(&there) != 0) abort();
    there.uc_stack.ss_sp = malloc(bytes);
    there.uc_stack.ss_size = bytes;
    makecontext(&there, body, 0);
}

void contexts_switch(void)
{
    swapcontext(&here, &there);
}
