/* Looking in: walks, referrers, referents, paths, and the leak report. */
#include "heap_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct seen {
    void *at[64];
    size_t count;
};

static void note(void *data, void *object)
{
    struct seen *seen = data;
    cr_assert_lt(seen->count, 64);
    seen->at[seen->count++] = object;
}

/* roots[0]: a list of 3; roots[1]: a node that refers to it. */
static void start_with_lists(void)
{
    start_heap("nursery=64k");
    make_list(0, 3);
    roots[1] = new_node(9);
    GW_STORE((struct node *)roots[1], left, roots[0]);
}

Test(inspect, a_walk_shows_every_object_young_and_old)
{
    start_with_lists();
    gw_collect(GW_FULL);
    new_node(1);
    struct seen seen = {0};
    cr_assert_eq(gw_heap_walk(note, &seen), 5);
    cr_assert_eq(seen.count, 5);
    cr_assert_eq(gw_heap_walk(NULL, NULL), 5);
}

Test(inspect, referents_and_referrers_are_each_others_inverse)
{
    start_with_lists();
    struct seen seen = {0};
    cr_assert_eq(gw_referrers(roots[0], note, &seen), 1);
    cr_assert_eq(seen.at[0], roots[1]);
    cr_assert_eq(gw_referents(roots[1], note, &seen), 1);
    cr_assert_eq(seen.at[1], roots[0]);
    cr_assert_eq(gw_referrers(roots[1], NULL, NULL), 0);
}

Test(inspect, the_path_is_the_shortest)
{
    start_with_lists();
    struct node *third = ((struct node *)roots[0])->left->left;
    struct seen seen = {0};
    cr_assert_eq(gw_path_to(third, note, &seen), 3);
    cr_assert_eq(seen.at[0], roots[0]);
    cr_assert_eq(seen.at[2], third);
    GW_STORE((struct node *)roots[1], right, third);
    seen.count = 0;
    cr_assert_eq(gw_path_to(third, note, &seen), 2);
    cr_assert_eq(seen.at[0], roots[1]);
    cr_assert_eq(seen.at[1], third);
    cr_assert_eq(gw_path_to(new_node(1), NULL, NULL), 0);
}

Test(inspect, a_path_leads_through_an_ephemeron_to_its_value)
{
    start_heap("nursery=64k");
    roots[0] = new_node(1);
    roots[1] = gw_ephemeron_new(roots[0], new_node(2));
    struct seen seen = {0};
    cr_assert_eq(gw_path_to(gw_ephemeron_value(roots[1]), note, &seen), 2);
    cr_assert_eq(seen.at[0], roots[1]);
}

/* Runs a full collection with stderr in a file, whose text it returns. */
static const char *stderr_of_collection(void)
{
    static char text[4096];
    FILE *file = tmpfile();
    int saved = dup(2);
    cr_assert_not_null(file);
    fflush(stderr);
    dup2(fileno(file), 2);
    gw_collect(GW_FULL);
    fflush(stderr);
    dup2(saved, 2);
    close(saved);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

Test(leaks, dead_cycles_are_listed_by_their_types)
{
    start_heap("nursery=64k,debug=leak");
    for (int i = 0; i < 3; i++) { /* node -> array -> node */
        roots[1] = gw_new_array(references, 1);
        roots[0] = new_node(1);
        GW_STORE((struct node *)roots[0], left, roots[1]);
        GW_STORE((struct references *)roots[1], at[0], roots[0]);
        if (i == 0) gw_collect(GW_MINOR);
    }
    roots[0] = new_node(2); /* refers to itself */
    GW_STORE((struct node *)roots[0], right, roots[0]);
    make_list(1, 10); /* no cycle: not listed */
    roots[0] = roots[1] = NULL;
    const char *text = stderr_of_collection();
    cr_assert_not_null(strstr(text, "leak: 3 dead cycles of 2, 168 bytes in all:"), "%s", text);
    cr_assert_not_null(strstr(text, "leak: 1 dead cycle of 1, 32 bytes in all: node\n"), "%s", text);
    cr_assert_null(strstr(text, "of 10"), "%s", text);
    cr_assert_str_empty(stderr_of_collection());
}
