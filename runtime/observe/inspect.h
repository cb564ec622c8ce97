/* What the entry stub of gw_path_to calls: the search begins at the frames of its caller. */
#ifndef GW_OBSERVE_INSPECT_H
#define GW_OBSERVE_INSPECT_H

#include <greywave/greywave.h>

struct gw_entry;

size_t gw_path_to_from(const void *object, gw_inspect_visitor *visitor, void *data, const struct gw_entry *entry);

#endif
