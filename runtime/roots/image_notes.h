/* The notes of ours in the images of the process (abi/map_format.h), in whatever way each was linked or loaded. Owns nothing. */
#ifndef GW_ROOTS_IMAGE_NOTES_H
#define GW_ROOTS_IMAGE_NOTES_H

#include <stddef.h>
#include <stdint.h>

struct gw_image_note {
    uint32_t type;
    const char *start;       /* of the note */
    const char *description; /* of `size` bytes, aligned to 4 */
    size_t size;
    const char *image; /* its name, for messages */
};

typedef void gw_note_visitor(void *context, const struct gw_image_note *note);

/* Images that another thread is just loading may be among them, whose words the loader has not relocated yet. */
void gw_image_notes_each(gw_note_visitor *visit, void *context);

/* The name of an image with loops that do not poll, which is valid until that is unloaded; NULL: there is none. */
const char *gw_image_without_polls(void);

#endif
