/* Every image that contains the runtime carries a note. Owns nothing else. */
#include "roots/only_runtime.h"
#include "abi/map_format.h"
#include "base/compiler.h"
#include "base/report.h"
#include "roots/image_notes.h"

#include <elf.h>

struct runtime_note {
    Elf64_Nhdr header;
    char owner[12];
};
static const struct runtime_note own_note GW_DENSE
    __attribute__((section(GW_NOTE_SECTION), used, aligned(4))) = {{sizeof GW_NOTE_OWNER, 0, GW_NOTE_RUNTIME}, GW_NOTE_OWNER};

struct search {
    const char *own, *other; /* images with a runtime: this one, another */
};

static void look_at_note(void *context, const struct gw_image_note *note)
{
    struct search *search = context;
    if (note->type != GW_NOTE_RUNTIME) return;
    *(note->start == (const char *)&own_note ? &search->own : &search->other) = note->image;
}

__attribute__((constructor)) void gw_require_only_runtime(void)
{
    struct search search = {NULL, NULL};
    gw_image_notes_each(look_at_note, &search);
    if (search.own && search.other)
        gw_fatal("two Greywave runtimes in one process, in %s and in %s: neither would find the references of code that registers "
                 "with the other; link everything with the shared library (-lgreywave)",
                 search.own, search.other);
}
