/* bench peers: the same programs under other collectors and allocators, and in other languages. Whole processes are
 * compared, from start to end, with all processors to themselves: collectors that work beside the program may do so,
 * and their processor time is shown next to the time that passed. */
#include "catalogue.h"
#include "kept_results.h"
#include "race.h"
#include "suites.h"
#include "table.h"
#include "versions.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { DEFAULT_RUNS = 7, QUICK_RUNS = 3, COMMAND_SIZE = 128, MOST_LARGE_RUNS = 5, TIMES_SLOWER = 5 };

/* In a word %s stands for the program ("binary-trees"), %u with underscores, %c as a class ("BinaryTrees"). */
struct peer {
    const char *name;
    const char *words[MOST_WORDS];
    const char *setting;
    const char *version; /* a command that prints it */
    bool in_quick;
};

#define JAVA(flag) {"java", flag, "-cp", "@programs/languages", "%c"}
#define PACKAGE(name) "dpkg-query -W -f '${Package} ${Version}' " name

/* We come first, and must not fail. */
static const struct peer peers[] = {
    {"greywave", {"@programs/%s-statepoint"}, NULL, "clang-22 --version", true},
    {"mimalloc", {"@programs/%s-mimalloc"}, NULL, PACKAGE("libmimalloc-dev"), true},
    {"malloc", {"@programs/%s-malloc"}, NULL, PACKAGE("libc6"), true},
    {"Boehm", {"@programs/%s-boehm"}, NULL, PACKAGE("libgc-dev"), true},
    {"Boehm incremental", {"@programs/%s-boehm"}, "GC_ENABLE_INCREMENTAL=1", PACKAGE("libgc-dev"), false},
    {"OCaml", {"@programs/languages/%u-ocaml"}, NULL, "ocamlopt -version", true},
    {"OCaml, 8 MB nursery", {"@programs/languages/%u-ocaml"}, "OCAMLRUNPARAM=s=1M", "ocamlopt -version", false},
    {"Go", {"@programs/languages/%u-go"}, NULL, "go version", true},
    {"Java Serial", JAVA("-XX:+UseSerialGC"), NULL, "java -version", true},
    {"Java Parallel", JAVA("-XX:+UseParallelGC"), NULL, "java -version", false},
    {"Java G1", JAVA("-XX:+UseG1GC"), NULL, "java -version", false},
    {"Java ZGC", JAVA("-XX:+UseZGC"), NULL, "java -version", false},
    {"Java Shenandoah", JAVA("-XX:+UseShenandoahGC"), NULL, "java -version", false},
    {"PyPy", {"pypy3", "@programs/languages/%u.py"}, NULL, "pypy3 --version | tail -n 1", false},
    {"LuaJIT", {"luajit", "@programs/languages/%u.lua"}, NULL, "luajit -v", false},
    {"Chez", {"chezscheme", "--script", "@programs/languages/%u.ss"}, NULL, "chezscheme --version", false},
};
enum { PEER_COUNT = sizeof peers / sizeof *peers };

/* Those that run the same machine code but for the memory manager. */
static const char *const same_code[] = {"greywave", "mimalloc", "malloc", "Boehm", "Boehm incremental"};
enum { SAME_CODE_COUNT = sizeof same_code / sizeof *same_code };

/* Static: too large for the stack. */
static struct race race;
static struct table table, summary;
static char commands[PEER_COUNT][MOST_WORDS][COMMAND_SIZE];
static bool slow[PEER_COUNT]; /* too slow for the large size, by what it took at the usual one */

/* ---- Commands -------------------------------------------------------------------------------------- */

static void put(char *text, char letter)
{
    size_t length = strlen(text);
    if (length + 1 >= COMMAND_SIZE) return;
    text[length] = letter;
    text[length + 1] = '\0';
}

static void put_name(char *text, const char *name, char form)
{
    bool capital = form == 'c';
    for (; *name; name++) {
        if (*name == '-' && form == 'c') capital = true;
        else if (*name == '-' && form == 'u') put(text, '_');
        else put(text, capital ? (char)toupper((unsigned char)*name) : *name), capital = false;
    }
}

static void fill_in(char *text, const char *word, const char *name)
{
    *text = '\0';
    for (; *word; word++) {
        if (*word == '%') put_name(text, name, *++word);
        else put(text, *word);
    }
}

