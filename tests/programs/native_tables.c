/* References kept in native memory, one variant after another. Where the compiler sees where the memory comes from, it refuses,
 * and does so at every level; the rest is found when the program runs. */
#include <greywave/greywave.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct node {
    struct node GW *next;
    int64_t value;
};
GW_TYPE(node, struct node);

#define APART __attribute__((noinline))

void touch(void *memory); /* of unscanned_native.c */

static struct node GW **table;
static size_t size = 4, used;

#if VARIANT == 1
/* variant 1: refused. A table behind a variable that only ever holds results of malloc; it grows. */
static void keep(struct node GW *n)
{
    if (used == size || !table) {
        struct node GW **old = table;
        if (table) size *= 2;
        table = malloc(size * sizeof *table);
        for (size_t i = 0; i < used; i++) table[i] = old[i];
        free(old);
    }
    table[used++] = n;
}
#elif VARIANT == 2
/* variant 2: refused. The place is found by a function of its own. */
APART static struct node GW **find(size_t i)
{
    for (;; i = (i + 1) % size)
        if (!table[i]) return &table[i];
}
static void keep(struct node GW *n)
{
    if (!table) table = calloc(size = 256, sizeof *table);
    struct node GW **where = find(used++);
    if (!*where) *where = n;
}
#elif VARIANT == 3
/* variant 3: refused. A struct from malloc, stored to by a function that is given nothing else. */
struct cell {
    struct node GW *node;
};
APART static void set(struct cell *cell, struct node GW *n)
{
    cell->node = n;
}
static void keep(struct node GW *n)
{
    struct cell *cell = malloc(sizeof *cell);
    set(cell, n);
}
#elif VARIANT == 4
/* variant 4: refused. */
static void keep(struct node GW *n)
{
    struct node GW **place = NULL;
    if (posix_memalign((void **)(void *)&place, 64, 64)) return;
    *place = n;
}
#elif VARIANT == 5
/* variant 5: refused. */
__attribute__((malloc)) void *take(size_t bytes);
APART void *take(size_t bytes)
{
    static char memory[4096] __attribute__((aligned(16)));
    static size_t next;
    return memory + (next += bytes) - bytes;
}
static void *reserve(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static void keep(struct node GW *n)
{
    struct node GW **page = reserve();
    page[7] = n;
}
#elif VARIANT == 6
/* variant 6: found. A function of another file might call this one. */
APART void set(struct node GW **place, struct node GW *n)
{
    *place = n;
}
static void keep(struct node GW *n)
{
    set(malloc(8), n);
}
#elif VARIANT == 7
/* variant 7: found. The table's struct is native, too. */
struct holder {
    struct node GW **slots;
};
APART struct holder *make(void)
{
    struct holder *made = malloc(sizeof *made);
    made->slots = calloc(8, 8);
    return made;
}
static void keep(struct node GW *n)
{
    make()->slots[3] = n;
}
#elif VARIANT == 8
/* variant 8: fine. Memory from malloc that was registered. */
static void keep(struct node GW *n)
{
    if (!table) {
        table = calloc(size = 256, sizeof *table);
        if (gw_add_roots(table, size) != GW_OK) abort();
    }
    table[used++] = n;
}
#elif VARIANT == 12
/* variant 12: fine. The same, with a promise to tell what changes. */
static void keep(struct node GW *n)
{
    if (!table) {
        table = calloc(size = 256, sizeof *table);
        if (gw_add_roots_tracked(table, size) != GW_OK) abort();
    }
    table[used++] = n;
    if (gw_roots_changed(&table[used - 1], 1) != GW_OK) abort();
}
#elif VARIANT == 10
/* variant 10: fine. Registered by a function that others may call, too. */
APART void keep_alive(struct node GW **from, size_t count)
{
    if (gw_add_roots(from, count) != GW_OK) abort();
}
static void keep(struct node GW *n)
{
    struct node GW **cell = calloc(1, sizeof *cell);
    keep_alive(cell, 1);
    *cell = n;
}
#elif VARIANT == 11
/* variant 11: found. It might have been registered by a function of another file. */
static void keep(struct node GW *n)
{
    struct node GW **cell = calloc(1, sizeof *cell);
    touch(cell);
    *cell = n;
}
#elif VARIANT == 9
/* variant 9: fine. A variable of the stack, or one that is global. */
static struct node GW *first[4];
APART static void set(struct node GW **place, struct node GW *n)
{
    *place = n;
}
static void keep(struct node GW *n)
{
    struct node GW *second[4];
    set(used++ % 2 ? first : second, n);
}
#endif

int main(void)
{
    if (gw_init("nursery=64k") != GW_OK) return 1;
    for (int i = 0; i < 100; i++) {
        struct node GW *n = gw_new(node);
        n->value = i;
        keep(n);
        for (int k = 0; k < 100; k++) gw_new(node);
    }
    int64_t sum = 0;
    for (size_t i = 0; table && i < used; i++) sum += table[i]->value;
    return table && sum != 4950;
}
