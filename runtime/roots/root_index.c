/* The index of roots. Owns its tables; calls only the C library.
 *
 * A page's place is fixed while a table is in use: its key is written after its bits, and is not taken away. Tables are
 * replaced when they are half full, and a replaced one is kept, since a look may still be in it, until one of its size is
 * wanted: at most twice the memory in use. The count of replacements tells a look that this happened under its eyes. */
#include "roots/root_index.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define SMALLEST_TABLE 64

struct place {
    _Atomic uint64_t lines[GW_INDEX_LINES];
};

struct gw_root_pages {
    struct gw_root_pages *next; /* in the list of retired tables */
    size_t mask, used;          /* places, a power of two, less one; with a key */
    struct place *places;
    _Atomic uintptr_t keys[]; /* page number plus one; 0: free */
};

/* ---- Looks ----------------------------------------------------------------------------------------- */

static uintptr_t key_of(uintptr_t address)
{
    return (address >> GW_INDEX_PAGE_SHIFT) + 1;
}

static size_t start_of(const struct gw_root_pages *pages, uintptr_t key)
{
    return (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & pages->mask;
}

/* Where `key` is, or the free place where it would be. */
static size_t find(const struct gw_root_pages *pages, uintptr_t key)
{
    size_t at = start_of(pages, key);
    for (;; at = (at + 1) & pages->mask) {
        uintptr_t there = atomic_load_explicit(&pages->keys[at], memory_order_acquire);
        if (there == key || !there) return at;
    }
}

/* The 64 words around `word`, a bit each. */
static uint64_t look(const struct gw_root_pages *pages, uintptr_t word)
{
    size_t at = find(pages, key_of(word));
    if (!atomic_load_explicit(&pages->keys[at], memory_order_acquire)) return 0;
    return atomic_load_explicit(&pages->places[at].lines[word / 8 % GW_INDEX_PAGE_WORDS / 64], memory_order_acquire);
}

/* Behind acquiring loads: who has read what was written to a retired table sees the count of before that, too. */
static bool has_been_replaced(const struct gw_root_index *index, unsigned before)
{
    return atomic_load_explicit(&index->replaced, memory_order_relaxed) != before;
}

bool gw_root_index_contains(const struct gw_root_index *index, uintptr_t word)
{
    unsigned replaced;
    uint64_t line;
    do {
        replaced = atomic_load_explicit(&index->replaced, memory_order_acquire);
        const struct gw_root_pages *pages = atomic_load_explicit(&index->pages, memory_order_acquire);
        line = pages ? look(pages, word) : 0;
    } while (has_been_replaced(index, replaced));
    return word % 8 == 0 && line >> word / 8 % 64 & 1;
}

static bool is_empty(const struct place *place)
{
    uint64_t all = 0;
    for (unsigned i = 0; i < GW_INDEX_LINES; i++) all |= atomic_load_explicit(&place->lines[i], memory_order_acquire);
    return !all;
}

bool gw_root_index_has_page(const struct gw_root_index *index, uintptr_t address)
{
    unsigned replaced;
    bool found;
    do {
        replaced = atomic_load_explicit(&index->replaced, memory_order_acquire);
        const struct gw_root_pages *pages = atomic_load_explicit(&index->pages, memory_order_acquire);
        size_t at = pages ? find(pages, key_of(address)) : 0;
        found = pages && atomic_load_explicit(&pages->keys[at], memory_order_acquire) && !is_empty(&pages->places[at]);
    } while (has_been_replaced(index, replaced));
    return found;
}

/* ---- Tables ---------------------------------------------------------------------------------------- */

static void empty(struct gw_root_pages *pages)
{
    for (size_t i = 0; i <= pages->mask; i++) atomic_store_explicit(&pages->keys[i], 0, memory_order_release);
    for (size_t i = 0; i <= pages->mask; i++)
        for (unsigned k = 0; k < GW_INDEX_LINES; k++) atomic_store_explicit(&pages->places[i].lines[k], 0, memory_order_release);
    pages->used = 0;
}

static void free_table(struct gw_root_pages *pages)
{
    free(pages->places);
    free(pages);
}

static struct gw_root_pages *new_table(size_t capacity)
{
    struct gw_root_pages *pages = calloc(1, sizeof *pages + capacity * sizeof *pages->keys);
    if (!pages) return NULL;
    pages->mask = capacity - 1;
    pages->places = calloc(capacity, sizeof *pages->places);
    if (pages->places) return pages;
    free(pages);
    return NULL;
}

/* An empty table, a retired one where there is one of that size. */
static struct gw_root_pages *take_table(struct gw_root_index *index, size_t capacity)
{
    for (struct gw_root_pages **link = &index->retired; *link; link = &(*link)->next) {
        struct gw_root_pages *pages = *link;
        if (pages->mask + 1 != capacity) continue;
        *link = pages->next;
        empty(pages);
        return pages;
    }
    return new_table(capacity);
}

static void move_place(struct gw_root_pages *to, const struct gw_root_pages *from, size_t at)
{
    uintptr_t key = atomic_load_explicit(&from->keys[at], memory_order_relaxed);
    if (!key || is_empty(&from->places[at])) return;
    size_t there = find(to, key);
    for (unsigned i = 0; i < GW_INDEX_LINES; i++)
        atomic_store_explicit(&to->places[there].lines[i], atomic_load_explicit(&from->places[at].lines[i], memory_order_relaxed),
                              memory_order_release);
    atomic_store_explicit(&to->keys[there], key, memory_order_release);
    to->used++;
}

static size_t pages_in_use(const struct gw_root_pages *pages)
{
    size_t count = 0;
    for (size_t i = 0; pages && i <= pages->mask; i++)
        count += atomic_load_explicit(&pages->keys[i], memory_order_relaxed) && !is_empty(&pages->places[i]);
    return count;
}

/* Leaves out pages that have become empty. */
static bool replace_table(struct gw_root_index *index)
{
    struct gw_root_pages *old = atomic_load_explicit(&index->pages, memory_order_relaxed);
    size_t capacity = SMALLEST_TABLE;
    while (capacity < 4 * (pages_in_use(old) + 1)) capacity *= 2;
    atomic_fetch_add_explicit(&index->replaced, 1, memory_order_relaxed); /* released by each write to a retired table */
    struct gw_root_pages *pages = take_table(index, capacity);
    if (!pages) return false;
    for (size_t i = 0; old && i <= old->mask; i++) move_place(pages, old, i);
    atomic_store_explicit(&index->pages, pages, memory_order_release);
    if (old) {
        old->next = index->retired;
        index->retired = old;
    }
    return true;
}

/* ---- Changes --------------------------------------------------------------------------------------- */

/* The part of one page from `start` on: its bits, line by line. */
struct part {
    size_t first, end; /* words of the page */
};

static struct part part_of(uintptr_t start, size_t words)
{
    size_t first = start / 8 % GW_INDEX_PAGE_WORDS, room = GW_INDEX_PAGE_WORDS - first;
    return (struct part){first, first + (words < room ? words : room)};
}

static uint64_t bits_in_line(struct part part, size_t line)
{
    size_t first = part.first > line * 64 ? part.first - line * 64 : 0;
    size_t end = part.end > line * 64 ? part.end - line * 64 : 0;
    if (first >= 64 || end <= first) return 0;
    uint64_t upto = end >= 64 ? UINT64_MAX : ((uint64_t)1 << end) - 1;
    return upto & UINT64_MAX << first;
}

static bool add_part(struct gw_root_index *index, uintptr_t start, struct part part)
{
    uintptr_t key = key_of(start);
    struct gw_root_pages *pages = atomic_load_explicit(&index->pages, memory_order_relaxed);
    size_t at = pages ? find(pages, key) : 0;
    bool is_new = !pages || !atomic_load_explicit(&pages->keys[at], memory_order_relaxed);
    if (is_new && (!pages || pages->used >= (pages->mask + 1) / 2)) {
        if (!replace_table(index)) return false;
        pages = atomic_load_explicit(&index->pages, memory_order_relaxed);
        at = find(pages, key);
    }
    for (size_t line = part.first / 64; line * 64 < part.end; line++) {
        uint64_t bits = bits_in_line(part, line);
        uint64_t before = atomic_fetch_or_explicit(&pages->places[at].lines[line], bits, memory_order_release);
        index->overlaps |= (before & bits) != 0;
    }
    if (is_new) {
        pages->used++;
        atomic_store_explicit(&pages->keys[at], key, memory_order_release);
    }
    return true;
}

bool gw_root_index_add(struct gw_root_index *index, uintptr_t start, size_t words)
{
    while (words) {
        struct part part = part_of(start, words);
        if (!add_part(index, start, part)) return false;
        start += (part.end - part.first) * 8;
        words -= part.end - part.first;
    }
    return true;
}

static void remove_part(struct gw_root_pages *pages, uintptr_t start, struct part part)
{
    size_t at = find(pages, key_of(start));
    if (!atomic_load_explicit(&pages->keys[at], memory_order_relaxed)) return;
    for (size_t line = part.first / 64; line * 64 < part.end; line++)
        atomic_fetch_and_explicit(&pages->places[at].lines[line], ~bits_in_line(part, line), memory_order_release);
}

void gw_root_index_remove(struct gw_root_index *index, uintptr_t start, size_t words)
{
    struct gw_root_pages *pages = atomic_load_explicit(&index->pages, memory_order_relaxed);
    while (pages && words) {
        struct part part = part_of(start, words);
        remove_part(pages, start, part);
        start += (part.end - part.first) * 8;
        words -= part.end - part.first;
    }
}

static void visit_line(uintptr_t first, uint64_t line, gw_slot_visitor *visit, void *context)
{
    for (; line; line &= line - 1) visit(context, (uintptr_t *)first + __builtin_ctzll(line));
}

static void visit_page(const struct gw_root_pages *pages, size_t at, gw_slot_visitor *visit, void *context)
{
    uintptr_t key = atomic_load_explicit(&pages->keys[at], memory_order_relaxed), page = (key - 1) << GW_INDEX_PAGE_SHIFT;
    for (unsigned i = 0; key && i < GW_INDEX_LINES; i++)
        visit_line(page + (uintptr_t)i * 64 * 8, atomic_load_explicit(&pages->places[at].lines[i], memory_order_relaxed), visit, context);
}

void gw_root_index_each(const struct gw_root_index *index, gw_slot_visitor *visit, void *context)
{
    const struct gw_root_pages *pages = atomic_load_explicit(&index->pages, memory_order_relaxed);
    for (size_t at = 0; pages && at <= pages->mask; at++) visit_page(pages, at, visit, context);
}

void gw_root_index_clear(struct gw_root_index *index)
{
    struct gw_root_pages *pages = atomic_load_explicit(&index->pages, memory_order_relaxed);
    if (pages) empty(pages);
    index->overlaps = false;
}

void gw_root_index_destroy(struct gw_root_index *index)
{
    struct gw_root_pages *pages = atomic_load_explicit(&index->pages, memory_order_relaxed);
    if (pages) free_table(pages);
    while (index->retired) {
        struct gw_root_pages *next = index->retired->next;
        free_table(index->retired);
        index->retired = next;
    }
    memset(index, 0, sizeof *index);
}

bool gw_root_index_check(const struct gw_root_index *index)
{
    const struct gw_root_pages *pages = atomic_load_explicit(&index->pages, memory_order_relaxed);
    if (!pages) return true;
    size_t used = 0;
    for (size_t i = 0; i <= pages->mask; i++) {
        uintptr_t key = atomic_load_explicit(&pages->keys[i], memory_order_relaxed);
        if (!key && !is_empty(&pages->places[i])) return false;
        if (key && find(pages, key) != i) return false;
        used += key != 0;
    }
    return used == pages->used && used <= (pages->mask + 1) / 2;
}
