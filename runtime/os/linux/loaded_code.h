/* Images that the loader has mapped. Questions are asked without its lock: a collection or a message must not wait for a dlopen that
 * waits for us.
 */
#ifndef GW_OS_LINUX_LOADED_CODE_H
#define GW_OS_LINUX_LOADED_CODE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The PT_GNU_EH_FRAME segment of the image whose code is at `pc`, or NULL. */
const void *gw_os_unwind_header(uintptr_t pc);

/* Whether the loader, and not the program, put the code at `pc` into memory. */
bool gw_os_is_loaded(uintptr_t pc);

/* Keeps the image that `address` lies in mapped until the process ends; nothing to do for the executable. NULL, or why it cannot be
 * kept. Asks the loader by a name it knows, so opens nothing; takes its lock, which a thread that runs a constructor holds already. */
const char *gw_os_keep_image(const void *address);

/* Writes "function (file)" or "?" for a code address. Slow, and reads the image's file where one can be opened: for
 * messages. */
void gw_name_code(uintptr_t pc, char *text, size_t size);

/* Writes "name (file+0x1f)" for a return address, or for a variable: what it is called by the symbol table, and where it lies in the
 * image's file, which is named by its path; "?" for what is not known, and the address alone where no image was loaded. Slow, too. */
enum gw_place_kind { GW_PLACE_CODE, GW_PLACE_DATA };
void gw_name_place(uintptr_t address, enum gw_place_kind kind, char *text, size_t size);

/* Where the function begins that has an instruction at `place`, and its name by the symbol table; 0: nobody knows. As slow. */
uintptr_t gw_os_function_at(uintptr_t place, char *name, size_t size);

/* A part of an image that holds code. */
struct gw_code_segment {
    uintptr_t start, end; /* in memory */
    uint64_t offset;      /* of the start in the image's file */
    char path[PATH_MAX];
    char build_id[65]; /* hexadecimal; "": it has none */
};

/* The segment that `place` lies in; false: no image's. Takes the loader's lock. */
bool gw_os_code_segment(uintptr_t place, struct gw_code_segment *segment);

#endif
