/* ELF and DWARF for gw-maps and gw-heap, through elfutils. Owns what libdwfl opened. Linked into the tool only. */
#include "tools/maps_file.h"

#include <errno.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .section_address = dwfl_offline_section_address,
};

static bool complain(const struct maps_file *file, const char *what, const char *why)
{
    fprintf(stderr, "%s: %s: %s%s%s\n", program_invocation_short_name, file->path, what, why ? ": " : "", why ? why : "");
    return false;
}

static void count_text(struct maps_file *file)
{
    for (Elf_Scn *scn = NULL; (scn = elf_nextscn(file->elf, scn));) {
        GElf_Shdr header;
        if (gelf_getshdr(scn, &header) && header.sh_flags & SHF_EXECINSTR) file->text_bytes += header.sh_size;
    }
}

static const struct gw_map_machine *machine_of(Elf *elf)
{
    GElf_Ehdr header;
    if (!gelf_getehdr(elf, &header)) return NULL;
    if (header.e_machine == EM_X86_64) return &gw_map_x86_64;
    return header.e_machine == EM_AARCH64 ? &gw_map_aarch64 : NULL;
}

bool maps_file_open(struct maps_file *file, const char *path)
{
    *file = (struct maps_file){.path = path};
    file->dwfl = dwfl_begin(&callbacks);
    if (!file->dwfl) return complain(file, "out of memory", NULL);
    file->module = dwfl_report_offline(file->dwfl, path, path, -1);
    dwfl_report_end(file->dwfl, NULL, NULL);
    if (file->module) file->elf = dwfl_module_getelf(file->module, &file->bias);
    if (file->elf) file->machine = machine_of(file->elf);
    if (!file->machine) {
        if (file->elf) complain(file, "is for a machine whose maps are not known: x86-64 and AArch64 are", NULL);
        else complain(file, "cannot be read", dwfl_errmsg(-1));
        maps_file_close(file);
        return false;
    }
    count_text(file);
    return true;
}

void maps_file_close(struct maps_file *file)
{
    dwfl_end(file->dwfl);
    file->dwfl = NULL;
}

static const char *section_name(struct maps_file *file, const GElf_Shdr *header)
{
    size_t names;
    if (elf_getshdrstrndx(file->elf, &names) < 0) return "";
    const char *name = elf_strptr(file->elf, names, header->sh_name);
    return name ? name : "";
}

/* Address of the symbol's definition as libdwfl laid the object out, or 0. */
static uint64_t symbol_address(struct maps_file *file, Elf_Data *symbols, size_t index)
{
    GElf_Sym symbol;
    GElf_Shdr header;
    if (!gelf_getsym(symbols, (int)index, &symbol)) return 0;
    Elf_Scn *scn = elf_getscn(file->elf, symbol.st_shndx);
    return scn && gelf_getshdr(scn, &header) ? header.sh_addr + symbol.st_value : 0;
}

/* Of 32-bit relative relocations. */
static unsigned distance_type(const struct maps_file *file)
{
    return maps_are_of(file->machine, &gw_map_x86_64) ? R_X86_64_PC32 : R_AARCH64_PREL32;
}

/* Maps of an object that is not linked yet refer to their functions by 32-bit relative relocations. */
static bool relocate(struct maps_file *file, const GElf_Shdr *rela, Elf_Scn *rela_scn, struct maps_section *section)
{
    Elf_Data *entries = elf_getdata(rela_scn, NULL);
    Elf_Scn *symbol_scn = elf_getscn(file->elf, rela->sh_link);
    Elf_Data *symbols = symbol_scn ? elf_getdata(symbol_scn, NULL) : NULL;
    if (!entries || !symbols || !rela->sh_entsize) return complain(file, "its relocations cannot be read", NULL);
    for (size_t i = 0; i < rela->sh_size / rela->sh_entsize; i++) {
        GElf_Rela entry;
        if (!gelf_getrela(entries, (int)i, &entry) || GELF_R_TYPE(entry.r_info) != distance_type(file) || entry.r_offset > section->size ||
            section->size - entry.r_offset < 4)
            return complain(file, "its maps have a relocation of unknown kind", NULL);
        uint64_t target = symbol_address(file, symbols, GELF_R_SYM(entry.r_info)) + (uint64_t)entry.r_addend;
        int32_t relative = (int32_t)(target + file->bias - (section->address + entry.r_offset));
        memcpy(section->bytes + entry.r_offset, &relative, sizeof relative);
    }
    return true;
}

