#define _GNU_SOURCE /* memmem */
#include "intermediate_code.h"

#include <ar.h>
#include <elf.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_at(FILE *file, uint64_t offset, void *to, size_t size)
{
    return offset <= LONG_MAX && fseek(file, (long)offset, SEEK_SET) == 0 && fread(to, 1, size, file) == size;
}

/* GCC's link-time optimisation keeps its code in sections with such names; the object may have machine code as well, which its
 * linker then does not take. */
static bool has_gcc_code(FILE *file, uint64_t offset)
{
    static const char name[] = ".gnu.lto_";
    Elf64_Ehdr header;
    Elf64_Shdr names;
    if (!read_at(file, offset, &header, sizeof header) || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return false;
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_shstrndx >= header.e_shnum) return false;
    if (!read_at(file, offset + header.e_shoff + header.e_shstrndx * sizeof names, &names, sizeof names)) return false;
    char *text = names.sh_size < (1u << 30) ? malloc(names.sh_size + 1) : NULL;
    bool has = text && read_at(file, offset + names.sh_offset, text, names.sh_size) && memmem(text, names.sh_size, name, sizeof name - 1);
    free(text);
    return has;
}

static enum intermediate kind_at(FILE *file, uint64_t offset)
{
    static const unsigned char plain[4] = {'B', 'C', 0xc0, 0xde}, wrapped[4] = {0xde, 0xc0, 0x17, 0x0b};
    unsigned char head[4];
    if (!read_at(file, offset, head, sizeof head)) return INTERMEDIATE_NONE;
    if (memcmp(head, plain, sizeof head) == 0 || memcmp(head, wrapped, sizeof head) == 0) return INTERMEDIATE_BITCODE;
    return has_gcc_code(file, offset) ? INTERMEDIATE_GCC : INTERMEDIATE_NONE;
}

struct archive {
    FILE *file;
    const char *path;
    bool is_thin;        /* the members are files of their own */
    uint64_t long_names; /* offset of the member that holds them */
};

/* `name/`, or `/number` for a place among the long names, which end with `/` and a line's end. */
static void member_name(const struct archive *archive, const struct ar_hdr *header, char *name, size_t size)
{
    char text[PATH_MAX] = "";
    if (header->ar_name[0] == '/') {
        uint64_t place = strtoull(header->ar_name + 1, NULL, 10);
        if (fseek(archive->file, (long)(archive->long_names + place), SEEK_SET) != 0 || !fgets(text, sizeof text, archive->file))
            text[0] = 0;
    } else {
        memcpy(text, header->ar_name, sizeof header->ar_name);
        text[sizeof header->ar_name] = 0;
    }
    text[strcspn(text, "\n")] = 0;
    char *end = strrchr(text, '/');
    if (end) *end = 0;
    snprintf(name, size, "%s", text);
}

/* Of a thin archive's member: names are relative to the archive. */
static enum intermediate kind_of_file_beside(const char *archive, const char *name)
{
    char path[2 * PATH_MAX];
    const char *slash = name[0] == '/' ? NULL : strrchr(archive, '/');
    snprintf(path, sizeof path, "%.*s%s", slash ? (int)(slash + 1 - archive) : 0, archive, name);
    FILE *file = fopen(path, "rb");
    enum intermediate kind = file ? kind_at(file, 0) : INTERMEDIATE_NONE;
    if (file) fclose(file);
    return kind;
}

static bool is_named(const struct ar_hdr *header, const char *name)
{
    return strncmp(header->ar_name, name, strlen(name)) == 0;
}

static enum intermediate first_in_archive(struct archive *archive, char *member, size_t size)
{
    struct ar_hdr header;
    enum intermediate kind = INTERMEDIATE_NONE;
    for (uint64_t at = SARMAG; !kind && read_at(archive->file, at, &header, sizeof header);) {
        if (memcmp(header.ar_fmag, ARFMAG, sizeof header.ar_fmag) != 0) break;
        uint64_t data = at + sizeof header, length = strtoull(header.ar_size, NULL, 10);
        bool is_table = is_named(&header, "/ ") || is_named(&header, "// ") || is_named(&header, "/SYM64/");
        at = data + (archive->is_thin && !is_table ? 0 : length + length % 2);
        if (is_named(&header, "// ")) archive->long_names = data;
        if (is_table) continue;
        member_name(archive, &header, member, size);
        kind = archive->is_thin ? kind_of_file_beside(archive->path, member) : kind_at(archive->file, data);
    }
    return kind;
}

enum intermediate intermediate_code_in(const char *path, char *member, size_t size)
{
    char magic[SARMAG];
    struct archive archive = {.file = fopen(path, "rb"), .path = path};
    enum intermediate kind = INTERMEDIATE_NONE;
    member[0] = 0;
    if (!archive.file) return kind;
    bool has_magic = read_at(archive.file, 0, magic, sizeof magic);
    archive.is_thin = has_magic && memcmp(magic, "!<thin>\n", SARMAG) == 0;
    bool is_archive = archive.is_thin || (has_magic && memcmp(magic, ARMAG, SARMAG) == 0);
    kind = is_archive ? first_in_archive(&archive, member, size) : kind_at(archive.file, 0);
    fclose(archive.file);
    return kind;
}
