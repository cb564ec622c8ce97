/* Writing JSON. */
#include "snapshot/json_file.h"

#include "os/linux/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool gw_json_open(struct gw_json_file *file, const char *path)
{
    *file = (struct gw_json_file){.buffer = malloc(GW_JSON_BUFFER)};
    if (!file->buffer) {
        errno = ENOMEM;
        return false;
    }
    file->descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file->descriptor >= 0) return true;
    int error = errno;
    free(file->buffer);
    errno = error;
    return false;
}

static void flush(struct gw_json_file *file)
{
    if (!file->error) file->error = gw_os_write_all(file->descriptor, file->buffer, file->used);
    file->used = 0;
}

int gw_json_close(struct gw_json_file *file)
{
    flush(file);
    if (close(file->descriptor) != 0 && !file->error && errno != EINTR) file->error = errno;
    free(file->buffer);
    return file->error;
}

/* Room for `bytes`, of a short piece. */
static char *reserve(struct gw_json_file *file, size_t bytes)
{
    if (GW_JSON_BUFFER - file->used < bytes) flush(file);
    return file->buffer + file->used;
}

void gw_json_text(struct gw_json_file *file, const char *text)
{
    for (size_t left = strlen(text); left;) {
        size_t part = left < 1024 ? left : 1024;
        memcpy(reserve(file, part), text, part);
        file->used += part;
        text += part;
        left -= part;
    }
}

void gw_json_number(struct gw_json_file *file, uint64_t number)
{
    char digits[20], *at = digits + sizeof digits;
    do *--at = (char)('0' + number % 10);
    while (number /= 10);
    size_t count = (size_t)(digits + sizeof digits - at);
    memcpy(reserve(file, sizeof digits), at, count);
    file->used += count;
}

/* ---- Strings --------------------------------------------------------------------------------------- */

static bool is_between(unsigned char byte, unsigned char low, unsigned char high)
{
    return byte >= low && byte <= high;
}

/* Bytes of the character at `at`, which is well-formed UTF-8; 0: it is not. */
static size_t character_bytes(const unsigned char *at)
{
    unsigned char first = at[0], low = 0x80, high = 0xbf;
    size_t count = first < 0x80 ? 1 : is_between(first, 0xc2, 0xdf) ? 2 : is_between(first, 0xe0, 0xef) ? 3 : 4;
    if (first >= 0x80 && !is_between(first, 0xc2, 0xf4)) return 0;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
    for (size_t i = 1; i < count; i++, low = 0x80, high = 0xbf)
        if (!is_between(at[i], low, high)) return 0;
    return count;
}

static void write_escaped(struct gw_json_file *file, unsigned char byte)
{
    static const char digits[] = "0123456789abcdef";
    char escape[] = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15], '\0'};
    gw_json_text(file, escape);
}

void gw_json_string(struct gw_json_file *file, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    gw_json_text(file, "\"");
    while (*at) {
        size_t count = character_bytes(at);
        if (count == 0 || *at < 0x20 || *at == '"' || *at == '\\') {
            write_escaped(file, *at++);
            continue;
        }
        memcpy(reserve(file, count), at, count);
        file->used += count;
        at += count;
    }
    gw_json_text(file, "\"");
}
