/* Asks the loader with _dl_find_object (glibc 2.35), which takes no lock, as dladdr and dl_iterate_phdr do. Names come
 * from the symbol table of the image's file, which knows static functions too. */
#define _GNU_SOURCE /* _dl_find_object, program_invocation_name */
#include "os/linux/loaded_code.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const void *gw_os_unwind_header(uintptr_t pc)
{
    struct dl_find_object image;
    return _dl_find_object((void *)pc, &image) == 0 ? image.dlfo_eh_frame : NULL;
}

bool gw_os_is_loaded(uintptr_t pc)
{
    struct dl_find_object image;
    return _dl_find_object((void *)pc, &image) == 0;
}

/* ---- Keeping ---------------------------------------------------------------------------------------- */

/* Weak: a static program has no loader, loads nothing, and need not bring one for this. */
#pragma weak dlmopen
#pragma weak dlinfo
#pragma weak dlerror

const char *gw_os_keep_image(const void *address)
{
    struct dl_find_object image;
    Lmid_t space;
    if (!dlmopen || !dlinfo || !dlerror) return NULL;
    if (_dl_find_object((void *)(uintptr_t)address, &image) != 0) return NULL; /* nobody's to unload */
    struct link_map *map = image.dlfo_link_map;
    if (!map || !map->l_name || !*map->l_name) return NULL;
    if (dlinfo(map, RTLD_DI_LMID, &space) != 0) return dlerror();
    void *handle = dlmopen(space, map->l_name, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
    if (!handle) {
        const char *why = dlerror();
        return why ? why : "the loader does not find it by its name";
    }
    return handle == (void *)map ? NULL : "another image has its name";
}

/* ---- Names ------------------------------------------------------------------------------------------ */

struct image_file {
    const char *bytes;
    size_t size;
};

/* `count` items of `size` bytes at `offset` lie within the file. */
static bool holds(const struct image_file *file, uint64_t offset, uint64_t count, size_t size)
{
    return offset <= file->size && count <= (file->size - offset) / size && offset % 8 == 0;
}

static bool open_file(const char *path, struct image_file *file)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return false;
    struct stat status;
    *file = (struct image_file){0};
    if (fstat(descriptor, &status) == 0 && status.st_size >= (off_t)sizeof(Elf64_Ehdr)) {
        void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (bytes != MAP_FAILED) *file = (struct image_file){bytes, (size_t)status.st_size};
    }
    close(descriptor);
    return file->bytes;
}

static bool is_at(const Elf64_Sym *symbol, unsigned type, uint64_t address)
{
    return ELF64_ST_TYPE(symbol->st_info) == type && symbol->st_shndx != SHN_UNDEF && address >= symbol->st_value &&
           address - symbol->st_value < symbol->st_size;
}

/* What lies at an address, a function (STT_FUNC) or a variable (STT_OBJECT). */
struct wanted {
    unsigned type;
    uint64_t address;
    uint64_t start; /* found: where it begins */
};

/* The name of what is wanted by the symbol table `table`, or NULL. */
static const char *find_symbol(const struct image_file *file, const Elf64_Shdr *sections, unsigned count, unsigned table,
                               struct wanted *wanted)
{
    const Elf64_Shdr *symbols = &sections[table];
    if (symbols->sh_link >= count) return NULL;
    const Elf64_Shdr *strings = &sections[symbols->sh_link];
    uint64_t symbol_count = symbols->sh_size / sizeof(Elf64_Sym);
    if (!holds(file, symbols->sh_offset, symbol_count, sizeof(Elf64_Sym))) return NULL;
    if (strings->sh_offset > file->size || strings->sh_size > file->size - strings->sh_offset) return NULL;
    const Elf64_Sym *symbol = (const void *)(file->bytes + symbols->sh_offset);
    for (uint64_t i = 0; i < symbol_count; i++, symbol++) {
        if (!is_at(symbol, wanted->type, wanted->address) || symbol->st_name >= strings->sh_size) continue;
        const char *name = file->bytes + strings->sh_offset + symbol->st_name;
        if (!memchr(name, '\0', strings->sh_size - symbol->st_name)) continue;
        wanted->start = symbol->st_value;
        return name;
    }
    return NULL;
}

static const char *find_name(const struct image_file *file, struct wanted *wanted)
{
    const Elf64_Ehdr *header = (const void *)file->bytes;
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) || header->e_ident[EI_CLASS] != ELFCLASS64) return NULL;
    if (!holds(file, header->e_shoff, header->e_shnum, sizeof(Elf64_Shdr))) return NULL;
    const Elf64_Shdr *sections = (const void *)(file->bytes + header->e_shoff);
    const char *name = NULL;
    for (unsigned i = 0; i < header->e_shnum && !name; i++)
        if (sections[i].sh_type == SHT_SYMTAB) name = find_symbol(file, sections, header->e_shnum, i, wanted);
    for (unsigned i = 0; i < header->e_shnum && !name; i++)
        if (sections[i].sh_type == SHT_DYNSYM) name = find_symbol(file, sections, header->e_shnum, i, wanted);
    return name;
}

static bool is_named(const struct link_map *map)
{
    return map && map->l_name && *map->l_name;
}

/* The executable has no name for the loader. */
static const char *path_of(const struct link_map *map)
{
    return is_named(map) ? map->l_name : "/proc/self/exe";
}

/* "?" where it is not known. The name is in the file, which stays open for it; no bytes: it cannot be read. */
static const char *name_in(const struct link_map *map, struct wanted *wanted, struct image_file *file)
{
    if (!open_file(path_of(map), file)) *file = (struct image_file){NULL, 0};
    const char *name = file->bytes ? find_name(file, wanted) : NULL;
    return name ? name : "?";
}

