/* Global roots. Owns nothing: reads the gw_globals records of the registered modules, and calls the accessors of
 * thread-local variables on the calling thread. */
#include "roots/globals.h"
#include "abi/sizes.h"
#include "base/compiler.h"
#include "base/lock.h"
#include "roots/global_records.h"
#include "roots/modules.h"

typedef void record_visitor(const struct gw_global_record *record, void *context);

GW_ALWAYS_INLINE void each_record(record_visitor *act, void *context)
{
    const struct gw_registry *registry = gw_registry_read();
    for (const struct gw_registered *known = registry->modules; known; known = known->next) {
        const struct gw_module *module = known->module;
        if (!module) continue;
        for (const uint8_t *at = module->globals_begin; at < module->globals_end;) {
            act((const struct gw_global_record *)at, context);
            at += gw_global_record_size(at, module->globals_end);
        }
    }
    gw_registry_read_end();
}

struct visit {
    gw_slot_visitor *visit;
    void *context;
    const struct gw_settled *settled;
};

static void visit_block(const struct gw_global_record *record, char *block, const struct visit *to)
{
    for (uint32_t k = 0; k < record->offset_count; k++) to->visit(to->context, (uintptr_t *)(block + record->offsets[k]));
}

static void visit_whole(const struct gw_global_record *record, void *context)
{
    char *block = gw_global_variable(record);
    for (uint32_t i = 0; i < record->count; i++, block += record->stride) visit_block(record, block, context);
}

void gw_visit_globals(gw_slot_visitor *visit, void *context)
{
    each_record(visit_whole, &(struct visit){visit, context, NULL});
}

/* ---- In parts -------------------------------------------------------------------------------------- */

#define MOST_BEGINNINGS 8

static void begin_anew(struct gw_globals_cursor *at, const struct gw_registry *registry, size_t *words)
{
    unsigned beginnings = at->beginnings + 1;
    *at = (struct gw_globals_cursor){.generation = atomic_load_explicit(&registry->generation, memory_order_relaxed),
                                     .beginnings = beginnings,
                                     .module = registry->modules};
    if (beginnings > MOST_BEGINNINGS) *words = SIZE_MAX;
}

static void visit_some_blocks(const struct gw_global_record *record, struct gw_globals_cursor *at, size_t *words, const struct visit *to)
{
    char *block = gw_global_variable(record) + (size_t)at->block * record->stride;
    for (; at->block < record->count && *words; at->block++, block += record->stride) {
        visit_block(record, block, to);
        *words = gw_left_of(*words, record->offset_count);
    }
}

/* Some of the record at hand, if the module has one more. */
static bool visit_some_of_module(const struct gw_module *module, struct gw_globals_cursor *at, size_t *words, const struct visit *to)
{
    const uint8_t *here = module ? module->globals_begin + at->record : NULL;
    if (!module || here >= (const uint8_t *)module->globals_end) return false;
    const struct gw_global_record *record = (const struct gw_global_record *)here;
    visit_some_blocks(record, at, words, to);
    *words = gw_left_of(*words, 1);
    if (at->block < record->count) return true;
    at->record += gw_global_record_size(here, module->globals_end);
    at->block = 0;
    return true;
}

bool gw_visit_some_globals(struct gw_globals_cursor *at, size_t *words, gw_slot_visitor *visit, void *context)
{
    const struct gw_registry *registry = gw_registry_read();
    if (at->generation != atomic_load_explicit(&registry->generation, memory_order_relaxed)) begin_anew(at, registry, words);
    while (at->module && *words) {
        if (visit_some_of_module(at->module->module, at, words, &(struct visit){visit, context, NULL})) continue;
        at->module = at->module->next;
        at->record = 0;
    }
    gw_registry_read_end();
    return !at->module;
}

/* ---- Variable by variable --------------------------------------------------------------------------- */

struct visit_each {
    struct visit words;
    gw_global_visitor *begin;
};

static void visit_one(const struct gw_global_record *record, void *context)
{
    struct visit_each *each = context;
    each->begin(each->words.context, record);
    visit_whole(record, &each->words);
}

void gw_visit_each_global(gw_global_visitor *begin, gw_slot_visitor *visit, void *context)
{
    each_record(visit_one, &(struct visit_each){{visit, context, NULL}, begin});
}

/* ---- Cards ----------------------------------------------------------------------------------------- */

/* One variable with cards. */
struct carded {
    const struct gw_global_record *record;
    char *variable;
    uint8_t *cards;
    size_t count; /* of cards */
};

