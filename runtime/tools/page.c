#include "tools/page.h"

#include <string.h>

void page_begin(FILE *out, const char *title, const char *style)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
          out);
    page_words(out, title);
    fputs("</title>\n<style>\n"
          ":root { color-scheme: light dark; --line: #8884; --soft: #8882 }\n"
          "body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 1500px; padding: 0 16px 64px }\n"
          "[hidden] { display: none !important }\n",
          out);
    fprintf(out, "%s</style>\n</head>\n<body>\n", style);
}

void page_text(FILE *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        switch (text[i]) {
        case '&': fputs("&amp;", out); break;
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        default: fputc(text[i], out);
        }
    }
}

void page_words(FILE *out, const char *text)
{
    page_text(out, text, strlen(text));
}
