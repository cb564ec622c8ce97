/* Each system call that the runtime makes fails: the first time, the tenth, and every time. A program that reaches it
 * goes on with the right result, is refused with a status and a text, or ends with a message; it is never wrong and
 * never crashes.
 *
 * The linker sends the runtime's calls here (--wrap). Each cell of the table runs in a child.
 */
#define _GNU_SOURCE /* __rlimit_resource_t */
#include "heap_fixture.h"

#include <errno.h>
#include <stdarg.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CALLS(each)                                                                                                                        \
    each(mmap, ENOMEM) each(munmap, ENOMEM) each(madvise, EINVAL) each(sysinfo, EFAULT) each(getrlimit, EFAULT) each(open, EMFILE)         \
        each(read, EIO) each(clock_gettime, EPERM)

#define CALL_NUMBER(name, error) CALL_##name,
enum call { CALLS(CALL_NUMBER) CALL_COUNT };
#define CALL_NAME(name, error) #name,
static const char *const call_names[] = {CALLS(CALL_NAME)};
#define CALL_ERROR(name, error) error,
static const int call_errors[] = {CALLS(CALL_ERROR)};

static enum call failing = CALL_COUNT;
static unsigned fail_at; /* 0: every time */
static unsigned *met;    /* calls of `failing` so far; shared with the children */

static bool refuse(enum call call)
{
    if (call != failing) return false;
    ++*met;
    if (fail_at && *met != fail_at) return false;
    errno = call_errors[call];
    return true;
}

#define WRAP(result, refused, name, parameters, arguments)                                                                                 \
    result __real_##name parameters;                                                                                                       \
    result __wrap_##name parameters;                                                                                                       \
    result __wrap_##name parameters                                                                                                        \
    {                                                                                                                                      \
        return refuse(CALL_##name) ? refused : __real_##name arguments;                                                                    \
    }
WRAP(void *, MAP_FAILED, mmap, (void *at, size_t bytes, int protection, int flags, int file, off_t offset),
     (at, bytes, protection, flags, file, offset))

/* Memory goes in whole pages, or tools that follow our calls believe that the rest of the last page is still ours. */
int __real_munmap(void *at, size_t bytes);
int __wrap_munmap(void *at, size_t bytes);
int __wrap_munmap(void *at, size_t bytes)
{
    if (bytes % 4096) abort();
    return refuse(CALL_munmap) ? -1 : __real_munmap(at, bytes);
}

WRAP(int, -1, madvise, (void *at, size_t bytes, int advice), (at, bytes, advice))
WRAP(int, -1, clock_gettime, (clockid_t clock, struct timespec *now), (clock, now))
WRAP(ssize_t, -1, read, (int file, void *bytes, size_t count), (file, bytes, count))

/* ---- What limits there are, for the tests of limits below ------------------------------------------- */

static const char *files[8][2]; /* path and text of files of /proc and /sys; anything else there is missing */
static uint64_t fake_machine, fake_resources[RLIM_NLIMITS];

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    if (refuse(CALL_open)) return -1;
    if (!files[0][0]) return __real_open(path, flags);
    for (size_t i = 0; i < 8 && files[i][0]; i++) {
        int ends[2];
        if (strcmp(files[i][0], path)) continue;
        cr_assert_eq(pipe(ends), 0);
        cr_assert_eq(write(ends[1], files[i][1], strlen(files[i][1])), (ssize_t)strlen(files[i][1]));
        close(ends[1]);
        return ends[0];
    }
    errno = ENOENT;
    return -1;
}

int __real_sysinfo(struct sysinfo *info);
int __wrap_sysinfo(struct sysinfo *info);
int __wrap_sysinfo(struct sysinfo *info)
{
    if (refuse(CALL_sysinfo)) return -1;
    int result = __real_sysinfo(info);
    if (fake_machine) *info = (struct sysinfo){.totalram = fake_machine, .mem_unit = 1};
    return result;
}

