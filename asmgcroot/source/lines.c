#include "source/lines.h"

struct origin origin_here(const struct reading *reading)
{
    return reading->assembler_origin.line ? reading->assembler_origin : reading->origin;
}

struct where where_reading(const struct reading *reading)
{
    struct text function = reading->in_function ? reading->function->name : (struct text){0};
    return (struct where){reading->statement.line, function, reading->statement.whole, origin_here(reading)};
}

/* `# 4 "f.c" 1` in front of inline assembler, and `# 0 "" 2` behind it. */
void read_origin(struct reading *reading, const struct statement *statement)
{
    reading->assembler_origin = (struct origin){statement->rest, text_number(statement->name)};
}
#define MOST_FILES 65536u

/* .file 1 "f.c", or .file 1 "/folder" "f.c" */
void read_file(struct source *source, struct text rest)
{
    unsigned number = text_number(text_next_word(&rest));
    const char *last = rest.size > 1 && rest.at[rest.size - 1] == '"' ? rest.at + rest.size - 1 : NULL;
    const char *first = last;
    while (first && first > rest.at && first[-1] != '"') first--;
    if (!first || first == rest.at || number >= MOST_FILES) return;
    while (source->files.count <= number) vector_push(&source->files, (struct text){0});
    source->files.at[number] = (struct text){first, (size_t)(last - first)};
}

/* .loc 1 17 5 */
void read_loc(struct reading *reading, struct text rest)
{
    unsigned file = text_number(text_next_word(&rest)), line = text_number(text_next_word(&rest));
    bool known = file < reading->source->files.count && reading->source->files.at[file].size;
    reading->origin = known ? (struct origin){reading->source->files.at[file], line} : (struct origin){0};
}
