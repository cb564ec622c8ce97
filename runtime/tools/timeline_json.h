/* gw-timeline --json: timelines in the Trace Event Format, which Chrome's own tools and many others read. */
#ifndef GW_TOOLS_TIMELINE_JSON_H
#define GW_TOOLS_TIMELINE_JSON_H

#include "tools/timeline_file.h"

/* False, with a message: it cannot be written. */
bool timeline_json_write(const char *path, const struct timeline *timelines, size_t count);

#endif
