/* Backwards from all markers of a function: to roots, and to what the checks need to know. */
#ifndef GW_ASMGCROOT_BACK_H
#define GW_ASMGCROOT_BACK_H

#include "follow/walk.h"

/* Fills the lists of walk->follow. */
void follow_back(struct walk *walk);

#endif