static void close_file(struct image_file *file)
{
    if (file->bytes) munmap((void *)(uintptr_t)file->bytes, file->size);
}

static uint64_t offset_in(const struct link_map *map, uintptr_t address)
{
    return address - (map ? map->l_addr : 0);
}

void gw_name_code(uintptr_t pc, char *text, size_t size)
{
    struct dl_find_object image;
    struct image_file file;
    snprintf(text, size, "?");
    if (_dl_find_object((void *)(pc - 1), &image) != 0) return; /* the call, not what follows it */
    const struct link_map *map = image.dlfo_link_map;
    const char *name = name_in(map, &(struct wanted){STT_FUNC, offset_in(map, pc - 1), 0}, &file);
    snprintf(text, size, "%s (%s)", name, is_named(map) || !file.bytes ? path_of(map) : program_invocation_name);
    close_file(&file);
}

/* Where that file is: the executable's own path. */
static void find_path(const struct link_map *map, char path[PATH_MAX])
{
    if (is_named(map)) {
        snprintf(path, PATH_MAX, "%s", map->l_name);
        return;
    }
    ssize_t length = readlink(path_of(map), path, PATH_MAX - 1);
    path[length > 0 ? length : 0] = '\0';
}

void gw_name_place(uintptr_t address, enum gw_place_kind kind, char *text, size_t size)
{
    struct dl_find_object image;
    struct image_file file;
    char path[PATH_MAX];
    uintptr_t place = address - (kind == GW_PLACE_CODE); /* the call, not what follows it */
    snprintf(text, size, "? (%#lx)", (unsigned long)address);
    if (_dl_find_object((void *)place, &image) != 0) return;
    const struct link_map *map = image.dlfo_link_map;
    find_path(map, path);
    struct wanted wanted = {kind == GW_PLACE_CODE ? STT_FUNC : STT_OBJECT, offset_in(map, place), 0};
    const char *name = name_in(map, &wanted, &file);
    snprintf(text, size, "%s (%s+%#lx)", name, path, (unsigned long)offset_in(map, address));
    close_file(&file);
}

uintptr_t gw_os_function_at(uintptr_t place, char *name, size_t size)
{
    struct dl_find_object image;
    struct image_file file;
    uintptr_t start = 0;
    if (_dl_find_object((void *)place, &image) != 0) return 0;
    const struct link_map *map = image.dlfo_link_map;
    struct wanted wanted = {STT_FUNC, offset_in(map, place), 0};
    const char *found = name_in(map, &wanted, &file);
    if (wanted.start) {
        snprintf(name, size, "%s", found);
        start = place - (wanted.address - wanted.start);
    }
    close_file(&file);
    return start;
}

/* ---- Segments -------------------------------------------------------------------------------------- */

#define BUILD_ID_BYTES 32

static void write_id(const unsigned char *bytes, size_t count, struct gw_code_segment *segment)
{
    for (size_t i = 0; i < count && i < BUILD_ID_BYTES; i++) sprintf(segment->build_id + 2 * i, "%02x", bytes[i]);
}

static size_t padded(size_t bytes)
{
    return (bytes + 3) & ~(size_t)3;
}

/* The build id among the notes of one segment, if it is there. */
static void find_build_id(const char *note, size_t left, struct gw_code_segment *segment)
{
    Elf64_Nhdr header;
    while (left >= sizeof header) {
        memcpy(&header, note, sizeof header);
        size_t name = padded(header.n_namesz), bytes = sizeof header + name + padded(header.n_descsz);
        if (name > left || bytes > left) return;
        const char *text = note + sizeof header;
        if (header.n_type == NT_GNU_BUILD_ID && header.n_namesz == sizeof ELF_NOTE_GNU && !memcmp(text, ELF_NOTE_GNU, sizeof ELF_NOTE_GNU))
            write_id((const unsigned char *)text + name, header.n_descsz, segment);
        note += bytes;
        left -= bytes;
    }
}

struct segment_search {
    uintptr_t place;
    struct gw_code_segment *segment;
};

static bool is_code_at(const struct dl_phdr_info *info, const Elf64_Phdr *part, uintptr_t place)
{
    return part->p_type == PT_LOAD && (part->p_flags & PF_X) && place - (info->dlpi_addr + part->p_vaddr) < part->p_memsz;
}

static void note_segment(const struct dl_phdr_info *info, const Elf64_Phdr *part, struct gw_code_segment *segment)
{
    uintptr_t before = part->p_vaddr % part->p_align % 4096; /* the system maps whole pages */
    *segment = (struct gw_code_segment){.start = info->dlpi_addr + part->p_vaddr - before,
                                        .end = info->dlpi_addr + part->p_vaddr + part->p_memsz,
                                        .offset = part->p_offset - before};
    find_path(&(struct link_map){.l_name = (char *)(uintptr_t)info->dlpi_name}, segment->path);
    for (unsigned i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_NOTE)
            find_build_id((const char *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr), info->dlpi_phdr[i].p_memsz, segment);
}

static int look_at_image(struct dl_phdr_info *info, size_t bytes, void *data)
{
    const struct segment_search *search = data;
    (void)bytes;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        if (!is_code_at(info, &info->dlpi_phdr[i], search->place)) continue;
        note_segment(info, &info->dlpi_phdr[i], search->segment);
        return 1;
    }
    return 0;
}

bool gw_os_code_segment(uintptr_t place, struct gw_code_segment *segment)
{
    return dl_iterate_phdr(look_at_image, &(struct segment_search){place, segment});
}
