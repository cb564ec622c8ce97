#include "world.h"

#include <stdio.h>

enum { GRID_SIDE = 32, TIMELINE = 512 /* frames ahead that an event may be */, PLANT_HEIGHT = 3, PARTICLES_A_FRAME = 100 };

/* ---- Types ----------------------------------------------------------------------------------------- */

struct plant {
    struct plant GW *left, *right;
    uint64_t growth;
};
struct item {
    struct item GW *next;
    uint64_t value;
};
struct tile {
    struct plant GW *plant;
    struct item GW *items;
};
struct text {
    uint64_t length;
    char bytes[];
};
struct entity {
    struct entity GW *target;
    struct item GW *items;
    struct text GW *speech;
    float x, y, speed; /* position from 0 to 1 */
    int32_t health;
    uint64_t number;
};
struct particle {
    struct particle GW *next;
    float x, y;
    uint64_t dies; /* frame */
};
struct link {
    struct link GW *next;
    struct entity GW *entity;
};
struct event {
    struct event GW *next;
    struct entity GW *actor;
    const unsigned char *script; /* what is left of it */
};
GW_TYPE(plant, struct plant);
GW_TYPE(item, struct item);
GW_TYPE(tile, struct tile);
GW_TYPE_BYTES(text, struct text, length, bytes);
GW_TYPE(entity, struct entity);
GW_TYPE(particle, struct particle);
GW_TYPE(link, struct link);
GW_TYPE(event, struct event);

struct tiles {
    uint64_t length;
    struct tile GW *at[];
};
struct entities {
    uint64_t length;
    struct entity GW *at[];
};
struct grid {
    uint64_t length;
    struct link GW *at[];
};
struct timeline {
    uint64_t length;
    struct event GW *at[];
};
struct scene {
    struct tiles GW *tiles;
    struct entities GW *entities;
};
struct world {
    struct scene GW *scene, *next_scene;
    struct grid GW *grid;
    struct timeline GW *timeline;
    struct particle GW *particles;
    uint64_t random, frame, rows_loaded, spoken, entities_born;
    struct world_plan plan;
};
GW_TYPE_ARRAY(tiles, struct tiles, length, at);
GW_TYPE_ARRAY(entities, struct entities, length, at);
GW_TYPE_ARRAY(grid, struct grid, length, at);
GW_TYPE_ARRAY(timeline, struct timeline, length, at);
GW_TYPE(scene, struct scene);
GW_TYPE(world, struct world);

static uint32_t random_below(struct world GW *world, uint32_t limit)
{
    uint64_t state = world->random;
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    world->random = state;
    return (uint32_t)((state >> 32) * limit >> 32);
}

static float random_place(struct world GW *world)
{
    return (float)random_below(world, 1 << 20) / (1 << 20);
}

/* ---- Scenes ---------------------------------------------------------------------------------------- */

static struct plant GW *grow(unsigned height)
{
    if (height == 0) return NULL;
    struct plant GW *plant = gw_new(plant);
    plant->growth = height;
    struct plant GW *branch = grow(height - 1);
    plant->left = branch;
    branch = grow(height - 1);
    plant->right = branch;
    return plant;
}

static struct entity GW *new_entity(struct world GW *world)
{
    struct entity GW *entity = gw_new(entity);
    entity->number = world->entities_born++;
    entity->x = random_place(world);
    entity->y = random_place(world);
    entity->speed = 0.01f + 0.1f * random_place(world);
    entity->health = 100;
    return entity;
}

static struct scene GW *new_scene(struct world GW *world)
{
    struct scene GW *scene = gw_new(scene);
    struct tiles GW *tiles = gw_new_array(tiles, (size_t)world->plan.side * world->plan.side);
    scene->tiles = tiles;
    struct entities GW *entities = gw_new_array(entities, world->plan.entities);
    scene->entities = entities;
    return scene;
}

/* A row of tiles, and its share of the entities. */
static void load_row(struct world GW *world, struct scene GW *scene, uint32_t row)
{
    uint32_t side = world->plan.side, entities = world->plan.entities;
    for (uint32_t column = 0; column < side; column++) {
        struct tile GW *tile = gw_new(tile);
        struct plant GW *plant = grow(PLANT_HEIGHT);
        tile->plant = plant;
        scene->tiles->at[(size_t)row * side + column] = tile;
    }
    for (uint64_t i = (uint64_t)entities * row / side; i < (uint64_t)entities * (row + 1) / side; i++) {
        struct entity GW *entity = new_entity(world);
        scene->entities->at[i] = entity;
    }
}

