/* Code made at run time: its maps, globals and unwind entries. */
#ifndef GREYWAVE_JIT_H
#define GREYWAVE_JIT_H

#include <greywave/status.h>
#include <stddef.h>

#pragma GCC visibility push(default)

#ifdef __cplusplus
extern "C" {
#endif

/* Programs and libraries register themselves, and stay: dlclose does not unload a library that has managed code or types, and opening
 * it again finds it as it was left. A new version of a library therefore needs a new file name.
 *
 * The calls are for code made at run time. Adds one module's maps and globals to the process-wide frame table. The record and what it
 * points at must stay until it is unregistered. Corrupt maps are refused: GW_ERROR_MAP. Any thread. */
GW_NOCOLLECT gw_status gw_module_register(const struct gw_module *module);
/* To be called when no frame of the module is on any stack, and nothing refers to what its globals hold. Its types (struct gw_type) must
 * stay in memory as long as any heap has objects of them, unreachable ones included: until a full collection found none, or until
 * the heap is destroyed. */
GW_NOCOLLECT gw_status gw_module_unregister(const struct gw_module *module);

/* The same for a stock `.llvm_stackmaps` section, version 3, at its run-time address. `name` is used in messages. */
GW_NOCOLLECT gw_status gw_stackmaps_register(const void *section, size_t size, const char *name);
GW_NOCOLLECT gw_status gw_stackmaps_unregister(const void *section);

/* Unwind entries of code made at run time: an `.eh_frame` section at its run-time address, relocated, of at most `size`
 * bytes. A JIT calls this before its code runs; without it, a collection below that code ends with a fatal message. The
 * section must stay until it is unregistered. GW_ERROR_MAP: it cannot be read. Any thread. */
GW_NOCOLLECT gw_status gw_unwind_register(const void *eh_frame, size_t size);
GW_NOCOLLECT gw_status gw_unwind_unregister(const void *eh_frame);

#ifdef __cplusplus
}
#endif

#pragma GCC visibility pop
#endif
