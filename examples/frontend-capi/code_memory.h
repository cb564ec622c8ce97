/* Memory for the code of one object file, and its registration with the collector: frame maps, global roots, unwind
 * entries. These are the callbacks of LLVMOrcCreateRTDyldObjectLinkingLayerWithMCJITMemoryManagerLikeCallbacks. */
#ifndef CODE_MEMORY_H
#define CODE_MEMORY_H

#include <llvm-c/Types.h>
#include <stdint.h>

void *code_memory_create(void *unused);
void code_memory_terminating(void *unused);
uint8_t *code_memory_take_code(void *memory, uintptr_t size, unsigned align, unsigned id, const char *name);
uint8_t *code_memory_take_data(void *memory, uintptr_t size, unsigned align, unsigned id, const char *name, LLVMBool read_only);
LLVMBool code_memory_finalize(void *memory, char **error);
void code_memory_destroy(void *memory);

#endif
