#include "follow/roots.h"

#include <stdlib.h>

static int compare_roots(const void *a, const void *b)
{
    const struct root *x = a, *y = b;
    if (x->call != y->call) return x->call < y->call ? -1 : 1;
    return (x->location > y->location) - (x->location < y->location);
}

void sort_roots(struct follow *follow)
{
    size_t kept = 0;
    if (follow->roots.count) qsort(follow->roots.at, follow->roots.count, sizeof *follow->roots.at, compare_roots);
    for (size_t i = 0; i < follow->roots.count; i++)
        if (!kept || compare_roots(&follow->roots.at[i], &follow->roots.at[kept - 1])) follow->roots.at[kept++] = follow->roots.at[i];
    follow->roots.count = kept;
}

bool is_root(const struct follow *follow, const struct root *root)
{
    const struct root *roots = follow->roots.at;
    return follow->roots.count && bsearch(root, roots, follow->roots.count, sizeof *roots, compare_roots);
}
