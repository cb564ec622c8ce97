/* The shadow stack: one array of words for each stack, onto which compiled code (--roots=shadow) pushes its references
 * before a call and from which it takes them back afterwards. docs/abi.md has the contract; this finder reads
 * the words between shadow_base and shadow_top and knows nothing of frames. */
#ifndef GW_MUTATOR_SHADOW_STACK_H
#define GW_MUTATOR_SHADOW_STACK_H

#include "mutator/stacks.h"

/* Words that one thread's shadow stack may hold. Address space only: memory comes with use. */
#define GW_SHADOW_WORDS ((size_t)32 << 20)

/* The words in use of a stack: [base, top). */
struct gw_shadow_words {
    void **base, **top, **limit;
};

static inline struct gw_shadow_words gw_shadow_words_of_thread(const struct gw_thread *thread)
{
    return (struct gw_shadow_words){thread->shadow_base, thread->shadow_top, thread->shadow_limit};
}

/* Visits every word in use, oldest first, and returns how many there were. `sp`: where the frame that entered the runtime ends. Fatal when
 * the top lies outside, and for a variable below `sp`: native code has left its frame and not put shadow_top back. */
uint64_t gw_shadow_words_visit(const struct gw_shadow_words *words, uintptr_t sp, gw_field_visitor *visit, void *context);

/* Whether there is a variable among them, whose words others may write to. */
bool gw_shadow_words_have_variable(const struct gw_shadow_words *words);

/* Gives the words of a stack that the program brought back, which had so many bytes. NULL is allowed. */
void gw_shadow_words_release(void **base, size_t stack_bytes);

/* For the thread's own stack: gives the memory back when it is empty; compiled code makes it again when it next pushes. */
void gw_shadow_stack_release(struct gw_thread *thread);

/* Fatal when the three pointers contradict each other. */
void gw_shadow_words_check(const struct gw_shadow_words *words);

#endif
