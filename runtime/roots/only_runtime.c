/* Every image that contains the runtime carries a note, which dl_iterate_phdr finds in whatever way the image was linked or
 * loaded. Owns nothing else. */
#define _GNU_SOURCE
#include "roots/only_runtime.h"
#include "base/report.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>

#define OWNER "Greywave"
enum { TYPE_RUNTIME = 1 };

struct note {
    ElfW(Nhdr) header;
    char owner[12];
};
static const struct note own_note __attribute__((section(".note.greywave"), used, aligned(4))) = {{sizeof OWNER, 0, TYPE_RUNTIME}, OWNER};

static size_t padded(size_t size, size_t align)
{
    return (size + align - 1) & ~(align - 1);
}

/* The runtime's note among those of one segment, or NULL. */
static const void *find_note(const char *at, size_t size, size_t align)
{
    if (align < 4) align = 4;
    const char *end = at + size;
    while ((size_t)(end - at) >= sizeof(ElfW(Nhdr))) {
        const ElfW(Nhdr) *header = (const ElfW(Nhdr) *)at;
        const char *owner = at + sizeof *header;
        size_t whole = padded(sizeof *header + header->n_namesz, align) + padded(header->n_descsz, align);
        if (whole > (size_t)(end - at)) return NULL;
        if (header->n_type == TYPE_RUNTIME && header->n_namesz == sizeof OWNER && memcmp(owner, OWNER, sizeof OWNER) == 0) return at;
        at += whole;
    }
    return NULL;
}

static const char *name_of(const struct dl_phdr_info *image)
{
    return image->dlpi_name && *image->dlpi_name ? image->dlpi_name : "the executable";
}

struct search {
    const char *own, *other; /* images with a runtime: this one, another */
};

static int look_into_image(struct dl_phdr_info *image, size_t size, void *data)
{
    (void)size;
    struct search *search = data;
    for (size_t i = 0; i < image->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &image->dlpi_phdr[i];
        if (segment->p_type != PT_NOTE) continue;
        const void *note = find_note((const char *)(image->dlpi_addr + segment->p_vaddr), segment->p_memsz, segment->p_align);
        if (note == &own_note) search->own = name_of(image);
        else if (note) search->other = name_of(image);
    }
    return 0;
}

__attribute__((constructor)) void gw_require_only_runtime(void)
{
    struct search search = {NULL, NULL};
    dl_iterate_phdr(look_into_image, &search);
    if (search.own && search.other)
        gw_fatal("two Greywave runtimes in one process, in %s and in %s: neither would find the references of code that registers "
                 "with the other; link everything with the shared library (-lgreywave)",
                 search.own, search.other);
}
