// Code that nothing is known of but that it never collects may be given the plain address of an object, and write references through
// it: a function of the program's that takes `void *`, in this file or another, or inline assembler. Its stores have no barrier, so
// the caller announces them: the whole object is recorded where its plain address is taken. No safepoint lies between there and the
// call, or the address would be refused (native_views.cpp). Addresses of which the type says that numbers lie there, and no references
// behind them in the struct, need nothing, nor do functions of the libraries, all of which but two write characters.
#include "constructs/constructs.h"
#include "facts/facts.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "constructs/variables.h"

using namespace llvm;

namespace greywave
{

namespace
{

/// The references of which a call is given the plain address, or the number of one.
class Sources
{
  public:
    explicit Sources(SetVector<Instruction *> &Found) : Found(Found) {}
    void follow(Value *V);

  private:
    SetVector<Instruction *> &Found;
    SmallPtrSet<const Value *, 8> Seen;
};

} // namespace

void Sources::follow(Value *V)
{
    auto *I = dyn_cast<Instruction>(V);
    if (!I || !Seen.insert(I).second) return;
    if (isHiddenAddress(*I) || (isa<AddrSpaceCastInst>(I) && isReference(I->getOperand(0)->getType()))) return void(Found.insert(I));
    if (isa<GetElementPtrInst>(I) || isa<CastInst>(I) || isa<FreezeInst>(I) || isa<BinaryOperator>(I)) follow(I->getOperand(0));
    if (isa<PHINode>(I) || isa<SelectInst>(I))
        for (Value *Operand : I->operands()) follow(Operand);
}

// Whether the bytes that a function copies may come from an object is not known of these alone.
static bool writesCharacters(const Function &Callee)
{
    StringRef Name = Callee.getName();
    return isKnownLeaf(Callee) && Name != "memccpy" && Name != "swab" && !Name.starts_with("__atomic_");
}

static bool mayWriteReferences(const CallBase &Call)
{
    if (isa<IntrinsicInst>(Call) || mayCollect(Call) || !Call.mayWriteToMemory()) return false;
    const Function *Callee = Call.getCalledFunction();
    return !Callee || (!Callee->getName().starts_with("gw.") && !writesCharacters(*Callee));
}

// Assembler may be given the reference itself, or its number.
static void followArguments(CallBase &Call, SetVector<Instruction *> &Views, SetVector<std::pair<Instruction *, Value *>> &Direct)
{
    Sources Given(Views);
    for (unsigned I = 0; I < Call.arg_size(); I++) {
        Value *Argument = Call.getArgOperand(I);
        if (Call.isInlineAsm() && isReference(Argument->getType())) Direct.insert({&Call, Argument});
        else if (Argument->getType()->isPointerTy() ? !Call.onlyReadsMemory(I) : Call.isInlineAsm()) Given.follow(Argument);
    }
}

void announceNativeWrites(Function &F)
{
    SetVector<Instruction *> Views;
    SetVector<std::pair<Instruction *, Value *>> Direct;
    for (Instruction &I : instructions(F))
        if (auto *Call = dyn_cast<CallBase>(&I); Call && mayWriteReferences(*Call)) followArguments(*Call, Views, Direct);
    for (Instruction *View : Views) Direct.insert({View, View->getOperand(0)});
    const DataLayout &DL = F.getParent()->getDataLayout();
    for (auto [Where, Reference] : Direct)
        if (!isa<Constant>(Reference) && (shownAt(Reference, 8, DL) != Shows::Numbers || showsReferencesFrom(Reference, DL)))
            announceWholeObject(*Where, *Reference);
}

} // namespace greywave
