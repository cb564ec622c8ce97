/* The page of gw-timeline --html: for each timeline when its program waited, how long and for what, beside the size of its heap. */
#ifndef GW_TOOLS_TIMELINE_PAGE_H
#define GW_TOOLS_TIMELINE_PAGE_H

#include "tools/timeline_file.h"

/* False, with a message: it cannot be written. */
bool timeline_page_write(const char *path, const struct timeline *timelines, size_t count);

#endif
