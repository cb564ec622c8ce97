/* Steps through each door that doors.c comes to, as doors.py does, and asks two other unwinders at each instruction: libunwind, from
 * outside of the process, and elfutils, which perf and eu-stack use. The way leads through the function that came to the door to main, or
 * to the end of a stack of its own.
 *
 *     unwound <program> <file with a door's name a line>
 *
 * Prints how many doors and instructions there were, and what leads nowhere. */
#define _GNU_SOURCE /* personality */
#include <elfutils/libdwfl.h>
#include <libunwind-ptrace.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_DOORS = 64, MOST_STOPS = 128, MOST_FRAMES = 64 };

static pid_t process;
static Dwfl *images;
static unw_addr_space_t space;
static void *unwound;
static char doors[MOST_DOORS][64];
static bool entered[MOST_DOORS];
static size_t door_count;
static unsigned instructions, broken;

static void give_up(const char *what)
{
    perror(what);
    exit(2);
}

/* ---- The process ----------------------------------------------------------------------------------- */

/* A breakpoint, which is in the process only while that runs on. */
static struct stop {
    uintptr_t at;
    long word; /* what is there */
    bool once;
} stops[MOST_STOPS];
static size_t stop_count;

static long word_at(uintptr_t at)
{
    return ptrace(PTRACE_PEEKDATA, process, at, NULL);
}

static void add_stop(uintptr_t at, bool once)
{
    for (size_t i = 0; i < stop_count; i++)
        if (stops[i].at == at) return;
    if (stop_count == MOST_STOPS) give_up("too many stops");
    stops[stop_count++] = (struct stop){at, word_at(at), once};
}

static struct user_regs_struct registers(void)
{
    struct user_regs_struct all;
    if (ptrace(PTRACE_GETREGS, process, NULL, &all)) give_up("PTRACE_GETREGS");
    return all;
}

/* False: it has ended. */
static bool wait_for_it(void)
{
    int status;
    if (waitpid(process, &status, 0) != process) give_up("waitpid");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return false;
    if (WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP) return true;
    fprintf(stderr, "the program ended or stopped otherwise: status %#x\n", (unsigned)status);
    exit(2);
}

static void step(void)
{
    if (ptrace(PTRACE_SINGLESTEP, process, NULL, NULL) || !wait_for_it()) give_up("PTRACE_SINGLESTEP");
}

static void put_stops(bool in)
{
    for (size_t i = 0; i < stop_count; i++)
        ptrace(PTRACE_POKEDATA, process, stops[i].at, in ? (stops[i].word & ~0xffL) | 0xcc : stops[i].word);
}

/* To the next stop. It may stand at one. False: it has ended. */
static bool run_on(void)
{
    step();
    put_stops(true);
    if (ptrace(PTRACE_CONT, process, NULL, NULL)) give_up("PTRACE_CONT");
    if (!wait_for_it()) return false;
    put_stops(false);
    struct user_regs_struct all = registers();
    all.rip--;
    ptrace(PTRACE_SETREGS, process, NULL, &all);
    for (size_t i = 0; i < stop_count; i++)
        if (stops[i].at == all.rip && stops[i].once) stops[i] = stops[--stop_count];
    return true;
}

/* ---- Names ----------------------------------------------------------------------------------------- */

static const char *name_of(uintptr_t pc)
{
    Dwfl_Module *module = dwfl_addrmodule(images, pc);
    const char *name = module ? dwfl_module_addrname(module, pc) : NULL;
    return name ? name : "?";
}

static bool is_caller(const char *name)
{
    return strncmp(name, "caller_", 7) == 0;
}

static int door_of(uintptr_t pc)
{
    const char *name = name_of(pc);
    for (size_t i = 0; i < door_count; i++)
        if (strcmp(doors[i], name) == 0) return (int)i;
    return -1;
}

static int visit_module(Dwfl_Module *module, void **data, const char *path, Dwarf_Addr start, void *found)
{
    (void)data, (void)path, (void)start, (void)found;
    int count = dwfl_module_getsymtab(module);
    for (int i = 0; i < count; i++) {
        GElf_Sym symbol;
        GElf_Addr at;
        const char *name = dwfl_module_getsym_info(module, i, &symbol, &at, NULL, NULL, NULL);
        if (!name || symbol.st_shndx == SHN_UNDEF) continue;
        if (strcmp(name, "caller_of_doors") == 0) *(uintptr_t *)found = at;
        for (size_t k = 0; k < door_count; k++)
            if (strcmp(doors[k], name) == 0) add_stop(at, false);
    }
    return DWARF_CB_OK;
}

/* Of the images that are there now. What libdw has read of the process before is forgotten. */
static void read_images(void)
{
    static char *debug_path;
    static const Dwfl_Callbacks callbacks = {
        .find_elf = dwfl_linux_proc_find_elf, .find_debuginfo = dwfl_standard_find_debuginfo, .debuginfo_path = &debug_path};
    if (images) dwfl_end(images);
    images = dwfl_begin(&callbacks);
    if (dwfl_linux_proc_report(images, process) || dwfl_report_end(images, NULL, NULL)) give_up("dwfl_linux_proc_report");
    if (dwfl_linux_proc_attach(images, process, true)) give_up("dwfl_linux_proc_attach");
}

