/* Stores of references through pointers whose type no longer shows where they lead. The argument chooses the place. */
#include "check.h"

#define APART __attribute__((noinline))

struct pair {
    struct node GW *first, *second;
};
struct bytes {
    uint64_t length;
    struct node GW *at[];
};
GW_TYPE_ARRAY(bytes, struct bytes, length, at);

static struct pair global_pair;
static char buffer[64] __attribute__((aligned(8)));

APART static void *memory(size_t bytes)
{
    return malloc(bytes);
}

APART static void put(struct node GW **place, struct node GW *node)
{
    *place = node;
}

APART static void copy_pair(struct pair *to, const struct pair *from)
{
    *to = *from;
}

APART static void copy_bytes(void *to, struct bytes GW *from, size_t at, size_t bytes)
{
    memcpy(to, (char *)from + at, bytes);
}

APART static int64_t in_known_places(struct node GW *node)
{
    struct node GW *local;
    struct pair pair;
    struct node GW **registered = memory(sizeof *registered);
    *(void **)registered = NULL;
    CHECK(gw_add_roots(registered, 1) == GW_OK);
    put(&local, node);
    put(&pair.first, node);
    put(&pair.second, local);
    put(registered, node);
    copy_pair(&global_pair, &pair);
    churn();
    return local->value + pair.second->value + (*registered)->value + global_pair.first->value;
}

int main(int argc, char **argv)
{
    start(NULL);
    struct node GW *node = node_make(1, NULL);
    const char *place = argc > 1 ? argv[1] : "known";
    struct pair pair = {node, node};
    struct bytes GW *object = gw_new_array(bytes, 2);
    object->at[1] = node;
    if (strcmp(place, "known") == 0) CHECK(in_known_places(node) == 4);
    if (strcmp(place, "malloc") == 0) put(memory(8), node);
    if (strcmp(place, "buffer") == 0) put((struct node GW **)(void *)(buffer + 8), node);
    if (strcmp(place, "copied") == 0) copy_pair(memory(sizeof pair), &pair);
    if (strcmp(place, "object") == 0) copy_bytes(buffer, object, 8, 16);
    return 0;
}
