// Modules that are to go while something needs them still. Each case tries, says what it is told, lets go, and tries again.
//
// usage: removing jitlink|rtdyld <case> [forgetful|heedless]
#include "modules.h"
#include "session.h"

#include <ctime>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>

static const char body[] = R"(
declare ptr addrspace(1) @gw_stack_yield(ptr addrspace(1))
declare void @back()
define i64 @calls(i64 %n) {
  call void @back()
  ret i64 %n
}
define ptr addrspace(1) @waits(ptr addrspace(1) %argument, ptr addrspace(1) %value) {
  %more = call ptr addrspace(1) @gw_stack_yield(ptr addrspace(1) %value)
  ret ptr addrspace(1) %more
}
)";

// A constant object, and one that is written to.
static const char literals[] = TYPE CELL("text", "text_type") R"(
declare ptr addrspace(1) @prepend(ptr addrspace(1), i64)
@text = private global { i64, ptr addrspace(1), i64 } { i64 add (i64 ptrtoint (ptr @text_type to i64), i64 8), ptr addrspace(1) null, i64 7 }, align 16
@table = global { i64, ptr addrspace(1), i64 } { i64 add (i64 ptrtoint (ptr @text_type to i64), i64 9), ptr addrspace(1) null, i64 0 }, align 16
define ptr addrspace(1) @literal() {
  ret ptr addrspace(1) addrspacecast (ptr getelementptr (i8, ptr @text, i64 8) to ptr addrspace(1))
}
define i64 @written(i64 %unused) {
  %cell = load ptr addrspace(1), ptr addrspace(1) addrspacecast (ptr getelementptr (i8, ptr @table, i64 8) to ptr addrspace(1))
  %field = getelementptr i8, ptr addrspace(1) %cell, i64 8
  %value = load i64, ptr addrspace(1) %field
  ret i64 %value
}
define i64 @write(i64 %n) {
  %cell = call ptr addrspace(1) @prepend(ptr addrspace(1) null, i64 %n)
  store ptr addrspace(1) %cell, ptr addrspace(1) addrspacecast (ptr getelementptr (i8, ptr @table, i64 8) to ptr addrspace(1))
  ret i64 %n
}
)";

static const char plain[] = "define i64 @plain(i64 %n) {\n %m = sub i64 %n, 1\n ret i64 %m\n}\n";

typedef void *prepend_function(void *list, long value);
typedef long calls_function(long);

struct session : jit {
    LLVMOrcResourceTrackerRef tracker = nullptr;
    bool plain = false; // LLVM's own layer, and no references
    using jit::jit;
    void *prepend(void *list, long value) { return reinterpret_cast<prepend_function *>(address("prepend"))(list, value); }
};
static session *all;
static bool heedless; // the layer does not ask: what happens next shows that it had to

typedef void *literal_function();

// What differs from run to run is left out.
static std::string without_addresses(std::string text)
{
    for (size_t at = 0; (at = text.find("0x", at)) != std::string::npos;) {
        size_t end = text.find_first_not_of("0123456789abcdef", at + 2);
        text.replace(at, end == std::string::npos ? end : end - at, "*");
    }
    return text;
}

static void try_to_remove(const char *when)
{
    reported.clear();
    LLVMErrorRef error = LLVMOrcResourceTrackerRemove(all->tracker);
    if (error) report(nullptr, error);
    printf("%s: %s\n", when, reported.empty() ? "gone" : without_addresses(reported).c_str());
}

static void at_last()
{
    gw_collect(GW_FULL);
    try_to_remove("at last");
    gw_collect(GW_MINOR);
    gw_collect(GW_FULL);
}

// ---- Cases ----------------------------------------------------------------------------------------------------------

static void in_a_frame()
{
    try_to_remove("called from it");
}

static void frame()
{
    all->define("back", reinterpret_cast<void *>(in_a_frame));
    all->tracker = all->add(body);
    if (all->call("calls", 5) != 5) printf("its frame did not go on\n");
    at_last();
}

static gw_stack *stack_of_it()
{
    all->define("back", reinterpret_cast<void *>(in_a_frame));
    all->tracker = all->add(body);
    return gw_stack_new(0, reinterpret_cast<gw_stack_function *>(all->address("waits")), nullptr);
}

