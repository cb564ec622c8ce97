/* The C type of a collected one is that of the typedef gw_typeof_<name>, which GW_TYPE makes and gw_new uses; or the struct, or typedef, of
 * that name. */
#include "tools/field_names.h"

#include "tools/maps_file.h"

#include <dwarf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST_NAME 256

/* What was asked for before; no text: nobody knows. */
struct known {
    struct known *next;
    uint32_t type, offset;
    char *text;
    uint32_t number; /* of the string, in what is written; 0: it has none yet */
};

struct field_names {
    const struct heap_file *file;
    struct maps_file *programs;
    char **paths;
    size_t program_count;
    struct known *known;
};

/* ---- Programs -------------------------------------------------------------------------------------- */

/* "name (/path/of/program+0x1f)", as frames and variables are called. */
static char *path_in(const char *name)
{
    const char *open = strstr(name, " (/"), *plus = strrchr(name, '+');
    if (!open || !plus || plus < open || strncmp(plus, "+0x", 3) != 0) return NULL;
    return strndup(open + 2, (size_t)(plus - open - 2));
}

static bool is_open(const struct field_names *names, const char *path)
{
    for (size_t i = 0; i < names->program_count; i++)
        if (strcmp(names->paths[i], path) == 0) return true;
    return false;
}

/* Takes the path. False: no memory. */
static bool open_program(struct field_names *names, char *path)
{
    size_t count = names->program_count + 1;
    struct maps_file *programs = realloc(names->programs, count * sizeof *programs);
    if (programs) names->programs = programs;
    char **paths = realloc(names->paths, count * sizeof *paths);
    if (paths) names->paths = paths;
    if (!programs || !paths) {
        free(path);
        return false;
    }
    if (maps_file_open(&programs[count - 1], path)) {
        paths[count - 1] = path;
        names->program_count = count;
    } else {
        free(path);
    }
    return true;
}

struct field_names *field_names_open(const struct heap_file *file)
{
    struct field_names *names = calloc(1, sizeof *names);
    if (!names) return NULL;
    names->file = file;
    for (uint32_t i = 0; i < file->string_count; i++) {
        char *path = path_in(file->strings[i]);
        if (!path || access(path, R_OK) != 0 || is_open(names, path)) {
            free(path);
        } else if (!open_program(names, path)) {
            field_names_close(names);
            return NULL;
        }
    }
    return names;
}

void field_names_close(struct field_names *names)
{
    for (size_t i = 0; i < names->program_count; i++) {
        maps_file_close(&names->programs[i]);
        free(names->paths[i]);
    }
    while (names->known) {
        struct known *known = names->known;
        names->known = known->next;
        free(known->text);
        free(known);
    }
    free(names->programs);
    free(names->paths);
    free(names);
}

/* ---- Types ----------------------------------------------------------------------------------------- */

static bool is_called(Dwarf_Die *die, const char *name)
{
    const char *own = dwarf_diename(die);
    return own && strcmp(own, name) == 0;
}

/* Behind typedefs and qualifiers. */
static bool type_of(Dwarf_Die *die, Dwarf_Die *type)
{
    Dwarf_Attribute attribute;
    Dwarf_Die named;
    if (!dwarf_attr_integrate(die, DW_AT_type, &attribute) || !dwarf_formref_die(&attribute, &named)) return false;
    return dwarf_peel_type(&named, type) == 0;
}

static bool holds_fields(Dwarf_Die *type)
{
    int tag = dwarf_tag(type);
    return (tag == DW_TAG_structure_type || tag == DW_TAG_union_type || tag == DW_TAG_class_type) &&
           !dwarf_hasattr_integrate(type, DW_AT_declaration);
}

static bool is_wanted(Dwarf_Die *die, int tag, const char *name, Dwarf_Die *type)
{
    if (dwarf_tag(die) != tag || !is_called(die, name)) return false;
    if (tag != DW_TAG_typedef) *type = *die;
    else if (!type_of(die, type)) return false;
    return holds_fields(type);
}

