/* The strings and lists of greywave/containers.h. Also by GCC. */
#include "check.h"

#include <greywave/containers.h>

static void strings(void)
{
    struct gw_string GW *hello, *world, *both, *part, *blank;
    GW_CALL(hello = gw_string_new("hello, ", 7));
    GW_CALL(world = gw_string_new("wor\0ld", 6), hello);
    GW_CALL(churn(), hello, world);
    GW_CALL(both = gw_string_join(hello, world), hello, world);
    GW_CALL(blank = gw_string_blank(0), hello, world, both);
    GW_CALL(churn(), hello, world, both, blank);
    CHECK(gw_string_length(hello) == 7 && gw_string_length(both) == 13 && gw_string_length(blank) == 0);
    CHECK(strcmp(gw_string_text(hello), "hello, ") == 0 && strlen(gw_string_text(world)) == 3 && gw_string_text(both)[13] == '\0');
    CHECK(memcmp(gw_string_text(both), "hello, wor\0ld", 14) == 0 && *gw_string_text(blank) == '\0');
    GW_CALL(part = gw_string_slice(both, 7, 100), hello, world, both);
    CHECK(gw_string_compare(part, world) == 0 && gw_string_hash(part) == gw_string_hash(world) && part != world);
    CHECK(gw_string_compare(hello, both) < 0 && gw_string_compare(both, hello) > 0 && gw_string_compare(hello, world) < 0);
    CHECK(gw_string_hash(hello) != gw_string_hash(both));
    GW_CALL(part = gw_string_slice(both, 99, 3), hello, both);
    CHECK(gw_string_length(part) == 0);
    GW_CALL(part = gw_string_slice(both, 1, 4), hello, both);
    CHECK(strcmp(gw_string_text(part), "ello") == 0);
    CHECK(gw_string_blank(SIZE_MAX) == NULL);
}

static void lists(int count)
{
    struct gw_list GW *list, *old;
    struct node GW *node;
    GW_CALL(list = gw_list_new());
    GW_CALL(old = gw_list_new(), list);
    CHECK(gw_list_pop(list) == NULL && gw_list_get(list, 0) == NULL);
    for (int i = 0; i < 4; i++) GW_CALL(gw_collect(GW_FULL), list, old);
    for (int i = 0; i < count; i++) {
        GW_CALL(node = node_make(i, NULL), list, old);
        bool pushed;
        GW_CALL(pushed = gw_list_push(list, node), list, old, node);
        CHECK(pushed);
        if (i % 3 == 0) {
            GW_CALL(pushed = gw_list_push(old, node), list, old, node);
            CHECK(pushed);
        }
    }
    node = NULL;
    GW_CALL(churn(), list, old);
    CHECK(list->count == (uint64_t)count && old->count == (uint64_t)(count + 2) / 3);
    for (int i = 0; i < count; i++) {
        struct node GW *found = (struct node GW *)gw_list_get(list, (uint64_t)i);
        CHECK(found->value == i && (i % 3 || gw_list_get(old, (uint64_t)i / 3) == (void GW *)found));
    }
    GW_CALL(node = node_make(-5, NULL), list, old);
    gw_list_set(list, 1, node);
    gw_list_set(list, (uint64_t)count, node);
    gw_list_set(list, 2, gw_small_integer(12));
    node = NULL;
    GW_CALL(churn(), list);
    CHECK(((struct node GW *)gw_list_get(list, 1))->value == -5 && gw_small_integer_value(gw_list_get(list, 2)) == 12);
    CHECK(gw_list_get(list, (uint64_t)count) == NULL);
    for (int i = count; i-- > 3;) CHECK(((struct node GW *)gw_list_pop(list))->value == i);
    CHECK(list->count == 3 && list->slots->at[3] == NULL);
}

int main(void)
{
    start(NULL);
    strings();
    lists(10);
    lists(300);
    CHECK(gw_verify() == GW_OK);
    puts("containers: all kept");
    return 0;
}
