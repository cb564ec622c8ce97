/* What link-time optimisation makes of two files: variables of all kinds that become the module's own, split and moved about, and calls
 * from one file to the other that are jumps. Compile with PART 1 and 2, and link. */
#include "check.h"

#define APART __attribute__((noinline))
#define JUMP __attribute__((musttail))

struct counted_node {
    long count;
    struct node GW *node;
    double weight;
};

extern struct node GW *single, *many[3];
extern struct counted_node mixed, mixed_array[2];
extern _Thread_local struct node GW *of_the_thread;
extern struct node GW *only_written;
extern struct node GW **const known_places[2];
void store_all(int64_t from);
int64_t sum_by_turns(int64_t left, struct node GW *n, int64_t sum, int64_t a, int64_t b, int64_t c);
int64_t sum_other(int64_t left, struct node GW *n, int64_t sum, int64_t a, int64_t b, int64_t c);
struct node GW *made_by_turns(int64_t left, struct node GW *n);
struct node GW *made_other(int64_t left, struct node GW *n);

#if PART == 1
struct node GW *single, *many[3];
struct counted_node mixed, mixed_array[2];
_Thread_local struct node GW *of_the_thread;
struct node GW *only_written;
struct node GW **const known_places[2] = {&single, &many[2]};

APART int64_t sum_by_turns(int64_t left, struct node GW *n, int64_t sum, int64_t a, int64_t b, int64_t c)
{
    if (left == 0) return sum + a + b + c;
    if (left % 100000 == 0) churn();
    JUMP return sum_other(left - 1, n, sum + n->value, b, c, a);
}

APART struct node GW *made_by_turns(int64_t left, struct node GW *n)
{
    if (left == 0) return n;
    JUMP return made_other(left - 1, n);
}

static void check_variables(int64_t from)
{
    CHECK(single->value == from && many[0]->value == from + 1 && many[2]->value == from + 2);
    CHECK(mixed.count == from && mixed.node->value == from + 3 && mixed.weight == 1.5);
    CHECK(mixed_array[1].node->value == from + 4 && mixed_array[1].count == -from);
    CHECK(of_the_thread->value == from + 5);
    CHECK(*known_places[0] == single && (*known_places[1])->value == from + 2);
}

static struct gw_weak GW *keep(void)
{
    struct node GW *made = node_make(1, NULL);
    only_written = made;
    return gw_weak_new(made, GW_WEAK_LONG);
}

int main(void)
{
    start(NULL);
    struct gw_weak GW *weak = keep();
    for (int64_t from = 0; from < 30; from += 10) {
        store_all(from);
        churn();
        check_variables(from);
    }
    gw_collect(GW_FULL);
    CHECK(gw_weak_get(weak));
    struct node GW *n = node_make(2, NULL);
    CHECK(sum_by_turns(1000000, n, 0, 1, 2, 3) == 2000006);
    CHECK(made_by_turns(100001, n)->value == 2 && n->value == 2);
    puts("crossing: right");
    return 0;
}
#else
APART int64_t sum_other(int64_t left, struct node GW *n, int64_t sum, int64_t a, int64_t b, int64_t c)
{
    if (left == 0) return sum + a + b + c;
    JUMP return sum_by_turns(left - 1, n, sum + n->value, b, c, a);
}

APART struct node GW *made_other(int64_t left, struct node GW *n)
{
    struct node GW *made = left % 50000 == 0 ? node_make(n->value, NULL) : n;
    JUMP return made_by_turns(left - (left > 0), made);
}

void store_all(int64_t from)
{
    single = node_make(from, NULL);
    many[0] = node_make(from + 1, single);
    *known_places[1] = node_make(from + 2, NULL);
    mixed = (struct counted_node){from, node_make(from + 3, NULL), 1.5};
    mixed_array[1].count = -from;
    mixed_array[1].node = node_make(from + 4, NULL);
    of_the_thread = node_make(from + 5, NULL);
}
#endif
