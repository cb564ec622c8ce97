// A search backwards from a number. Whatever an operation makes of a word that may be a reference may be one too, unless the operation
// is known to make a mere number of it: comparisons, counts of bits. So an instruction or intrinsic that nobody has thought of costs
// a barrier, and not an object.
#include "constructs/origins.h"
#include "constructs/callees.h"
#include "constructs/constructs.h"
#include "constructs/intrinsic_writes.h"
#include "facts/facts.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "llvm/Analysis/ValueTracking.h"

using namespace llvm;

namespace greywave
{

// ---- What operations do with bits -----------------------------------------------------------------------------------

namespace
{

enum class Effect {
    Counts,     ///< the result is no reference, whatever the operands are
    Calculates, ///< it is one only if the program undoes the calculation; most do not, and keep the result as long as they like
    Moves       ///< it may have the operands' bits
};

} // namespace

// Of the others nothing is known.
static constexpr Intrinsic::ID Counting[] = {Intrinsic::ctpop,       Intrinsic::ctlz,       Intrinsic::cttz,   Intrinsic::is_fpclass,
                                             Intrinsic::is_constant, Intrinsic::objectsize, Intrinsic::lround, Intrinsic::llround,
                                             Intrinsic::lrint,       Intrinsic::llrint};
static constexpr Intrinsic::ID Calculating[] = {Intrinsic::abs,
                                                Intrinsic::fabs,
                                                Intrinsic::fma,
                                                Intrinsic::fmuladd,
                                                Intrinsic::sqrt,
                                                Intrinsic::sin,
                                                Intrinsic::cos,
                                                Intrinsic::exp,
                                                Intrinsic::exp2,
                                                Intrinsic::log,
                                                Intrinsic::log2,
                                                Intrinsic::log10,
                                                Intrinsic::pow,
                                                Intrinsic::powi,
                                                Intrinsic::floor,
                                                Intrinsic::ceil,
                                                Intrinsic::trunc,
                                                Intrinsic::rint,
                                                Intrinsic::nearbyint,
                                                Intrinsic::round,
                                                Intrinsic::roundeven,
                                                Intrinsic::copysign,
                                                Intrinsic::minnum,
                                                Intrinsic::maxnum,
                                                Intrinsic::minimum,
                                                Intrinsic::maximum,
                                                Intrinsic::sadd_with_overflow,
                                                Intrinsic::uadd_with_overflow,
                                                Intrinsic::ssub_with_overflow,
                                                Intrinsic::usub_with_overflow,
                                                Intrinsic::smul_with_overflow,
                                                Intrinsic::umul_with_overflow,
                                                Intrinsic::sadd_sat,
                                                Intrinsic::uadd_sat,
                                                Intrinsic::ssub_sat,
                                                Intrinsic::usub_sat,
                                                Intrinsic::vector_reduce_add,
                                                Intrinsic::vector_reduce_mul,
                                                Intrinsic::vector_reduce_fadd,
                                                Intrinsic::vector_reduce_fmul};

static Effect effectOfIntrinsic(Intrinsic::ID ID)
{
    if (is_contained(Counting, ID)) return Effect::Counts;
    return is_contained(Calculating, ID) ? Effect::Calculates : Effect::Moves;
}

static constexpr Intrinsic::ID Adding[] = {Intrinsic::sadd_with_overflow, Intrinsic::uadd_with_overflow,
                                           Intrinsic::ssub_with_overflow, Intrinsic::usub_with_overflow,
                                           Intrinsic::sadd_sat,           Intrinsic::uadd_sat,
                                           Intrinsic::ssub_sat,           Intrinsic::usub_sat,
                                           Intrinsic::vector_reduce_add,  Intrinsic::abs};

// From one address to another in the same object. An address is its own absolute value.
static bool movesAddress(const Instruction &I)
{
    auto *Call = dyn_cast<IntrinsicInst>(&I);
    return isa<GetElementPtrInst>(I) || I.getOpcode() == Instruction::Add || I.getOpcode() == Instruction::Sub ||
           (Call && is_contained(Adding, Call->getIntrinsicID()));
}

static Effect effectOf(const Instruction &I)
{
    if (isa<CmpInst>(I)) return Effect::Counts;
    if (auto *Call = dyn_cast<CallBase>(&I)) {
        if (Call->isInlineAsm()) return Effect::Moves;
        return isa<IntrinsicInst>(Call) ? effectOfIntrinsic(Call->getIntrinsicID()) : Effect::Calculates;
    }
    if (auto *Operation = dyn_cast<BinaryOperator>(&I))
        return Operation->isBitwiseLogicOp() || Operation->isShift() ? Effect::Moves : Effect::Calculates;
    if (auto *Address = dyn_cast<GetElementPtrInst>(&I)) return Address->hasAllZeroIndices() ? Effect::Moves : Effect::Calculates;
    if (auto *Cast = dyn_cast<CastInst>(&I))
        return Cast->getSrcTy()->isFPOrFPVectorTy() == Cast->getDestTy()->isFPOrFPVectorTy() || isa<BitCastInst>(Cast) ? Effect::Moves
                                                                                                                       : Effect::Calculates;
    return isa<UnaryOperator>(I) ? Effect::Calculates : Effect::Moves;
}

// ---- The search -----------------------------------------------------------------------------------------------------

namespace
{

/// What lies between the number and where the search is.
struct Way {
    bool CrossesSafepoint = false;
    bool Calculates = false;
    bool Hashes = false; ///< in a way that makes of an address what leads nowhere
    Way across(bool Safepoint) const { return {CrossesSafepoint || Safepoint, Calculates, Hashes}; }
    Way calculated() const { return {CrossesSafepoint, true, true}; }
    Way moved() const { return {CrossesSafepoint, true, Hashes}; }
    Bits ofReference() const
    {
        if (Calculates) return Bits::Unknown;
        return CrossesSafepoint ? Bits::StaleReference : Bits::Reference;
    }
};

class Origin
{
  public:
    Origin(PlacesBehind &Places, const Instruction *Through) : Places(Places), Through(Through) {}
    void follow(const Use &U, Way W);
    void followFillings(const Value &Address, const Reading &R, Way W);
    void noteRead(const Value *Pointer, const Instruction &Reader, uint64_t Bytes, Way W);
    Bits found() const { return Found; }
    bool foundStaleAddress() const { return StaleAddress; }