static struct carded carded(const struct gw_global_record *record)
{
    char *variable = gw_global_variable(record);
    size_t bytes = gw_global_bytes(record);
    return (struct carded){record, variable, (uint8_t *)variable + bytes, (bytes + GW_CARD_BYTES - 1) >> GW_CARD_SHIFT};
}

static bool is_settled(const struct gw_settled *settled, uintptr_t word)
{
    bool follows = word && !(word & GW_IMMEDIATE_MASK);
    return !follows || (word - settled->heap < settled->heap_bytes && word - settled->young >= settled->young_bytes);
}

/* The words of one card: true when they are all settled. A block may reach over several cards. */
static bool visit_card(const struct carded *of, size_t card, const struct visit *to)
{
    const struct gw_global_record *record = of->record;
    size_t begin = card << GW_CARD_SHIFT, end = begin + GW_CARD_BYTES;
    bool settled = true;
    for (size_t i = begin / record->stride; i < record->count && i * record->stride < end; i++) {
        for (uint32_t k = 0; k < record->offset_count; k++) {
            size_t at = i * record->stride + record->offsets[k];
            if (at < begin || at >= end) continue;
            uintptr_t *slot = (uintptr_t *)(of->variable + at);
            to->visit(to->context, slot);
            settled = settled && (!to->settled || is_settled(to->settled, gw_slot_word(slot)));
        }
    }
    return settled;
}

/* The first card from `card` on that is set, or `count`. Most are not: eight are looked at together. */
static size_t next_set(const struct carded *of, size_t card)
{
    while (card < of->count) {
        bool whole = card % 8 == 0 && of->count - card >= 8;
        if (whole && !__atomic_load_n((const uint64_t *)(of->cards + card), __ATOMIC_RELAXED)) card += 8;
        else if (__atomic_load_n(&of->cards[card], __ATOMIC_RELAXED)) break;
        else card++;
    }
    return card;
}

/* What a card is while its words are read: set still, for the collection of another heap that comes by, and not what a store sets. */
#define CARD_READ 2

/* For one card at a time, so that two collections do not take each other's CARD_READ for their own. Whoever holds it reads the registry,
 * which a fork waits for: a child finds it free. */
static struct gw_lock card_lock = GW_LOCK;

/* A thread of another heap may write meanwhile, the word and then the card: a store that is not read here comes after the exchange, and
 * the card is not CARD_READ any more. */
static void visit_set_card(const struct carded *of, size_t card, const struct visit *to)
{
    uint8_t expected = CARD_READ;
    gw_lock_take(&card_lock);
    __atomic_exchange_n(&of->cards[card], CARD_READ, __ATOMIC_SEQ_CST);
    bool settled = visit_card(of, card, to);
    __atomic_compare_exchange_n(&of->cards[card], &expected, !settled, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
    gw_lock_release(&card_lock);
}

static void visit_set_cards(const struct gw_global_record *record, const struct visit *to)
{
    struct carded of = carded(record);
    for (size_t card = next_set(&of, 0); card < of.count; card = next_set(&of, card + 1)) visit_set_card(&of, card, to);
}

static void visit_changed(const struct gw_global_record *record, void *context)
{
    if (record->kind & GW_GLOBAL_CARDS) visit_set_cards(record, context);
    else visit_whole(record, context);
}

void gw_visit_changed_globals(const struct gw_settled *settled, gw_slot_visitor *visit, void *context)
{
    each_record(visit_changed, &(struct visit){visit, context, settled});
}

static void visit_clear_cards(const struct gw_global_record *record, void *context)
{
    if (!(record->kind & GW_GLOBAL_CARDS)) return;
    struct carded of = carded(record);
    for (size_t card = 0; card < of.count; card++)
        if (!__atomic_load_n(&of.cards[card], __ATOMIC_RELAXED)) visit_card(&of, card, context);
}

void gw_visit_unchanged_globals(gw_slot_visitor *visit, void *context)
{
    each_record(visit_clear_cards, &(struct visit){visit, context, NULL});
}

/* ---- Thread-local variables ------------------------------------------------------------------------ */

bool gw_thread_locals_add_to(struct gw_root_index *index)
{
    bool added = true;
    const struct gw_registry *registry = gw_registry_read();
    for (const struct gw_registered *known = registry->modules; known && added; known = known->next)
        added = !known->module || gw_globals_add_to(index, known->module, GW_GLOBAL_THREAD_LOCAL);
    gw_registry_read_end();
    return added;
}
