#include "source/known.h"
#include "source/source.h"

static uint32_t *known_slot(const struct source *source, struct text name)
{
    size_t mask = source->known_index.count - 1;
    for (size_t i = text_hash(name) & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &source->known_index.at[i];
        if (!*slot || text_equal(source->known.at[*slot - 1].name, name)) return slot;
    }
}

const struct known_function *source_known(const struct source *source, struct text name)
{
    if (!source->known_index.count) return NULL;
    uint32_t found = *known_slot(source, name);
    return found ? &source->known.at[found - 1] : NULL;
}

static void grow_known(struct source *source)
{
    size_t size = source->known_index.count ? source->known_index.count * 2 : 64;
    source->known_index.at = vector_grown(source->known_index.at, &source->known_index.room, size, sizeof(uint32_t));
    source->known_index.count = size;
    memset(source->known_index.at, 0, size * sizeof(uint32_t));
    for (size_t i = 0; i < source->known.count; i++) *known_slot(source, source->known.at[i].name) = (uint32_t)i + 1;
}

void source_remember(struct source *source, struct known_function known)
{
    if ((source->known.count + 1) * 2 > source->known_index.count) grow_known(source);
    uint32_t *slot = known_slot(source, known.name);
    if (*slot) {
        if (source->known.at[*slot - 1].declared) known.declared = known.never_collects = true;
        known.read |= source->known.at[*slot - 1].read;
        known.typed |= source->known.at[*slot - 1].typed;
        source->known.at[*slot - 1] = known;
        return;
    }
    vector_push(&source->known, known);
    *slot = (uint32_t)source->known.count;
}

uint32_t source_number(struct source *source, struct text name)
{
    if (!source_known(source, name)) source_remember(source, (struct known_function){.name = name});
    return *known_slot(source, name) - 1;
}
