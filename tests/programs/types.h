/* Types that two files share. */
#ifndef GW_PROGRAMS_TYPES_H
#define GW_PROGRAMS_TYPES_H

#include "check.h"

struct pair {
    struct node GW *first, *second;
};
GW_TYPE_EXTERN(pair, struct pair);

struct row {
    uint64_t length;
    struct node GW *at[];
};
GW_TYPE_EXTERN(row, struct row);

/* With options, in a header: one type as well. */
extern int closed;
GW_NOCOLLECT void close_file(void *payload);
struct file {
    struct node GW *name;
    int64_t descriptor;
};
GW_TYPE(file, struct file, GW_ALIGN(16), GW_DESTROY(close_file));

void GW *other_makes(int which);
const struct gw_type *other_type(int which);
bool other_says(int which, void GW *object);

#endif
