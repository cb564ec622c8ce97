#include "measure.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int pinned_processor = -1;

/* The last processor we may use: the first ones serve most interrupts. Children inherit the mask. */
int measure_pin(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set)) return -1;
    int last = CPU_SETSIZE - 1;
    while (last >= 0 && !CPU_ISSET(last, &set)) last--;
    if (last < 0) return -1;
    CPU_ZERO(&set);
    CPU_SET(last, &set);
    if (sched_setaffinity(0, sizeof set, &set) == 0) pinned_processor = last;
    return pinned_processor;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

/* The strings stay the caller's until the child has become the program. */
static void set_environment(const char *const settings[])
{
    for (int i = 0; settings && settings[i]; i++) putenv((char *)(size_t)settings[i]);
}

/* Files in memory that the program writes and we read afterwards. */
struct outputs {
    int output, errors, report;
};

static bool open_outputs(struct outputs *files)
{
    *files = (struct outputs){memfd_create("output", 0), memfd_create("errors", 0), memfd_create("report", 0)};
    if (files->output >= 0 && files->errors >= 0 && files->report >= 0) return true;
    perror("bench: memfd_create");
    return false;
}

static void close_outputs(const struct outputs *files)
{
    if (files->output >= 0) close(files->output);
    if (files->errors >= 0) close(files->errors);
    if (files->report >= 0) close(files->report);
}

/* In the child. */
_Noreturn static void become(char *const argv[], const char *const settings[], const struct outputs *files)
{
    char name[32];
    snprintf(name, sizeof name, "/dev/fd/%d", files->report);
    setenv("DEMO_STATS", name, 1);
    set_environment(settings);
    setpriority(PRIO_PROCESS, 0, -20); /* where it is allowed: others' work is not ours to measure */
    int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(files->output, STDOUT_FILENO) >= 0 &&
        dup2(files->errors, STDERR_FILENO) >= 0)
        execvp(argv[0], argv);
    fprintf(stderr, "bench: cannot run %s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static uint64_t hash_of_file(int file)
{
    uint64_t hash = 0xcbf29ce484222325u;
    unsigned char buffer[4096];
    lseek(file, 0, SEEK_SET);
    for (ssize_t n; (n = read(file, buffer, sizeof buffer)) > 0;)
        for (ssize_t i = 0; i < n; i++) hash = (hash ^ buffer[i]) * 0x100000001b3u;
    return hash;
}

static bool read_report(int file, struct collector_report *report)
{
    char text[512];
    ssize_t length = pread(file, text, sizeof text - 1, 0);
    if (length <= 0) return false;
    text[length] = '\0';
    return sscanf(text,
                  "wall_ns=%*u minor=%" SCNu64 " major=%" SCNu64 " longest_pause_ns=%" SCNu64 " peak_heap=%" SCNu64 " live=%" SCNu64
                  " collecting_ns=%" SCNu64 " allocated=%" SCNu64,
                  &report->minor_collections, &report->major_collections, &report->longest_pause_ns, &report->peak_heap_bytes,
                  &report->live_bytes, &report->collecting_ns, &report->allocated_bytes) == 7;
}

/* The first line of what the program had to say; it may be the first of thousands. */
static void repeat_errors(int file)
{
    char text[512];
    ssize_t length = pread(file, text, sizeof text - 1, 0);
    if (length <= 0) return;
    text[length] = '\0';
    size_t line = strcspn(text, "\n");
    fprintf(stderr, ": %.*s%s", (int)line, text, line + 1 < (size_t)length ? " ..." : "");
}

static bool wait_for(pid_t child, const char *command, int errors, struct rusage *usage)
{
    int status;
    struct stat said;
    const char *slash = strrchr(command, '/'), *name = slash ? slash + 1 : command;
    while (wait4(child, &status, 0, usage) < 0)
        if (errno != EINTR) return perror("bench: wait4"), false;
    bool done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (done && (fstat(errors, &said) || said.st_size == 0)) return true;
    if (done) fprintf(stderr, "bench: %s says", name);
    else if (WIFSIGNALED(status)) fprintf(stderr, "bench: %s was ended by signal %d", name, WTERMSIG(status));
    else fprintf(stderr, "bench: %s failed with status %d", name, WEXITSTATUS(status));
    repeat_errors(errors);
    fputc('\n', stderr);
    return done;
}

static bool run(char *const argv[], const char *const settings[], const struct outputs *files, struct measurement *result)
{
    struct rusage usage;
    fflush(NULL);
    double started = now();
    pid_t child = fork();
    if (child < 0) {
        perror("bench: fork");
        return false;
    }
    if (child == 0) become(argv, settings, files);
    if (!wait_for(child, argv[0], files->errors, &usage)) return false;
    *result = (struct measurement){.wall = now() - started,
                                   .user = seconds(usage.ru_utime),
                                   .system = seconds(usage.ru_stime),
                                   .peak_mb = (double)usage.ru_maxrss / 1024,
                                   .output_hash = hash_of_file(files->output)};
    result->reported = read_report(files->report, &result->report);
    return true;
}

bool measure(char *const argv[], const char *const settings[], struct measurement *result)
{
    struct outputs files;
    bool done = open_outputs(&files) && run(argv, settings, &files, result);
    close_outputs(&files);
    return done;
}

/* ---- Instructions ---------------------------------------------------------------------------------- */

/* The last number of the file's line "totals: N" or "summary: N". */
static bool read_total(const char *path, double *instructions)
{
    char line[256];
    bool found = false;
    FILE *file = fopen(path, "r");
    if (!file) return false;
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "summary: %lf", instructions) == 1 || sscanf(line, "totals: %lf", instructions) == 1) found = true;
    fclose(file);
    return found;
}

bool measure_instructions(char *const argv[], const char *const settings[], double *instructions)
{
    enum { MOST_COMMAND_WORDS = 32 };
    char path[] = "/tmp/gw-callgrind-XXXXXX", option[64];
    int file = mkstemp(path), count = 0;
    if (file < 0) return perror("bench: mkstemp"), false;
    close(file);
    snprintf(option, sizeof option, "--callgrind-out-file=%s", path);
    const char *words[MOST_COMMAND_WORDS] = {"valgrind", "--tool=callgrind", "-q", "--toggle-collect=main", "--main-stacksize=268435456",
                                             option};
    while (words[count]) count++;
    setenv("GW_BENCH_STACK", "1", 1); /* the stack is large enough: no need to start anew, see bench/programs/program.h */
    for (int i = 0; argv[i] && count < MOST_COMMAND_WORDS - 1; i++) words[count++] = argv[i];
    struct measurement ignored;
    bool done = measure((char *const *)words, settings, &ignored) && read_total(path, instructions);
    unsetenv("GW_BENCH_STACK");
    unlink(path);
    return done;
}
