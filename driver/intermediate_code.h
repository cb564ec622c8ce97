/* Object files and archives that are no machine code yet: the linker would make such of them without the plug-in. */
#ifndef GW_DRIVER_INTERMEDIATE_CODE_H
#define GW_DRIVER_INTERMEDIATE_CODE_H

#include <stddef.h>

enum intermediate { INTERMEDIATE_NONE, INTERMEDIATE_BITCODE, INTERMEDIATE_GCC };

/* What kind an object file is, or the first member of an archive that is of one. `member` gets the member's name, or "". */
enum intermediate intermediate_code_in(const char *path, char *member, size_t size);

#endif
