#include "facts/base_pointers.h"
#include "llvm/IR/Operator.h"

using namespace llvm;

namespace greywave
{

// RewriteStatepointsForGC reads this mark off the phis that it inserts itself.
static void markBase(Instruction &I)
{
    I.setMetadata("is_base_value", MDNode::get(I.getContext(), {}));
}

Value *BasePointers::buildPhi(PHINode &Phi)
{
    PHINode *Base = PHINode::Create(Phi.getType(), Phi.getNumIncomingValues(), Phi.getName() + ".base");
    Base->insertBefore(Phi.getIterator());
    Base->setDebugLoc(Phi.getDebugLoc());
    markBase(*Base);
    Known[&Phi] = Base; // before the inputs: they may lead back here
    Built.push_back(Base);
    for (unsigned I = 0; I < Phi.getNumIncomingValues(); I++) Base->addIncoming(baseOf(Phi.getIncomingValue(I)), Phi.getIncomingBlock(I));
    return Base;
}

Value *BasePointers::buildSelect(SelectInst &Select)
{
    Value *True = baseOf(Select.getTrueValue()), *False = baseOf(Select.getFalseValue());
    if (True == False) return True;
    IRBuilder<> B(&Select);
    Value *Base = B.CreateSelect(Select.getCondition(), True, False, Select.getName() + ".base");
    if (auto *I = dyn_cast<Instruction>(Base)) markBase(*I);
    return Base;
}

Value *BasePointers::buildBase(Value *V)
{
    if (auto *GEP = dyn_cast<GEPOperator>(V)) return baseOf(GEP->getPointerOperand());
    if (isa<BitCastOperator>(V) || isa<FreezeInst>(V)) return baseOf(cast<User>(V)->getOperand(0));
    if (!Interior.mayBe(V)) return V;
    if (auto *Phi = dyn_cast<PHINode>(V)) return buildPhi(*Phi);
    if (auto *Select = dyn_cast<SelectInst>(V)) return buildSelect(*Select);
    return V;
}

Value *BasePointers::baseOf(Value *V)
{
    if (auto It = Known.find(V); It != Known.end()) return It->second;
    Value *Base = buildBase(V);
    Known[V] = Base;
    return Base;
}

void BasePointers::simplify()
{
    Interior = InteriorPointers();
    for (bool Changed = true; Changed;) {
        Changed = false;
        for (WeakTrackingVH &Handle : Built) {
            auto *Phi = dyn_cast_or_null<PHINode>(static_cast<Value *>(Handle));
            Value *Same = Phi ? Phi->hasConstantValue() : nullptr;
            if (!Same || !Phi->getMetadata("is_base_value") || isa<UndefValue>(Same)) continue;
            Handle = nullptr;
            Phi->replaceAllUsesWith(Same);
            Phi->eraseFromParent();
            Changed = true;
        }
    }
}

Value *distanceFrom(Value &Object, Value &Pointer, IRBuilderBase &B)
{
    return B.CreateSub(B.CreatePtrToInt(&Pointer, B.getInt64Ty()), B.CreatePtrToInt(&Object, B.getInt64Ty()), "distance");
}

} // namespace greywave
