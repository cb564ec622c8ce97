/* Word table: counts the words of text, and the fragments of three to five letters inside them, in a hash table with
 * chains; forgets what turned out to be rare; prints what is most frequent.
 *
 *     word-table [passes [file ...]]      default: 3 passes over the system's word list
 *
 * Strings, entries and the array of buckets are collected. Every word read becomes a string of its own before it is
 * looked up, so most strings die young, and the table as a whole lives long.
 */
#include "memory.h"
#include <ctype.h>

struct text {
    uint64_t length;
    char bytes[];
};
GW_TYPE_BYTES(text, struct text, length, bytes);

struct entry {
    struct text GW *word;
    struct entry GW *next;
    uint64_t hash;
    uint64_t count;
};
GW_TYPE_FIELDS(entry, struct entry, word, next);

struct entries {
    uint64_t length;
    struct entry GW *at[];
};
GW_TYPE_REFERENCES(entries, struct entries, length, at);

struct table {
    struct entries GW *buckets; /* a power of two of them */
    uint64_t count;
};
GW_TYPE_FIELDS(table, struct table, buckets);

DEMO_SHARED struct text GW *text_make(const char *letters, size_t length);
DEMO_SHARED struct table GW *table_make(void);
DEMO_SHARED void table_count(struct table GW *table, struct text GW *word);
DEMO_SHARED uint64_t table_forget(struct table GW *table, uint64_t rare);
DEMO_SHARED struct entries GW *table_sorted(struct table GW *table);
DEMO_SHARED void table_release(struct table GW *table);

/* ---- The table ------------------------------------------------------------------------------------- */

#if DEMO_FIRST
enum { SMALLEST_TABLE = 64 };

DEMO_SHARED struct text GW *text_make(const char *letters, size_t length)
{
    struct text GW *text = gw_new_array(text, length);
    memcpy((char *)text->bytes, letters, length);
    return text;
}

/* FNV-1a, folded so that the low bits of a table index see every letter. */
static uint64_t text_hash(const struct text GW *text)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (uint64_t i = 0; i < text->length; i++) hash = (hash ^ (unsigned char)text->bytes[i]) * 0x100000001b3u;
    return hash ^ hash >> 29;
}

