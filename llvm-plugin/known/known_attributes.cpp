// The attributes of LLVM 19 and 22, of functions, calls, parameters and results, that are understood where references are held.
//
// Those that have a kind are listed in full. Attributes that are text are open to every frontend, and mean nothing to LLVM but for
// few: of these the ones that change calls and frames are listed.
#include "facts/facts.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "known/known_constructs.h"

using namespace llvm;

namespace greywave
{
namespace
{

enum class Admitted {
    Anywhere,
    OffReferences, // not of a parameter or result that is a reference
    Nowhere,
};

struct KnownAttribute {
    StringRef Name;
    Admitted Where;
    const char *Why;
    const char *Refusal = nullptr; // when there is more to say than that the attribute is not known
};

const char InAllocated[] = "a struct is passed in memory that the caller allocates for the call (inalloca, preallocated) where references "
                           "are held; pass a pointer to it";
const char SwiftError[] = "an error result of Swift's calling convention (swifterror) where references are held: a safepoint loses it; "
                          "return the error, or store it through a pointer";
const char Setjmp[] =
    "a function that returns twice, as setjmp does, holds references: its saved roots would not be updated; use plain pointers there";
const char ReturnsTwice[] = " returns twice, and is called in a function that holds references: only setjmp, its kin of the C library and "
                            "getcontext are known not to collect themselves; call it in a function of its own that holds none";
const char SafeStack[] = "-fsanitize=safe-stack moves variables with references to a second stack, where the collector does not look; "
                         "compile without it";
const char Hardened[] = "speculative load hardening puts code between a call and the address that its frame map names; compile "
                        "functions that hold references without -mspeculative-load-hardening";
const char Coroutine[] = "coroutines cannot hold references yet; use an ordinary function";
const char Naked[] = "a naked function holds references; use plain pointers there";
const char StructInObject[] = "a struct is passed or returned by the address of a collected object (byval, byref, sret), which moves; "
                              "copy it from or to a variable";
const char OtherCollector[] = "a call says how another collector's statepoint is to be made (statepoint-id, deopt-lowering and the "
                              "like); leave that to greywave";
const char RestoredResult[] = "a function that keeps its caller's registers (no_caller_saved_registers) returns a result, over which LLVM "
                              "restores what was in its register where it does not optimise; give the result back through a pointer";
const char Streaming[] = "SME's modes and matrices in a function that holds references; use them in a function of its own";
const char Tagged[] = "the sanitizer keeps marks in the bits of pointers or beside them, which do not move with an object; compile "
                      "files that hold references without it";

constexpr Admitted Anywhere = Admitted::Anywhere, OffReferences = Admitted::OffReferences, Nowhere = Admitted::Nowhere;

// clang-format off: a table
const KnownAttribute Known[] = {
    // ---- how an argument or a result is passed
    {"inreg", Anywhere, "in another register"},
    {"nest", Anywhere, "in another register"},
    {"signext", Anywhere, "of numbers"}, {"zeroext", Anywhere, "of numbers"}, {"noext", Anywhere, "of numbers"},
    {"alignstack", Anywhere, "where it lies on the stack"},
    {"swiftself", Anywhere, "in another register"},
    {"byval", OffReferences, "copies.cpp copies it on entry", StructInObject},
    {"byref", OffReferences, "a plain pointer", StructInObject},
    {"sret", OffReferences, "a plain pointer to a variable", StructInObject},
    {"returned", Anywhere, "the same object; dropped where statepoints cannot say it"},
    {"inalloca", Nowhere, "lies in no variable of the frame", InAllocated},
    {"preallocated", Nowhere, "lies in no variable of the frame", InAllocated},
    {"swifterror", Nowhere, "lives in a register across calls, which statepoints do not know", SwiftError},
    {"swiftasync", Nowhere, "frames on the heap have no maps", Coroutine},
    {"elementtype", Anywhere, "of intrinsics and assembler"}, {"immarg", Anywhere, "of intrinsics"},
    // ---- what is true of a value or the memory behind it: RewriteStatepointsForGC drops what a safepoint would make untrue
    {"align", Anywhere, "true of the object wherever it is"}, {"noalias", Anywhere, "dropped at safepoints"},
    {"nonnull", Anywhere, "true"}, {"noundef", Anywhere, "true"}, {"range", Anywhere, "of numbers"},
    {"nofpclass", Anywhere, "of numbers"}, {"dereferenceable", Anywhere, "dropped at safepoints"},
    {"dereferenceable_or_null", Anywhere, "dropped at safepoints"}, {"captures", Anywhere, "moves are no captures"},
    {"nocapture", Anywhere, "moves are no captures"}, {"nofree", Anywhere, "dropped at safepoints"},
    {"readonly", Anywhere, "what the callee does"}, {"readnone", Anywhere, "what the callee does"},
    {"writeonly", Anywhere, "what the callee does"}, {"writable", Anywhere, "true"}, {"initializes", Anywhere, "what the callee does"},
    {"dead_on_unwind", Anywhere, "true"}, {"dead_on_return", Anywhere, "true"}, {"allocptr", Anywhere, "of allocators"},
    {"allocalign", Anywhere, "of allocators"}, {"allocsize", Anywhere, "of allocators"}, {"allockind", Anywhere, "of allocators"},
    // ---- what a function does; a call declared to write nothing may still collect, see addresses.cpp
    {"memory", Anywhere, "collecting is no effect that another call would see"}, {"nocallback", Anywhere, "not relied on"},
    {"nosync", Anywhere, "dropped at safepoints"}, {"nounwind", Anywhere, "true"}, {"noreturn", Anywhere, "true"},
    {"willreturn", Anywhere, "true"}, {"mustprogress", Anywhere, "true"}, {"norecurse", Anywhere, "true"},
    {"speculatable", Anywhere, "true of the program"}, {"convergent", Anywhere, "moves less"}, {"noduplicate", Anywhere, "moves less"},
    {"nodivergencesource", Anywhere, "of other machines"}, {"nocreateundeforpoison", Anywhere, "of values"},
    {"returns_twice", Nowhere, "saves registers that no map describes", Setjmp},
    // ---- how it is compiled
    {"alwaysinline", Anywhere, "no frame"}, {"noinline", Anywhere, "a frame"}, {"inlinehint", Anywhere, "a hint"},
    {"builtin", Anywhere, "a hint"}, {"nobuiltin", Anywhere, "a hint"}, {"cold", Anywhere, "a hint"}, {"hot", Anywhere, "a hint"},
    {"jumptable", Anywhere, "a hint"}, {"minsize", Anywhere, "a hint"}, {"optsize", Anywhere, "a hint"}, {"optnone", Anywhere, "a hint"},
    {"optdebug", Anywhere, "a hint"}, {"optforfuzzing", Anywhere, "a hint"}, {"nomerge", Anywhere, "a hint"},
    {"noimplicitfloat", Anywhere, "fewer registers"}, {"strictfp", Anywhere, "of numbers"}, {"nonlazybind", Anywhere, "how it is called"},
    {"noredzone", Anywhere, "a frame as others"}, {"null_pointer_is_valid", Anywhere, "of native memory"},
    {"ssp", Anywhere, "a word more in the frame"}, {"sspreq", Anywhere, "the same"}, {"sspstrong", Anywhere, "the same"},
    {"uwtable", Anywhere, "set for every function"}, {"vscale_range", Anywhere, "map_printer.cpp refuses such vectors in frames"}, {"noprofile", Anywhere, "a hint"},
    {"skipprofile", Anywhere, "a hint"}, {"nocf_check", Anywhere, "a hint"}, {"fn_ret_thunk_extern", Anywhere, "how it returns"},
    {"shadowcallstack", Anywhere, "return addresses stay where they are as well"}, {"nosanitize_bounds", Anywhere, "none of its checks"},
    {"nosanitize_coverage", Anywhere, "none of its checks"}, {"disable_sanitizer_instrumentation", Anywhere, "none of its checks"},
    {"sanitize_address", Anywhere, "stack_slots.cpp keeps variables with references out of its frames"},
    {"sanitize_thread", Anywhere, "calls that never collect"}, {"sanitize_alloc_token", Anywhere, "of native memory"},
    {"sanitize_realtime", Anywhere, "calls that never collect"}, {"sanitize_realtime_blocking", Anywhere, "calls that never collect"},
    {"sanitize_memory", Nowhere, "its marks do not move", Tagged}, {"sanitize_hwaddress", Nowhere, "its marks do not move", Tagged},
    {"sanitize_memtag", Nowhere, "its marks do not move", Tagged}, {"sanitize_type", Nowhere, "its marks do not move", Tagged},
    {"sanitize_numerical_stability", Nowhere, "its marks do not move", Tagged},
    {"safestack", Nowhere, "a second stack", SafeStack}, {"speculative_load_hardening", Nowhere, "moves calls' labels", Hardened},
    {"naked", Nowhere, "has no frame", Naked}, {"presplitcoroutine", Nowhere, "frames on the heap have no maps", Coroutine},
    {"coro_only_destroy_when_complete", Nowhere, "frames on the heap have no maps", Coroutine},
    {"coro_elide_safe", Nowhere, "frames on the heap have no maps", Coroutine},
    // ---- text
    {"statepoint-id", Nowhere, "RewriteStatepointsForGC would obey", OtherCollector},
    {"statepoint-num-patch-bytes", Nowhere, "RewriteStatepointsForGC would leave room in the call's place", OtherCollector},
    {"deopt-lowering", Nowhere, "RewriteStatepointsForGC would keep variables in registers", OtherCollector},
    {"aarch64_pstate_sm_enabled", Nowhere, "another frame", Streaming}, {"aarch64_pstate_sm_compatible", Nowhere, "another frame", Streaming},
    {"aarch64_pstate_sm_body", Nowhere, "another frame", Streaming}, {"aarch64_new_za", Nowhere, "another frame", Streaming},
    {"aarch64_in_za", Nowhere, "another frame", Streaming}, {"aarch64_out_za", Nowhere, "another frame", Streaming},
    {"aarch64_inout_za", Nowhere, "another frame", Streaming}, {"aarch64_preserves_za", Nowhere, "another frame", Streaming},
    {"aarch64_new_zt0", Nowhere, "another frame", Streaming}, {"aarch64_in_zt0", Nowhere, "another frame", Streaming},
    {"aarch64_out_zt0", Nowhere, "another frame", Streaming}, {"aarch64_inout_zt0", Nowhere, "another frame", Streaming},
    {"aarch64_preserves_zt0", Nowhere, "another frame", Streaming}, {"aarch64_za_state_agnostic", Nowhere, "another frame", Streaming},
    {"split-stack", Nowhere, "a stack in pieces", "stacks in pieces (-fsplit-stack) cannot be walked; compile without them"},
};
// clang-format on

} // namespace

static const KnownAttribute *rowOf(StringRef Name)
{
    const KnownAttribute *Row = find_if(Known, [&](const KnownAttribute &K) { return K.Name == Name; });
    return Row == std::end(Known) ? nullptr : Row;
}

static StringRef nameOf(Attribute A)
{
    return A.isStringAttribute() ? A.getKindAsString() : Attribute::getNameFromAttrKind(A.getKindAsEnum());
}

// `T` is the type of the parameter or result, or null for those of the function.
static Problem problemWithSet(AttributeSet Set, const Type *T)
{
    for (Attribute A : Set) {
        const KnownAttribute *Row = rowOf(nameOf(A));
        if (!Row && A.isStringAttribute()) continue;
        if (Row && (Row->Where == Anywhere || (Row->Where == OffReferences && !(T && containsReference(T))))) continue;
        if (Row && Row->Refusal) return Row->Refusal;
        return ("the attribute '" + nameOf(A) +
                "' is not known to leave frames and references as they are; leave it away where "
                "references are held")
            .str();
    }
    return "";
}

static const StringRef SecondReturns[] = {"setjmp", "_setjmp", "sigsetjmp", "__sigsetjmp", "savectx", "vfork", "getcontext"};

// The program's own function by such a name returns once, whatever the frontend takes it for, if it is written in C.
static void forgetSecondReturn(Function &F)
{
    auto DoesMore = [](const Instruction &I) { return returnsTwice(I) || (isa<CallBase>(I) && cast<CallBase>(I).isInlineAsm()); };
    if (F.hasFnAttribute(Attribute::Naked) || any_of(instructions(F), DoesMore)) return;
    F.removeFnAttr(Attribute::ReturnsTwice);
    for (User *U : F.users())
        if (auto *Call = dyn_cast<CallBase>(U); Call && Call->getCalledFunction() == &F) Call->removeFnAttr(Attribute::ReturnsTwice);
}

// Frontends know some of these, not the same in every version: clang 19 does not know getcontext.
void markReturningTwice(Module &M)
{
    for (StringRef Name : SecondReturns)
        if (Function *F = M.getFunction(Name)) {
            if (mayBeLibrarys(*F)) F->addFnAttr(Attribute::ReturnsTwice);
            else forgetSecondReturn(*F);
        }
    for (Function &F : M)
        for (Instruction &I : instructions(F))
            if (auto *Call = dyn_cast<IntrinsicInst>(&I); Call && Call->getIntrinsicID() == Intrinsic::eh_sjlj_setjmp)
                Call->addFnAttr(Attribute::ReturnsTwice);
}

static Problem problemWithSecondReturn(const CallBase &Call)
{
    const Function *Callee = Call.getCalledFunction();
    if (Callee && (Callee->isIntrinsic() || (Callee->isDeclaration() && is_contained(SecondReturns, Callee->getName())))) return "";
    std::string Name = Callee ? ("'" + Callee->getName() + "'").str() : "a function called by pointer";
    return Name + ReturnsTwice;
}

// What is on the call counts, and what is on the callee.
Problem problemWithAttributes(const CallBase &Call)
{
    const Function *Callee = Call.getCalledFunction();
    for (AttributeList List : {Call.getAttributes(), Callee ? Callee->getAttributes() : AttributeList()}) {
        Problem P = problemWithSet(List.getRetAttrs(), Call.getType());
        for (unsigned I = 0; I < Call.arg_size() && P.empty(); I++)
            P = problemWithSet(List.getParamAttrs(I), Call.getArgOperand(I)->getType());
        if (!P.empty()) return P;
    }
    if (returnsTwice(Call)) return problemWithSecondReturn(Call);
    return problemWithSet(Call.getAttributes().getFnAttrs(), nullptr);
}

Problem problemWithAttributes(const Function &F)
{
    if (F.hasFnAttribute("no_caller_saved_registers") && !F.getReturnType()->isVoidTy())
        return RestoredResult; // seen with 19.1.7 and 22.1.8
    Problem P = problemWithSet(F.getAttributes().getFnAttrs(), nullptr);
    for (unsigned I = 0; I < F.arg_size() && P.empty(); I++) P = problemWithSet(F.getAttributes().getParamAttrs(I), F.getArg(I)->getType());
    return P;
}

// The callee returns the very argument. A statepoint returns a token, so it cannot say so.
void dropInferredAttributes(Function &F)
{
    for (Instruction &I : instructions(F)) {
        auto *Call = dyn_cast<CallBase>(&I);
        if (!Call || !isSafepoint(I)) continue;
        for (unsigned N = 0; N < Call->arg_size(); N++) Call->removeParamAttr(N, Attribute::Returned);
    }
}

} // namespace greywave
