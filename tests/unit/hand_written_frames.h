/* Managed frames written by hand, and their maps (frames_x86_64.S and its like): `frame(root, then, argument)` keeps the root across
 * then(argument) and returns what it finds afterwards. */
#ifndef HAND_WRITTEN_FRAMES_H
#define HAND_WRITTEN_FRAMES_H

#include "roots/stack_walk.h"
#include <greywave/greywave.h>

typedef uintptr_t callee(void *);
typedef uintptr_t managed(uintptr_t root, callee *then, void *argument);
managed static_frame, register_frame, dynamic_frame, derived_frame, region_frame, marked_frame, marked_dynamic_frame, forgetful_frame;
managed siteless_frame, bare_frame, bare_frame_null_rbp, bare_managed_frame, lying_frame, faulting_frame;

/* Leads to walk_from_door with an entry: the test's own. */
void walk_door(int unused);
void walk_from_door(int unused, const struct gw_entry *entry);

extern const uint8_t __start_test_maps[], __stop_test_maps[];
static const struct gw_module module = {.abi_version = GW_ABI_VERSION, .maps_begin = __start_test_maps, .maps_end = __stop_test_maps};

#endif
