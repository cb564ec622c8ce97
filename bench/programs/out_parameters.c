/* Functions in the style of C libraries: they return whether they succeeded and store what they found through a pointer
 * to the caller's variable. Tables of chained entries with keys of several words, a list that is taken from and given
 * back to. Stresses stores of references through pointers of which the compiler knows nothing. */
#include "program.h"

#define APART __attribute__((noinline))
#define WORDS 4

struct entry {
    struct entry GW *next;
    long count;
    long key[WORDS];
};
GW_TYPE_FIELDS(entry, struct entry, next);

struct table {
    uint64_t length;
    struct entry GW *chains[];
};
#define TABLE_LENGTH 4096
GW_TYPE_REFERENCES(table, struct table, length, chains);

static void make_key(long number, long *key)
{
    for (int i = 0; i < WORDS; i++) key[i] = (number >> i * 5) * 7 + i;
}

static size_t chain_of(const long *key)
{
    uint64_t hash = 5381;
    for (int i = 0; i < WORDS; i++) hash = hash * 33 + (uint64_t)key[i];
    return hash % TABLE_LENGTH;
}

/* Stores the entry, or null, in *found. */
APART bool find(struct table GW *table, const long *key, struct entry GW **found)
{
    struct entry GW *at = table->chains[chain_of(key)];
    for (; at; at = at->next) {
        int i = 0;
        while (i < WORDS && at->key[i] == key[i]) i++;
        if (i == WORDS) break;
    }
    *found = at;
    return at != NULL;
}

/* Takes the first entry off the list. */
APART bool take(struct entry GW **list, struct entry GW **taken)
{
    struct entry GW *first = *list;
    if (!first) return false;
    *list = first->next;
    *taken = first;
    return true;
}

APART void give_back(struct entry GW **list, struct entry GW *entry)
{
    GW_STORE(entry, next, *list);
    *list = entry;
}

/* The chain's head lies in an array: found, taken out, and put in again at the front. */
static long use(struct table GW *table, long number, struct entry GW **spare)
{
    long key[WORDS];
    struct entry GW *entry;
    make_key(number, key);
    size_t chain = chain_of(key);
    if (find(table, key, &entry)) return ++entry->count;
    if (!take(spare, &entry)) return 0;
    memcpy((void *)entry->key, key, sizeof key);
    entry->count = 1;
    struct entry GW *head = table->chains[chain];
    give_back(&head, entry);
    GW_STORE(table, chains[chain], head);
    return 1;
}

int main(int argc, char **argv)
{
    long size = demo_size(argc, argv, 3000000, 30000000);
    uint64_t started = memory_start();
    struct entry GW *spare = NULL;
    struct table GW *table = gw_new_array(table, TABLE_LENGTH);
    for (int i = 0; i < 2 * TABLE_LENGTH; i++) {
        struct entry GW *entry;
        GW_CALL(entry = gw_new(entry), table, spare);
        give_back(&spare, entry);
    }
    struct random random = {42};
    long sum = 0;
    for (long i = 0; i < size; i++) sum = checksum(sum, use(table, random_below(&random, 2 * TABLE_LENGTH), &spare));
    printf("%ld lookups: %ld\n", size, sum);
    return memory_finish(started);
}
