/* Where the live roots of a call are, as words: what gw-maps prints, and puts on its page. */
#ifndef GW_TOOLS_MAPS_TEXT_H
#define GW_TOOLS_MAPS_TEXT_H

#include "roots/frame_map.h"
#include "roots/map_reader.h"

#include <stdio.h>

/* A blank and a place for each: [rsp+8], rbx, [rsp+16]{3 x 16 bytes: +0}, derived<-base, and the frame mark; " -" where there is none. */
void maps_write_roots(FILE *out, const struct gw_map_machine *machine, const struct gw_frame_map *map);

#endif
