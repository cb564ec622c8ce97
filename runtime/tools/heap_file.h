/* A heap snapshot as gw-heap has it in memory: 29 bytes a node, 9 an edge, and the names. Any that V8's format describes, not only ours. */
#ifndef GW_TOOLS_HEAP_FILE_H
#define GW_TOOLS_HEAP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAP_NO_NODE UINT32_MAX

/* What an edge's name is, and whether it keeps its node alive. */
enum heap_edge { HEAP_EDGE_NAMED, HEAP_EDGE_NUMBERED, HEAP_EDGE_WEAK };

struct heap_file {
    const char *path;
    uint32_t node_count; /* node 0 is the root */
    uint64_t edge_count;
    uint32_t *names; /* of nodes */
    uint64_t *ids, *bytes;
    uint64_t *first_edge; /* of each node, and one more: the end */
    uint32_t *edge_to, *edge_names;
    uint8_t *edge_kinds; /* enum heap_edge */
    char **strings;
    uint32_t string_count;
};

/* False, with a message on stderr, when the file cannot be read, or is no snapshot. */
bool heap_file_read(struct heap_file *file, const char *path);
void heap_file_free(struct heap_file *file);

static inline const char *heap_node_name(const struct heap_file *file, uint32_t node)
{
    return file->strings[file->names[node]];
}

/* The node with this id, or HEAP_NO_NODE. */
uint32_t heap_file_find(const struct heap_file *file, uint64_t id);

#endif
