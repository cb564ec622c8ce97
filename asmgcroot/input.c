#include "input.h"
#include "text/complaint.h"
#include "text/vector.h"

#include <errno.h>
#include <stdlib.h>

struct text input_read(const char *name)
{
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
    if (!file) give_up("cannot open %s: %s", name, strerror(errno));
    VECTOR(char) bytes = {0};
    for (size_t got = 1; got;) {
        bytes.at = vector_grown(bytes.at, &bytes.room, bytes.count + 65536, 1);
        got = fread(bytes.at + bytes.count, 1, bytes.room - bytes.count, file);
        bytes.count += got;
    }
    if (ferror(file)) give_up("cannot read %s: %s", name, strerror(errno));
    if (file != stdin) fclose(file);
    return (struct text){bytes.at, bytes.count};
}
