// A search back from the pointer that is called. Nothing here depends on what the optimiser has done.
#include "constructs/callees.h"
#include "constructs/variables.h"
#include "llvm/Analysis/ConstantFolding.h"
#include "llvm/Analysis/ValueTracking.h"

using namespace llvm;

namespace greywave
{

// Searches this far. What lies behind is unknown.
static constexpr size_t MostValues = 64;

namespace
{

class Callees
{
  public:
    explicit Callees(const DataLayout &DL) : DL(DL) {}
    /// Returns whether all functions that V may be are in `Found`.
    bool follow(const Value *V);

    SmallSetVector<const Function *, 4> Found;

  private:
    bool followArgument(const Argument &A);
    bool followLoad(const LoadInst &Load);
    bool followTable(const Constant &Part);
    bool followVariable(const Value &Variable);

    const DataLayout &DL;
    SmallPtrSet<const Value *, 16> Seen;
};

} // namespace

bool Callees::followArgument(const Argument &A)
{
    const Function &F = *A.getParent();
    if (!F.hasLocalLinkage() || F.use_empty()) return false;
    return all_of(F.uses(), [&](const Use &U) {
        auto *Call = dyn_cast<CallBase>(U.getUser());
        return Call && Call->isCallee(&U) && A.getArgNo() < Call->arg_size() && follow(Call->getArgOperand(A.getArgNo()));
    });
}

bool Callees::followVariable(const Value &Variable)
{
    return all_of(Variable.users(), [&](const User *U) {
        auto *Store = dyn_cast<StoreInst>(U);
        return Store ? Store->getPointerOperand() == &Variable && follow(Store->getValueOperand())
                     : isa<LoadInst>(U) || cast<Instruction>(U)->isLifetimeStartOrEnd();
    });
}

// Of a table of whatever structs, with an index that is not known: any function in it. Data is not called.
bool Callees::followTable(const Constant &Part)
{
    if (Part.getType()->isPointerTy()) return isa<GlobalVariable>(getUnderlyingObject(&Part)) || follow(&Part);
    return isa<ConstantData>(Part) ||
           (isa<ConstantAggregate>(Part) && all_of(Part.operands(), [&](const Use &U) { return followTable(*cast<Constant>(U.get())); }));
}

bool Callees::followLoad(const LoadInst &Load)
{
    const Value *From = Load.getPointerOperand();
    if (auto *Constant = dyn_cast<llvm::Constant>(From)) {
        llvm::Constant *Value = ConstantFoldLoadFromConstPtr(const_cast<llvm::Constant *>(Constant), Load.getType(), DL);
        if (Value) return follow(Value);
        auto *Global = dyn_cast<GlobalVariable>(From);
        bool IsOurs = Global && Global->hasLocalLinkage() && Global->hasInitializer() &&
                      all_of(Global->users(), [](const User *U) { return isa<Instruction>(U); });
        return IsOurs && follow(Global->getInitializer()) && followVariable(*Global);
    }
    auto *Table = dyn_cast<GlobalVariable>(getUnderlyingObject(From));
    if (Table && Table->isConstant() && Table->hasDefinitiveInitializer()) return followTable(*Table->getInitializer());
    return isPlainVariable(From) && followVariable(*From);
}

// Null is not called.
bool Callees::follow(const Value *V)
{
    V = V->stripPointerCasts();
    if (auto *Alias = dyn_cast<GlobalAlias>(V)) return !Alias->isInterposable() && follow(Alias->getAliasee());
    if (isa<ConstantPointerNull>(V) || isa<UndefValue>(V) || Seen.contains(V)) return true;
    if (Seen.size() >= MostValues) return false;
    Seen.insert(V);
    if (auto *F = dyn_cast<Function>(V)) {
        Found.insert(F);
        return true;
    }
    if (auto *A = dyn_cast<Argument>(V)) return followArgument(*A);
    if (auto *Load = dyn_cast<LoadInst>(V)) return followLoad(*Load);
    if (auto *Choice = dyn_cast<SelectInst>(V)) return follow(Choice->getTrueValue()) && follow(Choice->getFalseValue());
    auto *Choice = dyn_cast<PHINode>(V);
    return Choice && all_of(Choice->incoming_values(), [&](const Use &U) { return follow(U.get()); });
}

SmallVector<const Function *, 4> calleesOf(const CallBase &Call)
{
    Callees All(Call.getModule()->getDataLayout());
    if (!All.follow(Call.getCalledOperand())) return {};
    SmallVector<const Function *, 4> Sorted(All.Found.begin(), All.Found.end());
    if (Sorted.size() < 2) return Sorted;
    SmallVector<const Function *, 4> InOrder;
    for (const Function &F : *Call.getModule())
        if (All.Found.contains(&F)) InOrder.push_back(&F);
    return InOrder;
}

void eachPassed(const Argument &A, function_ref<void(const Use &)> Visit)
{
    for (const Use &Caller : A.getParent()->uses())
        if (auto *Call = dyn_cast<CallBase>(Caller.getUser()); Call && Call->isCallee(&Caller) && A.getArgNo() < Call->arg_size())
            Visit(Call->getArgOperandUse(A.getArgNo()));
}

} // namespace greywave
