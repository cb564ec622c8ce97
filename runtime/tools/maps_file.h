/* An ELF file with frame maps, as gw-maps sees it: the bytes of its gw_maps sections at the addresses they would have,
 * and names and source lines for its code. Executables, shared libraries and relocatable objects alike. */
#ifndef GW_TOOLS_MAPS_FILE_H
#define GW_TOOLS_MAPS_FILE_H

#include "abi/map_format.h"

#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each source file has records of the machines of its own. */
static inline bool maps_are_of(const struct gw_map_machine *machine, const struct gw_map_machine *known)
{
    return machine->stack_pointer == known->stack_pointer;
}

struct maps_file {
    const char *path;
    Dwfl *dwfl;
    Dwfl_Module *module;
    Elf *elf;
    const struct gw_map_machine *machine; /* that the code is for */
    GElf_Addr bias;                       /* from addresses in the file to those of libdwfl */
    uint64_t text_bytes;                  /* of all executable sections */
};

struct maps_section {
    uint8_t *bytes; /* relocated; the caller frees */
    size_t size;
    uintptr_t address; /* as libdwfl has it */
};

/* False with a message on stderr when the file cannot be read. */
bool maps_file_open(struct maps_file *file, const char *path);
void maps_file_close(struct maps_file *file);

/* The next gw_maps section after `*position`, which starts at NULL. False at the end or, with a message, on an error.
 */
bool maps_file_next(struct maps_file *file, Elf_Scn **position, struct maps_section *section);

/* "function+0x1f" and "file.c:12" for the call that returns to `pc`; "?" for what is not known. */
void maps_file_describe(struct maps_file *file, uintptr_t pc, char *function, size_t function_size, char *source, size_t source_size);

/* The source line of the instruction at `address`: its file's path, libdw's to keep, or NULL; `*number` its line. */
const char *maps_file_line(struct maps_file *file, uintptr_t address, int *number);

/* The name of the function at `address`, libdwfl's to keep, or NULL; `*offset`: how far in. */
const char *maps_file_function(struct maps_file *file, uintptr_t address, uint64_t *offset);

/* `size` bytes of code at `address`, or NULL where the file does not have them. */
const uint8_t *maps_file_code(struct maps_file *file, uintptr_t address, size_t size);

#endif
