/* Going through a stack without collecting: for one frame, or for what each refers to. */
#include "roots/stack_walk.h"
#include "roots/frame_words.h"
#include "roots/modules.h"
#include "roots/recipe.h"

/* A place on the stack, and the way on from there: by recipes where they are known. */
struct search {
    const struct gw_registry *registry;
    struct gw_machine_frame frame;
    struct gw_frame *known; /* of the frame; NULL: it has no maps */
    struct gw_unwinder unwinder;
    bool started; /* the unwinder is at `frame` */
};

static void begin(struct search *search, const struct gw_entry *entry)
{
    search->registry = gw_registry_read();
    search->frame = gw_frame_outside(entry);
    search->known = gw_frame_table_find(&search->registry->frames, search->frame.pc);
    search->started = false;
}

static enum gw_unwound unwind(struct search *search)
{
    if (!search->started) gw_unwinder_start(&search->unwinder, &search->frame);
    search->started = true;
    return gw_unwinder_step(&search->unwinder, &search->frame);
}

/* Goes one frame outwards. */
static enum gw_unwound leave(struct search *search)
{
    enum gw_unwound left = GW_UNWOUND_FRAME;
    if (search->known && gw_replay(&search->frame, &search->known->recipe)) search->started = false;
    else left = unwind(search);
    search->known = gw_frame_table_find(&search->registry->frames, search->frame.pc);
    return left;
}

static bool is_within(struct gw_frame_search *search, uintptr_t pc)
{
    if (!search->within || !search->within(search->code, pc)) return false;
    search->met = pc;
    return true;
}

void gw_search_stack(struct gw_frame_search *wanted, const struct gw_entry *entry)
{
    struct search search;
    enum gw_unwound left = GW_UNWOUND_FRAME;
    begin(&search, entry);
    while (left == GW_UNWOUND_FRAME && !wanted->found) {
        wanted->found = is_within(wanted, search.frame.pc);
        if (wanted->found) break;
        left = leave(&search);
        wanted->found = left == GW_UNWOUND_FRAME && search.frame.pc == wanted->pc && search.frame.sp == wanted->sp;
    }
    wanted->end = left == GW_UNWOUND_END ? search.frame.sp : 0;
    gw_registry_read_end();
}

bool gw_each_call(const struct gw_entry *entry, gw_call_visitor *visit, void *context)
{
    struct search search;
    enum gw_unwound left = GW_UNWOUND_FRAME;
    begin(&search, entry);
    while (left == GW_UNWOUND_FRAME && visit(context, search.frame.pc, search.frame.sp)) left = leave(&search);
    gw_registry_read_end();
    return left == GW_UNWOUND_END;
}

void gw_each_frame(const struct gw_entry *entry, gw_frame_visitor *visit_frame, gw_slot_visitor *visit, void *context)
{
    struct search search;
    begin(&search, entry);
    do {
        if (!search.known) continue;
        const struct gw_frame_map *map = search.known->map;
        visit_frame(context, search.frame.pc);
        for (uint32_t i = 0; i < map->slot_count; i++) visit(context, (uintptr_t *)search.frame.sp + map->slots[i]);
        gw_frame_visit_uncommon(&search.frame, map, visit, context);
    } while (leave(&search) == GW_UNWOUND_FRAME);
    gw_registry_read_end();
}
