/* Whole files in memory, and where their lines begin. */
#include "tools/source_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct source_file {
    struct source_file *next;
    char *path, *text; /* no text: it cannot be read */
    size_t size;
    size_t *starts; /* of lines, and the text's end */
    size_t count;
};

static void read_text(struct source_file *file)
{
    FILE *in = fopen(file->path, "r");
    size_t capacity = 0, read = 0;
    for (size_t more = 1; in && more; read += more) {
        if (read == capacity) {
            capacity = capacity ? 2 * capacity : 65536;
            char *text = realloc(file->text, capacity);
            if (!text) break;
            file->text = text;
        }
        more = fread(file->text + read, 1, capacity - read, in);
    }
    if (in) fclose(in);
    file->size = read;
}

static void find_lines(struct source_file *file)
{
    size_t lines = 1;
    for (size_t i = 0; i < file->size; i++) lines += file->text[i] == '\n';
    file->starts = malloc((lines + 1) * sizeof *file->starts);
    if (!file->starts) return;
    file->starts[file->count++] = 0;
    for (size_t i = 0; i < file->size; i++)
        if (file->text[i] == '\n') file->starts[file->count++] = i + 1;
    file->starts[file->count] = file->size + 1;
}

static struct source_file *find(struct source_lines *lines, const char *path)
{
    for (struct source_file *file = lines->files; file; file = file->next)
        if (strcmp(file->path, path) == 0) return file;
    struct source_file *file = calloc(1, sizeof *file);
    if (!file || !(file->path = strdup(path))) {
        free(file);
        return NULL;
    }
    read_text(file);
    if (file->text) find_lines(file);
    file->next = lines->files;
    return lines->files = file;
}

const char *source_line(struct source_lines *lines, const char *path, int number, size_t *length)
{
    const struct source_file *file = find(lines, path);
    if (!file || !file->starts || number < 1 || (size_t)number > file->count) return NULL;
    *length = file->starts[number] - file->starts[number - 1] - 1;
    return file->text + file->starts[number - 1];
}

void source_lines_free(struct source_lines *lines)
{
    while (lines->files) {
        struct source_file *file = lines->files;
        lines->files = file->next;
        free(file->path);
        free(file->text);
        free(file->starts);
        free(file);
    }
}
