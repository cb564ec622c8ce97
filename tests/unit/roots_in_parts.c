/* A cycle's roots are looked at in parts, between which the program moves references from roots that are to come to roots that were seen,
 * and frees and registers others. `value[i]` is the model: what root i leads to. */
#include "engine/mark_roots.h"
#include "heap_fixture.h"

#include <signal.h>

enum { COUNT = 1200, NOTHING = COUNT };

static void *words[COUNT];
static gw_handle handles[COUNT];
static uint64_t value[COUNT], state = 1;

static size_t random_below(size_t limit)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)((state >> 33) % limit);
}

/* ---- What differs between kinds of roots ------------------------------------------------------------- */

struct kind {
    void *(*get)(size_t i);
    void (*set)(size_t i, void *reference);
};

static void *get_handle(size_t i)
{
    return gw_handle_get(handles[i]);
}

static void set_handle(size_t i, void *reference)
{
    gw_handle_set(handles[i], reference);
}

static void *get_word(size_t i)
{
    return words[i];
}

static void set_word(size_t i, void *reference)
{
    words[i] = reference;
}

static void set_tracked(size_t i, void *reference)
{
    words[i] = reference;
    cr_assert_eq(gw_roots_changed(&words[i], 1), GW_OK);
}

static const struct kind by_handle = {get_handle, set_handle}, by_word = {get_word, set_word}, by_tracked_word = {get_word, set_tracked};

static void add_handles(void)
{
    for (size_t i = 0; i < COUNT; i++) handles[i] = gw_handle_new(NULL);
}

/* Several ranges, for the cursor goes from one to the next. */
static void add_words(gw_status (*add)(void *words, size_t count))
{
    for (size_t i = 0; i < COUNT; i += COUNT / 3) cr_assert_eq(add(&words[i], COUNT / 3), GW_OK);
}

/* ---- The program ------------------------------------------------------------------------------------- */

static void fill(const struct kind *kind)
{
    for (size_t i = 0; i < COUNT; i++) {
        value[i] = i;
        kind->set(i, new_node(i));
    }
}

/* From one to another, or exchanged, or a new object. */
static void change(const struct kind *kind)
{
    size_t from = random_below(COUNT), to = random_below(COUNT);
    void *moved = kind->get(from), *before = kind->get(to);
    uint64_t moved_value = value[from], before_value = value[to];
    if (random_below(8) == 0) {
        moved = new_node(moved_value = COUNT + random_below(1000000));
    } else {
        bool exchanged = random_below(2);
        kind->set(from, exchanged ? before : NULL);
        value[from] = exchanged ? before_value : NOTHING;
    }
    if (from == to) moved = NULL, moved_value = NOTHING;
    kind->set(to, moved);
    value[to] = moved_value;
}

static void compare(const struct kind *kind)
{
    for (size_t i = 0; i < COUNT; i++) {
        const struct node *node = kind->get(i);
        cr_assert_eq(node == NULL, value[i] == NOTHING, "root %zu", i);
        if (node) cr_assert_eq(node->number, value[i], "root %zu", i);
    }
}

static bool all_seen(const struct gw_heap *heap)
{
    return heap->cycle.phase != GW_PHASE_ROOTS && heap->cycle.phase != GW_PHASE_MARK;
}

/* What makes a cycle worth starting. */
static void make_garbage(void)
{
    for (int i = 0; i < 8; i++) gw_new_array(references, 40000);
}

/* Cycles by the smallest pieces, some changes after each. */
static void run_cycles(struct gw_heap *heap, const struct kind *kind)
{
    for (int cycle = 0; cycle < 4; cycle++) {
        size_t pieces = 0;
        make_garbage();
        gw_collect_step(0);
        cr_assert_not(all_seen(heap), "there are more roots than a piece looks at");
        for (; heap->cycle.phase != GW_PHASE_IDLE; pieces++) {
            for (int i = 0; i < 3; i++) change(kind);
            gw_collect_step(0);
            cr_assert_eq(heap->mark.queue_head, heap->mark.queue_tail, "discovered, and white while the program runs");
        }
        cr_assert_gt(pieces, COUNT / 64);
        compare(kind);
        cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    }
}

