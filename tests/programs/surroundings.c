/* A collecting program among what real programs do: descriptors closed or used up, memory locked, children of threads, libraries that come
 * and go, code that ends where its pages end, calling conventions that save vector registers.
 *
 *     surroundings <what> [argument…]
 */
#define _GNU_SOURCE
#include "check.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define APART __attribute__((noinline))

static APART int64_t make_and_sum(int64_t count)
{
    struct node GW *list = NULL;
    int64_t sum = 0;
    for (int64_t i = 0; i < count; i++) list = node_make(i, i % 100 ? list : NULL);
    for (; list; list = list->next) sum += list->value;
    return sum;
}

/* Minor collections below frames of native size, and of managed ones. */
static APART int64_t deep(int64_t depth, struct node GW *held)
{
    if (depth == 0) {
        gw_collect(GW_MINOR);
        return held->value;
    }
    return deep(depth - 1, held) + held->value;
}

static void collect_much(int64_t rounds)
{
    for (int64_t i = 0; i < rounds; i++) {
        CHECK(make_and_sum(20000) == 100 * 19900 + 4950);
        CHECK(deep(200, node_make(1, NULL)) == 201);
    }
    gw_collect(GW_FULL);
}

/* ---- Locked memory ----------------------------------------------------------------------------------- */

struct bytes {
    uint64_t length;
    char at[];
};
GW_TYPE_BYTES(bytes, struct bytes, length, at);

static void fill_megabytes(int count)
{
    for (int i = 0; i < count; i++) {
        struct bytes GW *bytes = gw_new_array(bytes, 1 << 20);
        for (size_t k = 0; k < bytes->length; k += 64) CHECK(bytes->at[k] == 0);
        for (size_t k = 0; k < bytes->length; k += 64) bytes->at[k] = 0x5a;
    }
}

static void locked_memory(void)
{
    start("max-heap=64m,nursery=256k");
    if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) return; /* not allowed here */
    for (int round = 0; round < 4; round++) {
        fill_megabytes(40);
        gw_collect(GW_FULL);
        gw_collect(GW_FULL);
    }
    struct gw_stats stats;
    gw_get_stats(&stats);
    CHECK(stats.returned_bytes == 0);
}

/* ---- Descriptors ------------------------------------------------------------------------------------- */

static void no_descriptor_left(void)
{
    start("nursery=256k");
    struct rlimit limit = {16, 16};
    setrlimit(RLIMIT_NOFILE, &limit);
    while (open("/dev/null", O_RDONLY) >= 0) {
    }
    collect_much(5);
}

/* Becomes a daemon as the book says, opens two files of its own, and collects for so many seconds. Nothing is written to them, nor is
 * where they are read moved. */
static void be_daemon(const char *folder, int seconds)
{
    collect_much(1);
    setsid();
    CHECK(chdir(folder) == 0);
    for (int descriptor = 0; descriptor < 256; descriptor++) close(descriptor);
    int files[8];
    for (int i = 0; i < 8; i++) {
        char name[] = "file0";
        name[4] = (char)('0' + i);
        files[i] = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
        if (files[i] != i || write(files[i], "0123456789", 10) != 10 || lseek(files[i], 4, SEEK_SET) != 4) _exit(2);
    }
    for (time_t end = time(NULL) + seconds; time(NULL) <= end;) collect_much(3);
    for (int i = 0; i < 8; i++) {
        struct stat status;
        char text[11] = "";
        if (fstat(files[i], &status) != 0 || status.st_size != 10 || lseek(files[i], 0, SEEK_CUR) != 4) _exit(3);
        if (pread(files[i], text, 10, 0) != 10 || strcmp(text, "0123456789") != 0) _exit(4);
    }
    _exit(open("/dev/null", O_RDONLY) == 8 ? 0 : 5);
}

static void daemon_of_some_seconds(const char *folder, const char *seconds)
{
    int status;
    start("nursery=256k");
    collect_much(1);
    pid_t child = fork();
    if (child == 0) be_daemon(folder, atoi(seconds));
    waitpid(child, &status, 0);
    CHECK(status == 0);
}

/* ---- Children of a program with threads -------------------------------------------------------------- */

static atomic_bool stop;
static const char *library;

static void *collect_meanwhile(void *unused)
{
    struct gw_options options;
    struct gw_heap *heap;
    CHECK(gw_options_parse("nursery=256k,max-heap=64m", &options) == GW_OK);
    CHECK(gw_heap_create(&options, &heap) == GW_OK && gw_attach(heap) == GW_OK);
    while (!stop) deep(2000, node_make(1, NULL));
    return unused;
}

