/* Reading snapshots with yajl, which hands out their numbers one by one: no tree of JSON is built. */
#include "tools/heap_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

enum part { PART_OTHER, PART_HEAD, PART_NODES, PART_EDGES, PART_STRINGS };

/* Fields that are read of nodes and edges, and where they stand in a node's or edge's numbers. */
enum node_field { NODE_NAME, NODE_ID, NODE_BYTES, NODE_EDGES, NODE_FIELDS };
enum edge_field { EDGE_TYPE, EDGE_NAME, EDGE_TO, EDGE_FIELDS };
static const char *const node_fields[NODE_FIELDS] = {"name", "id", "self_size", "edge_count"};
static const char *const edge_fields[EDGE_FIELDS] = {"type", "name_or_index", "to_node"};

#define MOST_FIELDS 16
#define MOST_TYPES 16

struct layout {
    unsigned count;               /* numbers of one */
    int of[MOST_FIELDS];          /* the field that each is, or -1 */
    uint64_t values[NODE_FIELDS]; /* of the one at hand */
    unsigned at;
    uint64_t done; /* how many were read */
};

struct reader {
    struct heap_file *file;
    unsigned maps, arrays; /* how deep */
    enum part part;
    char key[32]; /* the last one */
    struct layout node, edge;
    enum heap_edge types[MOST_TYPES];
    unsigned type_count;
    bool shortcut[MOST_TYPES];
    uint64_t strings_capacity;
    bool has_counts;
    char problem[160];
};

/* The parse ends. */
static int refuse(struct reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int refuse(struct reader *reader, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reader->problem, sizeof reader->problem, format, arguments);
    va_end(arguments);
    return 0;
}

/* ---- The head -------------------------------------------------------------------------------------- */

static int add_field(struct layout *layout, const char *const *names, unsigned known, const char *name, size_t length)
{
    if (layout->count == MOST_FIELDS) return 0;
    int *of = &layout->of[layout->count++];
    *of = -1;
    for (unsigned i = 0; i < known; i++)
        if (strlen(names[i]) == length && !memcmp(names[i], name, length)) *of = (int)i;
    return 1;
}

static int add_type(struct reader *reader, const char *name, size_t length)
{
    if (reader->type_count == MOST_TYPES) return 0;
    bool numbered = (length == 7 && !memcmp(name, "element", 7)) || (length == 6 && !memcmp(name, "hidden", 6));
    bool weak = length == 4 && !memcmp(name, "weak", 4);
    reader->shortcut[reader->type_count] = length == 8 && !memcmp(name, "shortcut", 8);
    reader->types[reader->type_count++] = weak ? HEAP_EDGE_WEAK : numbered ? HEAP_EDGE_NUMBERED : HEAP_EDGE_NAMED;
    return 1;
}

static int head_string(struct reader *reader, const char *text, size_t length)
{
    if (!strcmp(reader->key, "node_fields")) return add_field(&reader->node, node_fields, NODE_FIELDS, text, length);
    if (!strcmp(reader->key, "edge_fields")) return add_field(&reader->edge, edge_fields, EDGE_FIELDS, text, length);
    if (!strcmp(reader->key, "edge_types") && reader->arrays == 2) return add_type(reader, text, length);
    return 1;
}

static int head_number(struct reader *reader, uint64_t number)
{
    if (!strcmp(reader->key, "node_count") && number < HEAP_NO_NODE) reader->file->node_count = (uint32_t)number;
    if (!strcmp(reader->key, "edge_count")) reader->file->edge_count = number;
    return 1;
}

static bool has_fields(const struct layout *layout, unsigned known)
{
    unsigned found = 0;
    for (unsigned i = 0; i < layout->count; i++) found |= layout->of[i] >= 0 ? 1u << layout->of[i] : 0;
    return found == (1u << known) - 1;
}

/* Room for all nodes and edges, when the first of them comes. */
static int prepare(struct reader *reader)
{
    struct heap_file *file = reader->file;
    if (!file->node_count || !has_fields(&reader->node, NODE_FIELDS) || !has_fields(&reader->edge, EDGE_FIELDS) || !reader->type_count)
        return refuse(reader, "it does not begin with what a heap snapshot says of its nodes and edges");
    size_t nodes = file->node_count, edges = file->edge_count;
    file->names = malloc(nodes * sizeof *file->names);
    file->ids = malloc(nodes * sizeof *file->ids);
    file->bytes = malloc(nodes * sizeof *file->bytes);
    file->first_edge = malloc((nodes + 1) * sizeof *file->first_edge);
    file->edge_to = malloc((edges + 1) * sizeof *file->edge_to);
    file->edge_names = malloc((edges + 1) * sizeof *file->edge_names);
    file->edge_kinds = malloc(edges + 1);
    bool room = file->names && file->ids && file->bytes && file->first_edge && file->edge_to && file->edge_names && file->edge_kinds;
    if (!room) return refuse(reader, "no memory for %zu nodes and %zu edges", nodes, edges);
    file->first_edge[0] = 0;
    reader->has_counts = true;
    return 1;
}

