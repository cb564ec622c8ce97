// Which calls never collect. RewriteStatepointsForGC would also believe TargetLibraryInfo, which lists functions that
// call back (qsort); it runs with that turned off, and this file is the only authority:
//   - functions declared GW_NOCOLLECT (an annotation in C, the attribute in IR),
//   - the runtime's own functions that never collect,
//   - well-known C library functions that neither call back nor wait for other threads,
//   - functions defined here whose body contains no call that may collect, nor, with polls, a loop.
#include "passes.h"
#include "remarks.h"
#include "safepoints.h"
#include "llvm/ADT/StringSet.h"

using namespace llvm;

namespace greywave {

static const char *const RuntimeLeaves[] = {
    "gw_error_text", "gw_version", "gw_options_parse", "gw_length", "gw_type_of", "gw_set_oom_handler",
    "gw_immediate_word", "gw_handle_new", "gw_handle_get", "gw_handle_set", "gw_handle_free", "gw_array_copy",
    "gw_get_stats", "gw_module_register", "gw_module_unregister", "gw_stackmaps_register", "gw_stackmaps_unregister",
    "gw_unwind_register", "gw_unwind_unregister",
    "gw_barrier_slow", "gw_barrier_range", "gw_trace_edge", "gw_disable", "gw_enable", "gw_is_enabled"};

// None of these calls back into the program: qsort, bsearch, atexit, scandir, fopencookie streams' openers and the
// like are absent on purpose, as is everything that may run a handler the program installed.
static const char *const LibraryLeaves[] = {
    // memory and strings
    "memchr", "memcmp", "memcpy", "memmem", "memmove", "memrchr", "memset", "mempcpy", "bcmp", "stpcpy", "stpncpy",
    "strcasecmp", "strcat", "strchr", "strchrnul", "strcmp", "strcoll", "strcpy", "strcspn", "strdup", "strerror",
    "strlen", "strncasecmp", "strncat", "strncmp", "strncpy", "strndup", "strnlen", "strpbrk", "strrchr", "strspn",
    "strstr", "strtok", "strtok_r", "strxfrm", "bcopy", "bzero", "memccpy", "rawmemchr", "swab", "wmemcpy", "wmemmove",
    "wmempcpy", "wmemset", "__memcpy_chk", "__memmove_chk", "__mempcpy_chk", "__mempcpy", "__memset_chk", "__strcpy_chk",
    "__strncpy_chk", "__stpcpy_chk", "__stpncpy_chk", "__strcat_chk", "__strncat_chk", "__wmemcpy_chk", "__wmemmove_chk",
    "__wmempcpy_chk", "__wmemset_chk",
    // numbers
    "abs", "labs", "llabs", "atoi", "atol", "atoll", "atof", "strtol", "strtoll", "strtoul", "strtoull", "strtod",
    "strtof", "strtold", "rand", "srand", "random", "srandom", "rand_r", "drand48", "lrand48", "div", "ldiv", "lldiv",
    "__isoc23_strtol", "__isoc23_strtoul", "__isoc23_strtoll", "__isoc23_strtoull", "isalpha", "isdigit", "isalnum",
    "isspace", "isupper", "islower", "ispunct", "isprint", "isxdigit", "tolower", "toupper", "__ctype_b_loc",
    "__ctype_tolower_loc", "__ctype_toupper_loc", "__errno_location",
    // native memory
    "malloc", "calloc", "realloc", "reallocarray", "free", "aligned_alloc", "posix_memalign", "mmap", "munmap",
    // output and input on ordinary streams and descriptors
    "printf", "fprintf", "dprintf", "sprintf", "snprintf", "vprintf", "vfprintf", "vsprintf", "vsnprintf", "puts",
    "fputs", "putchar", "putc", "fputc", "fwrite", "fflush", "perror", "scanf", "fscanf", "sscanf", "fgets", "fgetc",
    "getc", "getchar", "fread", "ungetc", "fopen", "fclose", "feof", "ferror", "clearerr", "fseek", "ftell", "rewind",
    "setvbuf", "getline", "open", "close", "read", "write", "lseek", "__printf_chk", "__fprintf_chk", "__sprintf_chk",
    "__snprintf_chk", "__vprintf_chk", "__vfprintf_chk", "__vsprintf_chk", "__vsnprintf_chk", "__dprintf_chk",
    "__fgets_chk", "__fread_chk", "__read_chk", "__isoc99_scanf", "__isoc99_sscanf", "__isoc99_fscanf", "__isoc23_scanf", "__isoc23_sscanf",
    // time and process
    "time", "clock", "clock_gettime", "gettimeofday", "nanosleep", "usleep", "getenv", "getpid", "getrusage", "isatty",
    "abort", "_exit", "__assert_fail", "__chk_fail", "__stack_chk_fail", "sched_yield"};

static const char *const MathLeaves[] = {
    "acos", "asin", "atan", "atan2", "cbrt", "ceil", "copysign", "cos", "cosh", "exp", "exp2", "expm1", "fabs", "fdim",
    "floor", "fma", "fmax", "fmin", "fmod", "frexp", "hypot", "ilogb", "ldexp", "llrint", "llround", "log", "log10",
    "log1p", "log2", "logb", "lrint", "lround", "modf", "nan", "nearbyint", "nextafter", "pow", "remainder", "rint",
    "round", "scalbn", "sin", "sinh", "sqrt", "tan", "tanh", "tgamma", "lgamma", "trunc"};

static const StringSet<> &knownLeaves()
{
    static const StringSet<> Names = [] {
        StringSet<> Set;
        for (const char *Name : RuntimeLeaves) Set.insert(Name);
        for (const char *Name : LibraryLeaves) Set.insert(Name);
        for (const char *Name : MathLeaves)
            for (const char *Suffix : {"", "f", "l"}) Set.insert((Twine(Name) + Suffix).str());
        return Set;
    }();
    return Names;
}

static Function *annotatedFunction(const Constant *Entry)
{
    auto *Text = dyn_cast<GlobalVariable>(Entry->getAggregateElement(1u)->stripPointerCasts());
    auto *Data = Text && Text->hasInitializer() ? dyn_cast<ConstantDataArray>(Text->getInitializer()) : nullptr;
    if (!Data || !Data->isCString() || Data->getAsCString() != LeafAttribute) return nullptr;
    return dyn_cast<Function>(Entry->getAggregateElement(0u)->stripPointerCasts());
}

void readLeafAnnotations(Module &M)
{
    GlobalVariable *Annotations = M.getNamedGlobal("llvm.global.annotations");
    if (!Annotations || !Annotations->hasInitializer()) return;
    auto *Entries = dyn_cast<ConstantArray>(Annotations->getInitializer());
    if (!Entries) return;
    for (const Use &Entry : Entries->operands())
        if (Function *F = annotatedFunction(cast<Constant>(Entry))) F->addFnAttr(LeafAttribute);
}

// A body that calls nothing that may collect is a leaf, as long as it is the body that will run. Optimistic, so that leaves
// that call each other in a cycle are found too.
static void inferLeafBodies(Module &M)
{
    SmallVector<Function *, 32> Candidates;
    for (Function &F : M) {
        if (!F.hasExactDefinition() || F.hasFnAttribute(LeafAttribute) || mayGetPolls(F)) continue;
        F.addFnAttr(LeafAttribute);
        Candidates.push_back(&F);
    }
    for (bool Changed = true; Changed;) {
        Changed = false;
        for (Function *&F : Candidates) {
            if (!F || none_of(instructions(*F), mayCollect)) continue;
            F->removeFnAttr(LeafAttribute);
            F = nullptr;
            Changed = true;
        }
    }
    for (const Function *F : Candidates)
        if (F) remark(*F, "NeverCollects", "never collects: calls of it need no safepoint");
}

static void markCallSites(Function &F)
{
    for (Instruction &I : instructions(F)) {
        auto *Call = dyn_cast<CallBase>(&I);
        if (!Call || mayCollect(I)) continue;
        auto *Callee = Call->getCalledFunction();
        if (!Callee || !Callee->isIntrinsic()) Call->addFnAttr(Attribute::get(F.getContext(), LeafAttribute));
    }
}

void markLeafCalls(Module &M)
{
    readLeafAnnotations(M);
    for (Function &F : M)
        if (F.isDeclaration() && knownLeaves().contains(F.getName())) F.addFnAttr(LeafAttribute);
    inferLeafBodies(M);
    for (Function &F : M) markCallSites(F);
}

} // namespace greywave
