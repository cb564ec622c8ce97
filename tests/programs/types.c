/* One type in all files, options of types, and questions about objects, which compiled code answers in place. */
#include "types.h"

#define APART __attribute__((noinline))

int closed;
void close_file(void *payload)
{
    closed += (int)((struct file *)payload)->descriptor;
}

struct untold {
    int64_t number;
};
GW_TYPE_LEAF(untold, struct untold);

struct bytes {
    int64_t kind;
    uint64_t length;
    char at[];
};
GW_TYPE_BYTES(bytes, struct bytes, length, at, GW_DESTROY(close_file));

static void one_type(void)
{
    CHECK(other_type(0) == &gw_type_pair && other_type(1) == &gw_type_row && other_type(2) == &gw_type_file);
    void GW *made[3] = {other_makes(0), other_makes(1), other_makes(2)};
    void GW *here[3] = {gw_new(pair), gw_new_array(row, 2), gw_new(file)};
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 3; k++) {
                CHECK(other_says(i, made[k]) == (i == k) && other_says(i, here[k]) == (i == k));
                CHECK((gw_type_of(made[k]) == other_type(i)) == (i == k));
            }
        churn();
        gw_collect(round == 1 ? GW_FULL : GW_MINOR);
    }
    CHECK(gw_is(made[0], pair) && !gw_is(made[0], row) && gw_is(made[2], file));
}

APART static uint64_t length_of(void GW *object)
{
    return gw_length(object);
}
APART static const char *name_of(void GW *object)
{
    return gw_type_of(object)->name;
}

/* Young, old, large, marked, recorded, hashed: the header's flags are no part of its type. */
static void questions(void)
{
    struct row GW *row = gw_new_array(row, 3), *large = gw_new_array(row, 5000), *empty = gw_new_array(row, 0);
    struct bytes GW *bytes = gw_new_array(bytes, 77);
    struct untold GW *number = gw_new(untold);
    number->number = 99; /* where an array has its length */
    for (int round = 0; round < 4; round++) {
        CHECK(length_of(row) == 3 && length_of(large) == 5000 && length_of(empty) == 0 && length_of(bytes) == 77);
        CHECK(length_of(number) == 0 && length_of(node_make(1, NULL)) == 0);
        CHECK(!strcmp(name_of(row), "row") && !strcmp(name_of(large), "row") && !strcmp(name_of(number), "untold"));
        large->at[round * 1000] = node_make(round, NULL);
        (void)gw_identity_hash(row);
        gw_collect(round % 2 ? GW_FULL : GW_MINOR);
    }
    CHECK(large->at[2000]->value == 2);
}

APART static void options(void)
{
    for (int i = 0; i < 3; i++) {
        struct file GW *file = gw_new(file);
        CHECK((uintptr_t)file % 16 == 0);
        file->descriptor = 100;
        file->name = node_make(5, NULL);
        churn();
        CHECK(file->name->value == 5 && (uintptr_t)file % 16 == 0);
    }
}

int main(void)
{
    start(NULL);
    one_type();
    questions();
    options();
    for (int i = 0; i < 3; i++) gw_collect(GW_FULL);
    /* Three files of 100, of which a variable may still hold one, and the bytes, whose length lies where a file has its descriptor. */
    CHECK(closed >= 277 && closed <= 377);
    CHECK(gw_verify() == GW_OK);
    puts("types: one of each");
    return 0;
}