/* ---- Numbers --------------------------------------------------------------------------------------- */

static int add_node(struct reader *reader)
{
    struct heap_file *file = reader->file;
    uint64_t i = reader->node.done++, *values = reader->node.values;
    if (i >= file->node_count) return refuse(reader, "it has more nodes than the %u that it announces", file->node_count);
    if (values[NODE_NAME] > UINT32_MAX || values[NODE_EDGES] > file->edge_count - file->first_edge[i])
        return refuse(reader, "node %lu has a name or edges that are not there", (unsigned long)i);
    file->names[i] = (uint32_t)values[NODE_NAME];
    file->ids[i] = values[NODE_ID];
    file->bytes[i] = values[NODE_BYTES];
    file->first_edge[i + 1] = file->first_edge[i] + values[NODE_EDGES];
    return 1;
}

static int add_edge(struct reader *reader)
{
    struct heap_file *file = reader->file;
    uint64_t i = reader->edge.done++, *values = reader->edge.values;
    if (i >= file->edge_count) return refuse(reader, "it has more edges than the %lu that it announces", (unsigned long)file->edge_count);
    if (values[EDGE_TYPE] >= reader->type_count) return refuse(reader, "edge %lu is of no type", (unsigned long)i);
    if (values[EDGE_TO] % reader->node.count || values[EDGE_TO] / reader->node.count >= file->node_count)
        return refuse(reader, "edge %lu leads to no node", (unsigned long)i);
    file->edge_to[i] = (uint32_t)(values[EDGE_TO] / reader->node.count);
    file->edge_names[i] = (uint32_t)values[EDGE_NAME];
    bool root_has_it = i < file->first_edge[1]; /* V8's shortcuts count from the root only */
    file->edge_kinds[i] = reader->shortcut[values[EDGE_TYPE]] && !root_has_it ? HEAP_EDGE_WEAK : (uint8_t)reader->types[values[EDGE_TYPE]];
    return 1;
}

static int add_number(struct reader *reader, struct layout *layout, int add(struct reader *), uint64_t number)
{
    if (!reader->has_counts && !prepare(reader)) return 0;
    int field = layout->of[layout->at];
    if (field >= 0) layout->values[field] = number;
    if (++layout->at < layout->count) return 1;
    layout->at = 0;
    return add(reader);
}

static int on_number(void *context, const char *text, size_t length)
{
    struct reader *reader = context;
    uint64_t number = 0;
    for (size_t i = 0; i < length && text[i] >= '0' && text[i] <= '9'; i++) number = number * 10 + (uint64_t)(text[i] - '0');
    switch (reader->part) {
    case PART_HEAD: return head_number(reader, number);
    case PART_NODES: return add_number(reader, &reader->node, add_node, number);
    case PART_EDGES: return add_number(reader, &reader->edge, add_edge, number);
    case PART_STRINGS:
    case PART_OTHER: break;
    }
    return 1;
}

/* ---- Everything else ------------------------------------------------------------------------------- */

static int add_string(struct reader *reader, const unsigned char *text, size_t length)
{
    struct heap_file *file = reader->file;
    if (file->string_count == reader->strings_capacity) {
        uint64_t capacity = reader->strings_capacity ? 2 * reader->strings_capacity : 1024;
        char **strings = realloc(file->strings, capacity * sizeof *strings);
        if (!strings) return refuse(reader, "no memory for its names");
        file->strings = strings;
        reader->strings_capacity = capacity;
    }
    char *copy = strndup((const char *)text, length);
    if (!copy) return refuse(reader, "no memory for its names");
    file->strings[file->string_count++] = copy;
    return 1;
}

static int on_string(void *context, const unsigned char *text, size_t length)
{
    struct reader *reader = context;
    if (reader->part == PART_HEAD) return head_string(reader, (const char *)text, length);
    return reader->part == PART_STRINGS ? add_string(reader, text, length) : 1;
}

static enum part part_of(const char *key)
{
    if (!strcmp(key, "snapshot")) return PART_HEAD;
    if (!strcmp(key, "nodes")) return PART_NODES;
    if (!strcmp(key, "edges")) return PART_EDGES;
    return strcmp(key, "strings") ? PART_OTHER : PART_STRINGS;
}