static struct gw_heap *heap_by_steps(void)
{
    struct gw_heap *heap = start_heap("nursery=64k,growth=10");
    gw_disable();
    return heap;
}

Test(roots_in_parts, given_handles)
{
    struct gw_heap *heap = heap_by_steps();
    add_handles();
    fill(&by_handle);
    run_cycles(heap, &by_handle);
}

Test(roots_in_parts, given_ranges_that_are_read_whole)
{
    struct gw_heap *heap = heap_by_steps();
    add_words(gw_add_roots);
    fill(&by_word);
    run_cycles(heap, &by_word);
}

Test(roots_in_parts, given_ranges_whose_changes_are_told)
{
    struct gw_heap *heap = heap_by_steps();
    add_words(gw_add_roots_tracked);
    fill(&by_tracked_word);
    run_cycles(heap, &by_tracked_word);
}

/* ---- Roots that come and go -------------------------------------------------------------------------- */

/* One range goes and comes back with other words in front of it, whatever part of it was seen. */
static void exchange_ranges(bool tracked)
{
    struct gw_heap *heap = heap_by_steps();
    gw_status (*add)(void *, size_t) = tracked ? gw_add_roots_tracked : gw_add_roots;
    const struct kind *kind = tracked ? &by_tracked_word : &by_word;
    add_words(add);
    fill(kind);
    make_garbage();
    gw_collect_step(0);
    for (size_t piece = 0; heap->cycle.phase != GW_PHASE_IDLE; piece++) {
        if (piece % 50 == 7) {
            size_t range = piece % 3 * (COUNT / 3);
            gw_remove_roots(&words[range]);
            cr_assert_eq(add(&words[range], COUNT / 3), GW_OK);
        }
        change(kind);
        gw_collect_step(0);
    }
    compare(kind);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
}

Test(roots_in_parts, given_ranges_that_go_and_come_back)
{
    exchange_ranges(false);
}

Test(roots_in_parts, given_tracked_ranges_that_go_and_come_back)
{
    exchange_ranges(true);
}

/* Handles that are new lie in slabs in front of those that were seen. */
Test(roots_in_parts, given_handles_that_are_freed_and_made_meanwhile)
{
    struct gw_heap *heap = heap_by_steps();
    add_handles();
    fill(&by_handle);
    make_garbage();
    gw_collect_step(0);
    while (heap->cycle.phase != GW_PHASE_IDLE) {
        size_t i = random_below(COUNT), from = random_below(COUNT);
        void *moved = gw_handle_get(handles[from]);
        gw_handle_free(handles[i]);
        handles[i] = gw_handle_new(i == from ? NULL : moved);
        value[i] = i == from ? NOTHING : value[from];
        for (int k = 0; k < 8; k++) gw_handle_new(NULL);
        change(&by_handle);
        gw_collect_step(0);
    }
    compare(&by_handle);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
}

/* ---- Planted faults ---------------------------------------------------------------------------------- */

/* A cursor that has passed what nobody has told of: a reference moves behind it and is gone from in front. */
Test(planted, a_word_that_changes_behind_the_cursor_and_is_not_told_of_is_reported, .signal = SIGABRT)
{
    struct gw_heap *heap = start_heap("nursery=64k,growth=10,verify=1");
    gw_disable();
    add_words(gw_add_roots_tracked);
    fill(&by_tracked_word);
    make_garbage();
    while (!heap->cycle.roots.registered.tracked) gw_collect_step(0);
    words[0] = words[COUNT - 1]; /* the planted bug: gw_roots_changed is not called */
    set_tracked(COUNT - 1, NULL);
    while (gw_collect_step(0).status != GW_STEP_DONE) continue;
}
