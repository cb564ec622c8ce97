/* What the doors of collections lead to. */
#ifndef GW_API_COLLECT_H
#define GW_API_COLLECT_H

#include <greywave/greywave.h>

struct gw_entry;

void gw_collect_from(gw_collection kind, const struct gw_entry *entry);
struct gw_step *gw_collect_step_from(struct gw_step *step, uint64_t budget_ns, const struct gw_entry *entry);
gw_status gw_no_collect_begin_from(size_t bytes, const struct gw_entry *entry);
void gw_poll_from(const struct gw_entry *entry);

#endif
