/* Functions on stacks of the program's own. The switches are compiled without the plug-in, which refuses them. */
#ifndef GW_PROGRAMS_SWITCHES_H
#define GW_PROGRAMS_SWITCHES_H

/* By makecontext. */
void on_context(void (*body)(void));
/* As coroutine libraries do it: on a stack of its own, and inside the thread's own, where only the walk's end can tell. */
void by_hand(void (*body)(void));
void by_hand_inside(void (*body)(void));

/* The same with the runtime's knowledge. One stack at a time. */
struct known_switches {
    void (*make)(void (*body)(void), char *low, unsigned long bytes);
    void *(*enter)(void *), *(*leave)(void *);
};
extern const struct known_switches switches_of_context, switches_by_assembler;

/* A stack on which `body` will run. */
void known_make(const struct known_switches *switches, void (*body)(void));
void known_enter(void);
/* From there back to known_enter, which continues it. At its end `body` goes back by itself. */
void known_back(void);
void known_back_without_a_word(void);
/* Says that it is left, and stays. */
void known_leave(void);
void known_free(void);

#endif
