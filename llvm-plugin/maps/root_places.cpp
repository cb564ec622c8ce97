// Which roots lie in registers across calls, and which on the stack (docs/decisions/0148-roots-in-registers.md).
//
// LLVM puts a statepoint's roots in registers that calls preserve, as many as an option says, whichever come first. A root whose type is
// a vector it always spills: so what is to stay on the stack is handed to statepoints as a vector of one reference, in which form it goes
// from one statepoint to the next and through phis, so that it keeps its slot. The machine code is that of a plain root on the stack.
//
// A register is preserved by a frame that has saved it, and setjmp is no such frame: longjmp brings back the old contents of what the
// frames between did not save, wherever the object is by then. So a root is in a register only across calls whose callees, and theirs,
// are all in this module, save what they change and do not call setjmp. The runtime's doors save all registers.
#include "constructs/constructs.h"
#include "facts/facts.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "machines/machines.h"
#include "maps/maps.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Analysis/BlockFrequencyInfo.h"
#include "llvm/IR/Statepoint.h"
#include "llvm/Support/CommandLine.h"

using namespace llvm;

namespace greywave
{

// ---- Code generation's options --------------------------------------------------------------------------------------

template <typename T> static std::optional<T> codeGenerationOption(StringRef Name)
{
    auto &Options = cl::getRegisteredOptions();
    auto Found = Options.find(Name);
    if (Found == Options.end()) return std::nullopt; // a host without code generation
    return static_cast<cl::opt<T> *>(Found->second)->getValue();
}

static bool usesRegisters(const Module &M)
{
    return machineOf(M).VectorsOfOneAreWords && codeGenerationOption<unsigned>("max-registers-for-gc-values").value_or(0) &&
           codeGenerationOption<bool>("fixup-allow-gcptr-in-csr").value_or(false);
}

static cl::opt<bool> EveryRoot("greywave-every-register-root", cl::Hidden, cl::init(false),
                               cl::desc("every root that may be in a register is offered one, whether that gains or not (for tests)"));

// ---- Calls that save what they change -------------------------------------------------------------------------------

static const Function *calleeOf(const CallBase &Call)
{
    auto *Statepoint = dyn_cast<GCStatepointInst>(&Call);
    return Statepoint ? Statepoint->getActualCalledFunction() : Call.getCalledFunction();
}

// Of the runtime, what programs with roots call most (api/doors.S): the caller's registers lie in its frame meanwhile, and are read from
// there.
static bool isDoor(const Function &Callee)
{
    static constexpr StringRef Doors[] = {"gw_alloc", "gw_alloc_array", "gw_alloc_room", "gw_collect", "gw_collect_step", "gw_poll_slow"};
    return is_contained(Doors, Callee.getName());
}

static bool isHere(const Function &F)
{
    bool Ordinary = F.getCallingConv() == CallingConv::C || F.getCallingConv() == CallingConv::Fast;
    return Ordinary && F.hasExactDefinition() && (F.hasLocalLinkage() || F.isDSOLocal()) && !F.hasFnAttribute("no_caller_saved_registers");
}

static bool isClosedCall(const CallBase &Call, const FunctionSet &Closed)
{
    const Function *Callee = calleeOf(Call);
    return Callee && Callee->getCallingConv() == Call.getCallingConv() && (isDoor(*Callee) || Closed.contains(Callee));
}

// Assembler of the program's may change to another stack, and so may what brings stacks of its own.
static bool mayLeaveStack(const CallBase &Call)
{
    const Machine &M = machineOf(*Call.getModule());
    if (auto *Assembler = dyn_cast<InlineAsm>(Call.getCalledOperand())) {
        StringRef Text = Assembler->getAsmString();
        return !Text.empty() && Text != M.BarrierFront.Text && Text != M.BarrierSlot.Text && Text != M.StoreCheck.Text;
    }
    const Function *Callee = Call.getCalledFunction();
    return Callee && Callee->getName().starts_with("gw_stack_");
}

// What cannot collect does not matter otherwise: nothing moves meanwhile.
static bool opensFunction(const Instruction &I, const FunctionSet &Closed)
{
    auto *Call = dyn_cast<CallBase>(&I);
    if (!Call) return false;
    if (returnsTwice(I) || mayLeaveStack(*Call)) return true;
    return (isa<GCStatepointInst>(I) || mayCollect(I)) && !isClosedCall(*Call, Closed);
}

static FunctionSet findClosedFunctions(const Module &M)
{
    FunctionSet Closed;
    for (const Function &F : M)
        if (isHere(F)) Closed.insert(&F);
    for (bool Changed = true; Changed;) {
        Changed = false;
        for (const Function &F : M)
            if (Closed.contains(&F) && any_of(instructions(F), [&](const Instruction &I) { return opensFunction(I, Closed); }))
                Changed |= Closed.erase(&F);
    }
    return Closed;
}

// ---- Variables ------------------------------------------------------------------------------------------------------

namespace
{

/// A root with all that becomes of it: behind statepoints, and where paths meet.
struct RootVariable {
    SmallPtrSet<const GCStatepointInst *, 8> Across;
    uint64_t Stores = 0, Reads = 0; // how often, if it is on the stack; in frequencies of blocks
    bool MayBeInRegister = true;
};

class RootPlaces
{
  public:
    RootPlaces(Function &F, const FunctionSet &Closed) : F(F), Closed(Closed) { collect(); }
    void choose(const BlockFrequencyInfo &Frequencies);
    void keepOthersInSlots();

