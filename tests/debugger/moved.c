/* References in variables of many kinds over collections that move what they refer to: each struct node has 4711 in it, and what was
 * vacated is overwritten. moved.py looks at all of them at each stop and at the lines behind it. */
#include <greywave/greywave.h>
#include <stdint.h>

struct node {
    struct node GW *next;
    uint64_t number;
};
GW_TYPE(node, struct node);

__attribute__((noinline)) static void stop_here(uint64_t number)
{
    __asm__ volatile("" : : "r"(number) : "memory");
}

static struct node GW *fresh(struct node GW *next)
{
    struct node GW *node = gw_new(node);
    node->number = 4711;
    node->next = next;
    return node;
}

__attribute__((noinline)) static uint64_t argument(struct node GW *v)
{
    gw_collect(GW_MINOR);
    stop_here(1);
    uint64_t number = v->number;
    gw_collect(GW_MINOR);
    stop_here(2);
    return number + v->number;
}

__attribute__((noinline)) static uint64_t loop(void)
{
    struct node GW *v = fresh(NULL), *w = v;
    for (int i = 0; i < 3; i++) {
        v = fresh(v);
        gw_collect(GW_MINOR);
        stop_here(3);
        w = v->next;
    }
    return v->number + w->number;
}

static inline uint64_t inlined(struct node GW *v)
{
    struct node GW *w = v->next;
    gw_collect(GW_MINOR);
    stop_here(4);
    return w->number;
}

__attribute__((noinline)) static uint64_t chosen(struct node GW *v, struct node GW *w, int which)
{
    struct node GW *u = which ? v : w;
    gw_collect(GW_MINOR);
    stop_here(5);
    if (which) u = u->next;
    return u->number + (which ? v->number : w->number);
}

__attribute__((noinline)) static uint64_t in_memory(struct node GW **place)
{
    struct node GW *v = *place;
    gw_collect(GW_MINOR);
    stop_here(6);
    return v->number + (*place)->number;
}

/* Dead behind the collection, and live again with another object. */
__attribute__((noinline)) static uint64_t dead(struct node GW *v)
{
    uint64_t number = v->number;
    gw_collect(GW_MINOR);
    stop_here(7);
    v = fresh(NULL);
    gw_collect(GW_MINOR);
    stop_here(8);
    return number + v->number;
}

int main(void)
{
    if (gw_init("nursery=256k,poison=1,stress=move") != GW_OK) return 1;
    struct node GW *first = fresh(fresh(fresh(NULL)));
    uint64_t sum = argument(first) + loop() + inlined(first) + chosen(first, first->next, 0) + chosen(first, first->next, 1);
    struct node GW *local = first;
    sum += in_memory(&local) + dead(first);
    return sum == 0;
}
