/* One range for each object: code in the first half, data in the second. LLVM asks for each section by name; those that
 * the collector needs are remembered, and registered once they are relocated. */
#define _GNU_SOURCE
#include "code_memory.h"

#include <greywave/greywave.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HALF_SIZE = 1 << 20, MAX_MAPS = 64 };

struct range {
    uint8_t *begin, *end;
};

struct code_memory {
    uint8_t *start, *code, *data; /* of the range; the next free byte of each half */
    struct range unwind, globals, maps[MAX_MAPS];
    int map_count, registered;
    struct gw_module modules[MAX_MAPS]; /* one for each gw_maps section: COMDAT functions have their own */
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

uint8_t *code_memory_take_data(void *opaque, uintptr_t size, unsigned align, unsigned id, const char *name,
                               LLVMBool read_only)
{
    (void)id, (void)read_only;
    struct code_memory *memory = opaque;
    uint8_t *at = take(&memory->data, memory->start + 2 * HALF_SIZE, size, align ? align : 16);
    struct range range = {at, at ? at + size : NULL};
    if (strcmp(name, ".eh_frame") == 0) memory->unwind = range;
    if (strcmp(name, "gw_globals") == 0) memory->globals = range;
    if (strcmp(name, "gw_maps") != 0) return at;
    if (memory->map_count == MAX_MAPS) return NULL;
    memory->maps[memory->map_count++] = range;
    return at;
}

static gw_status register_maps(struct code_memory *memory, int i)
{
    struct gw_module *module = &memory->modules[i];
    *module = (struct gw_module){
        .abi_version = GW_ABI_VERSION, .maps_begin = memory->maps[i].begin, .maps_end = memory->maps[i].end};
    if (i == 0) {
        module->globals_begin = memory->globals.begin;
        module->globals_end = memory->globals.end;
    }
    gw_status status = gw_module_register(module);
    if (status == GW_OK) memory->registered++;
    return status;
}

/* All sections are in place and relocated. */
LLVMBool code_memory_finalize(void *opaque, char **error)
{
    struct code_memory *memory = opaque;
    gw_status status = GW_OK;
    if (mprotect(memory->start, HALF_SIZE, PROT_READ | PROT_EXEC) != 0) {
        *error = strdup("cannot make code executable");
        return 1;
    }
    size_t unwind_size = (size_t)(memory->unwind.end - memory->unwind.begin);
    if (unwind_size) status = gw_unwind_register(memory->unwind.begin, unwind_size);
    for (int i = 0; i < memory->map_count && status == GW_OK; i++) status = register_maps(memory, i);
    if (status != GW_OK) *error = strdup(gw_error_text());
    return status != GW_OK;
}

/* No frame of this code may be on any stack any more. */
void code_memory_destroy(void *opaque)
{
    struct code_memory *memory = opaque;
    for (int i = 0; i < memory->registered; i++) gw_module_unregister(&memory->modules[i]);
    if (memory->unwind.begin) gw_unwind_unregister(memory->unwind.begin);
    munmap(memory->start, 2 * HALF_SIZE);
    free(memory);
}
