/* From a code address to its unwind information: that of loaded images, and of code made at run time, whose sections a
 * JIT registers with gw_unwind_register (greywave.h). */
#ifndef GW_ROOTS_UNWIND_TABLES_H
#define GW_ROOTS_UNWIND_TABLES_H

#include "roots/eh_frame.h"

/* False when there is none that can be read. The registry's read lock is held. Takes no lock of the loader's, and
 * allocates nothing. */
bool gw_unwind_find(uintptr_t pc, struct gw_unwind_program *program);

/* Whether gw_unwind_register was told of any code. The registry's read lock is held. */
bool gw_unwind_knows_code(void);

/* Where the function begins whose code, registered by gw_unwind_register, holds the call that returns to `pc`; 0: none. The
 * registry's read lock is held. */
uintptr_t gw_unwind_function_at(uintptr_t pc);

#endif
