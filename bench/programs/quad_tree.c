/* Moving points in a quad tree that is built anew, quarter by quarter, while another stays. Stresses garbage that dies
 * in batches after it has grown old, and objects with many references. */
#include "program.h"

enum { WORLD = 1 << 20, MOST_IN_LEAF = 4, QUARTERS = 4 };

struct point {
    long x, y;
    struct point GW *next; /* in the same leaf */
};
GW_TYPE_FIELDS(point, struct point, next);

struct quad {
    struct quad GW *quarter[QUARTERS]; /* all, or none in a leaf */
    struct point GW *points;           /* of a leaf */
    long x, y, size, count;
};
GW_TYPE_FIELDS(quad, struct quad, quarter[0], quarter[1], quarter[2], quarter[3], points);

static struct quad GW *make_quad(long x, long y, long size)
{
    struct quad GW *quad = gw_new(quad);
    quad->x = x;
    quad->y = y;
    quad->size = size;
    return quad;
}

static struct quad GW *quarter_of(struct quad GW *quad, const struct point GW *point)
{
    long half = quad->size / 2;
    return quad->quarter[(point->x >= quad->x + half) + 2 * (point->y >= quad->y + half)];
}

static void insert(struct quad GW *quad, struct point GW *point);

/* A leaf becomes a node. */
static void divide(struct quad GW *quad)
{
    long half = quad->size / 2;
    for (int i = 0; i < QUARTERS; i++) {
        struct quad GW *quarter;
        GW_CALL(quarter = make_quad(quad->x + i % 2 * half, quad->y + i / 2 * half, half), quad);
        GW_STORE(quad, quarter[i], quarter);
    }
    for (struct point GW *point = quad->points, *next; point; point = next) {
        next = point->next;
        GW_CALL(insert(quarter_of(quad, point), point), quad, next);
    }
    quad->points = NULL;
}

static void insert(struct quad GW *quad, struct point GW *point)
{
    for (; quad->quarter[0]; quad = quarter_of(quad, point)) quad->count++;
    GW_STORE(point, next, quad->points);
    GW_STORE(quad, points, point);
    if (++quad->count > MOST_IN_LEAF && quad->size > 1) divide(quad);
}

static void insert_random(struct quad GW *quad, long count, struct random *random)
{
    for (long i = 0; i < count; i++) {
        struct point GW *point;
        GW_CALL(point = gw_new(point), quad);
        point->x = quad->x + random_below(random, quad->size);
        point->y = quad->y + random_below(random, quad->size);
        GW_CALL(insert(quad, point), quad);
    }
}

static struct quad GW *random_tree(long x, long y, long size, long count, struct random *random)
{
    struct quad GW *quad = make_quad(x, y, size);
    GW_CALL(insert_random(quad, count, random), quad);
    return quad;
}

static void release(struct quad GW *quad)
{
#if MEMORY_EXPLICIT
    if (!quad) return;
    for (int i = 0; i < QUARTERS; i++) release(quad->quarter[i]);
    for (struct point GW *point = quad->points, *next; point; point = next) {
        next = point->next;
        memory_release(point);
    }
#endif
    memory_release(quad);
    (void)quad;
}

static long sum_of(const struct quad GW *quad)
{
    if (!quad) return 0;
    long sum = quad->count;
    for (const struct point GW *point = quad->points; point; point = point->next) sum = checksum(sum, point->x + point->y);
    for (int i = 0; i < QUARTERS; i++) sum = checksum(sum, sum_of(quad->quarter[i]));
    return sum;
}

int main(int argc, char **argv)
{
    long size = demo_size(argc, argv, 40, 100000), points = size < 10 ? 500 : 60000;
    uint64_t started = memory_start();
    struct random random = {42};
    struct quad GW *stays, *world;
    stays = random_tree(0, 0, WORLD, points, &random);
    GW_CALL(world = random_tree(0, 0, WORLD, points, &random), stays);
    for (long i = 0; i < size; i++) {
        struct quad GW *quarter = world->quarter[i % QUARTERS], *fresh;
        GW_CALL(fresh = random_tree(quarter->x, quarter->y, quarter->size, quarter->count, &random), stays, world);
        release(world->quarter[i % QUARTERS]);
        GW_STORE(world, quarter[i % QUARTERS], fresh);
    }
    printf("%ld rounds, checksums %ld %ld\n", size, sum_of(stays), sum_of(world));
    release(stays);
    release(world);
    return memory_finish(started);
}