int __real_getrlimit(__rlimit_resource_t resource, struct rlimit *limit);
int __wrap_getrlimit(__rlimit_resource_t resource, struct rlimit *limit);
int __wrap_getrlimit(__rlimit_resource_t resource, struct rlimit *limit)
{
    if (refuse(CALL_getrlimit)) return -1;
    int result = __real_getrlimit(resource, limit);
    if (fake_resources[resource]) limit->rlim_cur = fake_resources[resource];
    return result;
}

/* ---- Programs ---------------------------------------------------------------------------------------- */

enum outcome { RIGHT, WRONG, REFUSED, MESSAGE, CRASHED, OUTCOMES };
static const char *const outcome_names[] = {"right", "WRONG", "status", "message", "CRASHED"};

#define EXPECT(condition)                                                                                                                  \
    do {                                                                                                                                   \
        if (!(condition)) return WRONG;                                                                                                    \
    } while (0)

static enum outcome refused(void)
{
    return *gw_error_text() ? REFUSED : WRONG;
}

/* Large arrays that die and are made again: each must be zero. Memory that comes back must come back clean. */
static enum outcome large_arrays(const char *options)
{
    if (gw_init(options) != GW_OK || gw_add_roots(roots, 8) != GW_OK) return refused();
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 8; i++) {
            struct bytes *bytes = gw_new_array(bytes, 1 << 20);
            if (!bytes) return refused();
            for (size_t k = 0; k < bytes->length; k += 512) EXPECT(bytes->at[k] == 0);
            memset(bytes->at, 0xee, bytes->length);
            roots[i] = bytes;
        }
        memset(roots, 0, sizeof roots);
        gw_collect(GW_FULL);
        EXPECT(gw_verify() == GW_OK);
    }
    struct gw_stats stats;
    gw_get_stats(&stats);
    EXPECT(failing != CALL_madvise || fail_at || stats.returned_bytes == 0);
    return RIGHT;
}

static enum outcome given_back(void)
{
    return large_arrays("nursery=256k,max-heap=128m");
}

static enum outcome pretouched(void)
{
    return large_arrays("nursery=256k,max-heap=128m,pretouch=16m");
}

static enum outcome default_limit(void)
{
    return large_arrays("nursery=256k");
}

static enum outcome verified(void)
{
    return large_arrays("nursery=256k,max-heap=64m,verify=1,poison=1");
}

static enum outcome steps(void)
{
    if (gw_init("nursery=64k,max-heap=64m,pause=1ms") != GW_OK || gw_add_roots(roots, 8) != GW_OK) return refused();
    for (int i = 0; i < 20; i++) {
        make_list(0, 5000);
        gw_collect_step(100000);
    }
    EXPECT(list_length(roots[0]) == 5000);
    EXPECT(gw_verify() == GW_OK);
    return RIGHT;
}

static void ignore(void *object)
{
    (void)object;
}

static enum outcome finalizers(void)
{
    if (gw_init("nursery=64k,max-heap=64m") != GW_OK || gw_add_roots(roots, 8) != GW_OK) return refused();
    for (unsigned i = 0; i < 100; i++) {
        roots[0] = new_node(i);
        if (gw_finalize(roots[0], ignore) != GW_OK) return refused();
    }
    roots[0] = NULL;
    gw_collect(GW_FULL);
    gw_collect(GW_FULL);
    EXPECT(gw_run_finalizers(1000, UINT64_MAX) == 100);
    return RIGHT;
}

static enum outcome heaps_and_shadow_stacks(void)
{
    for (int i = 0; i < 12; i++) {
        if (gw_init(i % 2 ? NULL : "nursery=64k,max-heap=16m") != GW_OK) return refused();
        struct gw_heap *heap = gw_current_thread.heap;
        gw_shadow_reserve(10);
        EXPECT(gw_new(node));
        gw_collect(GW_FULL);
        EXPECT(gw_detach() == GW_OK && gw_heap_destroy(heap) == GW_OK);
    }
    return RIGHT;
}