  private:
    void note(Bits B) { Found = std::max(Found, B); }
    void noteGathered(const Value *Pointers, const Instruction &Reader, Way W);
    void noteAssemblerRead(const Value *Pointer, const CallBase &Call, Way W);
    void noteObjectRead(const Value *Pointer, uint64_t Bytes, Way W);
    void eachPassed(const Argument &A, function_ref<void(const Use &)> Visit);
    void followArgument(const Argument &A, const Instruction &User, Way W);
    void followResult(const Function &Callee, Way W);
    void noteCopiedArgument(const Argument &A, const Instruction &Reader, Way W);
    void followCall(const CallBase &Call, Way W);
    void followAssembler(const CallBase &Call, Way W);
    void followOperands(const Instruction &I, Way W);
    void noteBehind(const Value *Pointer, const Instruction &Reader, uint64_t Bytes, Way W);
    void followFilling(const Use &Filled, const Reading &R, Way W);
    void followAddressIn(const Value &Variable, const Reading &R, Way W);
    void followCallee(const CallBase &Call, const Use &Filled, Way W);
    void noteCopied(const Instruction &I, const MemoryCopy &Copy, Way W);

    PlacesBehind &Places;
    const Instruction *Through; ///< the call by which the search has come to a function, or is to leave it
    Bits Found = Bits::Number;
    bool StaleAddress = false;
    DenseSet<std::tuple<const Value *, const Instruction *, unsigned>> Seen;
    DenseSet<std::tuple<const Value *, const Instruction *, const Instruction *, uint64_t, unsigned>> SeenFilled;
    static unsigned numberOf(Way W) { return W.CrossesSafepoint + 2u * W.Calculates + 4u * W.Hashes; }
    bool isNew(const Value &V, Way W) { return Seen.insert({&V, Through, numberOf(W)}).second; }
};

} // namespace

// ---- Memory that is read --------------------------------------------------------------------------------------------

// A union's member is what it is declared as: a word of it may be a reference, but one that is kept is a number. So is a plain pointer.
void Origin::noteObjectRead(const Value *Pointer, uint64_t Bytes, Way W)
{
    Shows There = shownAt(Pointer, Bytes, Places.layout());
    if (There == Shows::Addresses) note(Bits::Unknown);
    else if (There == Shows::Choice) note(Way{false, W.Calculates}.ofReference());
    else if (There != Shows::Numbers) note(W.ofReference());
}

// By the call that the search came by, if it came by one of these: then the function is left.
void Origin::eachPassed(const Argument &A, function_ref<void(const Use &)> Visit)
{
    const Instruction *Before = Through;
    Places.eachPassedTo(A, [&](const Use &Passed) {
        if (isOtherCall(cast<Instruction>(Passed.getUser()), Before)) return;
        if (Passed.getUser() == Before) Through = nullptr;
        Visit(Passed);
        Through = Before;
    });
}

// The copy of a struct that is passed in memory is filled by each caller, before the function begins.
void Origin::noteCopiedArgument(const Argument &A, const Instruction &Reader, Way W)
{
    W = W.across(safepointBefore(Reader));
    eachPassed(A, [&](const Use &Passed) { noteRead(Passed.get(), *cast<Instruction>(Passed.getUser()), UINT64_MAX, W); });
}

void Origin::noteRead(const Value *Pointer, const Instruction &Reader, uint64_t Bytes, Way W)
{
    const DataLayout &DL = Places.layout();
    if (isReference(Pointer->getType()->getScalarType())) return noteObjectRead(Pointer, Bytes, W);
    if (Pointer->getType()->isVectorTy()) return noteGathered(Pointer, Reader, W);
    auto *A = dyn_cast<Argument>(getUnderlyingObject(Pointer));
    if (A && A->hasPassPointeeByValueCopyAttr()) return noteCopiedArgument(*A, Reader, W);
    Place P = placeOf(Pointer, DL);
    if (P.isKnown() && !P.showsReferenceIn(Bytes)) return;
    if (P.HasReferences) return note(W.ofReference());
    // A buffer may have been filled with an object's bytes; of other memory the type, or a caller, may tell.
    if (isa_and_nonnull<AllocaInst>(P.Variable)) {
        Reading R = readingOf(P, Reader, Bytes);
        return followFillings(*R.Buffer, R, W);
    }
    if (!P.Variable) return noteBehind(Pointer, Reader, Bytes, W);
    if (!cast<GlobalVariable>(P.Variable)->isConstant()) note(Way{false, W.Calculates}.ofReference());
}

// From as many places as the vector has pointers. They may have one base.
void Origin::noteGathered(const Value *Pointers, const Instruction &Reader, Way W)
{
    Distance Any;
    const Value *Base = goBack(Pointers, Places.layout(), Any);
    if (!Base->getType()->isVectorTy()) return noteRead(Base, Reader, UINT64_MAX, W);
    note(W.CrossesSafepoint && !W.Calculates ? Bits::StaleIfReference : Bits::Unknown);
}

// Where the callers show what lies behind the pointer.
void Origin::noteBehind(const Value *Pointer, const Instruction &Reader, uint64_t Bytes, Way W)
{
    const DataLayout &DL = Places.layout();
    Way Now{false, W.Calculates};
    bool IsShown = any_of(Places.showingCalls(Pointer, Bytes), [&](const Instruction *Call) { return !isOtherCall(Call, Through); });
    for (const PlacesBehind::InObject &Object : Places.placesInObjects(Pointer))
        IsShown |= !isOtherCall(Object.Through, Through) && Object.mayHoldReference(Bytes, DL);
    if (IsShown) note(W.ofReference());
    for (const PlacesBehind::BlindVariable &V : Places.blindVariables(Pointer)) {
        if (isOtherCall(V.second, Through)) continue;
        const Instruction *Before = Through;
        if (V.second == Through) Through = nullptr;
        if (std::optional<Reading> R = readingOf(V, Reader)) followFillings(*R->Buffer, *R, W);
        else note(Now.ofReference());
        Through = Before;
    }
    if (IsShown || Places.areAllLocal(Pointer) || shownAt(Pointer, Bytes, DL) == Shows::Numbers) return;
    note(W.CrossesSafepoint && !W.Calculates ? Bits::StaleIfReference : Now.ofReference());
}

// ---- Variables that are filled ----------------------------------------------------------------------------------------

// A struct copied from an object has the type of what is there.
void Origin::noteCopied(const Instruction &I, const MemoryCopy &Copy, Way W)
{
    if (!isReference(Copy.From->getType())) return noteRead(Copy.From, I, Copy.Bytes, W);
    if (shownAt(Copy.From, Copy.Bytes, Places.layout()) != Shows::Numbers) note(Bits::Unknown);
}

// A function that fills what it is given: until it returns, too, something may be moved.
void Origin::followCallee(const CallBase &Call, const Use &Filled, Way W)
{
    if (Call.onlyReadsMemory() || !Call.isArgOperand(&Filled)) return;
    unsigned Number = Call.getArgOperandNo(&Filled);
    if (Call.onlyReadsMemory(Number)) return;
    if (Call.isInlineAsm()) followAssembler(Call, W);
    if (std::optional<IntrinsicWrite> Write = intrinsicWriteOf(Call))
        for (const Use *Stored : Write->Stored) follow(*Stored, W);
    SmallVector<const Function *, 4> Callees = calleesOf(Call);
    if (Callees.empty()) note(Bits::Unknown);
    for (const Function *Callee : Callees) {
        if (isKnownLeaf(*Callee)) continue;
        if (!Callee->hasExactDefinition() || Number >= Callee->arg_size()) {
            note(Bits::Unknown);
            continue;
        }
        const Instruction *Before = std::exchange(Through, &Call);
        followFillings(*Callee->getArg(Number), Reading(), W);
        Through = Before;
    }
}

// A variable that keeps the address; whoever finds it elsewhere may fill what it leads to.
void Origin::followAddressIn(const Value &Variable, const Reading &R, Way W)
{
    if (!isPlainVariable(&Variable)) return note(Bits::Unknown);
    for (const User *U : Variable.users())
        if (isa<LoadInst>(U)) followFillings(*U, R, W);
}

// Whether something may be moved between a filling and the end of the function.
static bool safepointBehind(const Instruction &I)
{
    return any_of(*I.getFunction(),
                  [&](const BasicBlock &B) { return isa<ReturnInst>(B.getTerminator()) && safepointBetween(I, *B.getTerminator()); });
}

void Origin::followFilling(const Use &Filled, const Reading &R, Way W)
{
    auto &I = *cast<Instruction>(Filled.getUser());
    if (&I == R.By || isa<LoadInst>(I) || isa<CmpInst>(I) || I.isLifetimeStartOrEnd() || isa<MemSetInst>(I)) return;
    if (isa<GetElementPtrInst>(I) || isa<CastInst>(I) || isa<PHINode>(I) || isa<SelectInst>(I) || isa<FreezeInst>(I))
        return I.getType()->isPointerTy() ? followFillings(I, R, W) : note(Bits::Unknown);
    Arrival Comes = R.By ? arrivalOf(I, R) : safepointBehind(I) ? Arrival::AcrossSafepoint : Arrival::Directly;
    if (Comes == Arrival::Never) return;
    Way Before = W.across(Comes == Arrival::AcrossSafepoint);
    if (auto *Store = dyn_cast<StoreInst>(&I)) {
        if (Filled.getOperandNo() == Store->getPointerOperandIndex()) follow(Store->getOperandUse(0), Before);
        else followAddressIn(*Store->getPointerOperand(), R, W);
    } else if (SmallVector<MemoryCopy, 1> Copies = memoryCopiesOf(I); !Copies.empty()) {
        for (const MemoryCopy &Copy : Copies)
            if (Copy.To == Filled.get()) noteCopied(I, Copy, Before);
    } else if (isa<AtomicRMWInst>(I) || isa<AtomicCmpXchgInst>(I)) {
        for (const Use &Operand : I.operands()) follow(Operand, Before);
    } else if (auto *Call = dyn_cast<CallBase>(&I)) {
        followCallee(*Call, Filled, Before);
    }
}

void Origin::followFillings(const Value &Address, const Reading &R, Way W)
{
    W = W.across(R.AcrossSafepoint);
    if (!SeenFilled.insert({&Address, Through, R.By, R.From, numberOf(W)}).second) return;
    for (const Use &U : Address.uses()) followFilling(U, R, W);
}

// ---- Values -----------------------------------------------------------------------------------------------------------

// Other files may call the function too; what they pass is not seen.
void Origin::followArgument(const Argument &A, const Instruction &User, Way W)
{
    if (containsReference(A.getType())) return;
    W = W.across(safepointBefore(User));
    if (!isNew(A, W)) return;
    eachPassed(A, [&](const Use &Passed) { follow(Passed, W); });
}

void Origin::followResult(const Function &Callee, Way W)
{
    for (const BasicBlock &B : Callee)
        if (auto *Return = dyn_cast<ReturnInst>(B.getTerminator()); Return && Return->getReturnValue()) follow(Return->getOperandUse(0), W);
}

// Calls with -fno-builtin, else an intrinsic.
static constexpr StringRef AbsoluteValue[] = {"labs", "llabs", "imaxabs"};

// Of a function that is not seen no more is known than what it is given. Another may stand in for a weak one.
void Origin::followCall(const CallBase &Call, Way W)
{
    SmallVector<const Function *, 4> Callees = calleesOf(Call);
    for (const Function *Callee : Callees) {
        const Instruction *Before = std::exchange(Through, &Call);
        followResult(*Callee, W);
        Through = Before;
    }
    if (!Callees.empty() && all_of(Callees, [](const Function *F) { return F->hasExactDefinition(); })) return;
    bool IsAbsolute = Callees.size() == 1 && isKnownLeaf(*Callees.front()) && is_contained(AbsoluteValue, Callees.front()->getName());
    for (const Use &Argument : Call.args()) follow(Argument, IsAbsolute ? W.moved() : W.calculated());
}

// Nobody knows how far behind an address assembler reads, but where the type shows numbers, and no reference behind them in the struct.
void Origin::noteAssemblerRead(const Value *Pointer, const CallBase &Call, Way W)
{
    const DataLayout &DL = Places.layout();
    if (!isReference(Pointer->getType())) return noteRead(Pointer, Call, UINT64_MAX, W);
    if (shownAt(Pointer, 8, DL) != Shows::Numbers || showsReferencesFrom(Pointer, DL)) note(W.ofReference());
}

// Assembler that hides a word from the optimiser, or reads one: at an operand in memory, or at an address that it is given.
void Origin::followAssembler(const CallBase &Call, Way W)
{
    for (unsigned I = 0; I < Call.arg_size(); I++) {
        const Value *Argument = Call.getArgOperand(I);
        auto *Number = dyn_cast<PtrToIntOperator>(Argument);
        if (Type *T = Call.getParamElementType(I)) noteRead(Argument, Call, bytesOf(T, Places.layout()), W);
        else if (Argument->getType()->isPointerTy()) noteAssemblerRead(Argument, Call, W);
        else if (Number) noteAssemblerRead(Number->getPointerOperand(), Call, W);
        follow(Call.getArgOperandUse(I), W);
    }
}

// The number of an address as it is taken.
static bool isNumberOfAddress(const Value *V)
{
    auto *I = dyn_cast<Instruction>(V);
    return I && (isa<PtrToIntInst>(I) || isHiddenAddress(*I));
}

// From one address to another: such a number leads nowhere by itself.
static bool isDistance(const Instruction &I)
{
    return I.getOpcode() == Instruction::Sub && isNumberOfAddress(I.getOperand(0)) && isNumberOfAddress(I.getOperand(1));
}

void Origin::followOperands(const Instruction &I, Way W)
{
    auto *Call = dyn_cast<IntrinsicInst>(&I);
    if (Call && Call->mayReadFromMemory())
        for (const Use &Argument : Call->args())
            if (Argument->getType()->isPtrOrPtrVectorTy())
                noteRead(Argument, I, gathers(*Call) ? UINT64_MAX : bytesOf(I.getType(), Places.layout()), W);
    Effect What = effectOf(I);
    if (What == Effect::Counts) return;
    for (const Use &Operand : I.operands())
        follow(Operand, What == Effect::Moves ? W : movesAddress(I) && !isDistance(I) ? W.moved() : W.calculated());
}

// The members of a struct are not told apart: one that is no reference lies beside one that is.
static bool isReferenceItself(const Type *T)
{
    return isReference(T->getScalarType());
}

void Origin::follow(const Use &U, Way W)
{
    if (auto *A = dyn_cast<Argument>(U.get())) return followArgument(*A, *cast<Instruction>(U.getUser()), W);
    auto *I = dyn_cast<Instruction>(U.get());
    if (!I || isa<AllocaInst>(I) || isReferenceItself(I->getType())) return;
    if (containsReference(I->getType())) W = W.calculated();
    W = W.across(crossesSafepoint(U));
    if (!isNew(*I, W)) return;
    if (auto *Load = dyn_cast<LoadInst>(I)) return noteRead(Load->getPointerOperand(), *I, bytesOf(I->getType(), Places.layout()), W);
    if (isa<AtomicRMWInst>(I) || isa<AtomicCmpXchgInst>(I))
        return noteRead(I->getOperand(0), *I, bytesOf(I->getOperand(1)->getType(), Places.layout()), W);
    if (isHiddenAddress(*I)) StaleAddress |= W.CrossesSafepoint && !W.Hashes;
    bool IsAddress = isHiddenAddress(*I) || (isa<CastInst>(I) && isReferenceItself(I->getOperand(0)->getType()));
    if (IsAddress) return note(W.ofReference());
    auto *Call = dyn_cast<CallBase>(I);
    if (Call && Call->isInlineAsm()) return followAssembler(*Call, W);
    if (Call && !isa<IntrinsicInst>(Call)) return followCall(*Call, W);
    followOperands(*I, W);
}

Bits bitsOf(const Use &U, PlacesBehind &Places, const Instruction *Through)
{
    Origin O(Places, Through);
    O.follow(U, Way());
    return O.found();
}

bool isStaleAddress(const Use &U, PlacesBehind &Places)
{
    Origin O(Places, nullptr);
    O.follow(U, Way());
    return O.foundStaleAddress();
}

Bits bitsRead(const Value *From, const Instruction &Reader, uint64_t Bytes, PlacesBehind &Places, const Instruction *Through)
{
    Origin O(Places, Through);
    O.noteRead(From, Reader, Bytes, Way());
    return O.found();
}

Bits bitsInBuffer(const Reading &R, PlacesBehind &Places, const Instruction *Through)
{
    Origin O(Places, Through);
    O.followFillings(*R.Buffer, R, Way());
    return O.found();
}

} // namespace greywave
