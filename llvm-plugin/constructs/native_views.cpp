// Plain addresses of collected objects: `(char *)s->bytes`. The object may move, so such an address is good only until
// the next safepoint, and only for code that neither keeps it nor stores references through it.
//
// Address arithmetic is first moved back to references (InferAddressSpaces), and each remaining cast is repeated where
// it is used, so that what is refused is what the program means and not what the optimiser made of it. A function that is given
// such an address and never collects may return it again (handed_addresses.cpp).
#include "constructs/constructs.h"
#include "constructs/handed_addresses.h"
#include "constructs/variables.h"
#include "facts/diagnose.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "llvm/Transforms/Scalar/InferAddressSpaces.h"

using namespace llvm;

namespace greywave
{

static bool isView(const Instruction &I)
{
    auto *Cast = dyn_cast<AddrSpaceCastInst>(&I);
    return Cast && isReference(Cast->getSrcTy()->getScalarType()) && !isReference(Cast->getDestTy()->getScalarType());
}

static SmallVector<AddrSpaceCastInst *, 8> viewsIn(Function &F)
{
    SmallVector<AddrSpaceCastInst *, 8> Views;
    for (Instruction &I : instructions(F))
        if (isView(I)) Views.push_back(cast<AddrSpaceCastInst>(&I));
    return Views;
}

// A volatile access goes through the reference like any other; InferAddressSpaces leaves it alone.
static void repeatAtUses(AddrSpaceCastInst &View)
{
    for (Use &U : make_early_inc_range(View.uses())) {
        if (isAccessedThrough(U)) {
            U.set(View.getOperand(0));
            continue;
        }
        Instruction *Where = placeOfUse(U), *Copy = View.clone();
        Copy->insertInto(Where->getParent(), Where->getIterator());
        U.set(Copy);
    }
    View.eraseFromParent();
}

static bool isMask(const Instruction &I)
{
    auto *Call = dyn_cast<IntrinsicInst>(&I);
    return Call && Call->getIntrinsicID() == Intrinsic::ptrmask;
}

// One incoming edge may be listed twice in a phi, and both entries must stay equal.
static bool feedsPhi(const AddrSpaceCastInst &View)
{
    return any_of(View.users(), [](const User *U) { return isa<PHINode>(U); });
}

// A mask of a plain address stays one, and is refused: InferAddressSpaces would leave operands null where it takes part in arithmetic.
static SmallVector<CallBase *, 2> hideMasks(Function &F)
{
    SmallVector<CallBase *, 2> Masks;
    for (Instruction &I : instructions(F))
        if (auto *Call = dyn_cast<IntrinsicInst>(&I); Call && isMask(*Call) && !isReference(I.getType())) Masks.push_back(Call);
    for (CallBase *Mask : Masks) Mask->setCalledFunction(F.getParent()->getOrInsertFunction("gw.mask", Mask->getFunctionType()));
    return Masks;
}

static void showMasks(ArrayRef<CallBase *> Masks)
{
    for (CallBase *Mask : Masks) {
        Function *Hidden = Mask->getCalledFunction();
        Type *Types[] = {Mask->getType(), Mask->getArgOperand(1)->getType()};
        Mask->setCalledFunction(intrinsicFor(*Mask->getModule(), Intrinsic::ptrmask, Types));
        if (Hidden->use_empty()) Hidden->eraseFromParent();
    }
}

void foldNativeViews(Function &F, FunctionAnalysisManager &FAM)
{
    if (viewsIn(F).empty()) return;
    SmallVector<CallBase *, 2> Masks = hideMasks(F);
    PreservedAnalyses PA = InferAddressSpacesPass(/*FlatAddressSpace=*/0).run(F, FAM);
    FAM.invalidate(F, PA);
    showMasks(Masks);
    for (AddrSpaceCastInst *View : viewsIn(F))
        if (!feedsPhi(*View)) repeatAtUses(*View);
}

// ---- Refusals -------------------------------------------------------------------------------------------------------

static constexpr char MayMove[] = "; the object may move: keep the GW pointer, copy the bytes, or call only GW_NOCOLLECT functions with it";

static const char *misuse(const Instruction &User, const Value &View)
{
    if (auto *Store = dyn_cast<StoreInst>(&User)) {
        if (Store->getValueOperand() == &View) return "is stored";
        return containsReference(Store->getValueOperand()->getType()) ? "is used to store a reference" : nullptr;
    }
    if (auto *Call = dyn_cast<CallBase>(&User))
        return mayCollect(User) ? "is passed to a function that may collect" : Call->getCalledOperand() == &View ? "is called" : nullptr;
    if (isa<ReturnInst>(User)) return "is returned";
    if (isa<LoadInst>(User) || isa<ICmpInst>(User) || isa<PtrToIntInst>(User)) return nullptr;
    if (isa<AtomicRMWInst>(User) || isa<AtomicCmpXchgInst>(User))
        return User.getOperand(0) == &View && !containsReference(User.getOperand(1)->getType()) ? nullptr : "is exchanged";
    return "is used in a way that hides it";
}

namespace
{

class ViewChecker
{
  public:
    ViewChecker(bool IsAccepted, Refusals &Errors) : IsAccepted(IsAccepted), Errors(Errors) {}
    void check(Instruction &View);