/* Takes each lock of the runtime's as often as it can. */
static void *register_meanwhile(void *unused)
{
    static const uint8_t map[9] = {0x67, 0, 0, 0, 0, 0, 2, 0, 0};
    static const struct gw_module module = {.abi_version = GW_ABI_VERSION, .maps_begin = map, .maps_end = map + sizeof map};
    struct gw_options options;
    struct gw_heap *heap;
    CHECK(gw_options_parse("nursery=64k,max-heap=8m", &options) == GW_OK);
    while (!stop) {
        for (int i = 0; i < 100; i++) CHECK(gw_module_register(&module) == GW_OK && gw_module_unregister(&module) == GW_OK);
        CHECK(gw_heap_create(&options, &heap) == GW_OK && gw_attach(heap) == GW_OK);
        CHECK(gw_detach() == GW_OK && gw_heap_destroy(heap) == GW_OK);
    }
    return unused;
}

static void *load_meanwhile(void *unused)
{
    while (!stop) {
        void *loaded = dlopen(library, RTLD_NOW | RTLD_LOCAL);
        CHECK(loaded);
        dlclose(loaded);
    }
    return unused;
}

/* `loads`: the child does, too. A child that hangs is ended by its alarm. */
static void fork_once(bool loads)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
        make_and_sum(2000);
        gw_collect(GW_FULL);
        if (loads && !dlopen(library, RTLD_NOW | RTLD_LOCAL)) _exit(5);
        gw_collect(GW_FULL);
        _exit(0);
    }
    waitpid(child, &status, 0);
    if (status) fprintf(stderr, "child: status %#x\n", (unsigned)status);
    CHECK(status == 0);
}

/* Where another thread is in the middle of dlopen when a child is made, the loader of the child is for the C library to mend: such
 * children collect and do not load. */
static void forks(const char *path, const char *count)
{
    pthread_t collecting, registering, loading;
    library = path;
    start("nursery=256k");
    CHECK(pthread_create(&collecting, NULL, collect_meanwhile, NULL) == 0);
    CHECK(pthread_create(&registering, NULL, register_meanwhile, NULL) == 0);
    for (int i = 0; i < atoi(count) / 2; i++) fork_once(true);
    CHECK(pthread_create(&loading, NULL, load_meanwhile, NULL) == 0);
    for (int i = 0; i < atoi(count) / 2; i++) fork_once(false);
    stop = true;
    pthread_join(loading, NULL);
    pthread_join(registering, NULL);
    pthread_join(collecting, NULL);
}

/* ---- A fatal message beside dlopen -------------------------------------------------------------------- */

/* Declared as never collecting, and collects: the walk ends with a message that names the caller. */
GW_NOCOLLECT int64_t liar(int64_t depth);
int64_t liar_itself(int64_t depth);
int64_t liar_itself(int64_t depth)
{
    return deep(depth, node_make(1, NULL));
}
__asm__(".globl liar\n"
        "liar: .cfi_startproc\n"
        " jmp liar_itself\n"
        " .cfi_endproc");

struct node GW *shared;

static APART int64_t believer(int64_t depth)
{
    struct node GW *held = node_make(1, NULL);
    shared = held;
    return liar(depth) + held->value;
}

static void message(const char *path)
{
    pthread_t loading;
    library = path;
    start("nursery=256k");
    CHECK(pthread_create(&loading, NULL, load_meanwhile, NULL) == 0);
    alarm(60);
    printf("%" PRId64 "\n", believer(2000));
}

/* ---- Code that ends with its pages -------------------------------------------------------------------- */

static APART void never_returns(void)
{
    struct node GW *held = node_make(5, NULL);
    gw_collect(GW_FULL);
    CHECK(held->value == 5);
    printf("good\n");
    exit(0);
}

/* push rbp; mov rbp, rsp; call rdi: the return address is in the next page, which is not mapped. */
static const unsigned char ending_code[] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7};
/* A common entry ("zR", relative 32-bit addresses) and one for the code: CFA = rbp + 16. */
static const unsigned char its_entries[] = {20, 0,    0, 0,    0, 0,  0,    0, 1, 'z', 'R', 0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7,
                                            8,  0x90, 1, 0,    0, 24, 0,    0, 0, 28,  0,   0, 0, 0,    0,  0, 0,    0,    0,
                                            0,  0,    0, 0x0c, 6, 16, 0x86, 2, 0, 0,   0,   0, 0, 0,    0,  0, 0,    0};

static void page_end(void)
{
    start(NULL);
    unsigned char *pages = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned char *code = pages + 2 * 4096 - sizeof ending_code;
    CHECK(pages != MAP_FAILED && mprotect(pages + 2 * 4096, 4096, PROT_NONE) == 0);
    int32_t distance = (int32_t)(code - (pages + 32)), length = sizeof ending_code;
    memcpy(code, ending_code, sizeof ending_code);
    memcpy(pages, its_entries, sizeof its_entries);
    memcpy(pages + 32, &distance, 4);
    memcpy(pages + 36, &length, 4);
    CHECK(gw_unwind_register(pages, sizeof its_entries) == GW_OK);
    /* Its frame map: a function without references (docs/abi.md). */
    unsigned char *map = pages + 4096;
    int32_t from_map = (int32_t)(code - (map + 1));
    memcpy(map, (unsigned char[]){0x67, 0, 0, 0, 0, 0, 2, 0, 0}, 9);
    memcpy(map + 1, &from_map, 4);
    const struct gw_module maps = {.abi_version = GW_ABI_VERSION, .maps_begin = map, .maps_end = map + 9};
    CHECK(gw_module_register(&maps) == GW_OK);
    ((void (*)(void (*)(void)))(void *)code)(never_returns);
}

