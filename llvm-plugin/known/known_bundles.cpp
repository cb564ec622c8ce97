// The operand bundles of LLVM 19 and 22 that are understood at calls in functions that hold references.
//
// llvm.assume takes any: each says of a value what is true where it stands. RewriteStatepointsForGC looks at "deopt", which
// stack_slots.cpp uses, and at two of its own, and drops the others: what they ask for would be lost without a word.
#include "facts/safepoints.h"
#include "known/known_constructs.h"

using namespace llvm;

namespace greywave
{
namespace
{

enum class At { Leaves, NoCall };

struct KnownBundle {
    StringRef Tag;
    At Where;
    const char *Why;
    const char *Refusal = nullptr; // when there is more to say than that the bundle is not known
};

const char OtherState[] = "a call brings the state or the roots of another runtime (deopt, gc-live, gc-transition), for which frame maps "
                          "have no place; keep what it names in variables, and leave the bundle away";

const KnownBundle Known[] = {
    {"clang.arc.attachedcall", At::NoCall, "a second call behind the first"},
    {"cfguardtarget", At::NoCall, "of Windows"},
    {"convergencectrl", At::Leaves, "of other machines"},
    {"deactivation-symbol", At::NoCall, "of other machines"},
    {"deopt", At::NoCall, "lists tracked variables, and nothing else", OtherState},
    {"funclet", At::NoCall, "of Windows", "exception handling by funclets in a function that holds references; use landing pads"},
    {"gc-live", At::NoCall, "RewriteStatepointsForGC makes it", OtherState},
    {"gc-transition", At::NoCall, "code for it comes from no one", OtherState},
    {"kcfi", At::Leaves, "statepoints drop the check",
     "-fsanitize=kcfi would not check this call, which may collect; compile functions that hold references without it"},
    {"preallocated", At::NoCall, "its argument lies in no variable of the frame",
     "a struct is passed in memory that the caller allocates for the call (inalloca, preallocated) where references are held; pass a "
     "pointer to it"},
    {"ptrauth", At::NoCall, "of other machines"},
};

} // namespace

static Problem problemWithBundle(const CallBase &Call, StringRef Tag)
{
    const KnownBundle *Row = find_if(Known, [&](const KnownBundle &K) { return K.Tag == Tag; });
    bool IsKnown = Row != std::end(Known);
    if (IsKnown && (Row->Where == At::Leaves && !isSafepoint(Call))) return "";
    if (IsKnown && Row->Refusal) return Row->Refusal;
    return ("the operand bundle '" + Tag + "' is not known to survive at a call that may collect; leave it away where references are held")
        .str();
}

Problem problemWithBundles(const CallBase &Call)
{
    if (isa<AssumeInst>(Call)) return "";
    for (unsigned I = 0; I < Call.getNumOperandBundles(); I++)
        if (Problem P = problemWithBundle(Call, Call.getOperandBundleAt(I).getTagName()); !P.empty()) return P;
    return "";
}

} // namespace greywave
