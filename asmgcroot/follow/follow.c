#include "follow/follow.h"
#include "follow/back.h"
#include "follow/checks.h"
#include "follow/roots.h"
#include "follow/unset.h"

#include <stdlib.h>

/* What nothing has written may be about to be written by a call that has its address: then all is followed once more.
 */
bool follow_markers(struct follow *follow, const struct analysed *analysed)
{
    struct walk walk = {.follow = follow, .analysed = analysed, .ok = true};
    locations_clear(&follow->locations);
    vector_clear(&follow->made);
    vector_clear(&follow->refusals);
    follow->written_known = false;
    check_instructions(&walk);
    if (!walk.ok) return false;
    follow_back(&walk);
    check_unset(&walk);
    if (follow->made.count && walk.ok) follow_back(&walk);
    sort_roots(follow);
    walk.final = true;
    check_unset(&walk);
    check_derived(&walk);
    check_arrays(&walk);
    return walk.ok;
}

void follow_free(struct follow *follow)
{
    locations_free(&follow->locations);
    vector_free(&follow->roots);
    vector_free(&follow->derived);
    vector_free(&follow->arrays);
    vector_free(&follow->elements);
    vector_free(&follow->made);
    vector_free(&follow->unset);
    vector_free(&follow->written);
    vector_free(&follow->pending);
    vector_free(&follow->refusals);
    vector_free(&follow->visited);
    vector_free(&follow->work);
    vector_free(&follow->seen);
}
