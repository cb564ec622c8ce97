// Greywave's ORC layers from C++17 over LLVM's C API. Every call of the runtime by which code is registered is counted on its way.
//
// usage: jit jitlink|rtdyld <case>, see main
#include "modules.h"
#include "session.h"

#include <dlfcn.h>
#include <set>
#include <setjmp.h>

// ---- What is registered ---------------------------------------------------------------------------------------------

static struct {
    long modules, unwind;
    bool without_maps, without_globals, without_unwind; // faults, planted
    bool wrong_version;
} registered;

static struct gw_module changed[8]; // what is registered in place of a module
static size_t changes;

static gw_status module_register(const struct gw_module *module)
{
    if (registered.wrong_version || registered.without_maps || registered.without_globals) {
        struct gw_module *other = &changed[changes++ % 8];
        *other = *module;
        if (registered.wrong_version) other->abi_version++;
        if (registered.without_maps) other->maps_end = other->maps_begin;
        if (registered.without_globals) other->globals_end = other->globals_begin;
        module = other;
    }
    gw_status status = gw_module_register(module);
    registered.modules += status == GW_OK;
    return status;
}

static gw_status module_unregister(const struct gw_module *module)
{
    gw_status status = gw_module_unregister(module);
    registered.modules -= status == GW_OK;
    return status;
}

static gw_status unwind_register(const void *eh_frame, size_t size)
{
    if (registered.without_unwind) return GW_OK;
    gw_status status = gw_unwind_register(eh_frame, size);
    registered.unwind += status == GW_OK;
    return status;
}

static gw_status unwind_unregister(const void *eh_frame)
{
    gw_status status = gw_unwind_unregister(eh_frame);
    registered.unwind -= status == GW_OK;
    return status;
}

static void expect_registered(long modules, long unwind, const char *when)
{
    if (registered.modules != modules || registered.unwind != unwind)
        printf("%s %ld modules and %ld unwind sections are registered, not %ld and %ld\n", when, registered.modules, registered.unwind,
               modules, unwind);
}

static struct greywave_jit_options options_for(const char *linker)
{
    struct greywave_jit_options options = greywave_jit_defaults();
    options.linker = strcmp(linker, "rtdyld") == 0 ? GREYWAVE_RTDYLD : GREYWAVE_JITLINK;
    options.runtime = {module_register, module_unregister, unwind_register, unwind_unregister,
                       gw_error_text,   gw_module_in_use,  gw_module_forget};
    return options;
}

// ---- What throws ----------------------------------------------------------------------------------------------------

// Seen on its way to libgcc: each section once. One that it was told of twice it forgets twice before GCC 13, and ends the process since.
static std::set<void *> told;

static auto libgcc(const char *name)
{
    return (void (*)(void *))dlsym(RTLD_NEXT, name);
}

extern "C" void __register_frame(void *eh_frame)
{
    if (!told.insert(eh_frame).second) printf("libgcc is told of a section twice\n");
    libgcc("__register_frame")(eh_frame);
}

extern "C" void __deregister_frame(void *eh_frame)
{
    if (!told.erase(eh_frame)) printf("libgcc is to forget a section of which it was not told\n");
    libgcc("__deregister_frame")(eh_frame);
}

// ---- Values ---------------------------------------------------------------------------------------------------------

static jmp_buf place;

static void back(void *, long how)
{
    gw_collect(GW_MINOR);
    gw_collect(GW_FULL);
    if (how == 1) throw 7;
    if (how == 2) longjmp(place, 1);
}

// Native code that goes on puts the shadow stack back.
static void leave(jit &jit, const char *function)
{
    void **const top = gw_current_thread.shadow_top;
    printf("%s %ld", function, jit.call(function, 0));
    try {
        jit.call(function, 1);
    } catch (int thrown) {
        gw_current_thread.shadow_top = top;
        gw_collect(GW_FULL);
        printf(", thrown %d", thrown);
    }
    if (setjmp(place) == 0) jit.call(function, 2);
    else printf(", jumped");
    gw_current_thread.shadow_top = top;
    gw_collect(GW_FULL);
    printf("\n");
}

