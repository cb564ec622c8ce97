/* Stores of references through pointers whose type no longer shows where they lead. The argument chooses the place. */
#include "check.h"

#include <pthread.h>
#include <setjmp.h>

#define APART __attribute__((noinline))

struct pair {
    struct node GW *first, *second;
};
struct mixed {
    int64_t number;
    struct node GW *node;
    void *plain;
};
struct bytes {
    uint64_t length;
    struct node GW *at[];
};
GW_TYPE_ARRAY(bytes, struct bytes, length, at);

static struct pair global_pair;
static struct node GW *many[3000];
static _Thread_local struct mixed of_thread;
static char buffer[64] __attribute__((aligned(8)));

/* From native.c, which is compiled without the plug-in: calls `fill` with the address of a variable of its own. */
void *native_fill(void (*fill)(void **place));

APART static void *memory(size_t bytes)
{
    return malloc(bytes);
}

APART void put(struct node GW **place, struct node GW *node)
{
    *place = node;
}

/* No safepoint, and checked all the same. */
GW_NOCOLLECT APART void put_in_leaf(struct node GW **place, struct node GW *node)
{
    *place = node;
}

APART void copy_pair(struct pair *to, const struct pair *from)
{
    *to = *from;
}

APART static void copy_bytes(void *to, struct bytes GW *from, size_t at, size_t bytes)
{
    memcpy(to, (char *)from + at, bytes);
}

APART static void copy_plain(void *to, const void *from, size_t bytes)
{
    memcpy(to, from, bytes);
}

static struct node GW *wanted;

static void fill(void **place)
{
    put((struct node GW **)(void *)place, wanted);
}

/* ---- Places that the collector knows ---------------------------------------------------------------- */

APART static int64_t in_variables(struct node GW *node)
{
    struct node GW *local;
    struct pair pair;
    struct mixed mixed[20];
    put(&local, node);
    put_in_leaf(&pair.first, node);
    put(&pair.second, local);
    put(&mixed[19].node, pair.first);
    copy_pair(&global_pair, &pair);
    for (size_t i = 0; i < 3000; i += 13) put(&many[i], node);
    put(&of_thread.node, node);
    churn();
    return local->value + pair.second->value + mixed[19].node->value + global_pair.first->value + many[13 * 230]->value +
           of_thread.node->value;
}

APART static int64_t in_native_roots(struct node GW *node)
{
    struct node GW **registered = memory(2 * sizeof *registered);
    memset(registered, 0, 2 * sizeof *registered);
    CHECK(gw_add_roots(registered, 1) == GW_OK);
    CHECK(gw_add_roots(registered, 2) == GW_OK); /* twice: what is taken away once stays */
    CHECK(gw_remove_roots(registered) == GW_OK);
    gw_handle handle = gw_handle_new(NULL);
    put(registered, node);
    put((struct node GW **)(void *)handle, node);
    churn();
    return (*registered)->value + ((struct node GW *)gw_handle_get(handle))->value;
}

/* Native code may look at a reference until it calls what may collect. */
APART static int64_t in_native_frames(struct node GW *node)
{
    int64_t sum = 0;
    wanted = node;
    for (int i = 0; i < 3; i++) sum += *(int64_t *)((char *)native_fill(fill) + offsetof(struct node, value));
    return sum;
}

/* Numbers that look like references are none: only what comes from where references are kept is one. */
APART static int64_t numbers(struct node GW *node)
{
    uintptr_t *numbers_there = memory(64), *other = memory(64);
    for (int i = 0; i < 8; i++) numbers_there[i] = (uintptr_t)node;
    copy_plain(other, numbers_there, 64);
    copy_plain(buffer, numbers_there, 64);
    return other[7] != 0;
}

static jmp_buf back;

APART static void leave(void)
{
    struct node GW *local[200];
    for (int i = 0; i < 200; i += 10) put(&local[i], wanted);
    longjmp(back, 1);
}

APART static void left_by_longjmp(void)
{
    if (setjmp(back) == 0) leave();
}