static void enter_peer(const struct peer *peer, int index, const char *program, const char *size)
{
    struct entrant *entrant = &race.entrant[race.entrant_count++];
    *entrant = (struct entrant){.name = peer->name, .settings = {peer->setting}, .optional = true, .may_fail = peer != &peers[0]};
    int count = 0;
    for (; count < MOST_WORDS - 1 && peer->words[count]; count++) {
        fill_in(commands[index][count], peer->words[count], program);
        entrant->words[count] = commands[index][count];
    }
    entrant->words[count] = size;
    entrant->version = version_of(peer->version);
}

/* At the large size LuaJIT alone would take longer than all that are near us together. */
static void note_slow(void)
{
    const struct entrant *ours = race_find(&race, "greywave");
    for (int i = 0; i < PEER_COUNT; i++) {
        const struct entrant *entrant = race_find(&race, peers[i].name);
        slow[i] = entrant && median(entrant->wall, (size_t)race.runs) > TIMES_SLOWER * median(ours->wall, (size_t)race.runs);
        if (slow[i])
            fprintf(stderr, "bench: %s takes more than %d times as long as Greywave and has no part in the large size\n", peers[i].name,
                    TIMES_SLOWER);
    }
}

static bool is_language(const struct peer *peer)
{
    for (int i = 0; i < MOST_WORDS && peer->words[i]; i++)
        if (strstr(peer->words[i], "languages")) return true;
    return false;
}

static void enter(const struct program *program, const char *name, const char *size, bool quick)
{
    race.benchmark = "peers";
    race.program = name;
    race.group = program->group;
    race.entrant_count = 0;
    for (int i = 0; i < PEER_COUNT; i++) {
        if ((quick && !peers[i].in_quick) || slow[i] || (is_language(&peers[i]) && !program->in_languages)) continue;
        enter_peer(&peers[i], i, program->name, size);
    }
}

/* ---- What it means --------------------------------------------------------------------------------- */

/* Processor time over the cheapest that this machine code can be explained by: the least, over all memory managers, of
 * the time left when what the collector says it took is taken away. A lower bound of what a memory manager costs, after
 * Cai, Blackburn, Bond and Maas, "Distilling the Real Cost of Production Garbage Collectors", ISPASS 2022. */
static double cheapest_explained(void)
{
    double least = 0;
    for (int i = 0; i < SAME_CODE_COUNT; i++) {
        const struct entrant *entrant = race_find(&race, same_code[i]);
        if (!entrant) continue;
        double own = race_own_time(&race, entrant);
        if (own > 0 && (least == 0 || own < least)) least = own;
    }
    return least;
}

static void keep_overheads(struct results *results)
{
    double least = cheapest_explained();
    for (int i = 0; i < SAME_CODE_COUNT; i++) {
        const struct entrant *entrant = race_find(&race, same_code[i]);
        if (!entrant || least == 0) continue;
        results_add(results, &(struct record){.benchmark = race.benchmark,
                                              .program = race.program,
                                              .group = race.group,
                                              .variant = entrant->name,
                                              .metric = "lower-bound overhead",
                                              .unit = "x",
                                              .version = entrant->version,
                                              .value = median(entrant->cpu, (size_t)race.runs) / least,
                                              .low = smallest(entrant->cpu, (size_t)race.runs) / least,
                                              .high = largest(entrant->cpu, (size_t)race.runs) / least});
    }
}

static struct entrant *fastest_peer(const struct entrant *ours)
{
    struct entrant *best = NULL;
    for (int i = 0; i < race.entrant_count; i++) {
        struct entrant *entrant = &race.entrant[i];
        if (!entrant->present || entrant == ours) continue;
        if (!best || median(entrant->wall, (size_t)race.runs) < median(best->wall, (size_t)race.runs)) best = entrant;
    }
    return best;
}

static void summarise(struct results *results)
{
    struct entrant *ours = race_find(&race, "greywave"), *best = fastest_peer(ours), *mimalloc = race_find(&race, "mimalloc");
    if (!ours || !best) return;
    size_t runs = (size_t)race.runs;
    struct pair pair = race_pair(&race, ours->wall, best->wall);
    struct interval interval = ratio_interval(&pair);
    race_keep_ratio(&race, results, "wall / fastest peer", ours, best, ours->wall, best->wall);
    table_start_row(&summary);
    table_cell(&summary, "%s", race.program);
    table_cell(&summary, "%.2f", ratio_of_pair(&pair));
    table_cell(&summary, "%.2f - %.2f", interval.low, interval.high);
    table_cell(&summary, "%s", best->name);
    if (!mimalloc) return;
    race_keep_ratio(&race, results, "peak / mimalloc", ours, mimalloc, ours->peak, mimalloc->peak);
    table_cell(&summary, "%.2f", median(ours->peak, runs) / median(mimalloc->peak, runs));
}