static void values(struct greywave_jit_options options)
{
    jit jit(greywave_create_object_layer, &options);
    jit.define("back", reinterpret_cast<void *>(back));
    jit.keep(lists);
    for (int k = 0; k < 3; k++) jit.keep(numbered(keeper, k));
    for (int k = 0; k < 3; k++) printf("%ld ", jit.call(numbered("fill_@K@", k), 20));
    for (int k = 0; k < 3; k++) printf("%ld%s", jit.call(numbered("fill_@K@", k), 3), k < 2 ? " " : "\n");
    jit.keep(through);
    leave(jit, "through");
    leave(jit, "native");
    leave(jit, "guarded");
    printf("cleaned %ld\n", *static_cast<long *>(jit.address("cleaned")));
    expect_registered(5, 5, "at the end");
}

// ---- Modules that come and go ---------------------------------------------------------------------------------------

static void *gone_type;
static long gone;

static void count_gone(void *, void *object)
{
    gone += gw_type_of(object) == gone_type;
}

static void come_and_go(jit &jit, int k)
{
    // Two modules that give the same function: the second's copy of it is dropped, from between others.
    LLVMOrcResourceTrackerRef first = jit.add(numbered(keeper, 0)), second = jit.add(numbered(keeper, k + 1)),
                              third = jit.add(numbered(own_type, k));
    long sum = jit.call("fill_0", 3) + jit.call(numbered("fill_@K@", k + 1), 3);
    if (sum != 4444444) printf("round %d: %ld\n", k, sum);
    if (jit.call(numbered("own_@K@", k), 5) != 4) printf("round %d: objects of its own are wrong\n", k);
    gone_type = jit.address(numbered("own_type_@K@", k));
    reinterpret_cast<void (*)()>(jit.address("clear_0"))();
    reinterpret_cast<void (*)()>(jit.address(numbered("clear_@K@", k + 1)))();
    gw_collect(GW_FULL);
    gw_heap_walk(count_gone, nullptr);
    expect_registered(4, 4, "while all are there");
    LLVMOrcResourceTrackerTransferTo(third, second); // goes with that one
    LLVMOrcReleaseResourceTracker(third);
    jit::remove(second);
    expect_registered(2, 2, "when two are gone");
    jit::remove(first);
    expect_registered(1, 1, "when they are gone");
    gw_collect(GW_FULL);
}

static void churn(struct greywave_jit_options options, int rounds)
{
    {
        jit jit(greywave_create_object_layer, &options);
        jit.keep(lists);
        jit.address("prepend");
        for (int k = 0; k < rounds; k++) come_and_go(jit, k % 5);
    }
    expect_registered(0, 0, "after the session");
    printf("%d rounds, %ld objects outlive their type\n", rounds, gone);
}

// ---- Size -----------------------------------------------------------------------------------------------------------

static void wide(struct greywave_jit_options options)
{
    enum { functions = 6, bytes = 4000000 };
    std::string text = "@table = constant [" + std::to_string(bytes) + " x i8] c\"" + std::string(bytes, 'x') + "\"\n";
    for (int k = 0; k < functions; k++) text += numbered(wide_function, k);
    text += numbered(wide_end, functions);
    jit jit(greywave_create_object_layer, &options);
    jit.keep(lists);
    jit.keep(text);
    printf("wide %ld", jit.call("wide_0", 1000));
    auto *first = static_cast<char *>(jit.address("wide_0")), *last = static_cast<char *>(jit.address("wide_6"));
    printf(", %ld MB of code, table %c\n", (last - first) / 1000000, static_cast<char *>(jit.address("table"))[bytes - 1]);
}

// ---- What cannot be -------------------------------------------------------------------------------------------------

