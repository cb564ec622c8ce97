// Which functions are managed: those that hold references. They get `gc "greywave"`; every function of a module with
// references gets unwind tables, since a frame without them would end the walk over the stack.
#include "facts/facts.h"
#include "facts/reference_types.h"

using namespace llvm;

namespace greywave
{

bool hasReferenceByValue(const AttributeList &Attributes, unsigned Count)
{
    for (unsigned I = 0; I < Count; I++)
        for (Attribute::AttrKind Kind : {Attribute::ByVal, Attribute::InAlloca, Attribute::Preallocated}) {
            Attribute A = Attributes.getParamAttr(I, Kind);
            if (A.isValid() && A.getValueAsType() && containsReference(A.getValueAsType())) return true;
        }
    return false;
}

static bool holdsReferences(const Instruction &I)
{
    if (auto *Call = dyn_cast<CallBase>(&I))
        if (hasReferenceByValue(Call->getAttributes(), Call->arg_size())) return true;
    if (containsReference(I.getType())) return true;
    if (auto *Slot = dyn_cast<AllocaInst>(&I))
        if (containsReference(Slot->getAllocatedType())) return true;
    return any_of(I.operands(), [](const Use &U) { return containsReference(U->getType()); });
}

bool holdsReferences(const Function &F)
{
    if (F.isDeclaration()) return false;
    if (hasReferenceByValue(F.getAttributes(), F.arg_size())) return true;
    if (any_of(F.args(), [](const Argument &A) { return containsReference(A.getType()); })) return true;
    return any_of(instructions(F), [](const Instruction &I) { return holdsReferences(I); });
}

bool moduleHoldsReferences(const Module &M)
{
    for (const GlobalVariable &G : M.globals()) {
        if (isReference(G.getType()) || containsReference(G.getValueType())) return true;
        if (G.getName().starts_with("gw_layout_") || G.getName().contains(".gw_layout_")) return true;
    }
    return any_of(M, [](const Function &F) { return isManaged(F) || holdsReferences(F); });
}

bool mayBeLibrarys(const Function &F)
{
    return F.isDeclaration() && !containsReference(F.getFunctionType()->getReturnType()) &&
           none_of(F.getFunctionType()->params(), containsReference);
}

void markManagedFunctions(Module &M)
{
    for (Function &F : M) {
        if (F.isDeclaration()) {
            if (isManaged(F)) F.clearGC(); // imported for inlining by link-time optimisation, and its body gone again
            continue;
        }
        if (F.getUWTableKind() == UWTableKind::None) F.setUWTableKind(UWTableKind::Default);
        if (!F.hasGC() && holdsReferences(F)) F.setGC("greywave");
    }
    // Functions that later passes and code generation add follow the module flag.
    if (M.getUwtable() == UWTableKind::None) M.setUwtable(UWTableKind::Default);
}

} // namespace greywave