  private:
    void collect();
    void describe(const BlockFrequencyInfo &Frequencies);
    void findSlotPhis();
    Value *variableOf(Value *V) const;
    bool inRegister(Value *V) const { return Chosen.contains(variableOf(V)); }
    Value *inSlot(Value *V, GCStatepointInst &Statepoint);
    void giveSlots(GCStatepointInst &Statepoint);

    Function &F;
    const FunctionSet &Closed;
    SmallVector<GCStatepointInst *, 16> Statepoints;
    SmallVector<GCRelocateInst *, 32> Relocates;
    SmallSetVector<PHINode *, 16> Phis;
    EquivalenceClasses<Value *> Variables;
    MapVector<Value *, RootVariable> Described;
    SmallPtrSet<Value *, 2> Chosen;          // leaders of what is in registers
    MapVector<Value *, Instruction *> Twins; // vectors of one
};

} // namespace

// Null for what is no root, and for constants, which never move.
Value *RootPlaces::variableOf(Value *V) const
{
    auto Leader = Variables.findLeader(V);
    return Leader == Variables.member_end() ? nullptr : *Leader;
}

void RootPlaces::collect()
{
    for (Instruction &I : instructions(F)) {
        if (auto *Relocate = dyn_cast<GCRelocateInst>(&I)) {
            if (!isReference(Relocate->getType()) || !isa<GCStatepointInst>(Relocate->getStatepoint())) continue; // or in dead code
            Relocates.push_back(Relocate);
            Variables.insert(Relocate);
            for (Value *V : {Relocate->getDerivedPtr(), Relocate->getBasePtr()})
                if (!isa<Constant>(V)) Variables.insert(V);
            if (!isa<Constant>(Relocate->getDerivedPtr())) Variables.unionSets(Relocate, Relocate->getDerivedPtr());
        } else if (auto *Statepoint = dyn_cast<GCStatepointInst>(&I)) {
            Statepoints.push_back(Statepoint);
        } else if (auto *Phi = dyn_cast<PHINode>(&I); Phi && isReference(Phi->getType())) {
            Phis.insert(Phi);
            Variables.insert(Phi);
            for (Value *V : Phi->incoming_values())
                if (!isa<Constant>(V)) Variables.unionSets(Phi, V);
        }
    }
    findSlotPhis();
}

// ---- The choice -----------------------------------------------------------------------------------------------------

// Relocations that only later statepoints and phis want are not read.
static bool isRead(const Value &V)
{
    return any_of(V.users(), [](const User *U) { return !isa<PHINode>(U) && !isa<GCStatepointInst>(U); });
}

void RootPlaces::describe(const BlockFrequencyInfo &Frequencies)
{
    auto FrequencyOf = [&](const Instruction &I) { return Frequencies.getBlockFreq(I.getParent()).getFrequency(); };
    for (GCRelocateInst *Relocate : Relocates) {
        auto *Statepoint = cast<GCStatepointInst>(Relocate->getStatepoint());
        bool Derived = Relocate->getBasePtr() != Relocate->getDerivedPtr();
        if (Derived) Described[variableOf(Relocate->getBasePtr())].MayBeInRegister = false;
        RootVariable &Variable = Described[variableOf(Relocate)];
        Variable.MayBeInRegister &= !Derived && isClosedCall(*Statepoint, Closed);
        if (isRead(*Relocate)) Variable.Reads += FrequencyOf(*Relocate);
        Value *Before = Relocate->getDerivedPtr();
        auto *Phi = dyn_cast<PHINode>(Before);
        if (Variable.Across.insert(Statepoint).second && !isa<GCRelocateInst>(Before) && !(Phi && Phis.contains(Phi)))
            Variable.Stores += FrequencyOf(*Statepoint);
    }
}

// Where the function's registers are saved, for code generation does that no earlier than it must.
static uint64_t frequencyOfPrologue(Function &F, ArrayRef<GCStatepointInst *> Statepoints, const BlockFrequencyInfo &Frequencies)
{
    DominatorTree Tree(F);
    BasicBlock *Block = nullptr;
    for (GCStatepointInst *Statepoint : Statepoints)
        if (Tree.isReachableFromEntry(Statepoint->getParent()))
            Block = Block ? Tree.findNearestCommonDominator(Block, Statepoint->getParent()) : Statepoint->getParent();
    return Frequencies.getBlockFreq(Block ? Block : &F.getEntryBlock()).getFrequency();
}

// One register a function: a second one hardly gains, and more lose (decision 0148). To save and restore it must cost no more than what it
// spares, where a store with its read counts for as much as both. Functions that do not call themselves have more to keep in registers than
// a root, and less to gain.
void RootPlaces::choose(const BlockFrequencyInfo &Frequencies)
{
    bool CallsItself = any_of(Statepoints, [&](const GCStatepointInst *Statepoint) { return calleeOf(*Statepoint) == &F; });
    if (!CallsItself && !EveryRoot) return;
    describe(Frequencies);
    uint64_t Most = frequencyOfPrologue(F, Statepoints, Frequencies);
    for (auto &[Leader, Variable] : Described) {
        uint64_t Spared = SaturatingAdd(Variable.Stores, Variable.Reads);
        if (!Variable.MayBeInRegister) continue;
        if (!EveryRoot && (Spared < Most || (!Chosen.empty() && Spared == Most))) continue;
        Most = Spared;
        if (!EveryRoot) Chosen.clear();
        Chosen.insert(Leader);
    }
}

// ---- The form in which roots stay on the stack ----------------------------------------------------------------------

// Code generation finds the slot of a phi's operands where all of them are relocated.
void RootPlaces::findSlotPhis()
{
    auto Keeps = [&](Value *V) {
        auto *Phi = dyn_cast<PHINode>(V);
        return isa<GCRelocateInst>(V) || (Phi && Phis.contains(Phi));
    };
    for (bool Changed = true; Changed;) Changed = Phis.remove_if([&](PHINode *Phi) { return !all_of(Phi->incoming_values(), Keeps); });
}

static Type *vectorOfOne(Type *T)
{
    return FixedVectorType::get(T, 1);
}

static Instruction *relocateVector(GCRelocateInst &Relocate)
{
    IRBuilder<> B(&Relocate);
    Function *Declared = intrinsicFor(*Relocate.getModule(), Intrinsic::experimental_gc_relocate, {vectorOfOne(Relocate.getType())});
    SmallVector<Value *, 3> Arguments(Relocate.args());
    CallInst *Call = B.CreateCall(Declared, Arguments);
    Call->setCallingConv(Relocate.getCallingConv());
    return Call;
}

Value *RootPlaces::inSlot(Value *V, GCStatepointInst &Statepoint)
{
    if (Instruction *Twin = Twins.lookup(V)) return Twin;
    IRBuilder<> B(&Statepoint);
    return B.CreateInsertElement(PoisonValue::get(vectorOfOne(V->getType())), V, uint64_t(0));
}

static void replaceByTwin(Instruction &Old, Instruction &Twin)
{
    if (!Old.use_empty() || Old.isUsedByMetadata()) {
        Instruction *Place = isa<PHINode>(Twin) ? &*Twin.getParent()->getFirstInsertionPt() : Twin.getNextNode();
        IRBuilder<> B(Place);
        Value *Element = B.CreateExtractElement(&Twin, uint64_t(0), Old.getName());
        if (auto *I = dyn_cast<Instruction>(Element)) I->setDebugLoc(Old.getDebugLoc());
        Old.replaceAllUsesWith(Element);
    }
    Old.eraseFromParent();
}

void RootPlaces::giveSlots(GCStatepointInst &Statepoint)
{
    DenseMap<Value *, Value *> Given; // those that have no twin
    auto Live = Statepoint.getOperandBundle(LLVMContext::OB_gc_live);
    if (!Live) return;
    for (const Use &U : Live->Inputs) {
        Value *V = U.get();
        if (!isReference(V->getType()) || isa<Constant>(V) || inRegister(V)) continue;
        Value *&Vector = Given[V];
        if (!Vector) Vector = inSlot(V, Statepoint);
        Statepoint.setOperand(U.getOperandNo(), Vector);
    }
}

void RootPlaces::keepOthersInSlots()
{
    for (GCRelocateInst *Relocate : Relocates)
        if (!inRegister(Relocate)) Twins[Relocate] = relocateVector(*Relocate);
    for (PHINode *Phi : Phis)
        if (!inRegister(Phi)) Twins[Phi] = IRBuilder<>(Phi).CreatePHI(vectorOfOne(Phi->getType()), Phi->getNumIncomingValues());
    for (auto &[Old, Twin] : Twins)
        if (auto *Phi = dyn_cast<PHINode>(Old))
            for (unsigned I = 0; I < Phi->getNumIncomingValues(); I++)
                cast<PHINode>(Twin)->addIncoming(Twins.lookup(Phi->getIncomingValue(I)), Phi->getIncomingBlock(I));
    for (GCStatepointInst *Statepoint : Statepoints) giveSlots(*Statepoint);
    for (auto &[Old, Twin] : Twins) replaceByTwin(*cast<Instruction>(Old), *Twin);
}

// ---- Modules --------------------------------------------------------------------------------------------------------

static constexpr char Placed[] = "greywave-register-roots"; // linked with a module that has it not, it is 0

bool mayHaveRegisterRoots(const Module &M)
{
    auto *Flag = mdconst::extract_or_null<ConstantInt>(M.getModuleFlag(Placed));
    return Flag && !Flag->isZero();
}

// Exceptions bring registers back from where frames saved them, but code generation spills what landing pads want, and knows more ways
// there.
static bool mayUseRegister(Function &F)
{
    return !F.hasPersonalityFn() && !F.hasOptNone() && none_of(instructions(F), returnsTwice);
}

void placeRoots(Module &M, FunctionAnalysisManager &FAM)
{
    if (!usesRegisters(M) || mayHaveRegisterRoots(M)) return;
    FunctionSet Closed = findClosedFunctions(M);
    bool Allowed = !codeGenerationOption<bool>("enable-ipra").value_or(false); // which makes others preserved than maps can name
    for (Function &F : M)
        if (isManaged(F)) {
            RootPlaces Places(F, Closed);
            if (Allowed && mayUseRegister(F)) Places.choose(FAM.getResult<BlockFrequencyAnalysis>(F));
            Places.keepOthersInSlots();
        }
    M.setModuleFlag(Module::Min, Placed, ConstantAsMetadata::get(ConstantInt::get(Type::getInt32Ty(M.getContext()), 1)));
}

} // namespace greywave
