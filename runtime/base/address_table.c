/* Address tables. Native memory only. */
#include "base/address_table.h"

#include <stdlib.h>

#define FIRST_CAPACITY 64

void gw_address_table_destroy(struct gw_address_table *table)
{
    free(table->entries);
    free(table->heads);
    *table = (struct gw_address_table){0};
}

static uint32_t *head_of(const struct gw_address_table *table, uintptr_t object)
{
    return &table->heads[gw_mix(object) & (table->capacity - 1)];
}

bool gw_address_table_reserve(struct gw_address_table *table, size_t count)
{
    if (count <= table->capacity) return true;
    size_t capacity = table->capacity ? table->capacity * 2 : FIRST_CAPACITY;
    while (capacity < count) capacity *= 2;
    uint32_t *heads = calloc(capacity, sizeof *heads);
    struct gw_address_entry *entries = heads ? realloc(table->entries, capacity * sizeof *entries) : NULL;
    if (!entries) {
        free(heads);
        return false;
    }
    free(table->heads);
    *table = (struct gw_address_table){entries, heads, table->count, capacity};
    for (uint32_t i = 0; i < table->count; i++) {
        uint32_t *head = head_of(table, entries[i].object);
        entries[i].next = *head;
        *head = i + 1;
    }
    return true;
}

struct gw_address_entry *gw_address_find(const struct gw_address_table *table, uintptr_t object)
{
    for (uint32_t number = table->count ? *head_of(table, object) : 0; number;) {
        struct gw_address_entry *entry = &table->entries[number - 1];
        if (entry->object == object) return entry;
        number = entry->next;
    }
    return NULL;
}

void gw_address_add(struct gw_address_table *table, uintptr_t object, uint64_t number)
{
    uint32_t *head = head_of(table, object);
    table->entries[table->count++] = (struct gw_address_entry){object, number, *head};
    *head = (uint32_t)table->count;
}

/* What refers to the entry: its head or the entry before it in its chain. */
static uint32_t *link_to(struct gw_address_table *table, const struct gw_address_entry *entry)
{
    uint32_t number = (uint32_t)(entry - table->entries) + 1, *link = head_of(table, entry->object);
    while (*link != number) link = &table->entries[*link - 1].next;
    return link;
}

void gw_address_remove(struct gw_address_table *table, struct gw_address_entry *entry)
{
    struct gw_address_entry *last = &table->entries[table->count - 1];
    *link_to(table, entry) = entry->next;
    if (entry != last) {
        *link_to(table, last) = (uint32_t)(entry - table->entries) + 1;
        *entry = *last;
    }
    table->count--;
}

void gw_address_clear(struct gw_address_table *table)
{
    for (size_t i = 0; i < table->count; i++) *head_of(table, table->entries[i].object) = 0;
    table->count = 0;
}
