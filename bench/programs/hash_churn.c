/* A hash table with chains in which entries come and go. Stresses stores of young objects into a large old array,
 * entries of middle age, and the table's doubling. */
#include "program.h"

struct entry {
    struct entry GW *next;
    struct value GW *value;
    long key;
};
GW_TYPE_FIELDS(entry, struct entry, next, value);

struct value {
    long number;
};
GW_TYPE_LEAF(value, struct value);

struct buckets {
    uint64_t length;
    struct entry GW *at[];
};
GW_TYPE_REFERENCES(buckets, struct buckets, length, at);

struct table {
    struct buckets GW *buckets;
    uint64_t count;
};
GW_TYPE_FIELDS(table, struct table, buckets);

enum { SMALLEST_TABLE = 16, KEYS = 200000 };

static uint64_t place_of(long key, uint64_t length)
{
    return (uint64_t)(key * 7919 % 1000003) % length;
}

static struct table GW *make_table(void)
{
    struct table GW *table = gw_new(table);
    struct buckets GW *buckets;
    GW_CALL(buckets = gw_new_array(buckets, SMALLEST_TABLE), table);
    GW_STORE(table, buckets, buckets);
    return table;
}

static void grow(struct table GW *table)
{
    struct buckets GW *buckets;
    GW_CALL(buckets = gw_new_array(buckets, 2 * table->buckets->length), table);
    struct buckets GW *old = table->buckets;
    for (uint64_t i = 0; i < old->length; i++)
        for (struct entry GW *entry = old->at[i], *next; entry; entry = next) {
            next = entry->next;
            uint64_t place = place_of(entry->key, buckets->length);
            GW_STORE(entry, next, buckets->at[place]);
            GW_STORE(buckets, at[place], entry);
        }
    GW_STORE(table, buckets, buckets);
    memory_release(old);
}

static struct entry GW *find(const struct table GW *table, long key)
{
    struct entry GW *entry = table->buckets->at[place_of(key, table->buckets->length)];
    while (entry && entry->key != key) entry = entry->next;
    return entry;
}

static void insert(struct table GW *table, long key, struct value GW *value)
{
    if (table->count == table->buckets->length) GW_CALL(grow(table), table, value);
    struct entry GW *entry;
    GW_CALL(entry = gw_new(entry), table, value);
    struct buckets GW *buckets = table->buckets;
    uint64_t place = place_of(key, buckets->length);
    entry->key = key;
    GW_STORE(entry, value, value);
    GW_STORE(entry, next, buckets->at[place]);
    GW_STORE(buckets, at[place], entry);
    table->count++;
}

static void release(struct entry GW *entry)
{
    memory_release(entry->value);
    memory_release(entry);
    (void)entry;
}

static void remove_key(struct table GW *table, long key)
{
    struct buckets GW *buckets = table->buckets;
    uint64_t place = place_of(key, buckets->length);
    struct entry GW *entry = buckets->at[place], *before = NULL;
    for (; entry && entry->key != key; entry = entry->next) before = entry;
    if (!entry) return;
    if (before) GW_STORE(before, next, entry->next);
    else GW_STORE(buckets, at[place], entry->next);
    table->count--;
    release(entry);
}

/* A new value every time, for a key that is there or not. */
static void count_up(struct table GW *table, long key)
{
    struct value GW *value;
    struct entry GW *entry = find(table, key);
    GW_CALL(value = gw_new(value), table, entry);
    value->number = entry ? entry->value->number + 1 : 1;
    if (entry) {
        memory_release(entry->value);
        GW_STORE(entry, value, value);
    } else {
        insert(table, key, value);
    }
}

static long sum_of(const struct table GW *table)
{
    long sum = 0;
    for (uint64_t i = 0; i < table->buckets->length; i++)
        for (const struct entry GW *entry = table->buckets->at[i]; entry; entry = entry->next)
            sum = (sum + entry->key * entry->value->number) % 1000000007;
    return sum;
}

static void release_table(struct table GW *table)
{
#if MEMORY_EXPLICIT
    for (uint64_t i = 0; i < table->buckets->length; i++)
        for (struct entry GW *entry = table->buckets->at[i], *next; entry; entry = next) {
            next = entry->next;
            release(entry);
        }
#endif
    memory_release(table->buckets);
    memory_release(table);
    (void)table;
}

int main(int argc, char **argv)
{
    long size = demo_size(argc, argv, 2000000, 2000000000);
    uint64_t started = memory_start();
    struct random random = {42};
    struct table GW *table = make_table();
    for (long i = 0; i < size; i++) {
        long key = random_below(&random, KEYS);
        GW_CALL(count_up(table, key), table);
        if (i % 2) remove_key(table, random_below(&random, KEYS));
    }
    printf("%ld changes, %ld entries, sum %ld\n", size, (long)table->count, sum_of(table));
    release_table(table);
    return memory_finish(started);
}