static bool relocate_section(struct maps_file *file, size_t index, struct maps_section *section)
{
    for (Elf_Scn *scn = NULL; (scn = elf_nextscn(file->elf, scn));) {
        GElf_Shdr header;
        if (!gelf_getshdr(scn, &header) || header.sh_type != SHT_RELA || header.sh_info != index) continue;
        if (!relocate(file, &header, scn, section)) return false;
    }
    return true;
}

static bool load(struct maps_file *file, Elf_Scn *scn, const GElf_Shdr *header, struct maps_section *section)
{
    Elf_Data *data = elf_rawdata(scn, NULL);
    if (!data || !data->d_buf) return complain(file, "section gw_maps cannot be read", elf_errmsg(-1));
    section->size = data->d_size;
    section->address = header->sh_addr + file->bias;
    section->bytes = malloc(data->d_size + 1);
    if (!section->bytes) return complain(file, "out of memory", NULL);
    memcpy(section->bytes, data->d_buf, data->d_size);
    GElf_Ehdr elf;
    if (!gelf_getehdr(file->elf, &elf) || elf.e_type != ET_REL || relocate_section(file, elf_ndxscn(scn), section)) return true;
    free(section->bytes);
    return false;
}

bool maps_file_next(struct maps_file *file, Elf_Scn **position, struct maps_section *section)
{
    while ((*position = elf_nextscn(file->elf, *position))) {
        GElf_Shdr header;
        if (!gelf_getshdr(*position, &header) || header.sh_type != SHT_PROGBITS) continue;
        if (strcmp(section_name(file, &header), "gw_maps") == 0 && header.sh_size) return load(file, *position, &header, section);
    }
    return false;
}

/* The line table entry for an address. Compilers that write no .debug_aranges, such as clang, leave it to the reader to
 * ask each compilation unit. */
static Dwarf_Line *line_of(struct maps_file *file, uintptr_t call)
{
    Dwarf_Addr bias = 0;
    for (Dwarf_Die *unit = NULL; (unit = dwfl_module_nextcu(file->module, unit, &bias));)
        if (dwarf_haspc(unit, call - bias) > 0) return dwarf_getsrc_die(unit, call - bias);
    return NULL;
}

const char *maps_file_line(struct maps_file *file, uintptr_t address, int *number)
{
    Dwarf_Line *line = line_of(file, address);
    return line && dwarf_lineno(line, number) == 0 ? dwarf_linesrc(line, NULL, NULL) : NULL;
}

const char *maps_file_function(struct maps_file *file, uintptr_t address, uint64_t *offset)
{
    GElf_Off from_start = 0;
    GElf_Sym symbol;
    const char *name = dwfl_module_addrinfo(file->module, address, &from_start, &symbol, NULL, NULL, NULL);
    *offset = from_start;
    return name;
}

const uint8_t *maps_file_code(struct maps_file *file, uintptr_t address, size_t size)
{
    for (Elf_Scn *scn = NULL; (scn = elf_nextscn(file->elf, scn));) {
        GElf_Shdr header;
        if (!gelf_getshdr(scn, &header) || !(header.sh_flags & SHF_EXECINSTR)) continue;
        uint64_t from = address - file->bias - header.sh_addr;
        if (from >= header.sh_size || size > header.sh_size - from) continue;
        Elf_Data *data = elf_rawdata(scn, NULL);
        return data && data->d_buf ? (const uint8_t *)data->d_buf + from : NULL;
    }
    return NULL;
}

void maps_file_describe(struct maps_file *file, uintptr_t pc, char *function, size_t function_size, char *source, size_t source_size)
{
    uint64_t offset;
    int number = 0;
    uintptr_t call = pc - 1;
    const char *name = maps_file_function(file, call, &offset), *path = maps_file_line(file, call, &number);
    if (name) snprintf(function, function_size, "%s+%#" PRIx64, name, offset + 1);
    else snprintf(function, function_size, "%#" PRIxPTR, pc);
    const char *base = path ? strrchr(path, '/') : NULL;
    if (path) snprintf(source, source_size, "%s:%d", base ? base + 1 : path, number);
    else snprintf(source, source_size, "?");
}
