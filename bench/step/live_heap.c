#include "live_heap.h"

#include <greywave/greywave.h>
#include <stdio.h>

enum {
    TREE_HEIGHT = 12,    /* 4095 nodes */
    REPLACED_HEIGHT = 3, /* 7 nodes */
    ARRAY_LENGTH = 1 << 19,
    SHIFTED = 256, /* elements moved by one shift */
    QUEUE_LENGTH = 8192,
    SHORT_LIST = 24,
    MAP_LOAD = 2 /* entries a bucket */
};

struct tree {
    struct tree GW *left, *right;
    uint64_t sum; /* of the subtree's heights: says whether a subtree is whole */
};
struct box {
    uint64_t value, twice;
};
struct entry {
    struct entry GW *next;
    struct box GW *value;
    uint64_t key;
};
struct node {
    struct node GW *next;
    uint64_t number, payload;
};
struct queue {
    struct node GW *first, *last;
};
GW_TYPE(tree, struct tree);
GW_TYPE(box, struct box);
GW_TYPE(entry, struct entry);
GW_TYPE(node, struct node);
GW_TYPE(queue, struct queue);

struct trees {
    uint64_t length;
    struct tree GW *at[];
};
struct boxes {
    uint64_t length;
    struct box GW *at[];
};
struct arrays {
    uint64_t length;
    struct boxes GW *at[];
};
struct buckets {
    uint64_t length;
    struct entry GW *at[];
};
struct queues {
    uint64_t length;
    struct queue GW *at[];
};
GW_TYPE_ARRAY(trees, struct trees, length, at);
GW_TYPE_ARRAY(boxes, struct boxes, length, at);
GW_TYPE_ARRAY(arrays, struct arrays, length, at);
GW_TYPE_ARRAY(buckets, struct buckets, length, at);
GW_TYPE_ARRAY(queues, struct queues, length, at);

static struct trees GW *forest;
static struct arrays GW *arrays;
static struct buckets GW *map;
static struct queues GW *queues;
static uint64_t map_entries, newest_key;
static bool exhausted; /* an allocation failed: whatever was being built is not there */

static uint64_t random_below(uint64_t limit)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (uint64_t)(((__uint128_t)state * limit) >> 64);
}

/* ---- Trees ----------------------------------------------------------------------------------------- */

static uint64_t sum_of_height(unsigned height)
{
    return (UINT64_C(2) << height) - 2 - height; /* sum over levels of 2^level * (height - level) */
}

static struct tree GW *new_tree(unsigned height)
{
    if (height == 0 || exhausted) return NULL;
    struct tree GW *tree = gw_new(tree);
    exhausted |= !tree;
    if (!tree) return NULL;
    tree->sum = sum_of_height(height);
    struct tree GW *child = new_tree(height - 1);
    tree->left = child;
    child = new_tree(height - 1);
    tree->right = child;
    return tree;
}

/* A random subtree, one level above `height`. */
static struct tree GW *descend(unsigned height)
{
    struct tree GW *tree = forest->at[random_below(forest->length)];
    uint64_t path = random_below(UINT64_C(1) << TREE_HEIGHT);
    for (unsigned at = TREE_HEIGHT; at > height + 1; at--, path >>= 1) tree = path & 1 ? tree->left : tree->right;
    return tree;
}

static void replace_subtree(void)
{
    struct tree GW *fresh = new_tree(REPLACED_HEIGHT);
    struct tree GW *parent = descend(REPLACED_HEIGHT);
    if (random_below(2)) parent->left = fresh;
    else parent->right = fresh;
}

static void swap_subtrees(void)
{
    unsigned height = (unsigned)random_below(TREE_HEIGHT - 2) + 1;
    struct tree GW *one = descend(height), *other = descend(height), *moved = one->left;
    one->left = other->right;
    other->right = moved;
}

static bool tree_is_whole(struct tree GW *tree, unsigned height)
{
    if (height == 0) return tree == NULL;
    return tree && tree->sum == sum_of_height(height) && tree_is_whole(tree->left, height - 1) && tree_is_whole(tree->right, height - 1);
}

