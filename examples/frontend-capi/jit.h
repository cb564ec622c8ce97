/* ORC's LLJIT, with Greywave's object layer. */
#ifndef JIT_H
#define JIT_H

#include <llvm-c/Orc.h>

struct jit;

/* `debugger`: GDB and LLDB are told of each object; `profiler`: perf is. */
struct jit *jit_create(int debugger, int profiler);
void jit_destroy(struct jit *jit);

/* Makes `name` stand for a function or variable of this program. */
void jit_define(struct jit *jit, const char *name, void *address);

/* Takes the object. What it defines goes away again with jit_remove. */
LLVMOrcResourceTrackerRef jit_add(struct jit *jit, LLVMMemoryBufferRef object);
void jit_remove(LLVMOrcResourceTrackerRef added);

void *jit_lookup(struct jit *jit, const char *name);

#endif
