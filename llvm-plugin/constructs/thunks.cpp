// Calls that a statepoint cannot carry: of variadic functions with a result, in registers or in memory, which LLVM's verifier refuses;
// those with a long double for result, where code generation takes the pop of the x87 register for the call; and those whose result does
// not fit into registers, for which code generation makes room in memory behind the statepoint's back. Each goes through a function
// of its own, which holds no reference while it waits and so needs no map: unwind information is enough to cross it.
//
//     r = call i32 (ptr, ...) @f(ptr p, i64 n)   becomes   r = call i32 @gw.thunk(ptr p, i64 n)
#include "constructs/constructs.h"
#include "constructs/thunks.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"

using namespace llvm;

namespace greywave
{

bool returnsInX87(const Type *T)
{
    return T->isX86_FP80Ty() || any_of(T->subtypes(), returnsInX87);
}

// ---- Results in registers -------------------------------------------------------------------------------------------

namespace
{

// What of a result lies in general registers, and in vector registers: scalars in the first two of these alone.
struct ResultRegisters {
    uint64_t Words = 0, Scalars = 0, Vectors = 0;
    bool IsOdd = false; // of a shape that code generation would cut up

    bool suffice() const { return !IsOdd && Words <= 3 && (Scalars ? Scalars + Vectors <= 2 : Vectors <= 4); }
};

} // namespace

// Wider ones may be asked not to be used.
static uint64_t vectorBits(const Function &Caller)
{
    SmallVector<StringRef, 32> Features;
    Caller.getFnAttribute("target-features").getValueAsString().split(Features, ',');
    return is_contained(Features, "+avx") ? 256 : 128;
}

static void addVector(const FixedVectorType &T, uint64_t Most, ResultRegisters &Registers)
{
    const Type *Element = T.getElementType();
    uint64_t Bits = Element->isPointerTy() ? 64 : Element->getScalarSizeInBits(), Count = T.getNumElements();
    bool IsWhole = isPowerOf2_64(Bits) && Bits >= 8 && Bits <= 64 && isPowerOf2_64(Count) && Count > 1;
    Registers.IsOdd |= !IsWhole;
    Registers.Vectors += divideCeil(Bits * Count, Most);
}

static void addResult(const Type *T, uint64_t Most, ResultRegisters &Registers)
{
    if (T->isVoidTy() || T->isX86_FP80Ty()) return;
    if (T->isPointerTy()) Registers.Words++;
    else if (T->isIntegerTy()) Registers.Words += divideCeil(T->getIntegerBitWidth(), 64);
    else if (T->isFloatingPointTy()) Registers.Scalars++;
    else if (auto *Vector = dyn_cast<FixedVectorType>(T)) addVector(*Vector, Most, Registers);
    else if (auto *Array = dyn_cast<ArrayType>(T); Array && Array->getNumElements() > 4) Registers.IsOdd = true;
    else if (Array)
        for (uint64_t I = 0; I < Array->getNumElements(); I++) addResult(Array->getElementType(), Most, Registers);
    else if (T->isStructTy())
        for (const Type *Part : T->subtypes()) addResult(Part, Most, Registers);
    else Registers.IsOdd = true;
}

// By the psABI's registers; other conventions have as many or more. To take one for less costs a thunk, or a frame in place of a jump.
bool returnsInFrame(const CallBase &Call)
{
    ResultRegisters Registers;
    addResult(Call.getType(), vectorBits(*Call.getFunction()), Registers);
    return !Registers.suffice();
}

static bool returnsInMemory(const CallBase &Call)
{
    return returnsInX87(Call.getType()) || returnsInFrame(Call);
}

// ---- Thunks ---------------------------------------------------------------------------------------------------------

static bool needsThunk(const CallBase &Call)
{
    if (!isSafepoint(Call)) return false;
    if (returnsInMemory(Call)) return true;
    return Call.getFunctionType()->isVarArg() && (!Call.getType()->isVoidTy() || Call.hasStructRetAttr());
}

// The thunk's parameters: where the result goes when a statepoint cannot bring it; the callee unless it is known; the call's arguments.
static SmallVector<Value *, 8> argumentsFor(CallBase &Call, Value *Result)
{
    SmallVector<Value *, 8> Arguments;
    if (Result) Arguments.push_back(Result);
    if (!Call.getCalledFunction()) Arguments.push_back(Call.getCalledOperand());
    Arguments.append(Call.arg_begin(), Call.arg_end());
    return Arguments;
}

void makeThunkFor(const Function &Caller, Function &Thunk)
{
    for (const char *Name : {"target-cpu", "target-features", "tune-cpu", "frame-pointer", "branch-target-enforcement",
                             "sign-return-address", "sign-return-address-key", "guarded-control-stack"})
        if (Caller.hasFnAttribute(Name)) Thunk.addFnAttr(Caller.getFnAttribute(Name));
    Thunk.addFnAttr(Attribute::NoInline);
    Thunk.setUWTableKind(UWTableKind::Default);
}

static void fillThunk(Function &Thunk, CallBase &Call, bool InMemory)
{
    IRBuilder<> B(BasicBlock::Create(Thunk.getContext(), "", &Thunk));
    SmallVector<Value *, 8> Arguments(make_pointer_range(Thunk.args()));
    Value *Result = InMemory ? Arguments.front() : nullptr;
    Value *Callee = Call.getCalledFunction();
    if (!Callee) Callee = Arguments[InMemory];
    Arguments.erase(Arguments.begin(), Arguments.end() - Call.arg_size());
    SmallVector<OperandBundleDef, 1> Bundles;
    Call.getOperandBundlesAsDefs(Bundles);
    CallInst *Inner = B.CreateCall(Call.getFunctionType(), Callee, Arguments, Bundles);
    Inner->setAttributes(Call.getAttributes());
    Inner->setCallingConv(Call.getCallingConv());
    if (!Result) {
        if (Inner->getType()->isVoidTy()) B.CreateRetVoid(); // the result is in memory
        else B.CreateRet(Inner);
        return;
    }
    B.CreateStore(Inner, Result);
    B.CreateRetVoid();
}

CallBase *callInstead(CallBase &Call, Function &Thunk, ArrayRef<Value *> Arguments)
{
    IRBuilder<> B(&Call);
    if (auto *Invoke = dyn_cast<InvokeInst>(&Call))
        return B.CreateInvoke(&Thunk, Invoke->getNormalDest(), Invoke->getUnwindDest(), Arguments);
    return B.CreateCall(&Thunk, Arguments);
}

static void useThunk(CallBase &Call)
{
    Function &F = *Call.getFunction();
    AllocaInst *Result = nullptr;
    if (returnsInMemory(Call)) Result = new AllocaInst(Call.getType(), 0, "result", F.getEntryBlock().getFirstInsertionPt());
    SmallVector<Value *, 8> Arguments = argumentsFor(Call, Result);
    SmallVector<Type *, 8> Parameters;
    for (const Value *Argument : Arguments) Parameters.push_back(Argument->getType());
    auto *Signature = FunctionType::get(Result ? Type::getVoidTy(F.getContext()) : Call.getType(), Parameters, false);
    Function *Thunk = Function::Create(Signature, GlobalValue::InternalLinkage, "gw.thunk", F.getParent());
    makeThunkFor(F, *Thunk);
    fillThunk(*Thunk, Call, Result);
    CallBase *Instead = callInstead(Call, *Thunk, Arguments);
    if (!Result) {
        Call.replaceAllUsesWith(Instead);
    } else if (!Call.use_empty()) {
        // Behind an invoke the edge is the result's own (exceptions.cpp).
        auto *Invoke = dyn_cast<InvokeInst>(&Call);
        IRBuilder<> Behind(Invoke ? &*Invoke->getNormalDest()->getFirstInsertionPt() : Call.getNextNode());
        Call.replaceAllUsesWith(Behind.CreateLoad(Call.getType(), Result));
    }
    Call.eraseFromParent();
}

void insertThunks(Function &F)
{
    SmallVector<CallBase *, 4> Calls;
    for (Instruction &I : instructions(F))
        if (auto *Call = dyn_cast<CallBase>(&I); Call && needsThunk(*Call)) Calls.push_back(Call);
    for (CallBase *Call : Calls) useThunk(*Call);
}

} // namespace greywave