/* ---- Ways out -------------------------------------------------------------------------------------- */

struct way {
    uintptr_t frames[MOST_FRAMES];
    size_t count;
    bool failed; /* the unwinder says that it cannot go on */
};

static struct way by_libunwind(void)
{
    struct way way = {0};
    unw_cursor_t cursor;
    int left = unw_init_remote(&cursor, space, unwound);
    way.failed = left < 0;
    while (!way.failed && way.count < MOST_FRAMES) {
        unw_word_t pc;
        unw_get_reg(&cursor, UNW_REG_IP, &pc);
        if (!pc) break;
        way.frames[way.count++] = pc;
        left = unw_step(&cursor);
        way.failed = left < 0;
        if (left <= 0) break;
    }
    return way;
}

static int add_frame(Dwfl_Frame *frame, void *data)
{
    struct way *way = data;
    Dwarf_Addr pc;
    if (way->count == MOST_FRAMES || !dwfl_frame_pc(frame, &pc, NULL)) return DWARF_CB_ABORT;
    way->frames[way->count++] = pc;
    return DWARF_CB_OK;
}

static struct way by_elfutils(void)
{
    struct way way = {0};
    way.failed = dwfl_getthread_frames(images, process, add_frame, &way) != 0;
    return way;
}

/* A call may be the last instruction of its function: frames but the innermost are named by what is in front of where they go on. */
static const char *name_in(const struct way *way, size_t i)
{
    return name_of(way->frames[i] - (i != 0));
}

/* A stack that nothing runs on yet ends where the runtime has laid it out. */
static bool leads_out(const struct way *way)
{
    const char *end = NULL;
    for (size_t i = 0; i < way->count; i++) {
        const char *name = name_in(way, i);
        if (!end && is_caller(name)) end = strcmp(name, "caller_on_stack") == 0 ? name : "main";
        if (end && strcmp(name, end) == 0) return true;
    }
    return way->count && !end && strcmp(name_of(way->frames[way->count - 1]), "gw_stack_base") == 0;
}

static void check(const char *unwinder, const struct way *way, uintptr_t pc)
{
    if (leads_out(way)) return;
    broken++;
    printf("broken: %s, in %s at %#lx%s:", unwinder, name_of(pc), (unsigned long)pc, way->failed ? ", which gives up" : "");
    for (size_t i = 0; i < way->count; i++) printf(" %s", name_in(way, i));
    putchar('\n');
}

/* At an instruction of a door. */
static void look(uintptr_t pc)
{
    struct way first = by_libunwind(), second = by_elfutils();
    instructions++;
    entered[door_of(pc)] = true;
    check("libunwind", &first, pc);
    check("elfutils", &second, pc);
}

/* ---- All doors ------------------------------------------------------------------------------------- */

static void read_doors(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file) give_up(path);
    while (door_count < MOST_DOORS && fscanf(file, "%63s", doors[door_count]) == 1) door_count++;
    fclose(file);
}

static void begin(char **arguments)
{
    process = fork();
    if (process < 0) give_up("fork");
    if (!process) {
        personality(ADDR_NO_RANDOMIZE);
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        execv(arguments[0], arguments);
        give_up(arguments[0]);
    }
    if (!wait_for_it()) give_up(arguments[0]);
}

/* To the function that goes through doors. The library is there then; before that only the program is. */
static void go_to_doors(void)
{
    uintptr_t start = 0;
    read_images();
    dwfl_getmodules(images, visit_module, &start, 0);
    if (!start) give_up("caller_of_doors is not found");
    add_stop(start, true);
    if (!run_on()) give_up("caller_of_doors was not called");
    read_images();
    dwfl_getmodules(images, visit_module, &start, 0);
}

/* In a door each instruction is looked at; what a door calls runs to where it returns, or to the next door. False: the program has ended.
 */
static bool go_on(void)
{
    struct user_regs_struct all = registers();
    const char *from = name_of((uintptr_t)word_at(all.rsp));
    if (door_of(all.rip) >= 0) {
        look(all.rip);
        step();
        return true;
    }
    if (!is_caller(name_of(all.rip)) && strcmp(from, "?") != 0) add_stop((uintptr_t)word_at(all.rsp), true);
    return run_on();
}

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    read_doors(argv[2]);
    begin((char *[]){argv[1], NULL});
    go_to_doors();
    space = unw_create_addr_space(&_UPT_accessors, 0);
    unwound = _UPT_create(process);
    while (go_on());
    unsigned count = 0;
    for (size_t i = 0; i < door_count; i++) count += entered[i];
    printf("doors %u instructions %u broken %u:", count, instructions, broken);
    for (size_t i = 0; i < door_count; i++)
        if (entered[i]) printf(" %s", doors[i]);
    putchar('\n');
    return broken != 0;
}
