/* Memory of the recorded writes. The barrier (engine/barrier.c) fills them, the minor collection drains them. */
#include "spaces/recorded.h"

#include "os/linux/memory.h"
#include "base/report.h"

bool gw_recorded_init(struct gw_recorded *recorded, uintptr_t base, size_t bytes)
{
    *recorded = (struct gw_recorded){.base = base, .cards_bytes = gw_round_up(bytes >> GW_CARD_SHIFT, 4096)};
    recorded->remembered = gw_reserve(GW_REMEMBERED_CAPACITY * sizeof(uintptr_t), 4096);
    recorded->listed = gw_reserve(GW_REMEMBERED_CAPACITY * sizeof(uintptr_t), 4096);
    recorded->statics = gw_reserve(GW_STATIC_CAPACITY * sizeof(uintptr_t), 4096);
    recorded->static_set = gw_reserve(GW_STATIC_CAPACITY * sizeof(uintptr_t), 4096);
    recorded->changed_statics = gw_reserve(GW_STATIC_CAPACITY * sizeof(uintptr_t), 4096);
    recorded->cards = gw_reserve(recorded->cards_bytes, 4096);
    return recorded->remembered && recorded->listed && recorded->statics && recorded->static_set && recorded->changed_statics &&
           recorded->cards;
}

bool gw_recorded_touch(struct gw_recorded *recorded, size_t bytes)
{
    size_t list = GW_REMEMBERED_CAPACITY * sizeof(uintptr_t);
    return gw_touch_pages(recorded->remembered, list) && gw_touch_pages(recorded->listed, list) &&
           gw_touch_pages(recorded->cards, bytes >> GW_CARD_SHIFT);
}

void gw_recorded_destroy(struct gw_recorded *recorded)
{
    gw_release(recorded->remembered, GW_REMEMBERED_CAPACITY * sizeof(uintptr_t));
    gw_release(recorded->listed, GW_REMEMBERED_CAPACITY * sizeof(uintptr_t));
    gw_release(recorded->statics, GW_STATIC_CAPACITY * sizeof(uintptr_t));
    gw_release(recorded->static_set, GW_STATIC_CAPACITY * sizeof(uintptr_t));
    gw_release(recorded->changed_statics, GW_STATIC_CAPACITY * sizeof(uintptr_t));
    gw_release(recorded->cards, recorded->cards_bytes);
}

/* The set is made anew, of the places that are left; clearing one slot would hide what lies behind it. */
static void list_statics_anew(struct gw_recorded *recorded)
{
    recorded->changed_static_count = 0;
    for (size_t i = 0; i < recorded->static_count; i++) {
        recorded->static_set[gw_static_slot(recorded, gw_static_at(recorded, i))] = i + 1;
        if (gw_static_is_changed(recorded, i)) recorded->changed_statics[recorded->changed_static_count++] = i;
    }
}

void gw_recorded_forget_statics(struct gw_recorded *recorded, uintptr_t from, size_t bytes)
{
    size_t kept = 0, gone = 0;
    for (size_t i = 0; i < recorded->static_count; i++) gone += gw_static_at(recorded, i) - from < bytes;
    if (!gone) return;
    for (size_t i = recorded->static_count; i-- > 0;) recorded->static_set[gw_static_slot(recorded, gw_static_at(recorded, i))] = 0;
    for (size_t i = 0; i < recorded->static_count; i++)
        if (gw_static_at(recorded, i) - from >= bytes) recorded->statics[kept++] = recorded->statics[i];
    recorded->static_count = kept;
    list_statics_anew(recorded);
}

void gw_recorded_check(const struct gw_recorded *recorded)
{
    if (recorded->remembered_count > GW_REMEMBERED_CAPACITY || recorded->listed_count > GW_REMEMBERED_CAPACITY)
        gw_fatal("recorded writes: %zu objects are remembered and %zu listed for their cards", recorded->remembered_count,
                 recorded->listed_count);
    for (size_t i = 0; i < recorded->remembered_count; i++)
        if (*gw_header(recorded->remembered[i]) & GW_HEADER_TRACK)
            gw_fatal("recorded writes: %p is listed, but its tracking bit is set", (void *)recorded->remembered[i]);
    for (size_t i = 0; i < recorded->changed_static_count; i++)
        if (!gw_static_is_changed(recorded, recorded->changed_statics[i]))
            gw_fatal("recorded writes: static object number %zu is listed as changed and does not know it", recorded->changed_statics[i]);
    for (size_t i = 0; i < recorded->listed_count; i++)
        if (!(*gw_header(recorded->listed[i]) & GW_HEADER_LISTED))
            gw_fatal("recorded writes: %p is listed for its cards and does not know it", (void *)recorded->listed[i]);
}
