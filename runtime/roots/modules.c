/* Registration of modules. Owns the registry and its lock; calls the map readers below it. A
 * module is read and checked completely before the lock is taken to publish it. */
#define _GNU_SOURCE /* the lock that prefers writers */
#include "roots/modules.h"
#include "abi/map_format.h"
#include "base/lock.h"
#include "base/report.h"
#include "os/linux/loaded_code.h"
#include "roots/global_records.h"
#include "roots/image_notes.h"
#include "roots/map_reader.h"
#include "roots/only_runtime.h"
#include "roots/stackmaps_v3.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/single_threaded.h>

/* Writers first: threads that collect all the time must not keep a module, or a fork, waiting for ever. No walk takes the lock
 * twice. */
static pthread_rwlock_t lock = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static struct gw_registry registry = {.generation = 1};

const struct gw_registry *gw_registry_read(void)
{
    if (pthread_rwlock_rdlock(&lock) != 0) gw_fatal("the registry of modules cannot be read: a walk inside a registration?");
    return &registry;
}

void gw_registry_read_end(void)
{
    pthread_rwlock_unlock(&lock);
}

void gw_registry_write(void)
{
    if (pthread_rwlock_wrlock(&lock) != 0) gw_fatal("the registry of modules cannot be changed in the middle of a walk");
}

void gw_registry_write_end(void)
{
    pthread_rwlock_unlock(&lock);
}

/* A child made while another thread walked or registered would wait for a thread that it does not have: fork waits for
 * them. In the child the lock is made anew, as its owner is known by a number that the child's thread does not have. */
static void make_lock_anew(void)
{
    lock = (pthread_rwlock_t)PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
}

static __attribute__((constructor)) void prepare_for_fork(void)
{
    static struct gw_fork_step step = {.before = gw_registry_write, .in_parent = gw_registry_write_end, .in_child = make_lock_anew};
    gw_fork_prepare(&step);
}

static struct gw_registered **find_link(const void *key)
{
    struct gw_registered **link = &registry.modules;
    while (*link && (*link)->key != key) link = &(*link)->next;
    return link;
}

const struct gw_code_range *gw_registry_find_code(const struct gw_registry *from, uintptr_t pc)
{
    for (const struct gw_registered *module = from->modules; module; module = module->next) {
        if (pc - 1 < module->low || pc - 1 >= module->high) continue;
        const struct gw_code_range *range = gw_image_find_range(&module->image, pc);
        if (range) return range;
    }
    return NULL;
}

bool gw_registry_describes(const struct gw_registry *from, uintptr_t start)
{
    for (const struct gw_registered *module = from->modules; module; module = module->next)
        if (start >= module->low && start <= module->high && gw_image_describes(&module->image, start)) return true;
    return false;
}

static void discard(struct gw_registered *module)
{
    gw_image_free(&module->image);
    free(module);
}

/* ---- Global variables ------------------------------------------------------------------------------ */

const struct gw_root_index *gw_registry_globals(void)
{
    return &registry.globals;
}

uint64_t gw_registry_generation(void)
{
    return atomic_load_explicit(&registry.generation, memory_order_acquire);
}

/* Two modules that name one variable: what is left of it is added again, which takes no memory. */
static void forget_globals(const struct gw_module *module)
{
    gw_globals_remove_from(&registry.globals, module);
    for (const struct gw_registered *other = registry.modules; registry.globals.overlaps && other; other = other->next)
        if (other->module) gw_globals_add_to(&registry.globals, other->module, GW_GLOBAL_VARIABLE);
}

/* ---- Registering ----------------------------------------------------------------------------------- */

/* Adds a module that was read, under the lock. */
static gw_status publish(struct gw_registered *module)
{
    const struct gw_image *image = &module->image;
    module->low = image->range_count ? image->ranges[0].start : 0;
    module->high = image->range_count ? image->ranges[image->range_count - 1].end : 0;
    gw_status status = gw_frame_table_add(&registry.frames, image);
    if (status != GW_OK) return status;
    if (module->module && !gw_globals_add_to(&registry.globals, module->module, GW_GLOBAL_VARIABLE)) {
        forget_globals(module->module);
        gw_frame_table_remove(&registry.frames, image);
        return gw_fail(GW_ERROR_MEMORY, "no memory for the index of a module's global variables");
    }
    module->next = registry.modules;
    registry.modules = module;
    atomic_fetch_add_explicit(&registry.generation, 1, memory_order_release);
    return GW_OK;
}

/* True when `key` was registered before: counts it once more. */
static bool register_again(const void *key)
{
    gw_registry_write();
    struct gw_registered *module = *find_link(key);
    if (module) module->registrations++;
    gw_registry_write_end();
    return module != NULL;
}

