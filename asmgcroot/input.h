/* Whole files in memory. */
#ifndef GW_ASMGCROOT_INPUT_H
#define GW_ASMGCROOT_INPUT_H

#include "text/statement.h"

/* The file's bytes, the caller's to free; gives up with words when it cannot be read. "-" is standard input. */
struct text input_read(const char *name);

#endif
