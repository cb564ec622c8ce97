/* Data that mentions labels of code: jump tables and exception tables; and instructions written as data. */
#ifndef GW_ASMGCROOT_DATA_H
#define GW_ASMGCROOT_DATA_H

#include "source/reading.h"

/* A directive that is none of the others. */
void read_data(struct reading *reading, struct text name, struct text rest);

#endif