static void waiting()
{
    gw_stack *stack = stack_of_it();
    gw_stack_switch(stack, nullptr);
    try_to_remove("it waits");
    gw_collect(GW_FULL);
    gw_stack_switch(stack, nullptr);
    if (!gw_stack_is_done(stack)) printf("its stack did not go on\n");
    gw_stack_free(stack);
    at_last();
}

static void new_stack()
{
    gw_stack *stack = stack_of_it();
    try_to_remove("it is to begin");
    if (heedless) gw_stack_switch(stack, nullptr);
    gw_stack_free(stack);
    at_last();
}

static void type()
{
    all->tracker = all->add(numbered(own_type, 0));
    void *object = reinterpret_cast<prepend_function *>(all->address("own_prepend_0"))(nullptr, 1);
    gw_handle handle = gw_handle_new(object);
    gw_collect(GW_MINOR);
    try_to_remove("an object is alive");
    gw_collect(GW_FULL);
    gw_handle_free(handle);
    try_to_remove("nobody knows that it is dead");
    at_last();
}

static void literal()
{
    all->tracker = all->add(literals);
    void *text = reinterpret_cast<literal_function *>(all->address("literal"))();
    gw_handle handle = gw_handle_new(text);
    try_to_remove("a handle");
    gw_handle_set(handle, all->prepend(text, 1));
    gw_collect(GW_FULL);
    try_to_remove("an object");
    gw_collect(GW_FULL);
    gw_handle_free(handle);
    at_last();
}

// What the program would call next.
static calls_function *in_closure(void *cell)
{
    return reinterpret_cast<calls_function *>(static_cast<long *>(cell)[1]);
}

static void closure()
{
    all->define("back", reinterpret_cast<void *>(in_a_frame));
    all->tracker = all->add(body);
    gw_handle handle = gw_handle_new(all->prepend(nullptr, reinterpret_cast<long>(all->address("calls"))));
    try_to_remove("its code is known");
    if (heedless) in_closure(gw_handle_get(handle))(1);
    gw_handle_free(handle);
    at_last();
}

static void written()
{
    all->tracker = all->add(literals);
    for (long i = 0; i < 3; i++) all->call("write", i);
    gw_collect(GW_FULL);
    if (all->call("written", 0) != 2) printf("what was written is lost\n");
    at_last();
    all->tracker = all->add(literals); // perhaps at the same place
    all->call("write", 4);
    at_last();
}

// ---- Another thread's heap ------------------------------------------------------------------------------------------

static struct {
    sem_t told, done;
    prepend_function *make;
} helper;

static void next_step()
{
    sem_post(&helper.done);
    sem_wait(&helper.told);
}

// Has an object of the module's in a heap of its own, and drops it when it is told.
static void *keep_one(void *)
{
    struct gw_options options;
    struct gw_heap *heap;
    if (gw_options_parse("nursery=1m", &options) || gw_heap_create(&options, &heap) || gw_attach(heap)) give_up("helper", gw_error_text());
    gw_handle handle = gw_handle_new(helper.make(nullptr, 1));
    next_step();
    gw_collect(GW_FULL);
    next_step();
    gw_handle_free(handle);
    gw_collect(GW_FULL);
    next_step();
    gw_collect(GW_MINOR);
    next_step();
    gw_detach();
    gw_heap_destroy(heap);
    return nullptr;
}

static void then_try(const char *when)
{
    sem_wait(&helper.done);
    try_to_remove(when);
    sem_post(&helper.told);
}

static void elsewhere()
{
    pthread_t thread;
    sem_init(&helper.told, 0, 0);
    sem_init(&helper.done, 0, 0);
    all->tracker = all->add(numbered(own_type, 0));
    helper.make = reinterpret_cast<prepend_function *>(all->address("own_prepend_0"));
    pthread_create(&thread, nullptr, keep_one, nullptr);
    then_try("a thread has an object");
    then_try("it has collected");
    then_try("it has none, and was not asked since");
    then_try("it has collected again");
    pthread_join(thread, nullptr);
    at_last();
}

// ---- The price of a look ---------------------------------------------------------------------------------------------

