/* Registered ranges. Native memory only; never touches an object. */
#include "mutator/registered_roots.h"

#include "base/bitmap.h"
#include "base/report.h"

#include <stdlib.h>

void gw_registered_roots_destroy(struct gw_registered_roots *roots)
{
    for (size_t i = 0; i < roots->tracked_count; i++) free(roots->tracked[i]);
    free(roots->tracked);
    free(roots->ranges);
}

/* ---- Adding and removing --------------------------------------------------------------------------- */

/* The words of other ranges are in the index still, so that adding them again takes no memory. */
static void leave_index(const struct gw_registered_roots *roots, struct gw_root_index *index, const uintptr_t *words, size_t count)
{
    gw_root_index_remove(index, (uintptr_t)words, count);
    if (!index->overlaps) return;
    for (size_t i = 0; i < roots->count; i++) gw_root_index_add(index, (uintptr_t)roots->ranges[i].words, roots->ranges[i].count);
    for (size_t i = 0; i < roots->tracked_count; i++)
        gw_root_index_add(index, (uintptr_t)roots->tracked[i]->words, roots->tracked[i]->count);
}

static bool grow_ranges(struct gw_registered_roots *roots)
{
    size_t capacity = roots->capacity ? roots->capacity * 2 : 8;
    struct gw_root_range *ranges = realloc(roots->ranges, capacity * sizeof *ranges);
    if (!ranges) return false;
    roots->ranges = ranges;
    roots->capacity = capacity;
    return true;
}

bool gw_registered_roots_add(struct gw_registered_roots *roots, struct gw_root_index *index, void *words, size_t count)
{
    if (roots->count == roots->capacity && !grow_ranges(roots)) return false;
    if (!gw_root_index_add(index, (uintptr_t)words, count)) {
        leave_index(roots, index, words, count);
        return false;
    }
    roots->ranges[roots->count++] = (struct gw_root_range){words, count};
    return true;
}

/* The first tracked range that ends behind `address`. */
static size_t find_tracked(const struct gw_registered_roots *roots, uintptr_t address)
{
    size_t from = 0, to = roots->tracked_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct gw_tracked_range *range = roots->tracked[middle];
        if ((uintptr_t)(range->words + range->count) > address) to = middle;
        else from = middle + 1;
    }
    return from;
}

bool gw_tracked_roots_overlap(const struct gw_registered_roots *roots, const void *words, size_t count)
{
    size_t i = find_tracked(roots, (uintptr_t)words);
    return i < roots->tracked_count && (uintptr_t)roots->tracked[i]->words < (uintptr_t)words + count * sizeof(uintptr_t);
}

static void note_changed(struct gw_registered_roots *roots, struct gw_tracked_range *range, size_t from, size_t count)
{
    for (size_t part = from / GW_TRACKED_PART; part * GW_TRACKED_PART < from + count; part++) gw_bit_set(range->changed, part);
    if (range->is_listed || !count) return;
    range->is_listed = true;
    range->next_changed = roots->changed;
    roots->changed = range;
}

static size_t parts_in(size_t words)
{
    return (words + GW_TRACKED_PART - 1) / GW_TRACKED_PART;
}

static size_t parts_of(const struct gw_tracked_range *range)
{
    return parts_in(range->count);
}

static bool grow_tracked(struct gw_registered_roots *roots)
{
    size_t capacity = roots->tracked_capacity ? roots->tracked_capacity * 2 : 8;
    struct gw_tracked_range **tracked = realloc(roots->tracked, capacity * sizeof *tracked);
    if (!tracked) return false;
    roots->tracked = tracked;
    roots->tracked_capacity = capacity;
    return true;
}

