/* What threads of random_heap do with each other: parcels, short lists that one thread has made and another one takes, looks through and
 * drops.
 *
 * They go through words of native memory and through fields of an old object, in one atomic exchange each, and through words that a lock
 * guards. A parcel is never changed after it was handed over. */
#ifndef GW_STRESS_EXCHANGE_H
#define GW_STRESS_EXCHANGE_H

#define BOARD 96 /* slots of each kind */
#define LONGEST_PARCEL 12
#define PARCEL_ID (UINT64_C(1) << 40) /* and more: ids of parcels' nodes, counted down along the list */

static void *slots[BOARD], *guarded[BOARD], *board; /* registered roots */
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
OWN void *parcels[2]; /* registered: what this thread makes, and has taken */
OWN uint64_t parcel_number;

static void make_board(void)
{
    if (threads == 1) return;
    gw_add_roots(slots, BOARD);
    gw_add_roots(guarded, BOARD);
    gw_add_roots(&board, 1);
    board = gw_alloc_array(&gw_type_references, BOARD);
    if (!board) FAIL("%s", gw_error_text());
}

static void clear_board(void)
{
    memset(slots, 0, sizeof slots);
    memset(guarded, 0, sizeof guarded);
    memset(parcels, 0, sizeof parcels);
    board = NULL;
}

/* The first node's id is as much above PARCEL_ID as the parcel is long, and says in its higher bits who made it. */
static void make_parcel(void)
{
    uint64_t length = 1 + below(LONGEST_PARCEL), first = PARCEL_ID * (1 + ++parcel_number);
    parcels[0] = NULL;
    for (uint64_t i = 0; i < length; i++) {
        struct node *node = gw_alloc(&gw_type_node);
        if (!node) FAIL("%s", gw_error_text());
        node->id = first + i + 1;
        for (unsigned k = 0; k < FIELDS; k++) node->field[k] = k % 2 ? NULL : parcels[0];
        parcels[0] = node;
    }
}

static void look_through_parcel(void)
{
    const struct node *node = parcels[1];
    for (uint64_t id = node ? node->id : 0; node; id--, node = node->field[0]) {
        if (gw_type_of(node) != &gw_type_node || node->id != id || node->field[2] != node->field[0] || node->field[1])
            FAIL("a parcel's node at %p has the id %#lx, should have %#lx", (const void *)node, (unsigned long)node->id, (unsigned long)id);
        if (!node->field[0] != (id % PARCEL_ID == 1)) FAIL("a parcel ends at the node %#lx", (unsigned long)id);
    }
    parcels[1] = NULL;
}

static void *take_guard(void *unused)
{
    pthread_mutex_lock(&guard);
    return unused;
}

static void exchange_guarded(size_t at)
{
    gw_outside_call(take_guard, NULL);
    parcels[1] = guarded[at];
    guarded[at] = parcels[0];
    pthread_mutex_unlock(&guard);
}

static void exchange_in_board(size_t at)
{
    void **slot = &((struct references *)board)->at[at];
    gw_write_barrier(board, slot);
    parcels[1] = __atomic_exchange_n(slot, parcels[0], __ATOMIC_SEQ_CST);
}

static void exchange_parcel(void)
{
    size_t at = below(BOARD), way = below(3);
    make_parcel();
    if (way == 0) parcels[1] = __atomic_exchange_n(&slots[at], parcels[0], __ATOMIC_SEQ_CST);
    else if (way == 1) exchange_in_board(at);
    else exchange_guarded(at);
    parcels[0] = NULL;
    look_through_parcel();
}

static void *wait_a_little(void *unused)
{
    sched_yield();
    return unused;
}

/* Roots that are registered are the heap's, whether this thread is attached or not. */
static void leave_for_a_while(void)
{
    struct gw_heap *heap = gw_current_thread.heap;
    if (gw_detach() != GW_OK) FAIL("%s", gw_error_text());
    sched_yield();
    if (gw_attach(heap) != GW_OK) FAIL("%s", gw_error_text());
}

static void meet_others(void)
{
    size_t kind = below(1000);
    if (kind < 20) exchange_parcel();
    else if (kind < 22) gw_outside_call(wait_a_little, NULL);
    else if (kind == 22 && below(20) == 0) leave_for_a_while();
}

#endif
