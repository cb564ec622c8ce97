/* What the pages of the tools have in common: one file, which asks the network for nothing, light or dark as the reader's system is. */
#ifndef GW_TOOLS_PAGE_H
#define GW_TOOLS_PAGE_H

#include <stddef.h>
#include <stdio.h>

/* All in front of the body's text; `style` is more rules of CSS, for which --line is the colour of lines and --soft of grounds. */
void page_begin(FILE *out, const char *title, const char *style);

/* So that no character of it is taken for a tag. */
void page_text(FILE *out, const char *text, size_t length);
void page_words(FILE *out, const char *text);

#endif