static int on_key(void *context, const unsigned char *text, size_t length)
{
    struct reader *reader = context;
    snprintf(reader->key, sizeof reader->key, "%.*s", length < sizeof reader->key ? (int)length : 0, (const char *)text);
    if (reader->maps == 1) reader->part = part_of(reader->key);
    return 1;
}

static int on_map(void *context)
{
    ((struct reader *)context)->maps++;
    return 1;
}

static int on_map_end(void *context)
{
    ((struct reader *)context)->maps--;
    return 1;
}

static int on_array(void *context)
{
    ((struct reader *)context)->arrays++;
    return 1;
}

static int on_array_end(void *context)
{
    ((struct reader *)context)->arrays--;
    return 1;
}

static const yajl_callbacks callbacks = {.yajl_number = on_number,
                                         .yajl_string = on_string,
                                         .yajl_start_map = on_map,
                                         .yajl_map_key = on_key,
                                         .yajl_end_map = on_map_end,
                                         .yajl_start_array = on_array,
                                         .yajl_end_array = on_array_end};

/* ---- The file -------------------------------------------------------------------------------------- */

static bool complain(const struct heap_file *file, const char *what)
{
    fprintf(stderr, "gw-heap: %s: %s\n", file->path, what);
    return false;
}

static bool check(struct reader *reader)
{
    const struct heap_file *file = reader->file;
    if (!reader->has_counts) return complain(file, "not a heap snapshot: it has no nodes");
    if (reader->node.done != file->node_count || reader->edge.done != file->edge_count ||
        file->first_edge[file->node_count] != file->edge_count)
        return complain(file, "not a whole heap snapshot: nodes and edges are not as many as it announces");
    for (uint32_t i = 0; i < file->node_count; i++)
        if (file->names[i] >= file->string_count) return complain(file, "a node has a name that is not there");
    for (uint64_t i = 0; i < file->edge_count; i++)
        if (file->edge_kinds[i] == HEAP_EDGE_NAMED && file->edge_names[i] >= file->string_count)
            return complain(file, "an edge has a name that is not there");
    return true;
}

/* yajl says where and what in several lines; the first is enough. */
static bool complain_of_json(struct reader *reader, yajl_handle parser, yajl_status status)
{
    char text[256];
    if (status == yajl_status_client_canceled) return complain(reader->file, *reader->problem ? reader->problem : "not a heap snapshot");
    unsigned char *error = yajl_get_error(parser, 0, NULL, 0);
    snprintf(text, sizeof text, "not a heap snapshot: %.*s", (int)strcspn((const char *)error, "\n"), (const char *)error);
    yajl_free_error(parser, error);
    return complain(reader->file, text);
}

static bool parse(struct reader *reader, FILE *stream)
{
    static unsigned char buffer[1 << 16];
    yajl_handle parser = yajl_alloc(&callbacks, NULL, reader);
    if (!parser) return complain(reader->file, "no memory");
    yajl_status status = yajl_status_ok;
    for (size_t count; status == yajl_status_ok && (count = fread(buffer, 1, sizeof buffer, stream));)
        status = yajl_parse(parser, buffer, count);
    if (status == yajl_status_ok && ferror(stream)) status = (complain(reader->file, strerror(errno)), yajl_status_error);
    else if (status == yajl_status_ok) status = yajl_complete_parse(parser);
    if (status != yajl_status_ok && !ferror(stream)) complain_of_json(reader, parser, status);
    yajl_free(parser);
    return status == yajl_status_ok && check(reader);
}

bool heap_file_read(struct heap_file *file, const char *path)
{
    *file = (struct heap_file){.path = path};
    struct reader reader = {.file = file};
    FILE *stream = fopen(path, "rb");
    if (!stream) return complain(file, strerror(errno));
    bool read = parse(&reader, stream);
    fclose(stream);
    if (!read) heap_file_free(file);
    return read;
}

void heap_file_free(struct heap_file *file)
{
    for (uint32_t i = 0; i < file->string_count; i++) free(file->strings[i]);
    free(file->strings);
    free(file->names);
    free(file->ids);
    free(file->bytes);
    free(file->first_edge);
    free(file->edge_to);
    free(file->edge_names);
    free(file->edge_kinds);
    *file = (struct heap_file){0};
}

uint32_t heap_file_find(const struct heap_file *file, uint64_t id)
{
    for (uint32_t node = 0; node < file->node_count; node++)
        if (file->ids[node] == id) return node;
    return HEAP_NO_NODE;
}
