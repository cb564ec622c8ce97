/* The registry of loaded modules: the only process-global state of the runtime.
 *
 * One lock guards it: registration writes, walks and visits of globals read. Layers above see it through
 * gw_registry_read and never change it.
 */
#ifndef GW_ROOTS_MODULES_H
#define GW_ROOTS_MODULES_H

#include "roots/frame_table.h"
#include "roots/root_index.h"
#include <greywave/greywave.h>
#include <stdbool.h>

struct gw_registered {
    struct gw_registered *next;
    const void *key;                /* the struct gw_module, or the .llvm_stackmaps section */
    const struct gw_module *module; /* NULL for a .llvm_stackmaps section */
    unsigned registrations;         /* several constructors of one image may name the same record */
    struct gw_image image;
    uintptr_t low, high; /* bounds of all its code */
};

struct gw_registry {
    struct gw_registered *modules;
    struct gw_frame_table frames;
    bool without_roots;           /* a module was compiled so that its roots cannot be found */
    struct gw_root_index globals; /* variables of all modules, but for thread-local ones */
    _Atomic uint64_t generation;  /* of the modules: another number after each that comes or goes; never 0 */
};

/* Takes the read lock. The registry stays as it is until gw_registry_read_end; nothing may register meanwhile on
 * this thread. */
const struct gw_registry *gw_registry_read(void);
void gw_registry_read_end(void);

/* The write lock, for what else a walk reads (unwind_tables). A thread that walks must not ask for it. */
void gw_registry_write(void);
void gw_registry_write_end(void);

/* The module and function whose code contains the call that returns to `pc`, or NULL. */
const struct gw_code_range *gw_registry_find_code(const struct gw_registry *registry, uintptr_t pc);

/* Whether a module has a record for the function whose code begins at `start`, be it one that says that it has no maps. */
bool gw_registry_describes(const struct gw_registry *registry, uintptr_t start);

/* Roots in global variables of all modules, but for thread-local ones: to look into, on any thread and without a lock. */
const struct gw_root_index *gw_registry_globals(void);
/* On any thread. Changes when a module comes or goes. Never 0. */
uint64_t gw_registry_generation(void);

/* The maps that go with the next gw_registry_remove; NULL: none. They stay until then. */
const struct gw_image *gw_registry_image(const void *key);

/* Takes a module back that was registered under `key`. GW_ERROR_ARGUMENT, in the name of the function `what`. */
gw_status gw_registry_remove(const void *key, const char *what);

/* Registers the modules of all images that are loaded, in front of their constructors: code of an image may run before these do, called by
 * another image's, or out of .preinit_array. Does nothing where other threads may be loading images. */
void gw_modules_load_all(void);

bool gw_registry_check(const struct gw_registry *registry);

#endif
