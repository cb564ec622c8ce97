/* Summing up. */
#include "tools/heap_types.h"

#include <stdlib.h>

/* The tree of dominators: first children, and the next child of the same dominator. */
struct tree {
    uint32_t *child, *next;
};

static bool make_tree(struct tree *tree, const struct heap_file *file, const struct dominators *dominators)
{
    tree->child = malloc(file->node_count * sizeof *tree->child);
    tree->next = malloc(file->node_count * sizeof *tree->next);
    if (!tree->child || !tree->next) return false;
    for (uint32_t node = 0; node < file->node_count; node++) tree->child[node] = HEAP_NO_NODE;
    for (uint32_t i = 1; i < dominators->count; i++) {
        uint32_t node = dominators->order[i], of = dominators->of[node];
        tree->next[node] = tree->child[of];
        tree->child[of] = node;
    }
    return true;
}

/* Goes through the tree, depth first; `inside`: how many nodes of each name are around the one at hand. */
static void add_retained(struct heap_type *types, const struct heap_file *file, const struct dominators *dominators, struct tree *tree,
                         uint32_t *inside)
{
    uint32_t node = 0;
    while (node != HEAP_NO_NODE) {
        uint32_t name = file->names[node], child = tree->child[node];
        if (!inside[name]++) types[name].retained += dominators->retained[node];
        while (child == HEAP_NO_NODE && node != HEAP_NO_NODE) {
            inside[file->names[node]]--;
            child = node ? tree->next[node] : HEAP_NO_NODE;
            node = dominators->of[node];
        }
        node = child;
    }
}

static bool sum_retained(struct heap_type *types, const struct heap_file *file, const struct dominators *dominators)
{
    struct tree tree = {0};
    uint32_t *inside = calloc(file->string_count, sizeof *inside);
    bool made = make_tree(&tree, file, dominators) && inside;
    if (made) add_retained(types, file, dominators, &tree, inside);
    free(tree.child);
    free(tree.next);
    free(inside);
    return made;
}

struct heap_type *heap_types(const struct heap_file *file, const struct dominators *dominators, size_t *count)
{
    struct heap_type *types = calloc(file->string_count, sizeof *types);
    if (!types) return NULL;
    for (uint32_t node = 0; node < file->node_count; node++) {
        struct heap_type *type = &types[file->names[node]];
        type->objects += file->bytes[node] != 0;
        type->bytes += file->bytes[node];
    }
    if (dominators && !sum_retained(types, file, dominators)) {
        free(types);
        return NULL;
    }
    *count = 0;
    for (uint32_t name = 0; name < file->string_count; name++) {
        if (!types[name].objects) continue;
        types[*count] = types[name];
        types[(*count)++].name = file->strings[name];
    }
    return types;
}