static void end_process(LLVMDiagnosticInfoRef info, void *)
{
    if (LLVMGetDiagInfoSeverity(info) == LLVMDSError) exit(9);
}

// Runs the passes, and says how it went.
static LLVMModuleRef asked_for(const char *what, const char *text, const struct greywave_pipeline_options &options)
{
    char *message;
    LLVMModuleRef module = parse(text);
    int status = greywave_run_pipeline_with(module, machine, &options, &message);
    if (status || message) printf("%s: %d %s\n", what, status, message ? message : "without a word");
    greywave_dispose_message(message);
    return module;
}

static void refuse(const char *what, const char *text, const struct greywave_pipeline_options &options)
{
    LLVMDisposeModule(asked_for(what, text, options));
}

static void refusals()
{
    LLVMContextSetDiagnosticHandler(context, end_process, nullptr);
    const struct greywave_pipeline_options defaults = greywave_pipeline_defaults();
    struct greywave_pipeline_options options = defaults;
    refuse("address", refused, options);
    refuse("invalid", invalid, options);
    options.level = 4;
    refuse("level", asked, options);
    options = defaults, options.roots = 3;
    refuse("roots", asked, options);
    options = defaults, options.size = 0;
    refuse("no size", asked, options);
    struct {
        struct greywave_pipeline_options options;
        long later;
    } newer = {defaults, 1};
    newer.options.size = sizeof newer;
    refuse("newer", asked, newer.options);
    newer.later = 0;
    refuse("newer, nothing asked", asked, newer.options);
    options = defaults, options.jit = 1, options.roots = GREYWAVE_ROOTS_NONE;
    refuse("jit without roots", asked, options);
    char *message;
    LLVMModuleRef module = asked_for("right", asked, defaults);
    printf("again: %d ", greywave_run_pipeline_with(module, machine, nullptr, &message));
    printf("%s\n", message);
    greywave_dispose_message(message);
    LLVMDisposeModule(module);
    module = asked_for("address", refused, defaults);
    printf("again: %d ", greywave_run_pipeline_with(module, machine, nullptr, &message));
    printf("%s\n", message);
    greywave_dispose_message(message);
    LLVMDisposeModule(module);
    printf("handler kept %d\n", LLVMContextGetDiagnosticHandler(context) == end_process);
}

// Whether the module that comes out names something.
static void shows(const struct greywave_pipeline_options &options, std::initializer_list<const char *> names)
{
    LLVMModuleRef module = asked_for("options", asked, options);
    char *text = LLVMPrintModuleToString(module);
    for (const char *name : names) printf(" %s %d", name, strstr(text, name) != nullptr);
    printf("\n");
    LLVMDisposeMessage(text);
    LLVMDisposeModule(module);
}

static void options_of_passes()
{
    std::initializer_list<const char *> names = {"gc.statepoint", "shadow_reserve", "without_roots", "poll_slow",
                                                 "frame.mark",    "check_store",    "thread_offset", "%same"};
    const struct greywave_pipeline_options defaults = greywave_pipeline_defaults();
    struct greywave_pipeline_options options = defaults;
    auto with = [&](const char *what, auto change) {
        options = defaults;
        change();
        printf("%s:", what);
        shows(options, names);
    };
    with("defaults", [] {});
    with("shadow", [&] { options.roots = GREYWAVE_ROOTS_SHADOW; });
    with("none", [&] { options.roots = GREYWAVE_ROOTS_NONE; });
    with("polls", [&] { options.polls = 1; });
    with("frame marks", [&] { options.frame_marks = 1; });
    with("no check", [&] { options.no_check = 1; });
    with("jit", [&] { options.jit = 1; });
    with("level 0", [&] { options.level = 0; });
    with("defaults again", [] {});
}

