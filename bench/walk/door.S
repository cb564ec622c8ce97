/* measure(): a door like those of the runtime, so that the walker can be timed without a collection around it. */
#include "arch/x86_64/entry_macros.h"

        .text
        collecting_entry measure, measure_from, rdi

        .section .note.GNU-stack, "", @progbits