bool gw_tracked_roots_add(struct gw_registered_roots *roots, struct gw_root_index *index, void *words, size_t count)
{
    if (roots->tracked_count == roots->tracked_capacity && !grow_tracked(roots)) return false;
    struct gw_tracked_range *range = calloc(1, sizeof *range + (parts_in(count) + 63) / 64 * sizeof(uint64_t));
    if (!range || !gw_root_index_add(index, (uintptr_t)words, count)) {
        leave_index(roots, index, words, range ? count : 0);
        free(range);
        return false;
    }
    range->words = words;
    range->count = count;
    size_t at = find_tracked(roots, (uintptr_t)words);
    memmove(&roots->tracked[at + 1], &roots->tracked[at], (roots->tracked_count - at) * sizeof *roots->tracked);
    roots->tracked[at] = range;
    roots->tracked_count++;
    note_changed(roots, range, 0, count);
    return true;
}

bool gw_tracked_roots_changed(struct gw_registered_roots *roots, const void *words, size_t count)
{
    size_t i = find_tracked(roots, (uintptr_t)words);
    struct gw_tracked_range *range = i < roots->tracked_count ? roots->tracked[i] : NULL;
    if (!range || (uintptr_t)range->words > (uintptr_t)words) return false;
    size_t from = (size_t)((const uintptr_t *)words - range->words);
    if (count > range->count - from) return false;
    note_changed(roots, range, from, count);
    return true;
}

static void remove_tracked(struct gw_registered_roots *roots, struct gw_root_index *index, size_t i)
{
    struct gw_tracked_range *range = roots->tracked[i], **link = &roots->changed;
    roots->tracked_count--;
    memmove(&roots->tracked[i], &roots->tracked[i + 1], (roots->tracked_count - i) * sizeof *roots->tracked);
    while (*link && *link != range) link = &(*link)->next_changed;
    if (*link) *link = range->next_changed;
    leave_index(roots, index, range->words, range->count);
    free(range);
}

bool gw_registered_roots_remove(struct gw_registered_roots *roots, struct gw_root_index *index, const void *words)
{
    size_t at = find_tracked(roots, (uintptr_t)words);
    if (at < roots->tracked_count && roots->tracked[at]->words == words) {
        remove_tracked(roots, index, at);
        return true;
    }
    for (size_t i = 0; i < roots->count; i++) {
        struct gw_root_range removed = roots->ranges[i];
        if (removed.words != words) continue;
        roots->ranges[i] = roots->ranges[--roots->count];
        leave_index(roots, index, removed.words, removed.count);
        return true;
    }
    return false;
}

/* ---- Visiting -------------------------------------------------------------------------------------- */

static void visit_words(uintptr_t *words, size_t count, gw_field_visitor *visit, void *context)
{
    for (size_t i = 0; i < count; i++) visit(context, &words[i]);
}

static size_t words_of_part(const struct gw_tracked_range *range, size_t part)
{
    size_t left = range->count - part * GW_TRACKED_PART;
    return left < GW_TRACKED_PART ? left : GW_TRACKED_PART;
}

void gw_registered_roots_visit(const struct gw_registered_roots *roots, gw_field_visitor *visit, void *context)
{
    for (size_t i = 0; i < roots->count; i++) visit_words(roots->ranges[i].words, roots->ranges[i].count, visit, context);
    for (size_t i = 0; i < roots->tracked_count; i++) visit_words(roots->tracked[i]->words, roots->tracked[i]->count, visit, context);
}

/* Of the words from `from` on; returns where it ended. */
static size_t visit_some(uintptr_t *words, size_t count, size_t from, size_t *left, gw_field_visitor *visit, void *context)
{
    size_t rest = from < count ? count - from : 0, now = rest < *left ? rest : *left;
    visit_words(words + from, now, visit, context);
    *left = gw_left_of(*left, now + 1);
    return from + now;
}

/* One that is removed may put another, which was to come, in the place of one that was read. Minor collections read them all. */
static bool visit_some_ranges(const struct gw_registered_roots *roots, struct gw_registered_cursor *at, size_t *words,
                              gw_field_visitor *visit, void *context)
{
    while (at->range < roots->count && *words) {
        struct gw_root_range range = roots->ranges[at->range];
        at->word = visit_some(range.words, range.count, at->word, words, visit, context);
        if (at->word < range.count) continue;
        at->range++;
        at->word = 0;
    }
    return at->range >= roots->count;
}

