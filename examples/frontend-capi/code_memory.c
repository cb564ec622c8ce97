/* One range for each object: code in the first half, data in the second. LLVM asks for each section by name; those that
 * the collector needs are remembered, and registered once they are relocated. */
#define _GNU_SOURCE
#include "code_memory.h"

#include <greywave/greywave.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HALF_SIZE = 1 << 20 };

struct code_memory {
    uint8_t *start, *code, *data; /* of the range; the next free byte of each half */
    uint8_t *unwind, *unwind_end;
    struct gw_module *modules; /* one for each section: there are many, a COMDAT function or a variable has its own */
    size_t count, room, registered;
};

void *code_memory_create(void *unused)
{
    (void)unused;
    struct code_memory *memory = calloc(1, sizeof *memory);
    if (!memory) return NULL;
    memory->start = mmap(NULL, 2 * HALF_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory->start == MAP_FAILED) abort();
    memory->code = memory->start;
    memory->data = memory->start + HALF_SIZE;
    return memory;
}

void code_memory_terminating(void *unused)
{
    (void)unused;
}

/* NULL, which LLVM reports, when the half is full. */
static uint8_t *take(uint8_t **free_byte, const uint8_t *limit, uintptr_t size, unsigned align)
{
    uintptr_t at = ((uintptr_t)*free_byte + align - 1) & ~((uintptr_t)align - 1);
    if (at + size > (uintptr_t)limit) return NULL;
    *free_byte = (uint8_t *)at + size;
    return (uint8_t *)at;
}

uint8_t *code_memory_take_code(void *opaque, uintptr_t size, unsigned align, unsigned id, const char *name)
{
    (void)id, (void)name;
    struct code_memory *memory = opaque;
    return take(&memory->code, memory->start + HALF_SIZE, size, align ? align : 16);
}

/* A section of frame maps or of global roots, as a module of its own. */
static bool remember(struct code_memory *memory, struct gw_module module)
{
    if (memory->count == memory->room) {
        memory->room = memory->room ? 2 * memory->room : 16;
        struct gw_module *grown = realloc(memory->modules, memory->room * sizeof *grown);
        if (!grown) return false;
        memory->modules = grown;
    }
    module.abi_version = GW_ABI_VERSION;
    memory->modules[memory->count++] = module;
    return true;
}

uint8_t *code_memory_take_data(void *opaque, uintptr_t size, unsigned align, unsigned id, const char *name, LLVMBool read_only)
{
    (void)id, (void)read_only;
    struct code_memory *memory = opaque;
    uint8_t *at = take(&memory->data, memory->start + 2 * HALF_SIZE, size, align ? align : 16), *end = at + size;
    bool kept = at;
    if (at && strcmp(name, ".eh_frame") == 0) memory->unwind = at, memory->unwind_end = end;
    if (at && strcmp(name, "gw_maps") == 0) kept = remember(memory, (struct gw_module){.maps_begin = at, .maps_end = end});
    if (at && strcmp(name, "gw_globals") == 0) kept = remember(memory, (struct gw_module){.globals_begin = at, .globals_end = end});
    return kept ? at : NULL;
}

static gw_status register_all(struct code_memory *memory)
{
    gw_status status = GW_OK;
    if (memory->unwind) status = gw_unwind_register(memory->unwind, (size_t)(memory->unwind_end - memory->unwind));
    for (; status == GW_OK && memory->registered < memory->count; memory->registered += status == GW_OK)
        status = gw_module_register(&memory->modules[memory->registered]);
    return status;
}

/* All sections are in place and relocated. */
LLVMBool code_memory_finalize(void *opaque, char **error)
{
    struct code_memory *memory = opaque;
    if (mprotect(memory->start, HALF_SIZE, PROT_READ | PROT_EXEC) != 0) {
        *error = strdup("cannot make code executable");
        return 1;
    }
    gw_status status = register_all(memory);
    if (status != GW_OK) *error = strdup(gw_error_text());
    return status != GW_OK;
}

/* No frame of this code may be on any stack any more. */
void code_memory_destroy(void *opaque)
{
    struct code_memory *memory = opaque;
    for (size_t i = 0; i < memory->registered; i++) gw_module_unregister(&memory->modules[i]);
    if (memory->unwind) gw_unwind_unregister(memory->unwind);
    munmap(memory->start, 2 * HALF_SIZE);
    free(memory->modules);
    free(memory);
}
