/* Looks into a snapshot: whether there is a node of a kind of roots with a place whose name begins so, and an object of this type in it.
 *
 *     snapshot_expect <file> {<kind> <place or ""> <type>}...
 */
#include "snapshot_file.h"

#include <stdio.h>
#include <string.h>

/* Among the places that are named so: a frame may be there twice, once for each call. */
static bool is_held(const struct snapshot *snapshot, size_t kind, const char *place, const char *type)
{
    if (!*place) return snapshot_child(snapshot, kind, type) != SIZE_MAX;
    for (size_t i = snapshot->first_edge[kind]; i < snapshot->first_edge[kind + 1]; i++) {
        size_t at = snapshot->edges[i][EDGE_TO];
        if (strncmp(snapshot_node_name(snapshot, at), place, strlen(place))) continue;
        if (snapshot_child(snapshot, at, type) != SIZE_MAX) return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    int missing = argc < 2;
    struct snapshot *snapshot = argc < 2 ? NULL : snapshot_read(argv[1]);
    for (int i = 2; i + 2 < argc; i += 3) {
        size_t kind = snapshot_child(snapshot, 0, argv[i]);
        if (kind != SIZE_MAX && is_held(snapshot, kind, argv[i + 1], argv[i + 2])) continue;
        fprintf(stderr, "%s: nothing of %s '%s' refers to a '%s'\n", argv[1], argv[i], argv[i + 1], argv[i + 2]);
        missing = 1;
    }
    return missing;
}
