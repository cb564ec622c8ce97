/* What importing.c calls: no references to be seen. */
#ifndef GW_PROGRAMS_IMPORTED_H
#define GW_PROGRAMS_IMPORTED_H

int imported_start(void);
long imported_made(long value); /* the value */
long imported_last(void);       /* the value given last */

#endif