  private:
    void checkUse(Use &U);
    void checkResult(CallBase &Call, unsigned Argument);

    bool IsAccepted;
    Refusals &Errors;
    SmallPtrSet<Instruction *, 8> Seen;
};

} // namespace

// What comes back is a plain address of the object, too. What the callee does with it otherwise has not been judged, and may not be
// brought in here. After the optimiser a callee may show more of itself than it did when the program was accepted.
void ViewChecker::checkResult(CallBase &Call, unsigned Argument)
{
    if (!IsAccepted) {
        Handed What = handedTo(Call, Argument);
        if (What.GetsReference)
            Errors.at(Call, "the plain address of a collected object is passed to a function that stores a reference there, without its "
                            "barrier; let it take a reference, or return what is to be stored");
        if (What.Kept) Call.setIsNoInline();
        if (What.Returned) Call.addFnAttr(Attribute::get(Call.getContext(), HandsBack));
        if (What.Returned || What.Kept || What.Compared) Call.addFnAttr(Attribute::get(Call.getContext(), SeesAddress));
    }
    if (Call.hasFnAttr(HandsBack) && Call.getType()->isPointerTy() && !isReference(Call.getType())) check(Call);
}

// The buffer of a stream, and a text whose words are asked for one by one.
static bool isKeptByLibrary(const CallBase &Call, const Use &U)
{
    const Function *Callee = Call.getCalledFunction();
    if (!Callee || !isKnownLeaf(*Callee) || !Call.isArgOperand(&U)) return false;
    if (Callee->getName() == "strtok") return Call.getArgOperandNo(&U) == 0;
    return is_contained({"setvbuf", "setbuf"}, Callee->getName());
}

void ViewChecker::checkUse(Use &U)
{
    auto *User = cast<Instruction>(U.getUser());
    auto *Call = dyn_cast<CallBase>(User);
    if (isAddress(*User)) return check(*User);
    const char *How = misuse(*User, *U.get());
    if (!How && Call && !IsAccepted && isKeptByLibrary(*Call, U)) How = "is kept by the C library";
    if (How) Errors.at(*User, Twine("the plain address of a collected object ") + How + MayMove);
    else if (Call && Call->isArgOperand(&U)) checkResult(*Call, Call->getArgOperandNo(&U));
}

// The program stores a plain address somewhere; what it was made from tells where the error is.
void ViewChecker::check(Instruction &View)
{
    if (!Seen.insert(&View).second) return;
    if (livesAcrossSafepoint(View))
        return Errors.at(View, "the plain address of a collected object is used after a call that may collect; the "
                               "object may move: take the address again after the call");
    for (Use &U : View.uses()) checkUse(U);
}

// clang makes integers of the pointers that __sync functions exchange. Where integers are declared the number is meant.
static void checkExchange(const Instruction &I, Refusals &Errors)
{
    std::optional<WordWrite> Write = wordWriteOf(I);
    if (!Write || isa<StoreInst>(I)) return;
    const Value *Place = Write->Pointer;
    auto *Number = dyn_cast<Instruction>(Write->Stored->get());
    if (!Number || !(isHiddenAddress(*Number) || (isa<PtrToIntInst>(Number) && isReference(Number->getOperand(0)->getType())))) return;
    auto *Global = dyn_cast<GlobalVariable>(Place);
    auto *Slot = dyn_cast<AllocaInst>(Place);
    const Type *Declared = Global ? Global->getValueType() : Slot ? Slot->getAllocatedType() : nullptr;
    bool IsNumber = Declared ? Declared->isIntegerTy() : shownAt(Place, 8, I.getModule()->getDataLayout()) == Shows::Numbers;
    if (!IsNumber) Errors.at(I, Twine("the plain address of a collected object is exchanged") + MayMove);
}

void checkNativeViews(Function &F, Refusals &Errors)
{
    ViewChecker Checker(/*IsAccepted=*/false, Errors);
    for (AddrSpaceCastInst *View : viewsIn(F)) Checker.check(*View);
    for (const Instruction &I : instructions(F)) checkExchange(I, Errors);
}

void recheckNativeViews(Function &F, Refusals &Ours)
{
    ViewChecker Checker(/*IsAccepted=*/true, Ours);
    for (AddrSpaceCastInst *View : viewsIn(F)) Checker.check(*View);
}

} // namespace greywave