static const struct {
    const char *name;
    enum outcome (*run)(void);
} programs[] = {{"given_back", given_back}, {"pretouched", pretouched}, {"default_limit", default_limit},  {"verified", verified},
                {"steps", steps},           {"finalizers", finalizers}, {"heaps", heaps_and_shadow_stacks}};

/* ---- The table --------------------------------------------------------------------------------------- */

static enum outcome outcome_of(int status, const char *words)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) < OUTCOMES) return (enum outcome)WEXITSTATUS(status);
    bool said = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && strstr(words, "greywave: fatal: ");
    return said ? MESSAGE : CRASHED;
}

static enum outcome run_cell(enum call call, unsigned at, enum outcome (*run)(void))
{
    int ends[2], status;
    char words[512] = "";
    *met = 0;
    fail_at = at;
    cr_assert_eq(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        alarm(60);
        failing = call;
        enum outcome outcome = run();
        failing = CALL_COUNT;
        _exit(outcome);
    }
    close(ends[1]);
    for (size_t length = 0; length < sizeof words - 1;) {
        ssize_t count = __real_read(ends[0], words + length, sizeof words - 1 - length);
        if (count <= 0) break;
        length += (size_t)count;
    }
    close(ends[0]);
    waitpid(child, &status, 0);
    return outcome_of(status, words);
}

Test(system_calls, whichever_fails_the_result_is_right_or_refused_in_words, .timeout = 300)
{
    met = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned wrong = 0;
    for (enum call call = 0; call < CALL_COUNT; call++) {
        unsigned reached = 0;
        for (size_t p = 0; p < sizeof programs / sizeof *programs; p++) {
            enum outcome outcomes[3];
            const unsigned times[3] = {0, 1, 10};
            outcomes[0] = run_cell(call, 0, programs[p].run);
            unsigned calls = *met;
            for (int t = 1; t < 3; t++) outcomes[t] = calls ? run_cell(call, times[t], programs[p].run) : outcomes[0];
            reached += calls;
            fprintf(stderr, "%-14s %-14s every %-8s first %-8s tenth %-8s (%u)\n", call_names[call], programs[p].name,
                    outcome_names[outcomes[0]], outcome_names[outcomes[1]], outcome_names[outcomes[2]], calls);
            for (int t = 0; t < 3; t++) wrong += outcomes[t] == WRONG || outcomes[t] == CRASHED;
        }
        cr_assert_gt(reached, 0, "no program calls %s", call_names[call]);
    }
    cr_assert_eq(wrong, 0, "%u cells", wrong);
}

/* ---- Limits ------------------------------------------------------------------------------------------ */

#include "heap/default_limit.h"
#include "heap/options.h"

#define MEGABYTE (UINT64_C(1) << 20)
#define STATM "100 50 1 1 0 25 0\n" /* pages: mapped, resident, …, data */

