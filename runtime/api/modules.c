/* Modules made at run time that go. */
#include "arch/calls.h"
#include "base/report.h"
#include "engine/mark_roots.h"
#include "heap/world.h"
#include "roots/modules.h"
#include "verify/uses.h"

static bool is_of_image(const void *image, uintptr_t pc)
{
    return gw_image_find_range(image, pc) != NULL;
}

/* Whether this thread's stacks have frames with these maps, which then would be walked without. */
static bool has_frames(uintptr_t code, const struct gw_entry *entry)
{
    return gw_stacks_have((const struct gw_code_of *)code, gw_current_thread.heap, entry);
}

static gw_status unregister(const void *key, const char *what)
{
    struct gw_heap *heap GW_INSIDE = gw_current_thread.heap ? gw_heap_inside(what) : NULL;
    char text[400];
    const struct gw_image *image = heap ? gw_registry_image(key) : NULL;
    struct gw_code_of code = {is_of_image, image, text, sizeof text};
    if (image && image->range_count && gw_call_with_entry(has_frames, (uintptr_t)&code))
        return gw_fail(GW_ERROR_STATE, "%s: the module is in use: %s", what, text);
    return gw_registry_remove(key, what);
}

gw_status gw_module_unregister(const struct gw_module *module)
{
    return unregister(module, "gw_module_unregister");
}

gw_status gw_stackmaps_unregister(const void *section)
{
    return unregister(section, "gw_stackmaps_unregister");
}

void gw_module_forget(const struct gw_extent *extents, size_t count)
{
    struct gw_heap *heap GW_INSIDE = gw_current_thread.heap ? gw_heap_inside("gw_module_forget") : NULL;
    for (size_t i = 0; heap && i < count; i++) gw_recorded_forget_statics(&heap->recorded, (uintptr_t)extents[i].from, extents[i].bytes);
    if (heap) gw_mark_roots_again(heap);
}