static bool find_in_unit(Dwarf_Die *unit, int tag, const char *name, Dwarf_Die *type)
{
    Dwarf_Die die;
    bool more = dwarf_child(unit, &die) == 0;
    for (; more; more = dwarf_siblingof(&die, &die) == 0) {
        if (is_wanted(&die, tag, name, type)) return true;
        /* typedefs may stand in functions, as gw_typeof_ does where GW_TYPE stands there */
        if (dwarf_tag(&die) == DW_TAG_subprogram && find_in_unit(&die, tag, name, type)) return true;
    }
    return false;
}

static bool find_type(struct field_names *names, int tag, const char *name, Dwarf_Die *type)
{
    for (size_t i = 0; i < names->program_count; i++) {
        Dwarf_Addr bias;
        for (Dwarf_Die *unit = NULL; (unit = dwfl_module_nextcu(names->programs[i].module, unit, &bias));)
            if (find_in_unit(unit, tag, name, type)) return true;
    }
    return false;
}

static bool find_fields(struct field_names *names, const char *name, Dwarf_Die *type)
{
    char made[LONGEST_NAME];
    snprintf(made, sizeof made, "gw_typeof_%s", name);
    return find_type(names, DW_TAG_typedef, made, type) || find_type(names, DW_TAG_structure_type, name, type) ||
           find_type(names, DW_TAG_class_type, name, type) || find_type(names, DW_TAG_typedef, name, type);
}

/* ---- Fields ---------------------------------------------------------------------------------------- */

static Dwarf_Word number_of(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    Dwarf_Word number;
    return dwarf_attr_integrate(die, name, &attribute) && dwarf_formudata(&attribute, &number) == 0 ? number : 0;
}

static Dwarf_Word size_of(Dwarf_Die *type)
{
    Dwarf_Word size;
    return dwarf_aggregate_size(type, &size) == 0 ? size : 0;
}

/* Adds the element of an array that holds `*offset`, which becomes that in the element, and gives its type. */
static bool add_index(Dwarf_Die *array, Dwarf_Word *offset, Dwarf_Die *element, char *text, size_t size)
{
    size_t length = strlen(text);
    Dwarf_Word each = type_of(array, element) ? size_of(element) : 0;
    if (!each) return false;
    snprintf(text + length, size - length, "[%" PRIu64 "]", (uint64_t)(*offset / each));
    *offset %= each;
    return true;
}

static void add_name(const char *name, char *text, size_t size)
{
    size_t length = strlen(text);
    if (name) snprintf(text + length, size - length, "%s%s", length ? "." : "", name);
}

/* Adds the field of the struct at `offset` to the text. */
static bool add_field(Dwarf_Die *type, Dwarf_Word offset, char *text, size_t size)
{
    Dwarf_Die member, inner, element;
    bool more = dwarf_child(type, &member) == 0;
    for (; more; more = dwarf_siblingof(&member, &member) == 0) {
        Dwarf_Word rest = offset - number_of(&member, DW_AT_data_member_location);
        if (dwarf_tag(&member) != DW_TAG_member || !type_of(&member, &inner) || rest >= size_of(&inner)) continue;
        add_name(dwarf_diename(&member), text, size);
        while (dwarf_tag(&inner) == DW_TAG_array_type && add_index(&inner, &rest, &element, text, size)) inner = element;
        return !holds_fields(&inner) || add_field(&inner, rest, text, size);
    }
    return false;
}

static char *look_for(struct field_names *names, uint32_t type, uint32_t offset)
{
    char text[LONGEST_NAME] = "", *end;
    const char *edge = names->file->strings[offset];
    Dwarf_Die die;
    if (*edge != '+') return NULL;
    Dwarf_Word bytes = strtoull(edge + 1, &end, 10);
    if (*end || !find_fields(names, names->file->strings[type], &die) || !add_field(&die, bytes, text, sizeof text)) return NULL;
    return strdup(text);
}

