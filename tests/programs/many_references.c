/* Types and variables of many references, told by runs, and large objects of which single fields are written. Prints how many values were
 * right. */
#include <greywave/greywave.h>
#include <stdio.h>

#define MANY 70000 /* more than fit into a list of 65,536 */
#define GAPS 300

struct item {
    long value;
};
GW_TYPE(item, struct item);

struct pair {
    struct item GW *first;
    long number;
    struct item GW *second, *third;
};
struct many {
    long before;
    struct item GW *slot[MANY];
    long after;
    struct pair pair[GAPS];
};
GW_TYPE(many, struct many);

struct row {
    struct item GW *cell[100];
    long number;
};
struct rows {
    uint64_t count;
    struct row row[];
};
GW_TYPE_ARRAY(rows, struct rows, count, row);

static struct many global;
static _Thread_local struct many local_to_thread;
static struct many GW *object;
static struct rows GW *rows;
static long right;

static struct item GW *make(long value)
{
    struct item GW *item = gw_new(item);
    item->value = value;
    return item;
}

static void check(struct item GW *item, long value)
{
    right += item->value == value;
}

/* A few of each run, its ends among them. */
static long places[] = {0, 1, 63, 64, 127, 4095, 35000, MANY - 2, MANY - 1};
#define PLACES ((long)(sizeof places / sizeof *places))

static void variables(void)
{
    struct many here = {.slot = {0}};
    struct many *volatile known = &here; /* others may write through its address */
    for (long i = 0; i < PLACES; i++) {
        global.slot[places[i]] = make(i);
        local_to_thread.slot[places[i]] = make(i + 1);
        known->slot[places[i]] = make(i + 2);
        global.pair[i * 30].second = make(i + 3);
        here.pair[GAPS - 1 - i].third = make(i + 4);
    }
    gw_collect(GW_FULL);
    for (long i = 0; i < PLACES; i++) {
        check(global.slot[places[i]], i);
        check(local_to_thread.slot[places[i]], i + 1);
        check(here.slot[places[i]], i + 2);
        check(global.pair[i * 30].second, i + 3);
        check(known->pair[GAPS - 1 - i].third, i + 4);
    }
}

/* Far apart, each with a barrier of its own, between which nothing may collect. */
static void far_apart(long value)
{
    struct item GW *first = make(value), *second = make(value + 1), *third = make(value + 2);
    struct many GW *made = gw_new(many);
    gw_collect(GW_MINOR);
    struct item GW *again = make(value + 3);
    made->slot[0] = again;
    made->slot[40000] = again;
    made->pair[200].third = again;
    gw_collect(GW_MINOR);
    check(made->slot[0], value + 3);
    check(made->slot[40000], value + 3);
    check(made->pair[200].third, value + 3);
    check(first, value);
    check(second, value + 1);
    check(third, value + 2);
}

static void objects(void)
{
    object = gw_new(many);
    rows = gw_new_array(rows, 40);
    gw_collect(GW_FULL);
    for (long round = 0; round < 3; round++) {
        for (long i = 0; i < PLACES; i++) {
            object->slot[places[i]] = make(round + i);
            object->pair[i * 33].first = make(round + i + 1);
            rows->row[i * 4].cell[i * 11] = make(round + i + 2);
        }
        gw_collect(round == 1 ? GW_FULL : GW_MINOR);
        for (long i = 0; i < PLACES; i++) {
            check(object->slot[places[i]], round + i);
            check(object->pair[i * 33].first, round + i + 1);
            check(rows->row[i * 4].cell[i * 11], round + i + 2);
        }
    }
    struct many GW *copy = gw_new(many);
    *copy = *object;
    gw_collect(GW_MINOR);
    for (long i = 0; i < PLACES; i++) check(copy->slot[places[i]], 2 + i);
}

int main(void)
{
    if (gw_init(NULL) != GW_OK) return 1;
    variables();
    far_apart(1);
    objects();
    printf("%ld\n", right);
    return right != PLACES * 15 + 6;
}
