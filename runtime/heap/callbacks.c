/* Calls of the program's code. */
#include "heap/callbacks.h"

#include "base/report.h"

bool gw_call_is_running_from(uintptr_t frame, const struct gw_entry *entry)
{
    struct gw_frame_search search = {.pc = (uintptr_t)gw_call_marked_returns, .sp = frame};
    gw_search_stack(&search, entry);
    return search.found || !search.end;
}

bool gw_callback_is_running(const struct gw_callback *callback)
{
    return callback->what && (!callback->frame || gw_call_with_entry(gw_call_is_running_from, callback->frame));
}

struct gw_callback gw_restrict(struct gw_heap *heap, const char *what)
{
    struct gw_callback before = heap->mutator->callback;
    if (!before.what) heap->mutator->callback = (struct gw_callback){what, 0};
    gw_thread_set_limit(heap->mutator->thread, NULL);
    return before;
}

void gw_unrestrict(struct gw_heap *heap, struct gw_callback before)
{
    heap->mutator->callback = before;
    gw_heap_set_limit(heap);
}

bool gw_is_collecting(const struct gw_heap *heap)
{
    const char *what = heap->mutator->callback.what;
    return what && !strcmp(what, GW_A_COLLECTION);
}

/* The outermost call is the one that counts. One that was left is forgotten here. */
void gw_call_restricted(struct gw_heap *heap, const char *what, gw_call_body *body, void *context)
{
    if (gw_callback_is_running(&heap->mutator->callback)) {
        body(context);
        return;
    }
    heap->mutator->callback = (struct gw_callback){what, 0};
    gw_thread_set_limit(heap->mutator->thread, NULL);
    struct gw_mutator *me = heap->mutator;
    unsigned depth = gw_world_step_out(heap);
    gw_call_marked(&me->callback.frame, body, context);
    gw_world_step_in(heap, depth);
    gw_unrestrict(heap, (struct gw_callback){0});
}

void gw_leave_callback(struct gw_heap *heap, const char *what, const struct gw_entry *entry)
{
    const struct gw_callback *callback = &heap->mutator->callback;
    if (!callback->frame)
        gw_fatal("%s while the runtime runs %s: code called from there, such as trace functions, destructors, hooks and notify "
                 "functions, may neither allocate nor collect, and must return",
                 what, callback->what);
    if (gw_call_is_running_from(callback->frame, entry))
        gw_fatal("%s inside %s, which may neither allocate nor collect", what, callback->what);
    gw_unrestrict(heap, (struct gw_callback){0});
}

/* True when there was a call of the program's code, which was left. */
static bool refuse_in_callback(const struct gw_heap *heap, const char *what)
{
    const struct gw_mutator *me = gw_current_thread.mutator;
    bool running = gw_callback_is_running(&me->callback);
    if (running && gw_world_is_shared(heap) && heap->world.stopper != me)
        gw_fatal("%s inside %s: other threads are attached to this heap, and would have to stop for it, which they cannot while that runs",
                 what, me->callback.what);
    return me->callback.what && !running;
}

void gw_arrive_to_stop(struct gw_heap *heap, const char *what, const struct gw_entry *entry, uintptr_t *words, size_t count)
{
    uintptr_t *arguments = gw_current_thread.mutator->arguments;
    bool left = refuse_in_callback(heap, what);
    if (count) memcpy(arguments, words, count * sizeof *words);
    gw_world_arrive(heap, entry);
    if (left) gw_unrestrict(heap, (struct gw_callback){0});
    gw_world_stop_surely(heap, entry);
    if (count) memcpy(words, arguments, count * sizeof *words);
    memset(arguments, 0, count * sizeof *words);
}
