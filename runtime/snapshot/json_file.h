/* A file of JSON text as it is written: numbers and strings, through a buffer. */
#ifndef GW_SNAPSHOT_JSON_FILE_H
#define GW_SNAPSHOT_JSON_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GW_JSON_BUFFER 65536

struct gw_json_file {
    int descriptor;
    int error; /* errno of the first write that failed; nothing is written behind it */
    size_t used;
    char *buffer;
};

/* False with errno set: the file cannot be made, or native memory is out. What is there is replaced. */
bool gw_json_open(struct gw_json_file *file, const char *path);

/* Writes what is left. 0, or the errno of what failed. */
int gw_json_close(struct gw_json_file *file);

/* As it stands. */
void gw_json_text(struct gw_json_file *file, const char *text);
void gw_json_number(struct gw_json_file *file, uint64_t number);

/* In quotes. Bytes that are not UTF-8 (Unicode 15, table 3-7) become the character of the same number. */
void gw_json_string(struct gw_json_file *file, const char *text);

#endif