static int text_compare(const struct text GW *a, const struct text GW *b)
{
    uint64_t common = a->length < b->length ? a->length : b->length;
    int order = memcmp((const char *)a->bytes, (const char *)b->bytes, common);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

static bool text_equal(const struct text GW *a, const struct text GW *b)
{
    return a->length == b->length && memcmp((const char *)a->bytes, (const char *)b->bytes, a->length) == 0;
}

DEMO_SHARED struct table GW *table_make(void)
{
    struct table GW *table = gw_new(table);
    struct entries GW *buckets;
    GW_CALL(buckets = gw_new_array(entries, SMALLEST_TABLE), table);
    GW_STORE(table, buckets, buckets);
    return table;
}

static void table_resize(struct table GW *table, uint64_t length)
{
    struct entries GW *old = table->buckets, *buckets;
    GW_CALL(buckets = gw_new_array(entries, length), table, old);
    for (uint64_t i = 0; i < old->length; i++) {
        for (struct entry GW *entry = old->at[i], *next; entry; entry = next) {
            next = entry->next;
            uint64_t place = entry->hash & (length - 1);
            GW_STORE(entry, next, buckets->at[place]);
            GW_STORE(buckets, at[place], entry);
        }
    }
    GW_STORE(table, buckets, buckets);
    memory_release(old);
}

static struct entry GW *table_find(const struct table GW *table, const struct text GW *word, uint64_t hash)
{
    const struct entries GW *buckets = table->buckets;
    struct entry GW *entry = buckets->at[hash & (buckets->length - 1)];
    while (entry && !(entry->hash == hash && text_equal(entry->word, word))) entry = entry->next;
    return entry;
}

/* Takes the word over. */
DEMO_SHARED void table_count(struct table GW *table, struct text GW *word)
{
    uint64_t hash = text_hash(word);
    struct entry GW *entry = table_find(table, word, hash);
    if (entry) {
        entry->count++;
        memory_release(word);
        return;
    }
    if (table->count >= table->buckets->length) GW_CALL(table_resize(table, table->buckets->length * 2), table, word);
    GW_CALL(entry = gw_new(entry), table, word);
    uint64_t place = hash & (table->buckets->length - 1);
    GW_STORE(entry, word, word);
    entry->hash = hash;
    entry->count = 1;
    GW_STORE(entry, next, table->buckets->at[place]);
    GW_STORE(table->buckets, at[place], entry);
    table->count++;
}

static struct entry GW *chain_without_rare(struct entry GW *chain, uint64_t rare, uint64_t *forgotten)
{
    struct entry GW *kept = NULL;
    for (struct entry GW *entry = chain, *next; entry; entry = next) {
        next = entry->next;
        if (entry->count > rare) {
            GW_STORE(entry, next, kept);
            kept = entry;
        } else {
            ++*forgotten;
            memory_release(entry->word);
            memory_release(entry);
        }
    }
    return kept;
}

/* Deletes the entries counted at most `rare` times, shrinks the table when it is mostly empty, and returns how many
 * were deleted. */
DEMO_SHARED uint64_t table_forget(struct table GW *table, uint64_t rare)
{
    uint64_t forgotten = 0;
    struct entries GW *buckets = table->buckets;
    for (uint64_t i = 0; i < buckets->length; i++) GW_STORE(buckets, at[i], chain_without_rare(buckets->at[i], rare, &forgotten));
    table->count -= forgotten;
    uint64_t length = buckets->length;
    while (length > SMALLEST_TABLE && table->count < length / 4) length /= 2;
    if (length != buckets->length) table_resize(table, length);
    return forgotten;
}

static bool entry_before(const struct entry GW *a, const struct entry GW *b)
{
    return a->count != b->count ? a->count > b->count : text_compare(a->word, b->word) < 0;
}

static void heap_sift(struct entries GW *heap, uint64_t place, uint64_t count)
{
    struct entry GW *entry = heap->at[place];
    for (uint64_t child; (child = 2 * place + 1) < count; place = child) {
        if (child + 1 < count && entry_before(heap->at[child], heap->at[child + 1])) child++;
        if (!entry_before(entry, heap->at[child])) break;
        GW_STORE(heap, at[place], heap->at[child]);
    }
    GW_STORE(heap, at[place], entry);
}

static void entries_sort(struct entries GW *entries)
{
    for (uint64_t i = entries->length / 2; i-- > 0;) heap_sift(entries, i, entries->length);
    for (uint64_t count = entries->length; count-- > 1;) {
        struct entry GW *last = entries->at[0];
        GW_STORE(entries, at[0], entries->at[count]);
        GW_STORE(entries, at[count], last);
        heap_sift(entries, 0, count);
    }
}

/* A new array of all entries, the most frequent first, words with the same count in alphabetical order. */
DEMO_SHARED struct entries GW *table_sorted(struct table GW *table)
{
    struct entries GW *sorted;
    GW_CALL(sorted = gw_new_array(entries, table->count), table);
    uint64_t count = 0;
    for (uint64_t i = 0; i < table->buckets->length; i++)
        for (struct entry GW *entry = table->buckets->at[i]; entry; entry = entry->next) {
            GW_STORE(sorted, at[count], entry);
            count++;
        }
    entries_sort(sorted);
    return sorted;
}

DEMO_SHARED void table_release(struct table GW *table)
{
#if MEMORY_EXPLICIT
    table_forget(table, UINT64_MAX);
    memory_release(table->buckets);
#endif
    memory_release(table);
    (void)table;
}
#endif

/* ---- Reading and counting -------------------------------------------------------------------------- */

#if DEMO_SECOND
enum { SHORTEST_FRAGMENT = 3, LONGEST_FRAGMENT = 5, LONGEST_WORD = 48, WORDS_BETWEEN_CLEANUPS = 20000, TOP = 10 };

struct counting {
    uint64_t words;
    uint64_t forgotten;
};

static struct table GW *the_table;
GW_GLOBAL(the_table);

static void count_text(const char *letters, size_t length)
{
    struct text GW *text = text_make(letters, length);
    table_count(the_table, text);
}

static void count_word(struct counting *counting, const char *letters, size_t length)
{
    count_text(letters, length);
    for (size_t part = SHORTEST_FRAGMENT; part <= LONGEST_FRAGMENT && part < length; part++)
        for (size_t i = 0; i + part <= length; i++) count_text(letters + i, part);
    if (++counting->words % WORDS_BETWEEN_CLEANUPS == 0) counting->forgotten += table_forget(the_table, 1);
}

static void count_file(struct counting *counting, const char *name)
{
    FILE *file = fopen(name, "r");
    if (!file) {
        perror(name);
        exit(1);
    }
    char letters[LONGEST_WORD];
    size_t length = 0;
    for (int c; (c = getc(file)) != EOF;) {
        if (c < 128 && isalpha(c)) {
            if (length < LONGEST_WORD) letters[length++] = (char)tolower(c);
        } else if (length) {
            count_word(counting, letters, length);
            length = 0;
        }
    }
    if (length) count_word(counting, letters, length);
    fclose(file);
}

/* Where there is no word list: words of random syllables, always the same ones. */
static void count_invented_words(struct counting *counting)
{
    static const char syllables[][5] = {"ba", "con", "de", "er", "for", "gra", "in", "ly", "men", "ness", "pre", "tion"};
    uint32_t random = 2463534242u;
    for (int i = 0; i < 100000; i++) {
        char letters[LONGEST_WORD];
        size_t length = 0;
        for (int part = 0; part < 2 + i % 4; part++) {
            random ^= random << 13, random ^= random >> 17, random ^= random << 5;
            const char *syllable = syllables[random % (sizeof syllables / sizeof *syllables)];
            for (int c = 0; syllable[c]; c++) letters[length++] = syllable[c];
        }
        count_word(counting, letters, length);
    }
}

static void count_everything(struct counting *counting, int file_count, char **files)
{
    static const char list[] = "/usr/share/dict/words";
    FILE *probe = NULL;
    if (file_count) {
        for (int i = 0; i < file_count; i++) count_file(counting, files[i]);
    } else if ((probe = fopen(list, "r"))) {
        fclose(probe);
        count_file(counting, list);
    } else {
        count_invented_words(counting);
    }
}

static void print_result(const struct counting *counting)
{
    struct entries GW *sorted = table_sorted(the_table);
    uint64_t checksum = 0, total = 0;
    for (uint64_t i = 0; i < sorted->length; i++) {
        struct entry GW *entry = sorted->at[i];
        total += entry->count;
        checksum = checksum * 31 + (entry->hash ^ entry->count);
        if (i < TOP) printf("%8" PRIu64 "  %.*s\n", entry->count, (int)entry->word->length, (const char *)entry->word->bytes);
    }
    printf("%" PRIu64 " words read, %" PRIu64 " entries, %" PRIu64 " forgotten, counts sum to %" PRIu64 "\n", counting->words,
           sorted->length, counting->forgotten, total);
    printf("checksum %016" PRIx64 "\n", checksum);
    memory_release(sorted);
}

int main(int argc, char **argv)
{
    long passes = demo_size(argc, argv, 3, 1000000);
    uint64_t started = memory_start();
    struct counting counting = {0};
    the_table = table_make();
    for (long i = 0; i < passes; i++) count_everything(&counting, argc > 2 ? argc - 2 : 0, argv + 2);
    counting.forgotten += table_forget(the_table, 1);
    print_result(&counting);
    table_release(the_table);
    return memory_finish(started);
}
#endif
