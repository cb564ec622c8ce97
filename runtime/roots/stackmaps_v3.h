/* Stock `.llvm_stackmaps`, version 3, converted into the same images as gw_maps. For frontends that already emit
 * statepoints and for JITs.
 *
 * Refused rather than guessed: records that are not statepoints, allocas among the references (their layout is not in the
 * section), references in registers that calls clobber, overflowed records, and two descriptions of one function,
 * which is what the section holds for a COMDAT function that two linked objects brought along. */
#ifndef GW_ROOTS_STACKMAPS_V3_H
#define GW_ROOTS_STACKMAPS_V3_H

#include "roots/image.h"

/* Reads a section, possibly several concatenated by the linker, into an unsealed image. GW_ERROR_MAP with `name`, the
 * offset and what is wrong. The format knows no code sizes: a function's range ends at its last call site. */
gw_status gw_stackmaps_read_image(const void *section, size_t size, const char *name, struct gw_image *image);

#endif
