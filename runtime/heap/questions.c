/* A list for each heap. */
#include "heap/questions.h"

#include "heap/existing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Who asks -------------------------------------------------------------------------------------- */

static struct gw_question **find(struct gw_heap *heap, const struct gw_extent *extents, size_t count)
{
    struct gw_question **link = &heap->questions;
    for (; *link; link = &(*link)->next)
        if ((*link)->count == count && memcmp((*link)->extents, extents, count * sizeof *extents) == 0) break;
    return link;
}

static void drop(struct gw_question **link)
{
    struct gw_question *question = *link;
    *link = question->next;
    free(question);
}

static void add(struct gw_heap *heap, const struct gw_extent *extents, size_t count)
{
    struct gw_question *question = malloc(sizeof *question + count * sizeof *extents);
    if (!question) return;
    *question = (struct gw_question){.next = heap->questions, .answer = GW_ANSWER_NONE, .count = count};
    memcpy(question->extents, extents, count * sizeof *extents);
    heap->questions = question;
}

/* The heap is attached as long as the lock is held, and its threads are there. */
static void call_thread(struct gw_heap *heap)
{
    __atomic_store_n(&heap->asked, true, __ATOMIC_RELAXED);
    gw_world_call_all(heap);
}

enum gw_answer gw_ask(struct gw_heap *heap, const struct gw_extent *extents, size_t count, char *text, size_t room)
{
    struct gw_question **link = find(heap, extents, count);
    enum gw_answer answer = *link ? (*link)->answer : GW_ANSWER_NONE;
    if (!*link) add(heap, extents, count);
    if (answer == GW_ANSWER_NONE) call_thread(heap);
    if (answer != GW_ANSWER_USED) return answer;
    snprintf(text, room, "%s", (*link)->text);
    drop(link);
    return answer;
}

void gw_take_answer_back(struct gw_heap *heap, const struct gw_extent *extents, size_t count)
{
    struct gw_question **link = find(heap, extents, count);
    if (*link && (*link)->answer != GW_ANSWER_NONE) drop(link);
}

/* ---- Who is asked ---------------------------------------------------------------------------------- */

struct gw_question *gw_next_question(struct gw_heap *heap)
{
    gw_existing_lock();
    struct gw_question *question = heap->questions;
    while (question && question->answer != GW_ANSWER_NONE) question = question->next;
    if (!question) __atomic_store_n(&heap->asked, false, __ATOMIC_RELAXED);
    gw_existing_unlock();
    return question;
}

void gw_answer_question(struct gw_question *question, enum gw_answer answer)
{
    gw_existing_lock();
    question->answer = answer;
    gw_existing_unlock();
}

void gw_questions_destroy(struct gw_heap *heap)
{
    while (heap->questions) drop(&heap->questions);
}