/* The next scene is loaded during the second half of the one being played. */
static void load_ahead(struct world GW *world)
{
    const uint64_t frames = (uint64_t)world->plan.scene_seconds * world->plan.frames_per_second;
    uint64_t at = world->frame % frames, half = frames / 2;
    if (at < half) return;
    if (!world->next_scene) {
        struct scene GW *scene = new_scene(world);
        world->next_scene = scene;
        world->rows_loaded = 0;
    }
    uint64_t due = world->plan.side * (at - half + 1) / (frames - half);
    while (world->rows_loaded < due) load_row(world, world->next_scene, (uint32_t)world->rows_loaded++);
}

static bool change_scene(struct world GW *world)
{
    if (!world->next_scene || world->rows_loaded < world->plan.side) return false;
    world->scene = world->next_scene;
    world->next_scene = NULL;
    world->particles = NULL;
    for (uint64_t i = 0; i < TIMELINE; i++) world->timeline->at[i] = NULL;
    return true;
}

/* ---- The grid: who is where ------------------------------------------------------------------------ */

static uint64_t cell_of(float x, float y)
{
    return (uint64_t)(y * GRID_SIDE) * GRID_SIDE + (uint64_t)(x * GRID_SIDE);
}

static void rebuild_grid(struct world GW *world)
{
    struct grid GW *grid = gw_new_array(grid, GRID_SIDE * GRID_SIDE);
    struct entities GW *entities = world->scene->entities;
    for (uint64_t i = 0; i < entities->length; i++) {
        struct link GW *link = gw_new(link);
        struct entity GW *entity = entities->at[i];
        uint64_t cell = cell_of(entity->x, entity->y);
        link->entity = entity;
        link->next = grid->at[cell];
        grid->at[cell] = link;
    }
    world->grid = grid;
}

/* ---- Scripted events ------------------------------------------------------------------------------- */

enum instruction { END, SAY, FIND, GIVE, EXPLODE, WAIT /* frames follow */ };

static const unsigned char greeting[] = {SAY, WAIT, 30, FIND, SAY, END};
static const unsigned char trade[] = {FIND, FIND, WAIT, 60, GIVE, SAY, WAIT, 200, GIVE, END};
static const unsigned char attack[] = {SAY, WAIT, 90, EXPLODE, WAIT, 20, EXPLODE, END};
static const unsigned char *const scripts[] = {greeting, trade, attack};

static void schedule(struct world GW *world, struct entity GW *actor, const unsigned char *script, uint64_t frames)
{
    struct event GW *event = gw_new(event);
    uint64_t slot = (world->frame + frames) % TIMELINE;
    event->actor = actor;
    event->script = script;
    event->next = world->timeline->at[slot];
    world->timeline->at[slot] = event;
}

static void say(struct world GW *world, struct entity GW *actor)
{
    char line[96];
    int length = snprintf(line, sizeof line, "%llu: I am %llu, and this is frame %llu.", (unsigned long long)world->spoken++,
                          (unsigned long long)actor->number, (unsigned long long)world->frame);
    struct text GW *text = gw_new_array(text, (size_t)length);
    for (int i = 0; i < length; i++) text->bytes[i] = line[i];
    actor->speech = text;
}

static void find_item(struct world GW *world, struct entity GW *actor)
{
    struct item GW *item = gw_new(item);
    item->value = random_below(world, 1000);
    item->next = actor->items;
    actor->items = item;
}

static void give_item(struct entity GW *actor)
{
    struct entity GW *target = actor->target;
    struct item GW *item = actor->items;
    if (!target || !item || target == actor) return;
    actor->items = item->next;
    item->next = target->items;
    target->items = item;
}

static void explode(struct world GW *world, struct entity GW *actor)
{
    struct link GW *link = world->grid->at[cell_of(actor->x, actor->y)];
    for (; link; link = link->next)
        if (link->entity != actor) link->entity->health -= 60;
}

/* Runs until the script ends or waits. */
static void run_event(struct world GW *world, struct entity GW *actor, const unsigned char *script)
{
    for (;; script++) {
        switch ((enum instruction) * script) {
        case END: return;
        case SAY: say(world, actor); break;
        case FIND: find_item(world, actor); break;
        case GIVE: give_item(actor); break;
        case EXPLODE: explode(world, actor); break;
        case WAIT: schedule(world, actor, script + 2, script[1]); return;
        }
    }
}

