/* The function that is being read, and how it grows: by parts in sections, and by instructions. */
#ifndef GW_ASMGCROOT_PARTS_H
#define GW_ASMGCROOT_PARTS_H

#include "source/reading.h"

/* Gives the function at hand, if there is one, to whom the file is read for. */
void finish_function(struct reading *reading);
/* `symbol`: the name of its first byte, or empty. */
void begin_part(struct reading *reading, struct text symbol);
/* A new last instruction of the statement at hand, with nothing known of it but where it stands. */
struct instruction *add_instruction(struct reading *reading);

#endif
