/* A small world that makes the garbage a game makes: entities that seek one another, a grid rebuilt every frame,
 * particles that live for half a second, scripted events, and scenes that are loaded row by row while the last one is
 * still being played and then dropped all at once.
 *
 * The same plan gives the same world, frame by frame, whatever the collector does: world_checksum says so. All
 * functions may collect. Running out of memory is the program's handler's business (gw_set_oom_handler).
 */
#ifndef GAME_LOOP_WORLD_H
#define GAME_LOOP_WORLD_H

#include <greywave/greywave.h>

struct world_plan {
    uint32_t frames_per_second;
    uint32_t entities;
    uint32_t side;          /* a scene has side x side tiles, each with a plant of seven parts */
    uint32_t scene_seconds; /* how long each scene is played */
};

struct world;

struct world GW *world_new(const struct world_plan *plan);

/* One frame. True when it changed the scene: the last one is garbage now. */
bool world_update(struct world GW *world);

GW_NOCOLLECT uint64_t world_checksum(struct world GW *world);

#endif