/* ---- Arrays ---------------------------------------------------------------------------------------- */

static struct box GW *new_box(uint64_t value)
{
    struct box GW *box = gw_new(box);
    exhausted |= !box;
    if (!box) return NULL;
    box->value = value;
    box->twice = 2 * value;
    return box;
}

static void replace_element(void)
{
    struct box GW *box = new_box(random_below(1000));
    struct boxes GW *array = arrays->at[random_below(arrays->length)];
    array->at[random_below(ARRAY_LENGTH)] = box;
}

/* The first of some elements goes behind the others. */
static void shift_elements(void)
{
    struct boxes GW *array = arrays->at[random_below(arrays->length)];
    size_t from = random_below(ARRAY_LENGTH - SHIFTED);
    struct box GW *first = array->at[from];
    gw_array_copy(array, from, array, from + 1, SHIFTED - 1);
    array->at[from + SHIFTED - 1] = first;
}

static bool box_is_whole(struct box GW *box)
{
    return box && box->twice == 2 * box->value;
}

static bool array_is_whole(struct boxes GW *array)
{
    for (size_t i = 0; i < ARRAY_LENGTH; i++)
        if (!box_is_whole(array->at[i])) return false;
    return true;
}

/* ---- Map: the newest `map_entries` keys ------------------------------------------------------------ */

static uint64_t bucket_of(uint64_t key)
{
    return (key * UINT64_C(0x9e3779b97f4a7c15)) >> 20 & (map->length - 1);
}

static void insert(uint64_t key)
{
    struct box GW *value = new_box(key);
    struct entry GW *entry = gw_new(entry);
    exhausted |= !entry;
    if (!entry) return;
    entry->key = key;
    entry->value = value;
    entry->next = map->at[bucket_of(key)];
    map->at[bucket_of(key)] = entry;
}

static struct entry GW *find(uint64_t key)
{
    struct entry GW *entry = map->at[bucket_of(key)];
    while (entry && entry->key != key) entry = entry->next;
    return entry;
}

static void erase(uint64_t key)
{
    struct entry GW *gone = find(key), *before = map->at[bucket_of(key)];
    if (!gone) return;
    if (before == gone) {
        map->at[bucket_of(key)] = gone->next;
        return;
    }
    while (before->next != gone) before = before->next;
    before->next = gone->next;
}

static void replace_entry(void)
{
    erase(newest_key - map_entries);
    insert(newest_key++);
}

static bool map_is_whole(void)
{
    for (uint64_t key = newest_key - map_entries; key < newest_key; key++) {
        struct entry GW *entry = find(key);
        if (!entry || !box_is_whole(entry->value) || entry->value->value != key) return false;
    }
    return true;
}

/* ---- Queues and short-lived lists ------------------------------------------------------------------ */

static struct node GW *new_node(uint64_t number)
{
    struct node GW *node = gw_new(node);
    exhausted |= !node;
    if (node) node->number = number;
    return node;
}

static void append(struct queue GW *queue)
{
    struct node GW *node = new_node(queue->last ? queue->last->number + 1 : 0);
    if (!queue->last) queue->first = node;
    else queue->last->next = node;
    queue->last = node;
}

static struct queue GW *new_queue(void)
{
    struct queue GW *queue = gw_new(queue);
    exhausted |= !queue;
    for (unsigned i = 0; i < QUEUE_LENGTH && !exhausted; i++) append(queue);
    return queue;
}

static void rotate_queue(void)
{
    struct queue GW *queue = queues->at[random_below(queues->length)];
    append(queue);
    queue->first = queue->first->next;
}

static bool queue_is_whole(struct queue GW *queue)
{
    struct node GW *node = queue->first;
    for (unsigned i = 1; i < QUEUE_LENGTH; i++, node = node->next)
        if (!node->next || node->next->number != node->number + 1) return false;
    return node == queue->last && !node->next;
}

