/* Code made at run time: its maps, globals and unwind entries. */
#ifndef GREYWAVE_JIT_H
#define GREYWAVE_JIT_H

#include <greywave/status.h>
#include <stdbool.h>
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
/* To be called when no frame of the module is on any stack, and nothing refers to what its globals hold: what else may still need the
 * module is gw_module_in_use's to say. GW_ERROR_STATE: a frame of it is on a stack of the heap that is attached here, and gw_error_text
 * says where; the module stays registered. */
GW_NOCOLLECT gw_status gw_module_unregister(const struct gw_module *module);

/* Memory of a module: code, constants, variables. */
struct gw_extent {
    const void *from;
    size_t bytes;
};

/* Whether a heap of this process still needs what lies in `extents`, by what the collector can see: a frame of its code on a stack, running
 * or waiting; an object, dead ones that no collection has met included, whose type lies there, or its name, layout or functions do, or with
 * any word that is an address in there, such as the code of a closure; a reference from a root to a static object. Variables that lie there
 * themselves do not count, nor do addresses in native memory or in numbers of frames, of which the host knows.
 *
 * The heap that is attached here is looked into at once, and so are heaps that are attached nowhere. Those of other threads are asked, and
 * answer when their threads next allocate, collect or poll: until then the call says true, and does not wait. Call it again for the same
 * extents; an answer counts for one try. From the first call on no thread may enter the code by addresses that only the host knows, as
 * long as the module is to go. Static objects that another heap's thread wrote to count as well, since only that thread can forget them.
 *
 * gw_error_text says what was found. Works on a thread without a heap. Collects nothing: dead objects go by gw_collect(GW_FULL) before. The
 * work is for the whole heap, on each thread that has one. A safepoint. */
bool gw_module_in_use(const struct gw_extent *extents, size_t count);

/* The memory is about to go: static objects in there that were written to (GW_HEADER_STATIC) are no roots of this thread's heap any more.
 * Without it the next cycle reads them. Other heaps have none there once gw_module_in_use has said no. */
GW_NOCOLLECT void gw_module_forget(const struct gw_extent *extents, size_t count);

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
