/* gw-heap: what a heap snapshot holds, and why. A tool, not part of the library; reads any snapshot in V8's format. */
#include "tools/field_names.h"
#include "tools/heap_paths.h"
#include "tools/heap_types.h"
#include "tools/maps_file.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] = "usage: gw-heap [-n count] file                what there is, by type\n"
                            "       gw-heap [-n count] --retainers file    what keeps most\n"
                            "       gw-heap [-n count] --path=what file    why it is still there\n"
                            "       gw-heap [-n count] --diff=old file     what has come and gone since\n"
                            "       gw-heap --named=new file               the same snapshot, with names of fields\n"
                            "\n"
                            "Reads heap snapshots, as gw_heap_snapshot, GREYWAVE=snapshot=file and V8 write them.\n"
                            "\n"
                            "Without a command: for each type its objects, their bytes with headers, and what they retain:\n"
                            "what would go with them if all of them went. What only weak references lead to is not there.\n"
                            "\n"
                            "  -r, --retainers   objects, variables, frames and other roots by what each retains alone\n"
                            "  -p, --path=what   the shortest way from the root through each of what refers to an object: `what`\n"
                            "                    is a number that --retainers prints behind #, or a type, of which the object\n"
                            "                    that retains most is taken. Frames have their source lines where the program's\n"
                            "                    file is still there and has debug information\n"
                            "  -d, --diff=old    by type, objects of the snapshot `old` that are gone, and those that are new. An\n"
                            "                    object is the same when it lies where it lay: collect fully before each snapshot,\n"
                            "                    or young objects that moved count as gone and as new\n"
                            "      --named=new   writes the snapshot once more, with fields called by their names: where the\n"
                            "                    program's file is still there and has debug information, as for --path\n"
                            "  -n, --count=n     so many rows, or ways; 20 without it, 0: all\n"
                            "  -h, --help        this text\n"
                            "  --version         the version\n";

struct command {
    uint64_t count;
    bool retainers;
    const char *path, *diff, *named;
};

static bool out_of_memory(void)
{
    fputs("gw-heap: no memory\n", stderr);
    return false;
}

static double share(uint64_t part, uint64_t whole)
{
    return whole ? 100 * (double)part / (double)whole : 0;
}

static int descending(uint64_t a, uint64_t b)
{
    return (a < b) - (a > b);
}

#define SHOWN 120 /* bytes of a name */

/* A name in a table: one line, and not a whole text, as names in V8's snapshots may be. Good until the next call. */
static const char *shown(const char *name)
{
    static char text[SHOWN + sizeof "…"];
    size_t length = strlen(name), end = length < SHOWN ? length : SHOWN;
    while (end < length && ((unsigned char)name[end] & 0xc0) == 0x80) end--; /* within a character */
    for (size_t i = 0; i < end; i++) text[i] = (unsigned char)name[i] < ' ' ? ' ' : name[i];
    snprintf(text + end, sizeof text - end, "%s", end < length ? "…" : "");
    return text;
}

/* Whether row `i` is shown; where the rows end early, says how many there are. */
static bool shows(const struct command *command, size_t i, size_t count)
{
    if (!command->count || i < command->count) return true;
    printf("… and %zu more\n", count - i);
    return false;
}

/* ---- By type --------------------------------------------------------------------------------------- */

static int by_bytes(const void *a, const void *b)
{
    const struct heap_type *first = a, *second = b;
    int order = descending(first->bytes, second->bytes);
    return order ? order : strcmp(first->name, second->name);
}

static bool print_types(const struct command *command, const struct heap_file *file, const struct dominators *dominators)
{
    size_t count;
    struct heap_type *types = heap_types(file, dominators, &count);
    if (!types) return out_of_memory();
    uint64_t objects = 0, bytes = 0;
    for (size_t i = 0; i < count; i++) {
        objects += types[i].objects;
        bytes += types[i].bytes;
    }
    if (count) qsort(types, count, sizeof *types, by_bytes);
    printf("%12s %15s %7s %15s  %s\n", "objects", "bytes", "share", "retained", "type");
    for (size_t i = 0; i < count && shows(command, i, count); i++)
        printf("%12" PRIu64 " %15" PRIu64 " %6.1f%% %15" PRIu64 "  %s\n", types[i].objects, types[i].bytes, share(types[i].bytes, bytes),
               types[i].retained, shown(types[i].name));
    printf("%12" PRIu64 " %15" PRIu64 " %6.1f%% %15s  all\n", objects, bytes, share(bytes, bytes), "");
    free(types);
    return true;
}

/* ---- Retainers ------------------------------------------------------------------------------------- */

static const struct dominators *sorted_by; /* for qsort, which hands nothing on */

