/* Stored blocks, the last of them empty. */
#include "profile/gzip_file.h"

#include "os/linux/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum block { BLOCK_STORED, BLOCK_LAST_STORED };

/* The checksum of ISO 3309, as RFC 1952 has it in section 8. */
static uint32_t add_to_checksum(uint32_t checksum, const char *bytes, size_t count)
{
    checksum = ~checksum;
    for (size_t i = 0; i < count; i++) {
        checksum ^= (unsigned char)bytes[i];
        for (int bit = 0; bit < 8; bit++) checksum = checksum >> 1 ^ (checksum & 1 ? UINT32_C(0xedb88320) : 0);
    }
    return ~checksum;
}

static int write_block(const struct gw_gzip_file *file, enum block kind, const char *bytes, size_t count)
{
    char header[5] = {(char)kind, (char)count, (char)(count >> 8), (char)~count, (char)(~count >> 8)};
    int error = gw_os_write_all(file->descriptor, header, sizeof header);
    return error ? error : gw_os_write_all(file->descriptor, bytes, count);
}

int gw_gzip_open(struct gw_gzip_file *file, const char *path, bool add)
{
    static const char header[10] = {0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 0, (char)255}; /* deflate, no time, no known system */
    *file = (struct gw_gzip_file){.descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (add ? O_APPEND : O_TRUNC), 0666)};
    if (file->descriptor < 0) return errno;
    int error = gw_os_write_all(file->descriptor, header, sizeof header);
    if (error) close(file->descriptor);
    return error;
}

int gw_gzip_write(void *context, const char *bytes, size_t count)
{
    struct gw_gzip_file *file = context;
    file->checksum = add_to_checksum(file->checksum, bytes, count);
    file->bytes += (uint32_t)count;
    return write_block(file, BLOCK_STORED, bytes, count);
}

int gw_gzip_close(struct gw_gzip_file *file)
{
    char end[8];
    for (int i = 0; i < 4; i++) {
        end[i] = (char)(file->checksum >> 8 * i);
        end[4 + i] = (char)(file->bytes >> 8 * i);
    }
    int error = write_block(file, BLOCK_LAST_STORED, end, 0);
    if (!error) error = gw_os_write_all(file->descriptor, end, sizeof end);
    return close(file->descriptor) && !error ? errno : error;
}
