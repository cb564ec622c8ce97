/* Names of files in options. Those are copied freely and freed by nobody, so a name is kept for as long as the process lives, once, and has
 * a number. Any thread. */
#ifndef GW_HEAP_FILE_NAMES_H
#define GW_HEAP_FILE_NAMES_H

#include <stdint.h>

#define GW_FILE_NAME_BYTES 600 /* of one that was completed: longer than any option text */
#define GW_FILE_NAMES 1024     /* different ones */

/* The name's number, from 1 on; 0: no room for another. */
uint16_t gw_file_name_number(const char *name);

/* Completes the name: %p becomes the number of the process. "" for a number that is none. */
void gw_file_name(uint16_t number, char path[GW_FILE_NAME_BYTES]);

#endif
