/* A table of properties of objects, each of which refers back to its object, while objects come and go. Stresses
 * ephemerons: only they let both go. */
#include "program.h"

struct key {
    long number;
};
GW_TYPE_LEAF(key, struct key);

struct property {
    struct key GW *owner;
    long number;
};
GW_TYPE_FIELDS(property, struct property, owner);

struct keys {
    uint64_t length;
    struct key GW *at[];
};
GW_TYPE_REFERENCES(keys, struct keys, length, at);

enum { KEYS = 20000, FEW_KEYS = 50, SMALL_SIZE = 1000 };

static void add_property(struct gw_weak_map GW *map, struct key GW *key)
{
    struct property GW *property;
    gw_status status;
    GW_CALL(property = gw_new(property), map, key);
    GW_STORE(property, owner, key);
    property->number = key->number * 7 % 1000;
    GW_CALL(status = gw_weak_map_set(map, key, property), map);
    if (status != GW_OK) memory_exhausted(sizeof *property);
}

static void replace_key(struct gw_weak_map GW *map, struct keys GW *keys, uint64_t place, long number)
{
    struct key GW *key;
    GW_CALL(key = gw_new(key), map, keys);
    key->number = number;
    GW_STORE(keys, at[place], key);
    add_property(map, key);
}

static long property_of(const struct gw_weak_map GW *map, const struct key GW *key)
{
    const struct property GW *property = gw_weak_map_get(map, key);
    return property && property->owner == key ? property->number : -1;
}

static long sum_of(const struct gw_weak_map GW *map, const struct keys GW *keys)
{
    long sum = 0;
    for (uint64_t i = 0; i < keys->length; i++) sum = checksum(sum, property_of(map, keys->at[i]));
    return sum;
}

int main(int argc, char **argv)
{
    long size = demo_size(argc, argv, 400000, 1000000000), found = 0;
    uint64_t count = size < SMALL_SIZE ? FEW_KEYS : KEYS, started = memory_start();
    struct random random = {42};
    struct gw_weak_map GW *map = gw_weak_map_new(GW_WEAK_KEYS);
    struct keys GW *keys;
    GW_CALL(keys = gw_new_array(keys, count), map);
    for (uint64_t i = 0; i < count; i++) GW_CALL(replace_key(map, keys, i, (long)i), map, keys);
    for (long i = 0; i < size; i++) {
        long place = random_below(&random, (long)count);
        GW_CALL(replace_key(map, keys, (uint64_t)place, i), map, keys);
        found = checksum(found, property_of(map, keys->at[random_below(&random, (long)count)]));
    }
    printf("%ld objects came and went, checksums %ld %ld\n", size, found, sum_of(map, keys));
    return memory_finish(started);
}