static bool visit_some_tracked(const struct gw_registered_roots *roots, struct gw_registered_cursor *at, size_t *words,
                               gw_field_visitor *visit, void *context)
{
    size_t i = find_tracked(roots, at->tracked);
    while (i < roots->tracked_count && *words) {
        const struct gw_tracked_range *range = roots->tracked[i];
        uintptr_t begin = (uintptr_t)range->words;
        size_t from = at->tracked > begin ? (at->tracked - begin) / sizeof(uintptr_t) : 0;
        size_t end = visit_some(range->words, range->count, from, words, visit, context);
        at->tracked = (uintptr_t)(range->words + end);
        i += end >= range->count;
    }
    return i >= roots->tracked_count;
}

bool gw_registered_roots_visit_some(const struct gw_registered_roots *roots, struct gw_registered_cursor *at, size_t *words,
                                    gw_field_visitor *visit, void *context)
{
    return visit_some_ranges(roots, at, words, visit, context) && visit_some_tracked(roots, at, words, visit, context);
}

/* True when a part is to be read again. */
static bool visit_changed_parts(struct gw_tracked_range *range, uintptr_t young, size_t young_bytes, gw_field_visitor *visit, void *context)
{
    bool left = false;
    size_t parts = parts_of(range);
    for (size_t part = gw_bit_next(range->changed, 0, parts); part < parts; part = gw_bit_next(range->changed, part + 1, parts)) {
        uintptr_t *words = range->words + part * GW_TRACKED_PART;
        size_t count = words_of_part(range, part);
        bool refers_to_young = false;
        visit_words(words, count, visit, context);
        for (size_t i = 0; i < count; i++) refers_to_young |= words[i] - young < young_bytes;
        if (!refers_to_young) gw_bit_clear(range->changed, part);
        left |= refers_to_young;
    }
    return left;
}

void gw_registered_roots_visit_changed(struct gw_registered_roots *roots, uintptr_t young, size_t young_bytes, gw_field_visitor *visit,
                                       void *context)
{
    struct gw_tracked_range **link = &roots->changed;
    for (size_t i = 0; i < roots->count; i++) visit_words(roots->ranges[i].words, roots->ranges[i].count, visit, context);
    for (struct gw_tracked_range *range; (range = *link);) {
        range->is_listed = visit_changed_parts(range, young, young_bytes, visit, context);
        if (range->is_listed) link = &range->next_changed;
        else *link = range->next_changed;
    }
}

void gw_registered_roots_visit_unchanged(const struct gw_registered_roots *roots, gw_field_visitor *visit, void *context)
{
    for (size_t i = 0; i < roots->tracked_count; i++) {
        const struct gw_tracked_range *range = roots->tracked[i];
        for (size_t part = 0; part < parts_of(range); part++)
            if (!range->is_listed || !gw_bit_get(range->changed, part))
                visit_words(range->words + part * GW_TRACKED_PART, words_of_part(range, part), visit, context);
    }
}

/* ---- Checking -------------------------------------------------------------------------------------- */

void gw_registered_roots_check(const struct gw_registered_roots *roots)
{
    size_t listed = 0, say_so = 0;
    for (const struct gw_tracked_range *range = roots->changed; range; range = range->next_changed) listed++;
    for (size_t i = 0; i < roots->tracked_count; i++) {
        const struct gw_tracked_range *range = roots->tracked[i];
        say_so += range->is_listed;
        if (range->is_listed != (gw_bit_next(range->changed, 0, parts_of(range)) < parts_of(range)))
            gw_fatal("tracked roots at %p: their parts have changed, and they are not listed, or the reverse", (void *)range->words);
        if (i && (uintptr_t)(roots->tracked[i - 1]->words + roots->tracked[i - 1]->count) > (uintptr_t)range->words)
            gw_fatal("tracked roots: the range at %p begins in the one before it", (void *)range->words);
    }
    if (listed != say_so) gw_fatal("%zu tracked ranges are listed as changed, and %zu say so", listed, say_so);
}
