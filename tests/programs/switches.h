/* Functions on stacks of the program's own. The switches are compiled without the plug-in, which refuses them. */
#ifndef GW_PROGRAMS_SWITCHES_H
#define GW_PROGRAMS_SWITCHES_H

/* By makecontext. */
void on_context(void (*body)(void));
/* As coroutine libraries do it: on a stack of its own, and inside the thread's own, where only the walk's end can tell. */
void by_hand(void (*body)(void));
void by_hand_inside(void (*body)(void));

#endif
