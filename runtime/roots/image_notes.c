#define _GNU_SOURCE
#include "roots/image_notes.h"
#include "abi/map_format.h"
#include "base/compiler.h"

#include <elf.h>
#include <link.h>
#include <string.h>

struct visitor {
    gw_note_visitor *visit;
    void *context;
};

static void visit_if_ours(const struct visitor *visitor, const ElfW(Nhdr) * header, const char *description, const char *image)
{
    const char *owner = (const char *)(header + 1);
    if (header->n_namesz != sizeof GW_NOTE_OWNER || memcmp(owner, GW_NOTE_OWNER, sizeof GW_NOTE_OWNER) != 0) return;
    const struct gw_image_note note = {header->n_type, (const char *)header, description, header->n_descsz, image};
    visitor->visit(visitor->context, &note);
}

static void visit_segment(const struct visitor *visitor, const char *at, size_t size, size_t align, const char *image)
{
    if (align < 4) align = 4;
    const char *end = at + size;
    while ((size_t)(end - at) >= sizeof(ElfW(Nhdr))) {
        const ElfW(Nhdr) *header = (const ElfW(Nhdr) *)at;
        size_t front = gw_round_up(sizeof *header + header->n_namesz, align), whole = front + gw_round_up(header->n_descsz, align);
        if (whole > (size_t)(end - at)) return;
        visit_if_ours(visitor, header, at + front, image);
        at += whole;
    }
}

static const char *name_of(const struct dl_phdr_info *image)
{
    return image->dlpi_name && *image->dlpi_name ? image->dlpi_name : "the executable";
}

static int visit_image(struct dl_phdr_info *image, size_t size, void *context)
{
    (void)size;
    for (size_t i = 0; i < image->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &image->dlpi_phdr[i];
        if (segment->p_type != PT_NOTE) continue;
        const char *start = (const char *)(image->dlpi_addr + segment->p_vaddr);
        visit_segment(context, start, segment->p_memsz, segment->p_align, name_of(image));
    }
    return 0;
}

void gw_image_notes_each(gw_note_visitor *visit, void *context)
{
    struct visitor visitor = {visit, context};
    dl_iterate_phdr(visit_image, &visitor);
}

static void find_without_polls(void *found, const struct gw_image_note *note)
{
    if (note->type == GW_NOTE_WITHOUT_POLLS) *(const char **)found = note->image;
}

const char *gw_image_without_polls(void)
{
    const char *found = NULL;
    gw_image_notes_each(find_without_polls, &found);
    return found;
}