static void run_events(struct world GW *world)
{
    uint64_t slot = world->frame % TIMELINE;
    struct event GW *event = world->timeline->at[slot];
    world->timeline->at[slot] = NULL;
    for (; event; event = event->next) run_event(world, event->actor, event->script);
}

static void start_scripts(struct world GW *world)
{
    struct entities GW *entities = world->scene->entities;
    for (unsigned i = 0; i < 4; i++) {
        struct entity GW *actor = entities->at[random_below(world, world->plan.entities)];
        schedule(world, actor, scripts[random_below(world, sizeof scripts / sizeof *scripts)], 1);
    }
}

/* ---- Entities and particles ------------------------------------------------------------------------ */

static float stay_inside(float place)
{
    return place < 0 ? 0 : place > 0.999f ? 0.999f : place;
}

static void move(struct world GW *world, struct entity GW *entity)
{
    if (!entity->target || entity->target->health <= 0 || random_below(world, 64) == 0) {
        struct link GW *near = world->grid->at[cell_of(random_place(world), random_place(world))];
        entity->target = near ? near->entity : entity;
    }
    float step = entity->speed / (float)world->plan.frames_per_second;
    entity->x = stay_inside(entity->x + (entity->target->x > entity->x ? step : -step));
    entity->y = stay_inside(entity->y + (entity->target->y > entity->y ? step : -step));
}

static void move_entities(struct world GW *world)
{
    struct entities GW *entities = world->scene->entities;
    for (uint64_t i = 0; i < entities->length; i++) {
        move(world, entities->at[i]);
        if (entities->at[i]->health > 0) continue;
        struct entity GW *entity = new_entity(world);
        entities->at[i] = entity;
    }
}

static void emit_particles(struct world GW *world)
{
    for (unsigned i = 0; i < PARTICLES_A_FRAME; i++) {
        struct particle GW *particle = gw_new(particle);
        particle->x = random_place(world);
        particle->y = 1;
        particle->dies = world->frame + world->plan.frames_per_second / 2;
        particle->next = world->particles;
        world->particles = particle;
    }
}

/* The newest stand first, so all behind the first that has died have died too. */
static void move_particles(struct world GW *world)
{
    struct particle GW *last = world->particles;
    for (; last; last = last->next) {
        last->y -= 0.01f;
        if (last->next && last->next->dies <= world->frame) last->next = NULL;
    }
}

static void tend_plants(struct world GW *world)
{
    struct tiles GW *tiles = world->scene->tiles;
    for (unsigned i = 0; i < 8; i++) {
        struct plant GW *plant = grow(PLANT_HEIGHT);
        tiles->at[random_below(world, (uint32_t)tiles->length)]->plant = plant;
    }
}

/* ---- The world ------------------------------------------------------------------------------------- */

struct world GW *world_new(const struct world_plan *plan)
{
    struct world GW *world = gw_new(world);
    world->plan = *plan;
    world->random = 88172645463325252u;
    struct timeline GW *timeline = gw_new_array(timeline, TIMELINE);
    world->timeline = timeline;
    struct scene GW *scene = new_scene(world);
    world->scene = scene;
    for (uint32_t row = 0; row < plan->side; row++) load_row(world, world->scene, row);
    return world;
}

bool world_update(struct world GW *world)
{
    rebuild_grid(world);
    run_events(world);
    start_scripts(world);
    move_entities(world);
    emit_particles(world);
    move_particles(world);
    tend_plants(world);
    load_ahead(world);
    world->grid = NULL; /* a megabyte that only this frame needed, and that a collection in its rest would copy */
    world->frame++;
    return change_scene(world);
}

uint64_t world_checksum(struct world GW *world)
{
    uint64_t sum = world->random + world->spoken;
    struct entities GW *entities = world->scene->entities;
    for (uint64_t i = 0; i < entities->length; i++) {
        struct entity GW *entity = entities->at[i];
        sum = sum * 31 + entity->number + (uint64_t)entity->health;
        if (entity->target) sum = sum * 31 + entity->target->number;
        sum = sum * 31 + (uint64_t)(entity->x * 1e6f) + (uint64_t)(entity->y * 1e6f);
        for (struct item GW *item = entity->items; item; item = item->next) sum = sum * 31 + item->value;
        if (entity->speech) sum = sum * 31 + (uint64_t)entity->speech->bytes[entity->speech->length - 2];
    }
    return sum;
}
