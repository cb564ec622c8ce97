/* What inlined.c calls: small functions that know nothing of references. Defined with it, or in a file of their own. */
#ifndef GW_PROGRAMS_INLINED_PARTS_H
#define GW_PROGRAMS_INLINED_PARTS_H

#include <stdint.h>

#ifdef PARTS_APART
#define PART
#ifdef __GREYWAVE__
#include <greywave/greywave.h>
#define NEVER_COLLECTS GW_NOCOLLECT
#else
#define NEVER_COLLECTS
#endif
#else
#define PART static
#define NEVER_COLLECTS
#endif

struct slice {
    const char *from;
    long length;
};

NEVER_COLLECTS PART uint64_t jump(uint64_t n);                   /* n, by an `asm goto` */
NEVER_COLLECTS PART void copy_lanes(char *to, const char *from); /* 16 bytes, by a masked move */
NEVER_COLLECTS PART const char *skip(const char *text, long letters);
NEVER_COLLECTS PART void keep(const char *text); /* until the next call */
NEVER_COLLECTS PART long kept_letter(long i);
NEVER_COLLECTS PART struct slice slice_of(const char *text, long length);
NEVER_COLLECTS PART void set_word(uint64_t *to, uint64_t word);
NEVER_COLLECTS PART int there_and_back(int value); /* value, by setjmp and longjmp */

#endif
