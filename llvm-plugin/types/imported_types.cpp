// Types that another module defines and this one repeats (available_externally), so that allocation is inline. LLVM takes their fields away
// at the end of its pipeline, in front of the last pass; a private copy that names the type goes past it.
#include "types/type_constants.h"
#include "types/types.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/Constants.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace greywave
{

static constexpr char CopyOf[] = "greywave.copy.of";

static bool isImported(GlobalVariable &G)
{
    TypeConstant Type(G, 0);
    return G.hasAvailableExternallyLinkage() && G.isConstant() && Type.isWhole() && Type.isPlain();
}

static GlobalVariable *copy(GlobalVariable &G)
{
    auto *Made = new GlobalVariable(*G.getParent(), G.getValueType(), /*isConstant=*/true, GlobalValue::PrivateLinkage, G.getInitializer(),
                                    "greywave.imported");
    Made->setAlignment(G.getAlign());
    Made->setMetadata(CopyOf, MDNode::get(G.getContext(), ConstantAsMetadata::get(&G)));
    return Made;
}

void keepImportedTypes(Module &M)
{
    SmallVector<GlobalVariable *, 8> Imported;
    for (GlobalVariable &G : M.globals())
        if (isImported(G)) Imported.push_back(&G);
    SmallVector<GlobalValue *, 8> Copies;
    for (GlobalVariable *G : Imported) Copies.push_back(copy(*G));
    if (!Copies.empty()) appendToCompilerUsed(M, Copies);
}

// ---- Behind LLVM's pipeline -----------------------------------------------------------------------------------------

static SmallVector<GlobalVariable *, 8> copiesIn(Module &M)
{
    SmallVector<GlobalVariable *, 8> Copies;
    for (GlobalVariable &G : M.globals())
        if (G.hasMetadata(CopyOf)) Copies.push_back(&G);
    return Copies;
}

// Null where nothing uses it any more.
static GlobalVariable *originalOf(const GlobalVariable &Copy)
{
    return mdconst::dyn_extract_or_null<GlobalVariable>(Copy.getMetadata(CopyOf)->getOperand(0));
}

void restoreImportedTypes(Module &M)
{
    for (GlobalVariable *Copy : copiesIn(M)) {
        GlobalVariable *G = originalOf(*Copy);
        if (!G || G->hasInitializer() || G->getValueType() != Copy->getValueType()) continue;
        G->setInitializer(Copy->getInitializer());
        G->setLinkage(GlobalValue::AvailableExternallyLinkage);
    }
}

static void dropUnused(Constant &Part)
{
    auto *G = dyn_cast<GlobalVariable>(&Part);
    if (!G || !G->hasLocalLinkage()) return;
    G->removeDeadConstantUsers();
    if (G->use_empty()) G->eraseFromParent();
}

static void dropFields(GlobalVariable &G)
{
    SmallSetVector<Constant *, 8> Parts;
    for (Use &U : G.getInitializer()->operands()) Parts.insert(cast<Constant>(U.get()));
    G.setInitializer(nullptr);
    for (Constant *Part : Parts) dropUnused(*Part);
}

void dropImportedTypes(Module &M)
{
    SmallVector<GlobalVariable *, 8> Copies = copiesIn(M);
    removeFromUsedLists(M, [&](Constant *C) { return is_contained(Copies, C->stripPointerCasts()); });
    for (GlobalVariable *Copy : Copies) {
        GlobalVariable *G = originalOf(*Copy);
        if (G && G->hasAvailableExternallyLinkage()) {
            G->setLinkage(GlobalValue::ExternalLinkage);
            G->setInitializer(nullptr);
        }
        dropFields(*Copy);
        Copy->eraseFromParent();
    }
}

} // namespace greywave
