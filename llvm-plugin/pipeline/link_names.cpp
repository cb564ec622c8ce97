// No code without its maps: what must not link before both passes have been over it (greywave/names.h).
//
// Calls of the runtime get the names that it exports at the very end. A file's reference to a name that nobody defines goes in
// greywave-prepare; every function is marked there, so that bitcode which never met that pass is known at the link.
#include "pipeline/passes.h"
#include "facts/diagnose.h"
#include "facts/facts.h"
#include "greywave/names.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace greywave
{

static constexpr char Prepared[] = "greywave-prepared";
static constexpr char WantsPasses[] = "gw_this_code_has_not_seen_the_greywave_passes";

static constexpr struct {
    const char *Source, *Object;
} Functions[] = {
#define NAMES(function) {"gw_" #function, "greywave_" #function},
    GW_FUNCTIONS_(NAMES)
#undef NAMES
};

static void replace(GlobalValue &Old, GlobalValue &New)
{
    Old.replaceAllUsesWith(&New);
    Old.eraseFromParent();
}

void useLinkNames(Module &M)
{
    for (const auto &Name : Functions) {
        GlobalValue *Named = M.getNamedValue(Name.Source);
        if (!Named || !Named->isDeclaration()) continue;
        if (GlobalValue *There = M.getNamedValue(Name.Object)) replace(*Named, *There);
        else Named->setName(Name.Object);
    }
}

void dropWish(Module &M)
{
    GlobalVariable *Wish = M.getNamedGlobal(WantsPasses);
    if (!Wish || !Wish->isDeclaration()) return;
    SmallVector<GlobalVariable *, 1> Holders;
    for (User *U : Wish->users())
        if (auto *Holder = dyn_cast<GlobalVariable>(U)) Holders.push_back(Holder);
    removeFromUsedLists(M, [&](Constant *C) { return is_contained(Holders, C); });
    for (GlobalVariable *Holder : Holders) Holder->eraseFromParent();
    if (Wish->use_empty()) Wish->eraseFromParent();
}

void markPrepared(Module &M)
{
    for (Function &F : M)
        if (!F.isDeclaration()) F.addFnAttr(Prepared);
}

void checkPrepared(Module &M, Refusals &Errors)
{
    static const char Remedy[] = "has not seen greywave-prepare: compile it with the plug-in too, or name that pass in front of greywave";
    for (const Function &F : M)
        if (!F.hasFnAttribute(Prepared) && holdsReferences(F)) return Errors.at(F, Twine("this function ") + Remedy);
    if (M.getNamedGlobal(WantsPasses)) Errors.module(Twine("a file that includes greywave.h ") + Remedy);
}

} // namespace greywave
