/* .cfi directives: where the canonical frame address is, and which registers of the caller are in the frame. */
#ifndef GW_ASMGCROOT_CFI_H
#define GW_ASMGCROOT_CFI_H

#include "source/reading.h"

/* False: it is another directive. */
bool read_cfi(struct reading *reading, struct text name, struct text rest);
/* The number that a directive names; INT32_MAX: none that fits. */
int32_t directive_number(struct text text);

#endif
