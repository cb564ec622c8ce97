// Calls that may wait for long: of the C library's functions that do (abi/blocking.h), and of those that are declared GW_BLOCKING. With
// -pthread each goes through a function of its own that has the runtime make it outside, so that other threads may collect meanwhile:
//
//     n = call i64 @read(i32 d, ptr p, i64 n)   becomes   n = call i64 @gw.blocking(i32 d, ptr p, i64 n), which puts all that into memory
//     and calls gw_blocking_call(@gw.blocking.made, its address), which reads it there and makes the call.
//
// The function holds no reference while it waits and needs no map. A call that is given the address of a variable or of native memory
// is made so; one that is given an address inside an object stays inside, for the object may not move under it. Where that does not
// show, as behind numbers, the runtime sees it in the memory that the arguments were put into. Functions that never collect, by what
// they are declared, and those that a signal handler calls, keep their calls: there is nowhere to wait.
#include "constructs/constructs.h"
#include "constructs/thunks.h"
#include "facts/pass_options.h"
#include "facts/reference_types.h"
#include "facts/remarks.h"
#include "facts/safepoints.h"
#include "abi/blocking.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Analysis/ValueTracking.h"

using namespace llvm;

namespace greywave
{

// ---- Which ----------------------------------------------------------------------------------------------------------

namespace
{

struct Attempt {
    const char *Name; // of the function that does not wait
    int Busy;         // its result when it would have to
};

} // namespace

static const Attempt *attemptFor(const Function &F)
{
    static const StringMap<Attempt> Known = {
#define LOCK(name, attempt, busy) {name, {attempt, busy}},
        GW_LIBRARY_LOCKS(LOCK)
#undef LOCK
    };
    auto Found = Known.find(F.getName());
    return Found == Known.end() ? nullptr : &Found->second;
}

static const char *knownType(StringRef Name)
{
    static const StringMap<const char *> Known = {
#define BLOCKS(name, type) {name, type},
        GW_LIBRARY_BLOCKS(BLOCKS)
#undef BLOCKS
#define LOCK(name, attempt, busy) {name, "ip"},
            GW_LIBRARY_LOCKS(LOCK)
#undef LOCK
    };
    return Known.lookup(Name);
}

static char letterOf(const Type *T)
{
    if (T->isVoidTy()) return 'v';
    if (T->isPointerTy()) return T->getPointerAddressSpace() == 0 ? 'p' : '?';
    return T->isIntegerTy(32) ? 'i' : T->isIntegerTy(64) ? 'l' : '?';
}

static std::string typeOf(const FunctionType &T)
{
    std::string Letters(1, letterOf(T.getReturnType()));
    for (const Type *Parameter : T.params()) Letters += letterOf(Parameter);
    return Letters;
}

static bool isOfCPlusPlus(StringRef Name)
{
    static constexpr StringRef Known[] = {GW_CPLUSPLUS_BLOCKS};
    return is_contained(Known, Name);
}

static bool isBlockingSystemCall(const CallBase &Call)
{
    static constexpr uint64_t Known[] = {GW_SYSTEM_CALLS_THAT_BLOCK};
    auto *Number = Call.arg_empty() ? nullptr : dyn_cast<ConstantInt>(Call.getArgOperand(0));
    return Call.getCalledFunction()->getName() == "syscall" && Number && is_contained(Known, Number->getZExtValue());
}

static bool mayBlock(const CallBase &Call)
{
    const Function &F = *Call.getCalledFunction();
    if (F.hasFnAttribute(BlockingAttribute)) return true;
    if (!F.isDeclaration()) return false;
    const char *Type = knownType(F.getName());
    return Type ? typeOf(*F.getFunctionType()) == Type : isOfCPlusPlus(F.getName()) || isBlockingSystemCall(Call);
}

// A function that never collects may give an address back that it was given.
static bool leadsIntoObject(const Value *Argument, SmallPtrSetImpl<const Value *> &Seen)
{
    SmallVector<const Value *, 4> Objects;
    if (!Argument->getType()->isPtrOrPtrVectorTy() || !Seen.insert(Argument).second) return false;
    getUnderlyingObjects(Argument, Objects, nullptr, /*MaxLookup=*/0);
    return any_of(Objects, [&](const Value *Object) {
        auto *Call = dyn_cast<CallBase>(Object);
        return containsReference(Object->getType()) ||
               (Call && any_of(Call->args(), [&](const Use &Given) { return leadsIntoObject(Given, Seen); }));
    });
}

static bool isToGoOutside(const CallBase &Call)
{
    SmallPtrSet<const Value *, 8> Seen;
    if (!Call.getCalledFunction() || !mayBlock(Call) || Call.isMustTailCall() || Call.hasOperandBundles()) return false;
    if (containsReference(Call.getType()) || hasReferenceByValue(Call.getAttributes(), Call.arg_size())) return false;
    return none_of(Call.args(),
                   [&](const Use &Argument) { return containsReference(Argument->getType()) || leadsIntoObject(Argument, Seen); });
}

// ---- How ------------------------------------------------------------------------------------------------------------

// The arguments, and behind them the result.
static StructType *memoryFor(const CallBase &Call)
{
    SmallVector<Type *, 8> Parts;
    for (const Use &Argument : Call.args()) Parts.push_back(Argument->getType());
    if (!Call.getType()->isVoidTy()) Parts.push_back(Call.getType());
    return StructType::get(Call.getContext(), Parts);
}

static Function *makeInner(const CallBase &Call, StructType &Memory)
{
    Module &M = *const_cast<Module *>(Call.getModule());
    Type *Pointer = PointerType::get(M.getContext(), 0);
    Function *Inner = Function::Create(FunctionType::get(Pointer, {Pointer}, false), GlobalValue::InternalLinkage, "gw.blocking.made", M);
    makeThunkFor(*Call.getFunction(), *Inner);
    IRBuilder<> B(BasicBlock::Create(M.getContext(), "", Inner));
    SmallVector<Value *, 8> Arguments;
    auto Part = [&](unsigned I) { return B.CreateStructGEP(&Memory, Inner->getArg(0), I); };
    for (unsigned I = 0; I < Call.arg_size(); I++) Arguments.push_back(B.CreateLoad(Memory.getElementType(I), Part(I)));
    CallInst *Made = B.CreateCall(Call.getFunctionType(), Call.getCalledOperand(), Arguments);
    Made->setAttributes(Call.getAttributes());
    Made->setCallingConv(Call.getCallingConv());
    if (!Made->getType()->isVoidTy()) B.CreateStore(Made, Part(Call.arg_size()));
    B.CreateRet(ConstantPointerNull::get(cast<PointerType>(Pointer)));
    return Inner;
}

static void returnWhenAtOnce(Function &Outer, const Attempt &First)
{
    Module &M = *Outer.getParent();
    IRBuilder<> B(&Outer.getEntryBlock());
    FunctionCallee Try = M.getOrInsertFunction(First.Name, Outer.getFunctionType());
    Value *Result = B.CreateCall(Try, {Outer.getArg(0)});
    auto *Done = BasicBlock::Create(M.getContext(), "", &Outer), *Wait = BasicBlock::Create(M.getContext(), "", &Outer);
    B.CreateCondBr(B.CreateICmpEQ(Result, ConstantInt::getSigned(Result->getType(), First.Busy)), Wait, Done);
    IRBuilder<>(Done).CreateRet(Result);
}

static Function *makeOuter(const CallBase &Call, StructType &Memory)
{
    Module &M = *const_cast<Module *>(Call.getModule());
    Type *Pointer = PointerType::get(M.getContext(), 0);
    SmallVector<Type *, 8> Parameters(Memory.element_begin(), Memory.element_begin() + Call.arg_size());
    Function *Outer =
        Function::Create(FunctionType::get(Call.getType(), Parameters, false), GlobalValue::InternalLinkage, "gw.blocking", M);
    makeThunkFor(*Call.getFunction(), *Outer);
    BasicBlock::Create(M.getContext(), "", Outer);
    if (const Attempt *First = attemptFor(*Call.getCalledFunction())) returnWhenAtOnce(*Outer, *First);
    IRBuilder<> B(&Outer->back());
    AllocaInst *At = B.CreateAlloca(&Memory);
    uint64_t Bytes = M.getDataLayout().getTypeAllocSize(&Memory);
    B.CreateMemSet(At, B.getInt8(0), Bytes, At->getAlign()); // what lies between the arguments may look like an address
    for (Argument &Given : Outer->args()) B.CreateStore(&Given, B.CreateStructGEP(&Memory, At, Given.getArgNo()));
    FunctionCallee Door = M.getOrInsertFunction("gw_blocking_call", Pointer, Pointer, Pointer, B.getInt64Ty());
    B.CreateCall(Door, {makeInner(Call, Memory), At, B.getInt64(Bytes)});
    if (Call.getType()->isVoidTy()) B.CreateRetVoid();
    else B.CreateRet(B.CreateLoad(Call.getType(), B.CreateStructGEP(&Memory, At, Call.arg_size())));
    return Outer;
}

static void goThrough(CallBase &Call, Function &Outer)
{
    SmallVector<Value *, 8> Arguments(Call.args());
    CallBase *Instead = callInstead(Call, Outer, Arguments);
    if (Call.doesNotThrow()) Instead->setDoesNotThrow();
    Instead->takeName(&Call);
    Call.replaceAllUsesWith(Instead);
    Call.eraseFromParent();
}

// One for each function and each way in which it is called: variadic ones are called with what they are given.
void goOutsideForBlockingCalls(Module &M)
{
    SmallVector<CallBase *, 16> Calls;
    DenseMap<std::pair<Value *, std::pair<StructType *, void *>>, Function *> Made;
    if (!passOptions().Polls) return;
    FunctionSet InHandlers = functionsOfSignalHandlers(M);
    for (Function &F : M) {
        if (F.hasFnAttribute(LeafAttribute) || InHandlers.contains(&F)) continue;
        for (Instruction &I : instructions(F))
            if (auto *Call = dyn_cast<CallBase>(&I); Call && isToGoOutside(*Call)) Calls.push_back(Call);
    }
    for (CallBase *Call : Calls) {
        remark(*Call, "Blocks", "may wait: made outside, so that other threads may collect meanwhile");
        StructType *Memory = memoryFor(*Call);
        Function *&Outer = Made[{Call->getCalledOperand(), {Memory, Call->getAttributes().getRawPointer()}}];
        if (!Outer) Outer = makeOuter(*Call, *Memory);
        goThrough(*Call, *Outer);
    }
}

} // namespace greywave