static struct known *find_known(struct field_names *names, uint32_t type, uint32_t offset)
{
    for (struct known *known = names->known; known; known = known->next)
        if (known->type == type && known->offset == offset) return known;
    struct known *known = calloc(1, sizeof *known);
    if (!known) return NULL;
    *known = (struct known){names->known, type, offset, look_for(names, type, offset), 0};
    return names->known = known;
}

const char *field_name(struct field_names *names, uint32_t type, uint32_t offset)
{
    const struct known *known = find_known(names, type, offset);
    return known ? known->text : NULL;
}

/* ---- A snapshot with names -------------------------------------------------------------------------- */

static char *read_all(const char *path, size_t *size)
{
    FILE *in = fopen(path, "r");
    char *text = NULL;
    if (in && fseek(in, 0, SEEK_END) == 0 && (text = malloc((size_t)ftell(in) + 1))) {
        *size = (size_t)ftell(in);
        rewind(in);
        *size = fread(text, 1, *size, in);
        text[*size] = '\0';
    }
    if (in) fclose(in);
    return text;
}

static bool is_field(const struct heap_file *file, uint64_t edge)
{
    return file->edge_kinds[edge] == HEAP_EDGE_NAMED && *file->strings[file->edge_names[edge]] == '+';
}

/* The number of the edge's name in what is written. */
static uint64_t name_number(struct field_names *names, uint32_t node, uint64_t edge, uint32_t *strings)
{
    const struct heap_file *file = names->file;
    struct known *known = is_field(file, edge) ? find_known(names, file->names[node], file->edge_names[edge]) : NULL;
    if (!known || !known->text) return file->edge_names[edge];
    if (!known->number) known->number = (*strings)++;
    return known->number;
}

/* Edges as they stand in the file, but for the second of each three numbers, which is the name's. Returns what follows them. */
static const char *copy_edges(struct field_names *names, const char *at, FILE *out, uint32_t *strings)
{
    const struct heap_file *file = names->file;
    for (uint32_t node = 0; node < file->node_count; node++) {
        for (uint64_t edge = file->first_edge[node]; edge < file->first_edge[node + 1]; edge++) {
            const char *name = strchr(at, ',') + 1, *to = name + strcspn(name, ",");
            const char *end = to + 1 + strcspn(to + 1, ",]");
            fwrite(at, 1, (size_t)(name - at), out);
            fprintf(out, "%" PRIu64, name_number(names, node, edge, strings));
            fwrite(to, 1, (size_t)(end - to), out);
            at = end;
            if (*at == ',') fputc(*at++, out);
        }
    }
    return at;
}

static void write_strings(const struct field_names *names, uint32_t count, FILE *out)
{
    for (uint32_t number = names->file->string_count; number < count; number++)
        for (const struct known *known = names->known; known; known = known->next)
            if (known->number == number) fprintf(out, ",\n\"%s\"", known->text); /* identifiers, dots and brackets */
}

static void write_named(struct field_names *names, const char *text, size_t size, FILE *out)
{
    static const char mark[] = "\"edges\":[";
    const char *edges = strstr(text, mark), *end = text + size;
    uint32_t strings = names->file->string_count;
    while (end > text && *end != ']') end--; /* of the strings, which stand last */
    edges += strlen(mark);
    fwrite(text, 1, (size_t)(edges - text), out);
    const char *rest = copy_edges(names, edges, out, &strings);
    fwrite(rest, 1, (size_t)(end - rest), out);
    write_strings(names, strings, out);
    fputs(end, out);
}

bool field_names_write(struct field_names *names, const char *path)
{
    size_t size;
    char *text = read_all(names->file->path, &size);
    FILE *out = text && strstr(text, "\"edges\":[") ? fopen(path, "w") : NULL;
    bool good = out != NULL;
    if (out) write_named(names, text, size, out);
    if (out) good = !ferror(out);
    if (out) good &= fclose(out) == 0;
    free(text);
    if (!good) fprintf(stderr, "gw-heap: %s: cannot be written: %s\n", path, strerror(errno));
    return good;
}