static const struct limits_case {
    const char *what;
    uint64_t machine, address_space, data; /* MB; 0: none */
    const char *const files[4][2];
    const char *by;
    uint64_t bytes; /* that decide, MB */
} limits_cases[] = {
    {"the machine", 8000, 0, 0, {{NULL}}, "machine", 8000},
    {"ulimit -v", 8000, 900, 0, {{NULL}}, "ulimit -v", 900},
    {"ulimit -d", 8000, 0, 700, {{NULL}}, "ulimit -d", 700},
    {"a group of the second version",
     8000,
     0,
     0,
     {{"/proc/self/cgroup", "0::/a/b\n"}, {"/sys/fs/cgroup/a/b/memory.max", "268435456\n"}},
     "cgroup",
     256},
    {"a group without a limit in one with",
     8000,
     0,
     0,
     {{"/proc/self/cgroup", "0::/a/b\n"}, {"/sys/fs/cgroup/a/b/memory.max", "max\n"}, {"/sys/fs/cgroup/a/memory.max", "536870912\n"}},
     "cgroup",
     512},
    {"the root of a container", 8000, 0, 0, {{"/proc/self/cgroup", "0::/\n"}, {"/sys/fs/cgroup/memory.max", "134217728\n"}}, "cgroup", 128},
    {"a group that is slowed down earlier",
     8000,
     0,
     0,
     {{"/proc/self/cgroup", "0::/a\n"}, {"/sys/fs/cgroup/a/memory.max", "268435456\n"}, {"/sys/fs/cgroup/a/memory.high", "201326592\n"}},
     "cgroup",
     192},
    {"a group of the first version",
     8000,
     0,
     0,
     {{"/proc/self/cgroup", "3:cpu,cpuacct:/x\n4:memory:/a\n0::/\n"}, {"/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "268435456\n"}},
     "cgroup",
     256},
    {"the first version inside a container",
     8000,
     0,
     0,
     {{"/proc/self/cgroup", "4:hugetlb,memory:/docker/1234\n"}, {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "268435456\n"}},
     "cgroup",
     256},
    {"the first version's way to say none",
     4000,
     0,
     0,
     {{"/proc/self/cgroup", "4:memory:/\n"}, {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"}},
     "machine",
     4000},
    {"the least of all",
     8000,
     600,
     5000,
     {{"/proc/self/cgroup", "0::/a\n"}, {"/sys/fs/cgroup/a/memory.max", "4294967296\n"}},
     "ulimit -v",
     600},
    {"text that is no number",
     3000,
     0,
     0,
     {{"/proc/self/cgroup", "nonsense\n\n::\n0::\n"}, {"/sys/fs/cgroup/memory.max", "-\n"}},
     "machine",
     3000},
};

static struct gw_default_limit limit_in(const struct limits_case *given, const struct gw_options *options)
{
    files[0][0] = "/proc/self/statm", files[0][1] = STATM;
    memcpy(files + 1, given->files, sizeof given->files);
    fake_machine = given->machine * MEGABYTE;
    fake_resources[RLIMIT_AS] = given->address_space * MEGABYTE;
    fake_resources[RLIMIT_DATA] = given->data * MEGABYTE;
    return gw_default_limit(options);
}

/* As much as fits: a megabyte more would not. */
Test(system_calls, the_default_limit_leaves_room_for_the_process_and_the_tables)
{
    struct gw_options options;
    gw_options_parse("", &options);
    for (size_t i = 0; i < sizeof limits_cases / sizeof *limits_cases; i++) {
        const struct limits_case *given = &limits_cases[i];
        struct gw_default_limit limit = limit_in(given, &options);
        cr_assert_not_null(strstr(limit.by.name, given->by), "%s: by %s", given->what, limit.by.name);
        cr_assert_eq(limit.by.bytes, given->bytes * MEGABYTE, "%s: %zu MB", given->what, (size_t)(limit.by.bytes / MEGABYTE));
        cr_assert_eq(limit.by.held, 4096 * (strstr(given->by, "-v") ? 100 : strstr(given->by, "-d") ? 25 : 50));
        uint64_t room = limit.by.bytes - limit.by.held, more = limit.bytes + MEGABYTE;
        cr_assert_leq(limit.bytes, room / 8 * 7, "%s", given->what);
        cr_assert_leq(gw_heap_cost(&options, limit.bytes, limit.by.of_mapping), room, "%s", given->what);
        cr_assert(more > room / 8 * 7 || gw_heap_cost(&options, more, limit.by.of_mapping) > room, "%s", given->what);
        cr_assert_geq(limit.bytes, room / 8 * 3, "%s", given->what);
    }
}

#ifndef CRITERION_EMULATED /* the emulator says yes to a limit of address space, which would be its own, and sets none */
/* Address space for what a heap of the default limit reserves, at most: with verification, finalizers and a shadow
 * stack beside. */
Test(system_calls, the_cost_of_a_heap_is_not_underrated)
{
    static const char *const texts[] = {"", "nursery=1m", "pause=1ms", "verify=1", "stress=100+move,poison=1"};
    for (size_t i = 0; i < 5 * 4; i++) {
        pid_t child = fork();
        if (child == 0) {
            struct rlimit limit = {0};
            struct gw_options options;
            unsigned long mapped = 0;
            FILE *statm = fopen("/proc/self/statm", "r");
            if (!statm || fscanf(statm, "%lu", &mapped) != 1) _exit(2);
            gw_options_parse(texts[i / 4], &options);
            uint64_t bytes = (UINT64_C(32) << i % 4 * 2) * MEGABYTE;
            limit.rlim_cur = limit.rlim_max = mapped * 4096 + gw_heap_cost(&options, bytes, true) + MEGABYTE / 2;
            options.max_heap = bytes;
            setrlimit(RLIMIT_AS, &limit);
            struct gw_heap *heap;
            if (gw_heap_create(&options, &heap) != GW_OK || gw_attach(heap) != GW_OK) _exit(3);
            struct node *node = gw_new(node);
            _exit(gw_finalize(node, ignore) == GW_OK ? 0 : 4);
        }
        int status;
        waitpid(child, &status, 0);
        cr_assert_eq(status, 0, "'%s', %d MB: %#x", texts[i / 4], 32 << i % 4 * 2, (unsigned)status);
    }
}

/* Whether a heap of `text` can be made where so much more may be mapped; `told`: the process may ask for the limit. */
static bool starts_within(int resource, uint64_t room, bool told, const char *text)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        unsigned long mapped = 0, data = 0;
        FILE *statm = fopen("/proc/self/statm", "r");
        if (!statm || fscanf(statm, "%lu %*u %*u %*u %*u %lu", &mapped, &data) != 2) _exit(2);
        struct rlimit limit = {0};
        limit.rlim_cur = limit.rlim_max = (resource == RLIMIT_AS ? mapped : data) * 4096 + room;
        if (!told) fake_resources[resource] = UINT64_C(1) << 50;
        setrlimit(resource, &limit);
        _exit(gw_init(text) == GW_OK ? !gw_new(node) : 3);
    }
    waitpid(child, &status, 0);
    return status == 0;
}

Test(system_calls, gw_init_works_wherever_32_megabytes_do)
{
    const int resources[] = {RLIMIT_AS, RLIMIT_DATA};
    unsigned both = 0, neither = 0;
    for (int i = 0; i < 2; i++)
        for (uint64_t room = 16; room <= 128; room += 8) {
            bool wanted = starts_within(resources[i], room * MEGABYTE, true, "max-heap=32m");
            bool told = starts_within(resources[i], room * MEGABYTE, true, NULL);
            bool untold = starts_within(resources[i], room * MEGABYTE, false, NULL);
            cr_assert(!wanted || (told && untold), "%lu MB", (unsigned long)room);
            both += wanted && told;
            neither += !told;
        }
    cr_assert(both && neither, "the rooms are on either side of what is needed");
}
#endif

/* A group so small that nothing fits: the smallest heap there is, and the handler or null, later. */
Test(system_calls, gw_init_works_in_the_smallest_group)
{
    static const struct limits_case tiny[] = {
        {"second version", 8000, 0, 0, {{"/proc/self/cgroup", "0::/a\n"}, {"/sys/fs/cgroup/a/memory.max", "1048576\n"}}, "cgroup", 1},
        {"first version",
         8000,
         0,
         0,
         {{"/proc/self/cgroup", "4:memory:/a\n"}, {"/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1048576\n"}},
         "cgroup",
         1},
    };
    struct gw_options options;
    gw_options_parse("", &options);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(limit_in(&tiny[i], &options).bytes, GW_SMALLEST_HEAP, "%s", tiny[i].what);
        cr_assert_eq(gw_init(NULL), GW_OK, "%s", gw_error_text());
        cr_assert_eq(gw_current_thread.heap->options.max_heap, GW_SMALLEST_HEAP);
        struct gw_heap *heap = gw_current_thread.heap;
        cr_assert_eq(gw_detach(), GW_OK);
        cr_assert_eq(gw_heap_destroy(heap), GW_OK);
    }
}