static int by_retained(const void *a, const void *b)
{
    uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;
    int order = descending(sorted_by->retained[first], sorted_by->retained[second]);
    return order ? order : (first > second) - (first < second);
}

static bool print_retainers(const struct command *command, const struct heap_file *file, struct dominators *dominators)
{
    uint32_t count = dominators->count - 1, *nodes = dominators->order + 1; /* but for the root, which retains all */
    uint64_t all = dominators->retained[0];
    sorted_by = dominators;
    qsort(nodes, count, sizeof *nodes, by_retained);
    printf("%15s %7s %12s  %s\n", "retained", "share", "bytes", "what");
    for (uint32_t i = 0; i < count && shows(command, i, count); i++)
        printf("%15" PRIu64 " %6.1f%% %12" PRIu64 "  %s #%" PRIu64 "\n", dominators->retained[nodes[i]],
               share(dominators->retained[nodes[i]], all), file->bytes[nodes[i]], shown(heap_node_name(file, nodes[i])),
               file->ids[nodes[i]]);
    return true;
}

/* ---- Paths ----------------------------------------------------------------------------------------- */

/* " at file.c:12" for a frame's name, "function (file+0x1f)", or nothing. */
static void print_source(const char *name)
{
    const char *open = strrchr(name, '('), *plus = strrchr(name, '+');
    char path[4096], function[256], source[256];
    struct maps_file image;
    if (!open || !plus || plus < open) return;
    snprintf(path, sizeof path, "%.*s", (int)(plus - open - 1), open + 1);
    if (access(path, R_OK) != 0 || !maps_file_open(&image, path)) return;
    maps_file_describe(&image, (uintptr_t)strtoull(plus + 1, NULL, 16) + image.bias, function, sizeof function, source, sizeof source);
    if (strcmp(source, "?")) printf("  at %s", source);
    maps_file_close(&image);
}

static bool is_frame(const struct heap_file *file, uint32_t parent)
{
    return !strncmp(heap_node_name(file, parent), "(frames", strlen("(frames"));
}

static const char *edge_name(const struct heap_file *file, struct field_names *names, uint32_t from, uint64_t edge)
{
    const char *name = field_name(names, file->names[from], file->edge_names[edge]);
    return shown(name ? name : file->strings[file->edge_names[edge]]);
}

static void print_step(const struct heap_file *file, struct field_names *names, uint32_t from, uint64_t edge)
{
    uint32_t node = file->edge_to[edge];
    if (from == 0) printf("  ");
    else if (file->edge_kinds[edge] == HEAP_EDGE_NAMED) printf("    %-8s ", edge_name(file, names, from, edge));
    else printf("    [%" PRIu32 "]%*s ", file->edge_names[edge], 6 - snprintf(NULL, 0, "%" PRIu32, file->edge_names[edge]), "");
    printf("%s", shown(heap_node_name(file, node)));
    if (file->bytes[node]) printf(" #%" PRIu64, file->ids[node]);
    if (is_frame(file, from)) print_source(heap_node_name(file, node));
    printf("\n");
}

static bool print_way(struct field_names *names, const struct heap_file *file, const struct heap_paths *paths, uint32_t last, uint64_t edge)
{
    uint32_t length = 0;
    for (uint32_t node = last; node; node = paths->from[node]) length++;
    uint32_t *way = malloc((length + 1) * sizeof *way), at = length;
    if (!way) return out_of_memory();
    for (uint32_t node = last; node; node = paths->from[node]) way[--at] = node;
    for (uint32_t i = 0; i < length; i++) print_step(file, names, paths->from[way[i]], paths->edge[way[i]]);
    print_step(file, names, last, edge);
    free(way);
    return true;
}

/* One for each edge to the node whose own node is reached without it. */
static bool print_ways(const struct command *command, struct field_names *names, const struct heap_file *file,
                       const struct heap_paths *paths, uint32_t node)
{
    uint64_t ways = 0;
    for (uint32_t from = 0; from < file->node_count; from++) {
        if (from == node || paths->from[from] == HEAP_NO_NODE) continue;
        for (uint64_t edge = file->first_edge[from]; edge < file->first_edge[from + 1]; edge++) {
            if (file->edge_to[edge] != node || file->edge_kinds[edge] == HEAP_EDGE_WEAK) continue;
            if (ways++ && command->count && ways > command->count) continue;
            printf("\n");
            if (!print_way(names, file, paths, from, edge)) return false;
        }
    }
    if (command->count && ways > command->count) printf("\n… and %" PRIu64 " more\n", ways - command->count);
    return true;
}

