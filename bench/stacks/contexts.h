/* Switches by ucontext, to compare with: in a file of their own, which holds no references. */
#ifndef BENCH_STACKS_CONTEXTS_H
#define BENCH_STACKS_CONTEXTS_H

void contexts_start(void);
/* To the other context and back. */
void contexts_switch(void);

#endif
