#include "source/leaf_calls.h"
#include "text/complaint.h"
#include "abi/never_collects.h"

#include <stdio.h>

static const char *const runtime_names[] = {GW_RUNTIME_NEVER_COLLECTS};
static const char *const library_names[] = {GW_LIBRARY_NEVER_COLLECTS};
static const char *const math_names[] = {GW_MATH_NEVER_COLLECTS};

#define LONGEST 48u /* of a name, with its terminator */
#define SLOTS 2048u
static char table[SLOTS][LONGEST];

static char *find(struct text name)
{
    for (uint64_t i = text_hash(name);; i++) {
        char *slot = table[i % SLOTS];
        if (!*slot || (strlen(slot) == name.size && memcmp(slot, name.at, name.size) == 0)) return slot;
    }
}

static void enter(const char *prefix, const char *name, const char *suffix)
{
    char full[LONGEST];
    size_t size = (size_t)snprintf(full, sizeof full, "%s%s%s", prefix, name, suffix);
    if (size >= sizeof full) give_up("a function that never collects has too long a name: %s", name);
    memcpy(find((struct text){full, size}), full, size + 1);
}

/* The runtime's functions under the name that they have in object code: greywave/names.h. */
static void fill(void)
{
    _Static_assert((sizeof runtime_names + sizeof library_names + 3 * sizeof math_names) / sizeof *math_names < SLOTS / 2,
                   "the table is sparse");
    for (size_t i = 0; i < sizeof runtime_names / sizeof *runtime_names; i++) enter("greywave_", runtime_names[i] + sizeof "gw_" - 1, "");
    for (size_t i = 0; i < sizeof library_names / sizeof *library_names; i++) enter("", library_names[i], "");
    for (size_t i = 0; i < sizeof math_names / sizeof *math_names; i++) {
        enter("", math_names[i], "");
        enter("", math_names[i], "f");
        enter("", math_names[i], "l");
    }
}

bool is_leaf_call(struct text name)
{
    if (!*find(TEXT("memcpy"))) fill();
    return *find(name) != 0;
}