/* A node by its number, or of a type the one that retains most. */
static uint32_t find_node(const struct heap_file *file, const struct dominators *dominators, const char *what)
{
    const char *number = *what == '#' ? what + 1 : what;
    char *end;
    uint64_t id = strtoull(number, &end, 10);
    uint32_t found = *number >= '0' && *number <= '9' && !*end ? heap_file_find(file, id) : HEAP_NO_NODE;
    if (found != HEAP_NO_NODE) return found;
    for (uint32_t node = 1; node < file->node_count; node++)
        if (!strcmp(heap_node_name(file, node), what) &&
            (found == HEAP_NO_NODE || dominators->retained[node] > dominators->retained[found]))
            found = node;
    if (found == HEAP_NO_NODE) fprintf(stderr, "gw-heap: %s: nothing has the number or the type '%s'\n", file->path, what);
    return found;
}

static bool print_paths(const struct command *command, const struct heap_file *file, const struct dominators *dominators)
{
    struct heap_paths paths;
    uint32_t node = find_node(file, dominators, command->path);
    if (node == HEAP_NO_NODE) return false;
    if (!heap_paths_find(&paths, file, node)) return out_of_memory();
    printf("%s #%" PRIu64 ", %" PRIu64 " bytes, retains %" PRIu64 ":\n", shown(heap_node_name(file, node)), file->ids[node],
           file->bytes[node], dominators->retained[node]);
    struct field_names *names = field_names_open(file);
    bool printed = names ? print_ways(command, names, file, &paths, node) : out_of_memory();
    if (names) field_names_close(names);
    heap_paths_free(&paths);
    return printed;
}

/* ---- Differences ----------------------------------------------------------------------------------- */

struct change {
    const char *name;
    uint64_t fresh, fresh_bytes, gone, gone_bytes;
};

static const struct heap_file *sorted_file;

static int by_id(const void *a, const void *b)
{
    return -descending(sorted_file->ids[*(const uint32_t *)a], sorted_file->ids[*(const uint32_t *)b]);
}

/* Nodes that have bytes, by their ids. */
static uint32_t *sorted_nodes(const struct heap_file *file, uint32_t *count)
{
    uint32_t *nodes = malloc(file->node_count * sizeof *nodes);
    *count = 0;
    if (!nodes) return NULL;
    for (uint32_t node = 0; node < file->node_count; node++)
        if (file->bytes[node]) nodes[(*count)++] = node;
    sorted_file = file;
    qsort(nodes, *count, sizeof *nodes, by_id);
    return nodes;
}

static bool is_same(const struct heap_file *old, uint32_t before, const struct heap_file *new, uint32_t after)
{
    return old->ids[before] == new->ids[after] && old->bytes[before] == new->bytes[after] &&
           !strcmp(heap_node_name(old, before), heap_node_name(new, after));
}

/* Marks with HEAP_NO_NODE what both have. */
static void strike_out(const struct heap_file *old, uint32_t *before, uint32_t old_count, const struct heap_file *new, uint32_t *after,
                       uint32_t new_count)
{
    for (uint32_t i = 0, k = 0; i < old_count && k < new_count;) {
        uint64_t first = old->ids[before[i]], second = new->ids[after[k]];
        if (first == second && is_same(old, before[i], new, after[k])) before[i] = after[k] = HEAP_NO_NODE;
        i += first <= second;
        k += second <= first;
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct change *)a)->name, ((const struct change *)b)->name);
}

static uint64_t distance(const struct change *change)
{
    return change->fresh_bytes > change->gone_bytes ? change->fresh_bytes - change->gone_bytes : change->gone_bytes - change->fresh_bytes;
}

static int by_distance(const void *a, const void *b)
{
    int order = descending(distance(a), distance(b));
    return order ? order : by_name(a, b);
}

/* Of each name one, with what of its nodes is left. */
static size_t sum_left(const struct heap_file *file, const uint32_t *nodes, uint32_t count, bool fresh, struct change *changes)
{
    for (uint32_t name = 0; name < file->string_count; name++) changes[name] = (struct change){.name = file->strings[name]};
    for (uint32_t i = 0; i < count; i++) {
        if (nodes[i] == HEAP_NO_NODE) continue;
        struct change *change = &changes[file->names[nodes[i]]];
        *(fresh ? &change->fresh : &change->gone) += 1;
        *(fresh ? &change->fresh_bytes : &change->gone_bytes) += file->bytes[nodes[i]];
    }
    return file->string_count;
}

/* Joins neighbours of one name, and drops what has not changed. */
static size_t join(struct change *changes, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!changes[i].fresh && !changes[i].gone) continue;
        struct change *last = kept ? &changes[kept - 1] : NULL;
        if (!last || strcmp(last->name, changes[i].name)) {
            changes[kept++] = changes[i];
            continue;
        }
        last->fresh += changes[i].fresh;
        last->fresh_bytes += changes[i].fresh_bytes;
        last->gone += changes[i].gone;
        last->gone_bytes += changes[i].gone_bytes;
    }
    return kept;
}

