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
static constexpr int64_t NoDistance = INT64_MIN;

const Value *PlacesBehind::goBack(const Value *Pointer, std::optional<int64_t> &Distance) const
{
    while (auto *Address = dyn_cast<GEPOperator>(Pointer)) {
        APInt Offset(DL.getIndexTypeSizeInBits(Address->getType()), 0);
        if (Distance && Address->accumulateConstantOffset(DL, Offset)) *Distance += Offset.getSExtValue();
        else Distance = std::nullopt;
        Pointer = Address->getPointerOperand();
    }
    return Pointer;
}

// The collector looks there, whatever the variable's type says.
static bool isRegistered(const Value &Address)
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

void PlacesBehind::followArgument(const Argument &A, std::optional<int64_t> Distance, Targets &Found) const
{
    const Function &F = *A.getParent();
    if (!isCalledFromHereAlone(F) || A.hasPassPointeeByValueCopyAttr() || F.use_empty()) Found.AreAll = false;
    if (A.hasPassPointeeByValueCopyAttr()) return;
    for (const Use &U : F.uses()) {
        auto *Call = dyn_cast<CallBase>(U.getUser());
        if (Call && Call->isCallee(&U) && A.getArgNo() < Call->arg_size()) follow(Call->getArgOperand(A.getArgNo()), Distance, Found);
        else Found.AreAll = false;
    }
}

void PlacesBehind::followResult(const CallBase &Call, std::optional<int64_t> Distance, Targets &Found) const
{
    const Function *Callee = Call.getCalledFunction();
    if (!Callee || Callee->isDeclaration() || Callee->isInterposable()) return void(Found.AreAll = false);
    for (const BasicBlock &B : *Callee)
        if (auto *Return = dyn_cast<ReturnInst>(B.getTerminator())) follow(Return->getReturnValue(), Distance, Found);
}

void PlacesBehind::follow(const Value *Pointer, std::optional<int64_t> Distance, Targets &Found) const
{
    Pointer = goBack(Pointer, Distance);
    if (isReference(Pointer->getType()) || Found.Seen.size() >= MostValues) return void(Found.AreAll = false);
    if (!Found.Seen.insert({Pointer, Distance.value_or(NoDistance)}).second) return;
    if (Place P = placeOf(Pointer, DL); P.Variable) {
        if (P.Offset && Distance) *P.Offset += uint64_t(*Distance);
        if (isRegistered(*P.Variable)) Found.AreAll = false;
        else Found.Variables.push_back({P.Variable, Distance ? P.Offset : std::nullopt});
        return;
    }
    if (auto *A = dyn_cast<Argument>(Pointer)) return followArgument(*A, Distance, Found);
    if (auto *Call = dyn_cast<CallBase>(Pointer)) return followResult(*Call, Distance, Found);
    if (isa<PHINode>(Pointer) || isa<SelectInst>(Pointer)) {
        for (const Value *V : cast<User>(Pointer)->operand_values())
            if (V->getType()->isPointerTy()) follow(V, Distance, Found);
        return;
    }
    auto *Load = dyn_cast<LoadInst>(Pointer);
    if (!Load || !isPlainVariable(Load->getPointerOperand())) return void(Found.AreAll = false);
    for (const User *U : Load->getPointerOperand()->users())
        if (auto *Store = dyn_cast<StoreInst>(U)) follow(Store->getValueOperand(), Distance, Found);
}

const PlacesBehind::Targets &PlacesBehind::behind(const Value *Pointer, std::optional<int64_t> &Distance)
{
    Pointer = goBack(Pointer, Distance);
    auto [It, IsNew] = Known.try_emplace(Pointer);
    if (IsNew) {
        follow(Pointer, 0, It->second);
        It->second.Seen.clear();
    }
    return It->second;
}

bool PlacesBehind::anyPlace(const Value *Pointer, function_ref<bool(const Place &)> Holds)
{
    std::optional<int64_t> Distance = 0;
    return any_of(behind(Pointer, Distance).Variables, [&](const Target &Found) {
        Place P = placeOf(Found.first, DL);
        P.Offset = Found.second && Distance ? std::optional<uint64_t>(*Found.second + *Distance) : std::nullopt;
        return Holds(P);
    });
}

bool PlacesBehind::mayShowReference(const Value *Pointer, uint64_t Bytes)
{
    return anyPlace(Pointer, [&](const Place &P) { return P.HasReferences && (!P.isKnown() || P.showsReferenceIn(Bytes)); });
}

bool PlacesBehind::mayBeBlind(const Value *Pointer)
{
    return anyPlace(Pointer, [](const Place &P) { return P.isBlind(); });
}

bool PlacesBehind::missesReferences(const Value *Pointer, Type *T)
{
    std::optional<int64_t> Distance = 0;
    const Targets &Found = behind(Pointer, Distance);
    return Found.AreAll && !Found.Variables.empty() &&
           !anyPlace(Pointer, [&](const Place &P) { return !greywave::missesReferences(P, T, DL); });
}

} // namespace greywave
