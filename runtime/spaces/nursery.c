/* Walking the nursery. Allocation is inline: thread state is the bump pointer. */
#include "spaces/nursery.h"

#include "base/report.h"

void gw_nursery_init(struct gw_nursery *nursery, size_t eden_bytes)
{
    *nursery = (struct gw_nursery){.eden_bytes = eden_bytes, .survivor_bytes = gw_round_up(eden_bytes / 4, 4096)};
    nursery->usable_bytes = eden_bytes;
}

void gw_nursery_each_object(char *from, char *to, gw_young_visitor *visit, void *context)
{
    while (from < to) {
        uint64_t header = *(uint64_t *)from;
        if (header == 0) {
            from += 8;
            continue;
        }
        if (!gw_header_is_plausible(header) || (header & (GW_HEADER_TRACK | GW_HEADER_STATIC)))
            gw_fatal("nursery: word %#lx at %p is not the header of a young object", (unsigned long)header, (void *)from);
        uintptr_t ref = (uintptr_t)from + GW_HEADER_SIZE;
        size_t bytes = gw_object_bytes(ref, gw_header_type(header));
        visit(context, ref);
        from += bytes;
    }
}

void gw_nursery_each_young(const struct gw_nursery *nursery, char *alloc, gw_young_visitor *visit, void *context)
{
    gw_nursery_each_object(gw_survivors(nursery, nursery->survivor), nursery->survivors_end, visit, context);
    gw_nursery_each_object(gw_eden(nursery, nursery->eden), alloc, visit, context);
}

void gw_nursery_check(const struct gw_nursery *nursery, const char *alloc)
{
    const char *eden = gw_eden(nursery, nursery->eden), *survivors = gw_survivors(nursery, nursery->survivor);
    if (alloc < eden || alloc > eden + nursery->eden_bytes) gw_fatal("nursery: allocation at %p is not in eden", (void *)alloc);
    if (nursery->survivors_end < survivors || nursery->survivors_end > survivors + nursery->survivor_bytes)
        gw_fatal("nursery: survivors end at %p, outside their space", (void *)nursery->survivors_end);
    if (nursery->eden == 1 && nursery->survivor == 0) gw_fatal("nursery: eden 1 and survivors 0 do not lie side by side");
    if (nursery->usable_bytes > nursery->eden_bytes)
        gw_fatal("nursery: %zu bytes usable of %zu", nursery->usable_bytes, nursery->eden_bytes);
}