static void print_changes(const struct command *command, struct change *changes, size_t count)
{
    struct change all = {.name = "all"};
    if (count) qsort(changes, count, sizeof *changes, by_distance);
    printf("%12s %12s %15s  %s\n", "new", "gone", "bytes", "type");
    for (size_t i = 0; i < count; i++) {
        all.fresh += changes[i].fresh;
        all.gone += changes[i].gone;
        all.fresh_bytes += changes[i].fresh_bytes;
        all.gone_bytes += changes[i].gone_bytes;
    }
    for (size_t i = 0; i < count && shows(command, i, count); i++)
        printf("%12" PRIu64 " %12" PRIu64 " %+15" PRId64 "  %s\n", changes[i].fresh, changes[i].gone,
               (int64_t)(changes[i].fresh_bytes - changes[i].gone_bytes), shown(changes[i].name));
    printf("%12" PRIu64 " %12" PRIu64 " %+15" PRId64 "  all\n", all.fresh, all.gone, (int64_t)(all.fresh_bytes - all.gone_bytes));
}

static bool print_difference(const struct command *command, const struct heap_file *new, const struct heap_file *old)
{
    uint32_t old_count, new_count, *before = sorted_nodes(old, &old_count), *after = sorted_nodes(new, &new_count);
    struct change *changes = calloc((size_t)old->string_count + new->string_count, sizeof *changes);
    bool made = before && after && changes;
    if (made) {
        strike_out(old, before, old_count, new, after, new_count);
        size_t count = sum_left(old, before, old_count, false, changes);
        count += sum_left(new, after, new_count, true, changes + count);
        qsort(changes, count, sizeof *changes, by_name);
        print_changes(command, changes, join(changes, count));
    }
    free(before);
    free(after);
    free(changes);
    return made || out_of_memory();
}

/* ---- The command line ------------------------------------------------------------------------------ */

static bool run_diff(const struct command *command, const struct heap_file *file)
{
    struct heap_file old;
    if (!heap_file_read(&old, command->diff)) return false;
    bool done = print_difference(command, file, &old);
    heap_file_free(&old);
    return done;
}

static bool run_with_dominators(const struct command *command, const struct heap_file *file)
{
    struct dominators dominators;
    bool done = dominators_find(&dominators, file);
    if (!done) out_of_memory();
    else if (command->retainers) done = print_retainers(command, file, &dominators);
    else if (command->path) done = print_paths(command, file, &dominators);
    else done = print_types(command, file, &dominators);
    dominators_free(&dominators);
    return done;
}

static bool run_named(const struct command *command, const struct heap_file *file)
{
    struct field_names *names = field_names_open(file);
    if (!names) return out_of_memory();
    bool done = field_names_write(names, command->named);
    field_names_close(names);
    return done;
}

static int run(const struct command *command, const char *path)
{
    struct heap_file file;
    if (!heap_file_read(&file, path)) return EXIT_FAILURE;
    bool done = command->diff ? run_diff(command, &file) : command->named ? run_named(command, &file) : run_with_dominators(command, &file);
    heap_file_free(&file);
    if (done && fflush(stdout) != 0) {
        fprintf(stderr, "gw-heap: cannot write: %s\n", strerror(errno));
        done = false;
    }
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int misused(const char *complaint)
{
    if (complaint) fprintf(stderr, "gw-heap: %s\n", complaint);
    fputs(usage, stderr);
    return 2;
}

static bool parse_count(const char *text, uint64_t *count)
{
    char *end;
    errno = 0;
    *count = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && !errno;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"retainers", no_argument, NULL, 'r'},   {"path", required_argument, NULL, 'p'},
                                            {"diff", required_argument, NULL, 'd'},  {"named", required_argument, NULL, 'f'},
                                            {"count", required_argument, NULL, 'n'}, {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'v'},     {0}};
    struct command command = {.count = 20};
    for (int option; (option = getopt_long(argc, argv, "rp:d:n:h", options, NULL)) != -1;) {
        switch (option) {
        case 'r': command.retainers = true; break;
        case 'p': command.path = optarg; break;
        case 'd': command.diff = optarg; break;
        case 'f': command.named = optarg; break;
        case 'n':
            if (!parse_count(optarg, &command.count)) return misused("-n wants a number");
            break;
        case 'h': fputs(usage, stdout); return EXIT_SUCCESS;
        case 'v': puts("gw-heap " GW_VERSION); return EXIT_SUCCESS;
        default: return misused(NULL);
        }
    }
    if (command.retainers + !!command.path + !!command.diff + !!command.named > 1)
        return misused("one of --retainers, --path, --diff and --named");
    if (optind + 1 != argc) return misused(optind == argc ? "which file?" : "one file");
    return run(&command, argv[optind]);
}
