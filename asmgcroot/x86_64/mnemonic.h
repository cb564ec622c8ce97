/* What each mnemonic does. A name that is not here is unknown, and a function with markers that contains it is refused.
 */
#ifndef GW_ASMGCROOT_MNEMONIC_H
#define GW_ASMGCROOT_MNEMONIC_H

#include "x86_64/instruction.h"

struct mnemonic {
    enum operation operation;
    uint8_t width;     /* by its suffix, or 0 */
    uint16_t implicit; /* general registers written besides the operands */
};

/* `vector`: whether an operand is a vector register, which decides between movq and movq. */
struct mnemonic mnemonic_named(struct text name, bool vector);

#endif