// Modules with types, in a heap with a million objects: how long the look takes at each one's end.
static void many(int count)
{
    gw_handle list = gw_handle_new(nullptr);
    for (long i = 0; i < 1000000; i++) gw_handle_set(list, all->prepend(gw_handle_get(list), i));
    gw_collect(GW_FULL);
    double spent = 0;
    for (int k = 0; k < count; k++) {
        all->tracker = all->add(numbered(own_type, k));
        all->call(numbered("own_@K@", k), 3);
        gw_collect(GW_FULL);
        struct timespec before, after;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
        jit::remove(all->tracker);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
        spent += (double)(after.tv_sec - before.tv_sec) * 1e3 + (double)(after.tv_nsec - before.tv_nsec) / 1e6;
    }
    printf("%.3f ms to remove a module\n", spent / count);
}

// ---- What rounds leave behind ---------------------------------------------------------------------------------------

// Bytes in use of malloc's, and pages of the process that hold something.
struct memory {
    long used, resident;
};

static memory in_use()
{
    memory now = {static_cast<long>(mallinfo2().uordblks + mallinfo2().hblkhd), 0};
    long mapped = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld %ld", &mapped, &resident) != 2) give_up("statm", "cannot be read");
    fclose(file);
    now.resident = resident * 4096;
    return now;
}

// The same object again and again, so that it is the linker that may grow, and no compiler; or each round compiles, with its own names, in
// the context of all or in one of its own.
enum class rounds { link, compile, compile_apart };

static LLVMMemoryBufferRef object_of(int k, rounds kind)
{
    LLVMContextRef shared = context;
    if (kind == rounds::compile_apart) context = LLVMContextCreate();
    LLVMMemoryBufferRef object = compile(all->plain ? plain : numbered(own_type, k));
    if (context != shared) LLVMContextDispose(context);
    context = shared;
    return object;
}

static void growth(int count, rounds kind)
{
    enum { warm = 200 };
    LLVMMemoryBufferRef first = object_of(0, kind);
    memory before = {};
    for (int k = 0; k < warm + count; k++) {
        if (k == warm) before = in_use();
        LLVMMemoryBufferRef object =
            kind == rounds::link ? LLVMCreateMemoryBufferWithMemoryRangeCopy(LLVMGetBufferStart(first), LLVMGetBufferSize(first), "round")
                                 : object_of(k, kind);
        LLVMOrcResourceTrackerRef tracker = LLVMOrcJITDylibCreateResourceTracker(all->symbols);
        check(LLVMOrcLLJITAddObjectFileWithRT(all->lljit, tracker, object), "adding");
        if (all->call(all->plain ? "plain" : numbered("own_@K@", kind == rounds::link ? 0 : k), 3) != 2) printf("round %d is wrong\n", k);
        gw_collect(GW_FULL);
        jit::remove(tracker);
    }
    memory after = in_use();
    printf("%ld bytes of malloc, %ld of pages a round\n", (after.used - before.used) / count, (after.resident - before.resident) / count);
    LLVMDisposeMemoryBuffer(first);
}

int main(int argc, char **argv)
{
    if (argc < 3) give_up("usage", "removing jitlink|rtdyld <case> [forgetful|heedless]");
    std::string wanted = argv[2], fault = argc > 3 ? argv[3] : "";
    begin();
    struct greywave_jit_options options = greywave_jit_defaults();
    if (strcmp(argv[1], "rtdyld") == 0) options.linker = GREYWAVE_RTDYLD;
    if (fault == "forgetful") options.runtime.module_forget = [](const struct gw_extent *, size_t) {};
    options.debugger = getenv("WITH_DEBUGGER") != nullptr, options.profiler = getenv("WITH_PROFILER") != nullptr;
    heedless = argc > 3 && strcmp(argv[argc - 1], "heedless") == 0;
    options.no_check = heedless;
    bool stock = wanted == "stock-growth"; // to compare with
    session session(stock ? nullptr : greywave_create_object_layer, &options);
    all = &session;
    session.plain = stock || wanted == "plain-growth";
    if (!session.plain) session.keep(lists), session.address("prepend");
    rounds kind = wanted == "growth-compiling" ? rounds::compile : wanted == "growth-apart" ? rounds::compile_apart : rounds::link;
    if (wanted.find("growth") != std::string::npos) growth(argc > 3 ? atoi(argv[3]) : 300, kind);
    if (wanted == "frame") frame();
    if (wanted == "waiting") waiting();
    if (wanted == "new-stack") new_stack();
    if (wanted == "type") type();
    if (wanted == "elsewhere") elsewhere();
    if (wanted == "literal") literal();
    if (wanted == "closure") closure();
    if (wanted == "written") written();
    if (wanted == "many") many(atoi(argv[3]));
    printf("end\n");
}