static void make_short_list(void)
{
    struct node GW *list = NULL;
    for (unsigned i = 0; i < SHORT_LIST; i++) {
        struct node GW *node = new_node(i);
        if (!node) return;
        node->next = list;
        list = node;
    }
}

/* ---- All ------------------------------------------------------------------------------------------- */

static bool build_forest(size_t bytes)
{
    size_t count = bytes / (((size_t)1 << TREE_HEIGHT) * (sizeof(struct tree) + GW_HEADER_SIZE)) + 1;
    forest = gw_new_array(trees, count);
    if (!forest) return false;
    for (size_t i = 0; i < count && !exhausted; i++) {
        struct tree GW *tree = new_tree(TREE_HEIGHT);
        forest->at[i] = tree;
    }
    return !exhausted;
}

static struct boxes GW *new_boxes(void)
{
    struct boxes GW *array = gw_new_array(boxes, ARRAY_LENGTH);
    exhausted |= !array;
    for (size_t i = 0; i < ARRAY_LENGTH && !exhausted; i++) {
        struct box GW *box = new_box(i);
        array->at[i] = box;
    }
    return array;
}

static bool build_arrays(size_t bytes)
{
    size_t count = bytes / (ARRAY_LENGTH * (8 + sizeof(struct box) + GW_HEADER_SIZE)) + 1;
    arrays = gw_new_array(arrays, count);
    if (!arrays) return false;
    for (size_t i = 0; i < count && !exhausted; i++) {
        struct boxes GW *array = new_boxes();
        arrays->at[i] = array;
    }
    return !exhausted;
}

static bool build_map(size_t bytes)
{
    size_t of_entry = sizeof(struct entry) + sizeof(struct box) + 2 * GW_HEADER_SIZE + 8 / MAP_LOAD, buckets = 2;
    map_entries = bytes / of_entry + 1;
    while (buckets * MAP_LOAD * 2 < map_entries) buckets *= 2;
    map = gw_new_array(buckets, buckets);
    if (!map) return false;
    while (newest_key < map_entries && !exhausted) insert(newest_key++);
    return !exhausted;
}

static bool build_queues(size_t bytes)
{
    size_t count = bytes / (QUEUE_LENGTH * (sizeof(struct node) + GW_HEADER_SIZE)) + 1;
    queues = gw_new_array(queues, count);
    if (!queues) return false;
    for (size_t i = 0; i < count && !exhausted; i++) {
        struct queue GW *queue = new_queue();
        queues->at[i] = queue;
    }
    return !exhausted;
}

bool live_heap_build(size_t bytes)
{
    return build_forest(bytes / 4) && build_arrays(bytes / 4) && build_map(bytes / 4) && build_queues(bytes / 4);
}

static void change(void)
{
    switch (random_below(32)) {
    case 0: replace_subtree(); break;
    case 1: swap_subtrees(); break;
    case 2: replace_element(); break;
    case 3: shift_elements(); break;
    case 4: replace_entry(); break;
    case 5: rotate_queue(); break;
    default: make_short_list(); break;
    }
}

bool live_heap_change(unsigned count)
{
    while (count-- && !exhausted) change();
    return !exhausted;
}

void live_heap_read(unsigned count)
{
    static volatile uint64_t sum;
    while (count--) {
        struct boxes GW *array = arrays->at[random_below(arrays->length)];
        sum += array->at[random_below(ARRAY_LENGTH)]->value;
    }
}

static bool complain(const char *what)
{
    fprintf(stderr, "the live heap's %s are not what was built\n", what);
    return false;
}

bool live_heap_check(void)
{
    for (size_t i = 0; i < forest->length; i++)
        if (!tree_is_whole(forest->at[i], TREE_HEIGHT)) return complain("trees");
    for (size_t i = 0; i < arrays->length; i++)
        if (!array_is_whole(arrays->at[i])) return complain("arrays");
    for (size_t i = 0; i < queues->length; i++)
        if (!queue_is_whole(queues->at[i])) return complain("queues");
    return map_is_whole() || complain("map entries");
}
