/* Managed code below native code below managed code: qsort with a comparator that allocates, and callbacks from native
 * code that knows nothing of the collector. References in the outer managed frames must survive and be updated. */
#include "check.h"
#include "native.h"

enum { COUNT = 24 };

/* What the comparator looks at: references on the stack of the function that sorts. */
struct sorting {
    struct node GW *keys[COUNT];
    int64_t comparisons;
};
static struct sorting *sorting; /* native address of a stack variable: not a reference */
static struct node GW *last_compared;

static int compare(const void *a, const void *b)
{
    struct node GW *left = sorting->keys[*(const int *)a];
    struct node GW *right = sorting->keys[*(const int *)b];
    struct node GW *note = node_make(++sorting->comparisons, NULL);
    churn();
    last_compared = note;
    return (left->value > right->value) - (left->value < right->value);
}

static void sort_with_allocating_comparator(void)
{
    struct sorting mine = {0};
    int order[COUNT];
    for (int i = 0; i < COUNT; i++) {
        order[i] = i;
        mine.keys[i] = node_make(i * 7 % COUNT, NULL);
    }
    struct node GW *held = mine.keys[5];
    sorting = &mine;
    qsort(order, COUNT, sizeof *order, compare);
    CHECK(held == mine.keys[5] && held->value == 5 * 7 % COUNT);
    CHECK(last_compared->value == mine.comparisons);
    for (int i = 0; i < COUNT; i++) CHECK(mine.keys[order[i]]->value == i);
}

static void search_with_allocating_comparator(void)
{
    struct sorting mine = {0};
    int order[COUNT];
    for (int i = 0; i < COUNT; i++) {
        order[i] = i;
        mine.keys[i] = node_make(i * 2, NULL);
    }
    sorting = &mine;
    int key = 17;
    int *found = bsearch(&key, order, COUNT, sizeof *order, compare);
    CHECK(found && *found == 17 && mine.keys[*found]->value == 34);
}

/* The references themselves are sorted, by a comparison that moves them. */
static int compare_references(const void *a, const void *b)
{
    struct node GW *const *left = a, *const *right = b;
    churn();
    int64_t difference = (*left)->value / 3 - (*right)->value / 3;
    churn();
    CHECK((*left)->next == last_compared && (*right)->next == last_compared);
    return (difference > 0) - (difference < 0);
}

__attribute__((noinline)) static void sort_through_pointer(struct node GW **nodes, size_t count)
{
    qsort(nodes, count, sizeof *nodes, compare_references);
}

static void sort_references(void)
{
    struct node GW *nodes[COUNT];
    for (int i = 0; i < COUNT; i++) nodes[i] = node_make(i * 7 % COUNT, last_compared);
    sort_through_pointer(nodes, COUNT);
    /* Equals keep their order, as in the C library. */
    for (int i = 1; i < COUNT; i++) {
        CHECK(nodes[i - 1]->value / 3 <= nodes[i]->value / 3);
        int64_t before = nodes[i - 1]->value * 7 % COUNT, behind = nodes[i]->value * 7 % COUNT; /* 7 * 7 = 1 mod 24 */
        CHECK(nodes[i - 1]->value / 3 < nodes[i]->value / 3 || before < behind);
    }
}

/* The function that sorts is chosen, out of a table, handed over, or comes out of memory. */
enum { FEW = 10 };
void qsort_r(void *, size_t, size_t, int (*)(const void *, const void *, void *), void *); /* glibc's, with _GNU_SOURCE alone */
typedef void sorter(void *, size_t, size_t, int (*)(const void *, const void *));
static struct {
    int number;
    sorter *sort;
} const sorters[] = {{1, gw_sort}, {2, qsort}};
static sorter *volatile sorter_in_memory = qsort;
static volatile int chosen = 1;

/* Objects grow old, and move no more: a collection at one comparison of them all, a different one each time. */
static int comparisons_left;

static int compare_and_move(const void *a, const void *b)
{
    struct node GW *const *left = a, *const *right = b;
    if (comparisons_left-- == 0) churn();
    int64_t difference = (*left)->value - (*right)->value;
    return (difference > 0) - (difference < 0);
}

static int compare_with_data(const void *a, const void *b, void *data)
{
    CHECK(*(int *)data == 5);
    return compare_and_move(a, b);
}

__attribute__((noinline)) static void sort_by(sorter *sort, struct node GW **nodes)
{
    sort(nodes, FEW, sizeof *nodes, compare_and_move);
}

static void sort_by_way(int way, struct node GW **nodes)
{
    void (*volatile with_data)(void *, size_t, size_t, int (*)(const void *, const void *, void *), void *) = qsort_r;
    int five = 5;
    switch (way) {
    case 0: sort_by(qsort, nodes); break;
    case 1: (chosen ? qsort : gw_sort)(nodes, FEW, sizeof *nodes, compare_and_move); break;
    case 2: sorters[chosen].sort(nodes, FEW, sizeof *nodes, compare_and_move); break;
    case 3: sorter_in_memory(nodes, FEW, sizeof *nodes, compare_and_move); break;
    default: with_data(nodes, FEW, sizeof *nodes, compare_with_data, &five);
    }
}

static void sort_by_functions_of_any_kind(void)
{
    for (int way = 0; way < 5; way++)
        for (int before = 0; before < 2 * FEW; before++) {
            struct node GW *nodes[FEW];
            for (int i = 0; i < FEW; i++) nodes[i] = node_make(i * 7 % FEW, NULL);
            comparisons_left = before;
            sort_by_way(way, nodes);
            churn();
            for (int i = 0; i < FEW; i++) CHECK(nodes[i]->value == i);
        }
}

struct visiting {
    struct node GW *list;
    long calls;
};

static long visit(void *data, long i)
{
    struct visiting *visiting = data;
    struct node GW *before = visiting->list;
    visiting->list = node_make(i, before);
    churn();
    visiting->calls++;
    return before ? before->value : 0;
}

static long visit_again(void *data, long i)
{
    struct node GW *mine = node_make(i + 100, NULL);
    long sum = native_each(3, visit, data);
    CHECK(mine->value == i + 100);
    return sum;
}

static void callbacks_from_native_code(void)
{
    struct visiting visiting = {0};
    struct node GW *held = node_make(99, NULL);
    long sum = native_each(10, visit, &visiting);
    CHECK(sum == 36 && visiting.calls == 10 && held->value == 99);
    sum = native_deep(50, visit_again, &visiting);
    CHECK(sum == 50 + 9 + 0 + 1 && visiting.calls == 13 && held->value == 99);
    int64_t expected[] = {2, 1, 0, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
    struct node GW *node = visiting.list;
    for (int i = 0; i < 13; i++, node = node->next) CHECK(node->value == expected[i]);
    CHECK(!node);
}

int main(void)
{
    start(NULL);
    sort_with_allocating_comparator();
    search_with_allocating_comparator();
    sort_references();
    sort_by_functions_of_any_kind();
    callbacks_from_native_code();
    CHECK(gw_verify() == GW_OK);
    puts("callbacks: all found");
    return 0;
}
