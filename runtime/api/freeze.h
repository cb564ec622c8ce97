/* What the doors of gw_freeze and gw_unfreeze lead to. */
#ifndef GW_API_FREEZE_H
#define GW_API_FREEZE_H

struct gw_entry;

void gw_freeze_from(const struct gw_entry *entry);
void gw_unfreeze_from(const struct gw_entry *entry);

#endif
