// A search back from the pointer that is called. Nothing here depends on what the optimiser has done.
#include "constructs/callees.h"
#include "constructs/variables.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/InstIterator.h"
#include <numeric>

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
    bool followVariable(const Value &Variable);
    bool followTableAt(const Value &Pointer, Distance Way);
    bool followTable(const Value &Table, const Distance &Way);
    bool followEntries(const Constant &Part, int64_t At, const Distance &Way);
    bool followFillings(const Value &Address, const Distance &Way);
    bool followFilling(const Use &Filled, const Distance &Way);
    bool followCopy(const MemTransferInst &Copy, const Distance &Way);
    bool isNewTable(const Value &Table, const Distance &Way);

    const DataLayout &DL;
    SmallPtrSet<const Value *, 16> Seen;
    DenseSet<std::tuple<const Value *, int64_t, uint64_t>> SeenTables;
};

} // namespace

// What all callers pass, where they are known.
static bool allPassed(const Argument &A, function_ref<bool(const Value &)> Holds)
{
    const Function &F = *A.getParent();
    if (!F.hasLocalLinkage() || F.use_empty()) return false;
    return all_of(F.uses(), [&](const Use &U) {
        auto *Call = dyn_cast<CallBase>(U.getUser());
        return Call && Call->isCallee(&U) && A.getArgNo() < Call->arg_size() && Holds(*Call->getArgOperand(A.getArgNo()));
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

// ---- Tables: variables with a function at the place that is read, or at each of many ----------------------------------

static constexpr int64_t PointerBytes = 8;

// Whether so many bytes at one distance may be part of a pointer at another.
static bool mayMeet(const Distance &Written, int64_t Bytes, const Distance &Read)
{
    int64_t Step = int64_t(std::gcd(Written.Step, Read.Step)), Behind = Read.Bytes - Written.Bytes;
    if (!Step) return Behind < Bytes && Behind > -PointerBytes;
    Behind = (Behind % Step + Step) % Step;
    return Behind < Bytes || Behind + PointerBytes > Step;
}

// Data is not called.
bool Callees::followEntries(const Constant &Part, int64_t At, const Distance &Way)
{
    if (isa<ConstantData>(Part)) return true;
    if (isa<ConstantAggregate>(Part)) {
        auto *Struct = dyn_cast<StructType>(Part.getType());
        return all_of(Part.operands(), [&](const Use &U) {
            uint64_t Before = Struct ? uint64_t(DL.getStructLayout(Struct)->getElementOffset(U.getOperandNo()))
                                     : U.getOperandNo() * uint64_t(DL.getTypeAllocSize(U->getType()));
            return followEntries(*cast<Constant>(U.get()), At + int64_t(Before), Way);
        });
    }
    if (!mayMeet({At, 0}, int64_t(bytesOf(Part.getType(), DL)), Way)) return true;
    return Part.getType()->isPointerTy() && (isa<GlobalVariable>(getUnderlyingObject(&Part)) || follow(&Part));
}

// As a local table is set up. Where the copy begins is known, or else nothing is.
bool Callees::followCopy(const MemTransferInst &Copy, const Distance &Way)
{
    Distance To;
    goBack(Copy.getRawDest(), DL, To);
    uint64_t Bytes = bytesOf(Copy);
    if (Bytes != UINT64_MAX && !mayMeet(To, int64_t(Bytes), Way)) return true;
    return !To.Step && followTableAt(*Copy.getRawSource(), {Way.Bytes - To.Bytes, Way.Step});
}

bool Callees::followFilling(const Use &Filled, const Distance &Way)
{
    const User *U = Filled.getUser();
    if (isa<GEPOperator>(U)) return followFillings(*U, Way);
    auto *I = dyn_cast<Instruction>(U);
    if (!I) return false;
    if (isa<LoadInst>(I) || isa<CmpInst>(I) || I->isLifetimeStartOrEnd()) return true;
    if (auto *Copy = dyn_cast<MemTransferInst>(I)) return Filled.get() != Copy->getRawDest() || followCopy(*Copy, Way);
    auto *Store = dyn_cast<StoreInst>(I);
    if (!Store || Filled.getOperandNo() != Store->getPointerOperandIndex()) return false;
    Distance To;
    goBack(Store->getPointerOperand(), DL, To);
    const Value *Stored = Store->getValueOperand();
    if (!mayMeet(To, int64_t(bytesOf(Stored->getType(), DL)), Way)) return true;
    return Stored->getType()->isPointerTy() && follow(Stored);
}

bool Callees::followFillings(const Value &Address, const Distance &Way)
{
    return all_of(Address.uses(), [&](const Use &U) { return followFilling(U, Way); });
}

bool Callees::isNewTable(const Value &Table, const Distance &Way)
{
    return SeenTables.insert({&Table, Way.Bytes, Way.Step}).second;
}

bool Callees::followTable(const Value &Table, const Distance &Way)
{
    if (SeenTables.size() >= MostValues) return false;
    if (!isNewTable(Table, Way)) return true;
    if (auto *Global = dyn_cast<GlobalVariable>(&Table)) {
        if (!Global->hasDefinitiveInitializer()) return false;
        bool IsSeen = Global->isConstant() || (Global->hasLocalLinkage() && followFillings(*Global, Way));
        return IsSeen && followEntries(*Global->getInitializer(), 0, Way);
    }
    if (isa<AllocaInst>(Table)) return followFillings(Table, Way);
    if (auto *A = dyn_cast<Argument>(&Table))
        return !A->hasPassPointeeByValueCopyAttr() && allPassed(*A, [&](const Value &Passed) { return followTableAt(Passed, Way); });
    if (auto *Choice = dyn_cast<SelectInst>(&Table))
        return followTableAt(*Choice->getTrueValue(), Way) && followTableAt(*Choice->getFalseValue(), Way);
    auto *Load = dyn_cast<LoadInst>(&Table);
    return Load && isPlainVariable(Load->getPointerOperand()) && all_of(Load->getPointerOperand()->users(), [&](const User *U) {
               auto *Store = dyn_cast<StoreInst>(U);
               return !Store || followTableAt(*Store->getValueOperand(), Way);
           });
}

bool Callees::followTableAt(const Value &Pointer, Distance Way)
{
    const Value *Table = goBack(&Pointer, DL, Way);
    return followTable(*Table, Way);
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
    if (auto *A = dyn_cast<Argument>(V)) return allPassed(*A, [&](const Value &Passed) { return follow(&Passed); });
    if (auto *Load = dyn_cast<LoadInst>(V)) {
        const Value *From = Load->getPointerOperand();
        return isPlainVariable(From) ? followVariable(*From) : followTableAt(*From, Distance());
    }
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

// By an alias, too, a function is called by another name than its own.
void CallsByPointer::find(const Module &M)
{
    for (const Function &F : M)
        for (const Instruction &I : instructions(F)) {
            auto *Call = dyn_cast<CallBase>(&I);
            if (!Call || Call->isInlineAsm() || isa<Function>(Call->getCalledOperand())) continue;
            for (const Function *Callee : calleesOf(*Call)) Known[Callee].push_back(Call);
        }
    AreKnown = true;
}

ArrayRef<const CallBase *> CallsByPointer::to(const Function &F)
{
    if (!AreKnown) find(*F.getParent());
    auto It = Known.find(&F);
    return It == Known.end() ? ArrayRef<const CallBase *>() : It->second;
}

bool mayCallTheSame(const CallBase &A, const CallBase &B)
{
    const Value *First = A.getCalledOperand(), *Second = B.getCalledOperand();
    if (First == Second || (isa<Function>(First) && isa<Function>(Second))) return First == Second;
    SmallVector<const Function *, 4> Others = calleesOf(B);
    return any_of(calleesOf(A), [&](const Function *F) { return is_contained(Others, F); });
}

} // namespace greywave