// A lookup that cannot succeed: what the session says.
static void fails(const char *what, struct greywave_jit_options options)
{
    reported.clear();
    {
        jit jit(greywave_create_object_layer, &options);
        jit.keep(lists);
        LLVMOrcExecutorAddress found;
        LLVMErrorRef error = LLVMOrcLLJITLookup(jit.lljit, &found, "prepend");
        if (!error) printf("%s: found\n", what);
        LLVMConsumeError(error);
    }
    printf("%s: %s\n", what, reported.c_str());
    expect_registered(0, 0, what);
}

static void layers(const struct greywave_jit_options &defaults)
{
    struct greywave_jit_options options = defaults;
    options.size--;
    fails("size", options);
    options = defaults, options.runtime.unwind_register = nullptr;
    fails("runtime", options);
    options = defaults, options.linker = 2;
    fails("linker", options);
    registered.wrong_version = true;
    fails("version", defaults);
    registered.wrong_version = false;
    // The unwind entries are registered by the time that the maps fail, which is undone.
    options = defaults, options.runtime.unwind_register = [](const void *, size_t) { return gw_unwind_register("", 0); };
    fails("unwind", options);
}

// ---- Unregistered ---------------------------------------------------------------------------------------------------

// LLVM's own layers, which register nothing: LLJIT's choice, or RuntimeDyld.
static LLVMOrcObjectLayerRef stock_rtdyld(void *, LLVMOrcExecutionSessionRef session, const char *)
{
    return LLVMOrcCreateRTDyldObjectLinkingLayerWithSectionMemoryManager(session);
}

static void stock(const char *linker)
{
    jit jit(strcmp(linker, "rtdyld") == 0 ? stock_rtdyld : nullptr, nullptr);
    jit.keep(lists);
    jit.keep(numbered(keeper, 0));
    printf("%ld\n", jit.call("fill_0", 20));
}

// ---- Tools ----------------------------------------------------------------------------------------------------------

// What GDB and LLDB read, as GDB's manual has it.
struct debugged {
    struct debugged *next, *previous;
    const char *object;
    uint64_t size;
};
extern "C" struct {
    uint32_t version, action;
    struct debugged *relevant, *first;
} __jit_debug_descriptor;

static long debugged_objects()
{
    long count = 0;
    for (struct debugged *object = __jit_debug_descriptor.first; object; object = object->next) count++;
    return count;
}

static void seen_by_debuggers(struct greywave_jit_options options)
{
    options.debugger = 1;
    jit jit(greywave_create_object_layer, &options);
    jit.keep(lists);
    long without = (jit.address("prepend"), debugged_objects());
    LLVMOrcResourceTrackerRef tracker = jit.add(lined);
    printf("lined %ld", jit.call("lined", 5));
    long with = debugged_objects();
    jit::remove(tracker);
    printf(", objects known %ld, %ld, %ld\n", without, with, debugged_objects());
}

static void seen_by_profilers(struct greywave_jit_options options)
{
    options.profiler = 1;
    jit jit(greywave_create_object_layer, &options);
    jit.keep(lists);
    jit.keep(lined);
    printf("lined %ld\n", jit.call("lined", 5));
}

int main(int argc, char **argv)
{
    if (argc < 3) give_up("usage", "jit jitlink|rtdyld <case>");
    std::string wanted = argv[2];
    begin();
    struct greywave_jit_options options = options_for(argv[1]);
    registered.without_maps = wanted == "without-maps";
    registered.without_globals = wanted == "without-globals";
    registered.without_unwind = wanted == "without-unwind";
    if (wanted == "churn") churn(options, argc > 3 ? atoi(argv[3]) : 30);
    else if (wanted == "wide") wide(options);
    else if (wanted == "refusals") refusals();
    else if (wanted == "options") options_of_passes();
    else if (wanted == "layers") layers(options);
    else if (wanted == "stock") stock(argv[1]);
    else if (wanted == "debugger") seen_by_debuggers(options);
    else if (wanted == "profiler") seen_by_profilers(options);
    else if (wanted == "shadow") roots = GREYWAVE_ROOTS_SHADOW, values(options);
    else values(options); // with a planted fault, or without
    return 0;
}
