// A search backwards. What a parameter is shows in the calls: where other files may call the function as well, what is found here is
// what may come in; where they may not, it is all there is.
#include "constructs/places_behind.h"
#include "constructs/native_memory.h"
#include "llvm/IR/Operator.h"

using namespace llvm;

namespace greywave
{

// Searches this far. What lies behind is unknown.
static constexpr size_t MostValues = 256;
// A pointer that comes by with more distances than these is on its way through memory, and has any that is a multiple of its steps.
static constexpr size_t MostDistances = 4;
// Places in one variable that are looked at one by one.
static constexpr uint64_t MostPlaces = 1024;

bool isOtherCall(const Instruction *Call, const Instruction *Through)
{
    auto *Other = dyn_cast_or_null<CallBase>(Call), *Meant = dyn_cast_or_null<CallBase>(Through);
    return Meant && Other && Other != Meant && mayCallTheSame(*Other, *Meant);
}

bool isRegistered(const Value &Address)
{
    return any_of(Address.users(), [](const User *U) {
        if (isa<GEPOperator>(U)) return isRegistered(*U);
        auto *Call = dyn_cast<CallBase>(U);
        return Call && Call->getCalledFunction() && registersRoots(Call->getCalledFunction()->getName());
    });
}

// Other modules may bring in the same function by the same name, but what their callers pass meets their copy, which is judged there.
static bool isCalledFromHereAlone(const Function &F)
{
    return F.hasLocalLinkage() || F.hasLinkOnceLinkage();
}

void PlacesBehind::eachPassedTo(const Argument &A, function_ref<void(const Use &)> Visit)
{
    eachPassed(A, Visit);
    for (const CallBase *Call : ByPointer.to(*A.getParent()))
        if (A.getArgNo() < Call->arg_size()) Visit(Call->getArgOperandUse(A.getArgNo()));
}

void PlacesBehind::followPassed(const CallBase &Call, unsigned Argument, Distance Way, Targets &Found)
{
    if (!Call.getArgOperand(Argument)->getType()->isPointerTy()) return void(Found.AreAll = false);
    const Instruction *Before = std::exchange(Found.Through, &Call);
    follow(Call.getArgOperand(Argument), Way, Found);
    Found.Through = Before;
}

void PlacesBehind::followArgument(const Argument &A, Distance Way, Targets &Found)
{
    const Function &F = *A.getParent();
    if (!isCalledFromHereAlone(F) || A.hasPassPointeeByValueCopyAttr() || F.use_empty()) Found.AreAll = false;
    if (A.hasPassPointeeByValueCopyAttr()) return;
    for (const Use &U : F.uses()) {
        auto *Call = dyn_cast<CallBase>(U.getUser());
        if (!Call || !Call->isCallee(&U) || A.getArgNo() >= Call->arg_size()) {
            Found.AreAll = false;
            continue;
        }
        followPassed(*Call, A.getArgNo(), Way, Found);
    }
    for (const CallBase *Call : ByPointer.to(F))
        if (A.getArgNo() < Call->arg_size()) followPassed(*Call, A.getArgNo(), Way, Found);
}

void PlacesBehind::followResult(const CallBase &Call, Distance Way, Targets &Found)
{
    SmallVector<const Function *, 4> Callees = calleesOf(Call);
    if (Callees.empty()) Found.AreAll = false;
    for (const Function *Callee : Callees) {
        if (Callee->isDeclaration() || Callee->isInterposable() || !Callee->getReturnType()->isPointerTy()) {
            Found.AreAll = false;
            continue;
        }
        for (const BasicBlock &B : *Callee)
            if (auto *Return = dyn_cast<ReturnInst>(B.getTerminator())) follow(Return->getReturnValue(), Way, Found);
    }
}

bool PlacesBehind::noteVariable(const Value *Pointer, Distance Way, Targets &Found) const
{
    Place P = placeOf(Pointer, DL);
    if (!P.Variable) return false;
    Way.add(P.Offset ? Distance{int64_t(*P.Offset), 0} : Distance{0, 1});
    Target T{P.Variable, Way, Found.Through};
    if (isRegistered(*P.Variable) || Found.Variables.size() >= MostValues) Found.AreAll = false;
    else if (!is_contained(Found.Variables, T)) Found.Variables.push_back(T);
    return true;
}

// The plain address of an object. Where it is taken the type of the field shows.
bool PlacesBehind::noteObject(const Value *Pointer, Distance Way, Targets &Found) const
{
    auto *View = dyn_cast<AddrSpaceCastOperator>(Pointer);
    if (!View || !isReference(View->getPointerOperand()->getType())) return false;
    InObject Place{View->getPointerOperand(), Way, Found.Through};
    if (Found.Objects.size() < MostValues && !is_contained(Found.Objects, Place)) Found.Objects.push_back(Place);
    Found.AreAll = false;
    return true;
}

// Whether the search has not been there. A pointer that a loop moves on leads back to itself, further each time.
static bool isNew(SmallVectorImpl<Distance> &Known, Distance &Way)
{
    if (any_of(Known, [&](const Distance &D) { return D.covers(Way); })) return false;
    if (Known.size() < MostDistances) {
        Known.push_back(Way);
        return true;
    }
    Known.back() = Way = Known.back().joinedWith(Way);
    return true;
}

void PlacesBehind::follow(const Value *Pointer, Distance Way, Targets &Found)
{
    Pointer = goBack(Pointer, DL, Way);
    if (isReference(Pointer->getType()) || Found.Seen.size() >= MostValues) return void(Found.AreAll = false);
    if (noteVariable(Pointer, Way, Found) || noteObject(Pointer, Way, Found) || !isNew(Found.Seen[Pointer], Way)) return;
    if (auto *A = dyn_cast<Argument>(Pointer)) return followArgument(*A, Way, Found);
    if (auto *Call = dyn_cast<CallBase>(Pointer)) return followResult(*Call, Way, Found);
    if (isa<PHINode>(Pointer) || isa<SelectInst>(Pointer)) {
        for (const Value *V : cast<User>(Pointer)->operand_values())
            if (V->getType()->isPointerTy()) follow(V, Way, Found);
        return;
    }
    auto *Load = dyn_cast<LoadInst>(Pointer);
    if (!Load || !isPlainVariable(Load->getPointerOperand())) return void(Found.AreAll = false);
    for (const User *U : Load->getPointerOperand()->users())
        if (auto *Store = dyn_cast<StoreInst>(U)) follow(Store->getValueOperand(), Way, Found);
}

const PlacesBehind::Targets &PlacesBehind::behind(const Value *Pointer, Distance &Way)
{
    Pointer = goBack(Pointer, DL, Way);
    auto [It, IsNew] = Known.try_emplace(Pointer);
    if (IsNew) {
        follow(Pointer, Distance(), It->second);
        It->second.Seen.clear();
    }
    return It->second;
}

// Each place in the variable that the distance may lead to; one without an offset where these are too many, or not known.
bool PlacesBehind::anyPlaceIn(Place P, const Distance &Way, function_ref<bool(const Place &)> Holds) const
{
    uint64_t Size = P.Layout.Count * P.Layout.Stride;
    P.Offset = std::nullopt;
    if (Way.Step && (Way.Step % 8 || Size == 0 || Size / Way.Step > MostPlaces)) return Holds(P);
    if (!Way.Step) {
        P.Offset = uint64_t(Way.Bytes);
        return Holds(P);
    }
    int64_t First = Way.Bytes % int64_t(Way.Step);
    for (uint64_t At = uint64_t(First < 0 ? First + int64_t(Way.Step) : First); At < Size; At += Way.Step) {
        P.Offset = At;
        if (Holds(P)) return true;
    }
    return false;
}

bool PlacesBehind::anyPlace(const Value *Pointer, function_ref<bool(const Place &)> Holds)
{
    Distance Way;
    return any_of(behind(Pointer, Way).Variables, [&](const Target &Found) {
        Distance All = Way;
        All.add(Found.Way);
        return anyPlaceIn(placeOf(Found.Variable, DL), All, Holds);
    });
}

bool PlacesBehind::areAllKnown(const Value *Pointer)
{
    Distance Way;
    const Targets &Found = behind(Pointer, Way);
    return Found.AreAll && !Found.Variables.empty();
}

bool PlacesBehind::areAllLocal(const Value *Pointer)
{
    Distance Way;
    return areAllKnown(Pointer) &&
           all_of(behind(Pointer, Way).Variables, [](const Target &Found) { return isa<AllocaInst>(Found.Variable); });
}

SmallVector<PlacesBehind::InObject, 2> PlacesBehind::placesInObjects(const Value *Pointer)
{
    Distance Way;
    SmallVector<InObject, 2> Places = behind(Pointer, Way).Objects;
    for (InObject &Place : Places) Place.Way.add(Way);
    return Places;
}

Shows PlacesBehind::InObject::shown(uint64_t Bytes, const DataLayout &DL) const
{
    return shownAt(Reference, Bytes == UINT64_MAX ? 8 : Bytes, DL, Way.Bytes);
}

bool PlacesBehind::InObject::mayHoldReference(uint64_t Bytes, const DataLayout &DL) const
{
    Shows There = shown(Bytes, DL);
    return There == Shows::References || There == Shows::Nothing;
}

SmallVector<PlacesBehind::BlindVariable, 2> PlacesBehind::blindVariables(const Value *Pointer)
{
    SmallVector<BlindVariable, 2> Variables;
    Distance Way;
    for (const Target &Found : behind(Pointer, Way).Variables) {
        auto *Slot = dyn_cast<AllocaInst>(Found.Variable);
        if (Slot && placeOf(Slot, DL).isBlind()) Variables.push_back({Slot, Found.Through});
    }
    return Variables;
}

bool PlacesBehind::mayShowReference(const Value *Pointer, uint64_t Bytes)
{
    return !showingCalls(Pointer, Bytes).empty();
}

SmallVector<const Instruction *, 2> PlacesBehind::showingCalls(const Value *Pointer, uint64_t Bytes)
{
    SmallVector<const Instruction *, 2> Calls;
    Distance Way;
    for (const Target &Found : behind(Pointer, Way).Variables) {
        Distance All = Way;
        All.add(Found.Way);
        auto Shows = [&](const Place &P) { return P.HasReferences && (!P.isKnown() || P.showsReferenceIn(Bytes)); };
        if (anyPlaceIn(placeOf(Found.Variable, DL), All, Shows)) Calls.push_back(Found.Through);
    }
    return Calls;
}

bool PlacesBehind::mayBeBlind(const Value *Pointer)
{
    return anyPlace(Pointer, [](const Place &P) { return P.isBlind(); });
}

bool PlacesBehind::missesReferences(const Value *Pointer, Type *T)
{
    return areAllKnown(Pointer) && !anyPlace(Pointer, [&](const Place &P) { return !greywave::missesReferences(P, T, DL); });
}

} // namespace greywave
