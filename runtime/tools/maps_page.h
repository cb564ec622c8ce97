/* The page of gw-maps --html: for each function its source, its machine code, and the live roots of each call, side by side; with a search.
 * One file, which asks the network for nothing. */
#ifndef GW_TOOLS_MAPS_PAGE_H
#define GW_TOOLS_MAPS_PAGE_H

#include "roots/frame_map.h"
#include "tools/maps_file.h"

struct maps_page;

/* NULL, with a message: it cannot be made. */
struct maps_page *maps_page_begin(const char *path);

/* What follows is of this file. */
void maps_page_file(struct maps_page *page, const struct maps_file *file);

/* A call of the function that is told next. */
void maps_page_site(struct maps_page *page, uintptr_t return_address, const struct gw_frame_map *map);
void maps_page_function(struct maps_page *page, struct maps_file *file, uintptr_t start, uint64_t size);

/* False, with a message: not all could be written. Frees it in any case. */
bool maps_page_end(struct maps_page *page);

#endif
