/* Reads section headers, and of each function record in gw_maps (docs/abi.md) as much as says how many sites it has:
 * those numbers stand in the object file already, only addresses wait for the linker. */
#include "object_sizes.h"

#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct bytes {
    const uint8_t *at, *end;
};

static bool take_uleb(struct bytes *bytes, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64 && bytes->at < bytes->end; shift += 7) {
        uint8_t byte = *bytes->at++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) return true;
    }
    return false;
}

static bool skip(struct bytes *bytes, uint64_t count)
{
    if (count > (uint64_t)(bytes->end - bytes->at)) return false;
    bytes->at += count;
    return true;
}

static bool take_function(struct bytes *bytes, size_t *sites)
{
    uint64_t code, body, flags, count;
    if (*bytes->at != 'g' || !skip(bytes, 5) || !take_uleb(bytes, &code) || !take_uleb(bytes, &body)) return false;
    struct bytes record = *bytes;
    if (!skip(bytes, body) || !take_uleb(&record, &flags) || !take_uleb(&record, &count)) return false;
    *sites += count;
    return true;
}

static bool add_maps(struct bytes bytes, struct object_sizes *sizes)
{
    sizes->maps += (size_t)(bytes.end - bytes.at);
    while (bytes.at < bytes.end)
        if (!take_function(&bytes, &sizes->sites)) return false;
    return true;
}

/* The bytes [offset, offset + size) of the file, or an empty range when it ends before. */
static struct bytes part(struct bytes file, uint64_t offset, uint64_t size)
{
    uint64_t room = (uint64_t)(file.end - file.at);
    if (offset > room || size > room - offset) return (struct bytes){file.at, file.at};
    return (struct bytes){file.at + offset, file.at + offset + size};
}

static bool is_named(struct bytes names, uint32_t offset, const char *name)
{
    size_t length = strlen(name) + 1;
    struct bytes found = part(names, offset, length);
    return found.at < found.end && memcmp(found.at, name, length) == 0;
}

static bool add_sections(struct bytes file, struct object_sizes *sizes)
{
    Elf64_Ehdr header;
    if ((size_t)(file.end - file.at) < sizeof header) return false;
    memcpy(&header, file.at, sizeof header);
    struct bytes table = part(file, header.e_shoff, (uint64_t)header.e_shnum * sizeof(Elf64_Shdr));
    if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 || table.at == table.end ||
        header.e_shstrndx >= header.e_shnum)
        return false;
    Elf64_Shdr section;
    memcpy(&section, table.at + header.e_shstrndx * sizeof section, sizeof section);
    struct bytes names = part(file, section.sh_offset, section.sh_size);
    for (const uint8_t *at = table.at; at < table.end; at += sizeof section) {
        memcpy(&section, at, sizeof section);
        if (section.sh_flags & SHF_EXECINSTR) sizes->text += section.sh_size;
        if (!is_named(names, section.sh_name, "gw_maps")) continue;
        if (!add_maps(part(file, section.sh_offset, section.sh_size), sizes)) return false;
    }
    return true;
}

bool object_sizes_add(const char *path, struct object_sizes *sizes)
{
    struct stat status;
    int file = open(path, O_RDONLY);
    void *start = MAP_FAILED;
    if (file >= 0 && fstat(file, &status) == 0 && status.st_size > 0)
        start = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (file >= 0) close(file);
    if (start == MAP_FAILED) {
        perror(path);
        return false;
    }
    const uint8_t *at = start;
    bool fine = add_sections((struct bytes){at, at + status.st_size}, sizes);
    munmap(start, (size_t)status.st_size);
    if (!fine) fprintf(stderr, "%s: not an object file, or its maps are corrupt\n", path);
    return fine;
}