/* ---- Calling conventions ------------------------------------------------------------------------------ */

#define CONVENTION(name, convention)                                                                                                       \
    __attribute__((convention)) static APART struct node GW *name(struct node GW *a, int64_t value, struct node GW *b)                     \
    {                                                                                                                                      \
        churn();                                                                                                                           \
        a = node_make(a->value + value, b);                                                                                                \
        churn();                                                                                                                           \
        return a;                                                                                                                          \
    }
CONVENTION(by_microsoft, ms_abi)
CONVENTION(by_system_v, sysv_abi)
CONVENTION(preserving_most, preserve_most)
CONVENTION(by_registers, regcall)
CONVENTION(by_vectors, vectorcall)
CONVENTION(preserving_none, preserve_none)

static void conventions(void)
{
    start(NULL);
    struct node GW *list = node_make(1, NULL);
    list = by_microsoft(list, 1, list);
    list = by_system_v(list, 2, list);
    list = preserving_most(list, 3, list);
    list = by_registers(list, 4, list);
    list = by_vectors(list, 5, list);
    list = preserving_none(list, 6, list);
    int64_t sum = 0;
    for (; list; list = list->next) sum = sum * 3 + list->value;
    CHECK(sum == 21049); /* 22, 16, 11, 7, 4, 2, 1 */
}

/* ---- Freezing ------------------------------------------------------------------------------------------ */

static struct node GW *kept, *ring[64];

static struct gw_stats now(void)
{
    struct gw_stats stats;
    gw_get_stats(&stats);
    return stats;
}

/* A megabyte lives, and 90 MB die old. The most that the heap was. */
static uint64_t replace_lists(void)
{
    uint64_t most = 0;
    for (int round = 0; round < 6000; round++) {
        struct node GW *list = NULL;
        for (int i = 0; i < 500; i++) list = node_make(i, list);
        ring[round * 7 % 64] = list;
        if (now().heap_bytes > most) most = now().heap_bytes;
    }
    return most;
}

/* What is frozen counts no more: the goal and the memory of what goes on beside it are as if it were not there, until it is thawed. */
static void follow_frozen(bool in_the_middle)
{
    const uint64_t mb = 1 << 20;
    gw_collect(GW_FULL);
    CHECK(now().goal_bytes > 80 * mb);
    while (in_the_middle && gw_collect_step(0).after != GW_PHASE_MARK) replace_lists();
    gw_freeze();
    CHECK(now().goal_bytes < 8 * mb);
    CHECK(gw_frozen_objects().bytes >= 48 * mb);
    uint64_t cycles = now().major_collections;
    CHECK(replace_lists() < gw_frozen_objects().bytes + 8 * mb);
    CHECK(now().major_collections > cycles);
    gw_unfreeze();
    CHECK(now().goal_bytes > 80 * mb);
}

static void frozen(void)
{
    start("nursery=256k");
    for (int i = 0; i < 1 << 21; i++) kept = node_make(i, kept); /* 48 MB */
    follow_frozen(false);
    follow_frozen(true);
    kept = NULL;
    gw_collect(GW_FULL);
    CHECK(now().goal_bytes < 8 << 20);
    CHECK(replace_lists() < 8 << 20);
}

/* ---- A heap of the default size ------------------------------------------------------------------------ */

struct references {
    uint64_t length;
    struct node GW *at[];
};
GW_TYPE_ARRAY(references, struct references, length, at);

/* So many megabytes of nodes live, eight times as many die. */
static void ring_of_nodes(const char *megabytes)
{
    start(NULL);
    size_t count = (size_t)atol(megabytes) * 1048576 / 32;
    struct references GW *nodes = gw_new_array(references, count);
    for (size_t i = 0; nodes && i < 8 * count; i++) {
        struct node GW *node = gw_new(node);
        if (!node) exit(7);
        nodes->at[i % count] = node;
    }
    exit(nodes ? 0 : 7);
}

int main(int count, char **words)
{
    CHECK(count > 1);
    const char *what = words[1], *first = count > 2 ? words[2] : NULL, *second = count > 3 ? words[3] : "0";
    if (!strcmp(what, "locked")) locked_memory();
    else if (!strcmp(what, "descriptors")) no_descriptor_left();
    else if (!strcmp(what, "daemon")) daemon_of_some_seconds(first, second);
    else if (!strcmp(what, "forks")) forks(first, second);
    else if (!strcmp(what, "message")) message(first);
    else if (!strcmp(what, "page_end")) page_end();
    else if (!strcmp(what, "conventions")) conventions();
    else if (!strcmp(what, "frozen")) frozen();
    else if (!strcmp(what, "ring")) ring_of_nodes(first);
    else if (!strcmp(what, "start")) start(NULL);
    else CHECK(!"known");
    printf("good\n");
    return 0;
}
