// Which calls never collect. RewriteStatepointsForGC would also believe TargetLibraryInfo, which lists functions that
// call back (qsort); it runs with that turned off, and this file is the only authority:
//   - functions declared GW_NOCOLLECT (an annotation in C, the attribute in IR),
//   - the functions of abi/never_collects.h, the runtime's and the C library's,
//   - functions defined here whose body contains no call that may collect, nor, with polls, a loop.
#include "constructs/constructs.h"
#include "facts/facts.h"
#include "facts/reference_types.h"
#include "facts/remarks.h"
#include "facts/safepoints.h"
#include "fast_paths/fast_paths.h"
#include "abi/never_collects.h"
#include "llvm/ADT/StringSet.h"

using namespace llvm;

namespace greywave
{

static const StringSet<> &knownLeaves()
{
    static const StringSet<> Names = [] {
        StringSet<> Set;
        for (const char *Name : {GW_RUNTIME_NEVER_COLLECTS}) Set.insert(Name);
        for (const char *Name : {GW_LIBRARY_NEVER_COLLECTS}) Set.insert(Name);
        for (const char *Name : {GW_MATH_NEVER_COLLECTS})
            for (const char *Suffix : {"", "f", "l"}) Set.insert((Twine(Name) + Suffix).str());
        return Set;
    }();
    return Names;
}

bool isKnownLeaf(StringRef Name)
{
    return knownLeaves().contains(Name);
}

// clang declares these by the types of the call that it meets first, GW pointers among them.
static bool isDeclaredByItsCalls(StringRef Name)
{
    // clang-format off: a list
    static const StringSet<> Known = {
        "memchr", "memcmp", "memcpy", "memmove", "memset", "mempcpy", "memccpy", "bcmp", "bcopy", "bzero", "stpcpy", "stpncpy",
        "strcasecmp", "strcat", "strchr", "strcmp", "strcpy", "strcspn", "strdup", "strlen", "strncasecmp", "strncat", "strncmp",
        "strncpy", "strndup", "strpbrk", "strrchr", "strspn", "strstr", "strtok", "strxfrm", "wmemcpy", "wmemmove", "wcslen", "wcscmp",
        "wcsncmp", "wcschr", "wmemchr", "wmemcmp", "strtol", "strtoll", "strtoul", "strtoull", "strtod", "strtof", "strtold",
        "realloc", "free", "printf", "sprintf", "snprintf", "vprintf", "vsprintf", "vsnprintf", "scanf", "sscanf", "vscanf", "vsscanf",
        "fprintf", "vfprintf", "fscanf", "vfscanf", "fopen", "fread", "fwrite", "frexp", "frexpf", "frexpl", "modf", "modff", "modfl",
        "remquo", "remquof", "remquol", "sincos", "sincosf", "sincosl", "nan", "nanf", "nanl"};
    // clang-format on
    return Known.contains(Name) || (Name.starts_with("__") && Name.ends_with("_chk"));
}

// The program may have a function of its own by a name of POSIX: it is known by the references in its type.
static bool isTheProgramsOwn(const Function &F)
{
    if (F.getName().starts_with("gw_") || !F.isDeclaration() || mayBeLibrarys(F)) return false;
    return containsReference(F.getReturnType()) || !isDeclaredByItsCalls(F.getName());
}

bool isKnownLeaf(const Function &F)
{
    return (F.isDeclaration() || F.hasAvailableExternallyLinkage()) && isKnownLeaf(F.getName()) && !isTheProgramsOwn(F);
}

static StringRef annotation(const Constant *Entry)
{
    auto *Text = dyn_cast<GlobalVariable>(Entry->getAggregateElement(1u)->stripPointerCasts());
    auto *Data = Text && Text->hasInitializer() ? dyn_cast<ConstantDataArray>(Text->getInitializer()) : nullptr;
    return Data && Data->isCString() ? Data->getAsCString() : StringRef();
}

static void readAnnotation(const Constant *Entry)
{
    auto *F = dyn_cast<Function>(Entry->getAggregateElement(0u)->stripPointerCasts());
    for (const char *Known : {LeafAttribute, BlockingAttribute})
        if (F && annotation(Entry) == Known) F->addFnAttr(Known);
}

void readAnnotations(Module &M)
{
    GlobalVariable *Annotations = M.getNamedGlobal("llvm.global.annotations");
    if (!Annotations || !Annotations->hasInitializer()) return;
    auto *Entries = dyn_cast<ConstantArray>(Annotations->getInitializer());
    if (!Entries) return;
    for (const Use &Entry : Entries->operands()) readAnnotation(cast<Constant>(Entry));
}

// In a shared library another image's function of the same name may be called instead.
static bool isTheBodyThatRuns(const Function &F)
{
    bool Shared = F.getParent()->getPICLevel() != PICLevel::NotPIC && F.getParent()->getPIELevel() == PIELevel::Default;
    return F.hasExactDefinition() && (F.isDSOLocal() || !Shared);
}

// -finstrument-functions puts calls there once the program has been judged.
static bool getsHooks(const Function &F)
{
    return F.hasFnAttribute("instrument-function-entry") || F.hasFnAttribute("instrument-function-exit");
}

// A body that calls nothing that may collect is a leaf, as long as it is the body that will run. Optimistic, so that leaves
// that call each other in a cycle are found too.
static void inferLeafBodies(Module &M)
{
    SmallVector<Function *, 32> Candidates;
    for (Function &F : M) {
        if (!isTheBodyThatRuns(F) || F.hasFnAttribute(LeafAttribute) || mayGetPolls(F) || getsHooks(F)) continue;
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
    readAnnotations(M);
    for (Function &F : M)
        if (isKnownLeaf(F)) F.addFnAttr(LeafAttribute);
    inferLeafBodies(M);
    for (Function &F : M) markCallSites(F);
}

} // namespace greywave