/* Each heap's references in turn. */
APART static void clear_variables(void)
{
    for (size_t i = 0; i < 3000; i++) many[i] = NULL;
    global_pair.first = global_pair.second = wanted = NULL;
}

APART static void *in_a_thread(void *unused)
{
    CHECK(gw_init(NULL) == GW_OK);
    CHECK(in_variables(node_make(1, NULL)) == 6);
    clear_variables();
    CHECK(gw_detach() == GW_OK);
    return unused;
}

static void in_known_places(struct node GW *node)
{
    pthread_t thread;
    struct node GW *kept;
    put(&kept, node);
    CHECK(in_variables(kept) == 6);
    CHECK(in_native_roots(kept) == 2);
    CHECK(in_native_frames(kept) == 3);
    CHECK(numbers(kept) == 1);
    left_by_longjmp();
    CHECK(in_variables(kept) == 6);
    clear_variables();
    CHECK(pthread_create(&thread, NULL, in_a_thread, NULL) == 0 && pthread_join(thread, NULL) == 0);
}

/* ---- Places that it does not know ------------------------------------------------------------------- */

APART static void on_the_stack(struct node GW *node)
{
    void *plain[3] = {NULL};
    put((struct node GW **)(void *)&plain[1], node);
    churn();
    CHECK(plain[1] != NULL);
}

/* Where the frames were whose variables were left by longjmp. */
APART static void where_others_were(struct node GW *node)
{
    void *plain[200];
    left_by_longjmp();
    for (int i = 0; i < 200; i++) plain[i] = NULL;
    for (int i = 0; i < 200; i++) put((struct node GW **)(void *)&plain[i], node);
}

APART static void beside_references(struct node GW *node)
{
    struct mixed mixed[20];
    mixed[7].plain = NULL;
    put((struct node GW **)(void *)&mixed[7].plain, node);
}

/* Called from here alone. */
APART static void put_here(struct node GW **place, struct node GW *node)
{
    *place = node;
}

APART static void beside_in_static(struct node GW *node)
{
    static struct mixed mixed[20];
    put_here((struct node GW **)(void *)&mixed[7].plain, node);
    put_here(&mixed[7].node, node);
}

APART static void no_more_registered(struct node GW *node)
{
    struct node GW **registered = memory(sizeof *registered);
    *(void **)registered = NULL;
    CHECK(gw_add_roots(registered, 1) == GW_OK && gw_remove_roots(registered) == GW_OK);
    put(registered, node);
}

/* The number of an address hides from the compiler that it is a field's. */
APART static void in_an_object(struct node GW *object, struct node GW *node)
{
    uintptr_t field = (uintptr_t)&object->next;
    put((struct node GW **)field, node);
}

int main(int argc, char **argv)
{
    start(NULL);
    struct node GW *node = node_make(1, NULL);
    const char *place = argc > 1 ? argv[1] : "known";
    struct pair pair = {node, node};
    struct bytes GW *object = gw_new_array(bytes, 2);
    object->at[1] = node;
    if (strcmp(place, "known") == 0) in_known_places(node);
    if (strcmp(place, "malloc") == 0) put(memory(8), node);
    if (strcmp(place, "leaf") == 0) put_in_leaf(memory(8), node);
    if (strcmp(place, "buffer") == 0) put((struct node GW **)(void *)(buffer + 8), node);
    if (strcmp(place, "copied") == 0) copy_pair(memory(sizeof pair), &pair);
    if (strcmp(place, "object") == 0) copy_bytes(buffer, object, 8, 16);
    if (strcmp(place, "stack") == 0) on_the_stack(node);
    if (strcmp(place, "unwound") == 0) where_others_were(node);
    if (strcmp(place, "beside") == 0) beside_references(node);
    if (strcmp(place, "given") == 0) beside_in_static(node);
    if (strcmp(place, "inside") == 0) in_an_object(node_make(2, NULL), node);
    if (strcmp(place, "removed") == 0) no_more_registered(node);
    return 0;
}