static void print_entrant(const struct entrant *entrant, const struct entrant *ours)
{
    size_t runs = (size_t)race.runs;
    table_start_row(&table);
    table_cell(&table, "%s", entrant->name);
    table_cell(&table, "%.3f s", median(entrant->wall, runs));
    table_cell(&table, "%.3f - %.3f", smallest(entrant->wall, runs), largest(entrant->wall, runs));
    table_cell(&table, "%.3f s", median(entrant->cpu, runs));
    table_cell(&table, "%.1f MB", median(entrant->peak, runs));
    if (ours) table_cell(&table, "%.2f", median(entrant->wall, runs) / median(ours->wall, runs));
}

static void print_race(const char *size)
{
    static const char *const titles[] = {"", "wall, median", "least - most", "processor", "peak", "x greywave"};
    const struct entrant *ours = race_find(&race, "greywave");
    memset(&table, 0, sizeof table);
    table_start_row(&table);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) table_cell(&table, "%s", titles[i]);
    for (int i = 0; i < race.entrant_count; i++)
        if (race.entrant[i].present) print_entrant(&race.entrant[i], ours);
    printf("%s %s, %d runs each, taking turns; all outputs equal\n\n", race.program, size, race.runs);
    table_print(&table);
    putchar('\n');
}

static bool run(const struct program *program, const char *name, const char *size, bool quick, struct results *results)
{
    enter(program, name, size, quick);
    race_prepare(&race);
    if (!race_find(&race, "greywave")) return fprintf(stderr, "bench: %s is not built\n", program->name), false;
    if (!race_run(&race)) return false;
    print_race(size);
    race_keep(&race, results);
    keep_overheads(results);
    summarise(results);
    return true;
}

/* What the languages' packages would add is said once. */
static void name_missing(void)
{
    static const char *const tools[] = {"ocamlopt -version", "go version", "java -version",
                                        "pypy3 --version",   "luajit -v",  "chezscheme --version"};
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
        if (!*version_of(tools[i]))
            fprintf(stderr, "bench: %.*s is not installed and is left out (./gw bench --with-peers installs it)\n",
                    (int)strcspn(tools[i], " "), tools[i]);
}

static bool run_large(const struct program *program, const struct selection *selection, struct results *results)
{
    static char name[COMMAND_SIZE];
    if (!program->large || selection->quick) return true;
    note_slow();
    snprintf(name, sizeof name, "%s %s", program->name, program->large);
    race.runs = selection->runs < MOST_LARGE_RUNS ? selection->runs : MOST_LARGE_RUNS;
    bool done = run(program, name, program->large, selection->quick, results);
    memset(slow, 0, sizeof slow);
    return done;
}

/* Ephemerons the others do not have, or only by their finalizers. */
static bool takes_part(const struct program *program, const struct selection *selection)
{
    bool short_enough = program->in_languages || selection->only_count || !selection->quick;
    return short_enough && selection_has(selection, program) && strcmp(program->name, "ephemerons") != 0;
}

int run_peers(int argc, char **argv)
{
    static const char *const titles[] = {"", "wall / fastest peer", "95 % interval", "fastest peer", "peak / mimalloc"};
    struct selection selection =
        selection_read("peers",
                       "The same programs under other collectors and allocators, and in other languages. What is measured at a large "
                       "size too has five rounds there at most, without those that are much slower.",
                       DEFAULT_RUNS, QUICK_RUNS, argc, argv);
    bool done = true;
    name_missing();
    table_start_row(&summary);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) table_cell(&summary, "%s", titles[i]);
    for (int i = 0; i < program_count && done; i++) {
        const struct program *program = &programs[i];
        if (!takes_part(program, &selection)) continue;
        struct results *results = results_new();
        race.runs = selection.runs;
        done = run(program, program->name, program->size, selection.quick, results) && run_large(program, &selection, results);
        done = keep_results(results) && done;
    }
    table_print(&summary);
    return done ? 0 : 1;
}
