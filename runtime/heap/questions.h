/* Questions of one thread to the heaps of others: whether a module may go (verify/uses.h). Only the thread that has a heap may look into
 * it. So it is asked, and answers at its next safepoint; who asks does not wait, but comes back. The lock of existing.h guards all of it.
 *
 * An answer counts for one try. Whoever finds the module in use, in whatever heap, takes the answers back and asks anew the next time. */
#ifndef GW_HEAP_QUESTIONS_H
#define GW_HEAP_QUESTIONS_H

#include "heap/heap.h"

#include <greywave/jit.h>

enum gw_answer {
    GW_ANSWER_NONE, /* asked, and has not answered yet */
    GW_ANSWER_FREE,
    GW_ANSWER_USED,
};

struct gw_question {
    struct gw_question *next;
    enum gw_answer answer;
    char text[400]; /* who uses it */
    size_t count;
    struct gw_extent extents[];
};

/* ---- Who asks, from gw_existing_each_other ---------------------------------------------------------- */

/* What a heap that is attached to another thread says; when it has said nothing it is asked. GW_ANSWER_USED: `text` is that of the answer,
 * which is taken back. Without memory for the question there is no answer. */
enum gw_answer gw_ask(struct gw_heap *heap, const struct gw_extent *extents, size_t count, char *text, size_t room);

/* Takes back what the heap has answered. */
void gw_take_answer_back(struct gw_heap *heap, const struct gw_extent *extents, size_t count);

/* ---- Who is asked ----------------------------------------------------------------------------------- */

/* Whether somebody has. */
GW_ALWAYS_INLINE bool gw_is_asked(const struct gw_heap *heap)
{
    return __atomic_load_n(&heap->asked, __ATOMIC_RELAXED);
}

/* The next question without an answer, which stays until it is given; NULL: there is none. */
struct gw_question *gw_next_question(struct gw_heap *heap);
void gw_answer_question(struct gw_question *question, enum gw_answer answer);

void gw_questions_destroy(struct gw_heap *heap);

#endif
