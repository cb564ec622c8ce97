/* One file from text to maps: reads it function by function, follows the markers of each and collects the maps. */
#ifndef GW_ASMGCROOT_ANALYSIS_H
#define GW_ASMGCROOT_ANALYSIS_H

#include "maps.h"

struct analysis_options {
    struct text explain, dot; /* functions to print, or empty */
    bool all;                 /* account for the frames of functions without markers too */
};

/* Writes the maps of `text`, which is the file `name`, to `out`, explanations to `explanation` and complaints to
 * `complaints`. Returns the number of complaints; with any, `out` is not complete. */
unsigned analyse(const char *name, struct text text, const struct analysis_options *options, FILE *out, FILE *explanation,
                 FILE *complaints);

#endif