/* Publishes `module`, or throws it away when it is corrupt or another thread was faster. */
static gw_status finish(struct gw_registered *module, gw_status status)
{
    if (status == GW_OK) status = gw_image_seal(&module->image);
    bool published = false;
    if (status == GW_OK) {
        gw_registry_write();
        struct gw_registered *other = *find_link(module->key);
        if (other) other->registrations++;
        else status = publish(module);
        published = !other && status == GW_OK;
        gw_registry_write_end();
    }
    if (!published) discard(module);
    return status;
}

static struct gw_registered *new_registered(const void *key, const struct gw_module *module)
{
    struct gw_registered *made = calloc(1, sizeof *made);
    if (!made) return NULL;
    made->key = key;
    made->module = module;
    made->registrations = 1;
    return made;
}

void gw_module_without_roots(void)
{
    gw_registry_write();
    registry.without_roots = true;
    gw_registry_write_end();
}

gw_status gw_module_register(const struct gw_module *module)
{
    if (!module) return gw_fail(GW_ERROR_ARGUMENT, "gw_module_register: no module");
    if (module->abi_version != GW_ABI_VERSION)
        return gw_fail(GW_ERROR_MAP, "the module was compiled for ABI version %u, this runtime has %u: recompile it", module->abi_version,
                       GW_ABI_VERSION);
    if (module->maps_end < module->maps_begin || module->globals_end < module->globals_begin)
        return gw_fail(GW_ERROR_MAP, "the module's sections end before they begin");
    if (register_again(module)) return GW_OK;
    gw_status status = gw_globals_validate(module);
    if (status != GW_OK) return status;
    struct gw_registered *made = new_registered(module, module);
    if (!made) return gw_fail(GW_ERROR_MEMORY, "no memory to register a module");
    size_t size = (size_t)(module->maps_end - module->maps_begin);
    return finish(made, gw_map_read_image(module->maps_begin, size, (uintptr_t)module->maps_begin, &made->image));
}

gw_status gw_stackmaps_register(const void *section, size_t size, const char *name)
{
    if (!section) return gw_fail(GW_ERROR_ARGUMENT, "gw_stackmaps_register: no section");
    if (register_again(section)) return GW_OK;
    struct gw_registered *made = new_registered(section, NULL);
    if (!made) return gw_fail(GW_ERROR_MEMORY, "no memory to register a module");
    return finish(made, gw_stackmaps_read_image(section, size, name, &made->image));
}

const struct gw_image *gw_registry_image(const void *key)
{
    gw_registry_read();
    const struct gw_registered *module = *find_link(key);
    bool goes = module && module->registrations == 1;
    gw_registry_read_end();
    return goes ? &module->image : NULL;
}

gw_status gw_registry_remove(const void *key, const char *what)
{
    gw_registry_write();
    struct gw_registered **link = find_link(key);
    struct gw_registered *module = *link;
    bool last = module && --module->registrations == 0;
    if (last) {
        *link = module->next;
        gw_frame_table_remove(&registry.frames, &module->image);
        if (module->module) forget_globals(module->module);
        atomic_fetch_add_explicit(&registry.generation, 1, memory_order_release);
    }
    gw_registry_write_end();
    if (!module) return gw_fail(GW_ERROR_ARGUMENT, "%s: %p is not registered", what, key);
    if (last) discard(module);
    return GW_OK;
}

/* Objects refer to their types, which lie in the image: it stays, and so do its maps and globals. */
void gw_module_load(const struct gw_module *module)
{
    gw_require_only_runtime();
    char name[512];
    const char *complaint = gw_module_register(module) == GW_OK ? gw_os_keep_image(module) : gw_error_text();
    if (!complaint) return;
    gw_name_code((uintptr_t)__builtin_return_address(0), name, sizeof name);
    gw_fatal("the module of %s is refused: %s", name, complaint);
}

/* A record that the loader has not relocated yet is all zero. */
static void register_noted(void *context, const struct gw_image_note *note)
{
    (void)context;
    int64_t distance;
    if (note->type != GW_NOTE_MODULE || note->size != sizeof distance) return;
    memcpy(&distance, note->description, sizeof distance);
    const struct gw_module *module = (const struct gw_module *)(note->description + distance);
    if (!module->maps_begin && !module->globals_begin) return;
    if (gw_module_register(module) != GW_OK) gw_fatal("the module of %s is refused: %s", note->image, gw_error_text());
}

void gw_modules_load_all(void)
{
    if (__libc_single_threaded) gw_image_notes_each(register_noted, NULL);
}

/* The destructor of an image that stays runs when the process ends, where other destructors may still collect. */
void gw_module_unload(const struct gw_module *module)
{
    (void)module;
}

bool gw_registry_check(const struct gw_registry *from)
{
    size_t sites = 0;
    for (const struct gw_registered *module = from->modules; module; module = module->next) {
        if (!module->registrations || !gw_image_check(&module->image)) return false;
        sites += module->image.site_count;
    }
    return sites == from->frames.count && gw_frame_table_check(&from->frames) && gw_root_index_check(&from->globals);
}
