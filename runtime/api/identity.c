/* Identity hashes as the program asks for them. */
#include "base/report.h"
#include "heap/existing.h"

static uint64_t hash_young(struct gw_identity *identity, uintptr_t object)
{
    size_t young = identity->young.count + 1;
    if (!gw_address_table_reserve(&identity->young, young) || !gw_address_table_reserve(&identity->old, identity->old.count + young)) {
        gw_fail(GW_ERROR_MEMORY, "no native memory to keep an identity hash");
        return 0;
    }
    uint64_t hash = gw_mix(++identity->last) | 1;
    gw_address_add(&identity->young, object, hash);
    *gw_header(object) |= GW_HEADER_HASHED;
    return hash;
}

uint64_t gw_identity_hash(const void *object)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_for(object, "gw_identity_hash");
    uintptr_t ref = (uintptr_t)object;
    uint64_t hash = gw_identity_known(heap, ref);
    return hash ? hash : hash_young(&heap->identity, ref);
}
