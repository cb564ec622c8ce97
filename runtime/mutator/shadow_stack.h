/* The shadow stack: one array of words for each thread, onto which compiled code (--roots=shadow) pushes its references
 * before a call and from which it takes them back afterwards. docs/abi.md has the contract; this finder reads
 * the thread's words between shadow_base and shadow_top and knows nothing of frames. */
#ifndef GW_MUTATOR_SHADOW_STACK_H
#define GW_MUTATOR_SHADOW_STACK_H

#include "spaces/object.h"

/* Words that one thread's shadow stack may hold. Address space only: memory comes with use. */
#define GW_SHADOW_WORDS ((size_t)32 << 20)

/* Visits every word in use, oldest first, and returns how many there were. `sp`: where the frame that entered the runtime ends. Fatal when
 * shadow_top lies outside, and for a variable below `sp`: native code has left its frame and not put shadow_top back. */
uint64_t gw_shadow_stack_visit(const struct gw_thread *thread, uintptr_t sp, gw_field_visitor *visit, void *context);

/* Gives the memory back when the stack is empty; compiled code makes it again when it next pushes. */
void gw_shadow_stack_release(struct gw_thread *thread);

/* Fatal when the three pointers contradict each other. */
void gw_shadow_stack_check(const struct gw_thread *thread);

#endif
