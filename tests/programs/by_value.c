/* Structs with references that the calling convention passes in memory: the caller's copy lies among the arguments. */
#include "check.h"
#include <stdarg.h>

#define APART __attribute__((noinline))

struct three {
    struct node GW *a, *b, *c;
    int64_t k;
};
struct large {
    struct node GW *at[20];
};

APART static int64_t take(int x, struct three t, struct three u, double d)
{
    churn();
    struct node GW *kept = t.b;
    t.b = u.c;
    churn();
    return t.a->value + t.b->value * 10 + kept->value * 100 + u.k + x + (int64_t)d + u.a->value;
}
static int64_t (*volatile take_here)(int, struct three, struct three, double) = take;

APART static struct large shifted(struct large large, int by)
{
    struct large result;
    for (int i = 0; i < 20; i++) {
        churn();
        result.at[i] = large.at[(i + by) % 20];
    }
    return result;
}

/* Passed on from a parameter. */
APART static int64_t forwarded(struct large large, int depth)
{
    if (!depth) return large.at[3]->value;
    churn();
    struct node GW *first = large.at[0];
    int64_t sum = forwarded(shifted(large, depth), depth - 1);
    CHECK(large.at[0] == first);
    return sum + first->value;
}

APART static int64_t by_value_in_objects(struct node GW *list)
{
    struct large GW *object;
    struct large local;
    for (int i = 0; i < 20; i++, list = list->next) local.at[i] = list;
    GW_TYPE(large, struct large);
    object = gw_new(large);
    *object = local;
    churn();
    gw_collect(GW_FULL);
    *object = shifted(*object, 5);
    churn();
    return forwarded(*object, 4);
}

/* Both floats are in one register, as a vector: a part of the result that holds no reference. */
struct place {
    float x, y;
    struct node GW *node;
};

APART static struct place moved(struct place place, float by)
{
    churn();
    return (struct place){place.x + by, place.y - by, place.node};
}

APART static struct place moved_twice(struct place place)
{
    return moved(moved(place, 1.5f), 1);
}

APART static int64_t small_numbers_beside_a_reference(void)
{
    struct place (*move)(struct place, float) = moved;
    struct place GW *object;
    GW_TYPE(place, struct place);
    object = gw_new(place);
    struct place p = moved_twice((struct place){1, 8, node_make(3, NULL)});
    *object = move(p, 0.5f);
    churn();
    return (int64_t)(object->x * 10) * 10000 + (int64_t)(object->y * 10) * 10 + object->node->value;
}

int main(void)
{
    start(NULL);
    CHECK(small_numbers_beside_a_reference() == 40 * 10000 + 50 * 10 + 3);
    struct three t = {node_make(1, NULL), node_make(2, NULL), node_make(3, NULL), 4};
    int64_t sum = 0;
    for (int i = 0; i < 3; i++) {
        sum += take(i, t, (struct three){t.c, t.a, node_make(i, NULL), i}, 2.5);
        sum += take_here(i, t, t, i);
        CHECK(t.b->value == 2);
    }
    CHECK(sum == 1368);
    struct node GW *list = NULL;
    for (int i = 19; i >= 0; i--) list = node_make(i, list);
    CHECK(by_value_in_objects(list) == 5 + 9 + 12 + 14 + 18);
    puts("by_value: all found");
    return 0;
}
