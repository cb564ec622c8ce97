/* What follows in a minor collection when everything reachable from roots and recorded writes has been moved. */
#include "life/after_moving.h"

#include "heap/samples.h"
#include "life/finalizers.h"
#include "life/weak.h"

static uintptr_t follow(const void *evacuation, uintptr_t object)
{
    return gw_is_left_behind(evacuation, object) ? 0 : gw_moved_to(evacuation, object);
}

void gw_after_moving(const struct gw_evacuation *evacuation)
{
    struct gw_heap *heap = evacuation->heap;
    gw_weak_begin_minor(evacuation);
    gw_weak_settle_minor(evacuation);
    gw_weak_clear_minor(evacuation);
    gw_finalizers_deliver_young(evacuation);
    gw_weak_settle_minor(evacuation);
    gw_finalizers_end_minor(heap);
    gw_weak_end_minor(evacuation);
    gw_identity_move_young(&heap->identity, &heap->old, follow, evacuation);
    if (heap->samples) gw_samples_move_young(heap->samples, &heap->old, follow, evacuation);
}
