/* Prints what is alive at each of its safepoints, as the collector sees it after two full collections: objects by number. Built
 * by every root finder the output must be the same, as all references named at a call are used after it. */
#include <greywave/greywave.h>
#include <stdio.h>
#include <stdlib.h>

struct item {
    struct item GW *left, *right;
    long number;
};
GW_TYPE_FIELDS(item, struct item, left, right);

static struct item GW *kept;
GW_GLOBAL(kept);

static void safepoint(const char *where)
{
    struct gw_stats stats;
    gw_collect(GW_FULL);
    gw_collect(GW_FULL);
    gw_get_stats(&stats);
    printf("%s: %llu bytes\n", where, (unsigned long long)stats.live_bytes);
}

static struct item GW *make(struct item GW *left, struct item GW *right, long number)
{
    struct item GW *item;
    GW_CALL(item = gw_new(item), left, right);
    GW_STORE(item, left, left);
    GW_STORE(item, right, right);
    item->number = number;
    return item;
}

static long sum(const struct item GW *item)
{
    return item ? item->number + 2 * sum(item->left) + 3 * sum(item->right) : 0;
}

static struct item GW *list(long length)
{
    struct item GW *head = NULL;
    for (long i = 0; i < length; i++) head = make(head, NULL, i);
    return head;
}

/* References in every frame of a recursion, over two calls. */
static long recurse(struct item GW *mine, int depth)
{
    struct item GW *other;
    GW_CALL(other = list(depth), mine);
    if (depth % 3 == 0) GW_CALL(safepoint("recursion"), mine, other);
    long below = 0;
    if (depth > 0) GW_CALL(below = recurse(other, depth - 1), mine, other);
    return below + sum(mine) + sum(other);
}

/* More references than there are registers. */
static long many(void)
{
    struct item GW *a = list(1), *b, *c, *d, *e, *f, *g, *h;
    GW_CALL(b = list(2), a);
    GW_CALL(c = list(3), a, b);
    GW_CALL(d = list(4), a, b, c);
    GW_CALL(e = list(5), a, b, c, d);
    GW_CALL(f = list(6), a, b, c, d, e);
    GW_CALL(g = list(7), a, b, c, d, e, f);
    GW_CALL(h = list(8), a, b, c, d, e, f, g);
    GW_CALL(safepoint("many"), a, b, c, d, e, f, g, h);
    long total = sum(a) + sum(b) + sum(c) + sum(d);
    GW_CALL(safepoint("half of them"), e, f, g, h);
    return total + sum(e) + sum(f) + sum(g) + sum(h);
}

/* A reference that is null on one way, another on the other; both chosen after the call. */
static long choose(int which)
{
    struct item GW *a = list(10), *b = NULL;
    if (which) GW_CALL(b = list(20), a);
    GW_CALL(safepoint(which ? "both" : "one"), a, b);
    struct item GW *chosen = which > 1 ? b : a;
    GW_CALL(safepoint("chosen"), chosen);
    return sum(chosen);
}

static long loop(int rounds)
{
    struct item GW *growing = NULL, *last = NULL;
    for (int i = 0; i < rounds; i++) {
        GW_CALL(last = list(i), growing);
        growing = make(growing, last, i);
        if (i % 4 == 3) GW_CALL(safepoint("loop"), growing);
    }
    return sum(growing);
}

int main(void)
{
    if (gw_init(NULL) != GW_OK) return fprintf(stderr, "%s\n", gw_error_text()), 2;
    kept = list(100);
    safepoint("global");
    printf("%ld\n", recurse(kept, 12));
    printf("%ld\n", many());
    for (int which = 0; which < 3; which++) printf("%ld\n", choose(which));
    printf("%ld\n", loop(16));
    kept = NULL;
    safepoint("end");
    return 0;
}
