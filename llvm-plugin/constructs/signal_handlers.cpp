// Signal handlers. One that allocates may interrupt an allocation between its two halves, and one that looks at
// references may run in the middle of a collection. The runtime ends the program when a collection starts below a
// signal; here the handlers that can be seen are refused before anything runs.
#include "constructs/constructs.h"
#include "facts/diagnose.h"
#include "facts/facts.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "llvm/IR/Operator.h"

using namespace llvm;

namespace greywave
{
namespace
{

struct Handler {
    Function *F;
    Instruction *Where; // null: in the initial value of a struct
};

} // namespace

static bool isSigaction(const Type *T)
{
    auto *S = dyn_cast_or_null<StructType>(T);
    return S && S->hasName() && S->getName().starts_with("struct.sigaction");
}

// The address of a member of a struct sigaction, or of the whole.
static bool leadsToSigaction(const Value *Pointer)
{
    for (;;) {
        if (auto *Slot = dyn_cast<AllocaInst>(Pointer)) return isSigaction(Slot->getAllocatedType());
        if (auto *G = dyn_cast<GlobalVariable>(Pointer)) return isSigaction(G->getValueType());
        auto *Address = dyn_cast<GEPOperator>(Pointer);
        if (!Address) return false;
        if (isSigaction(Address->getSourceElementType())) return true;
        Pointer = Address->getPointerOperand();
    }
}

static Function *asFunction(Value *V)
{
    return dyn_cast<Function>(V->stripPointerCasts());
}

static Function *handlerIn(Instruction &I)
{
    if (auto *Store = dyn_cast<StoreInst>(&I))
        return leadsToSigaction(Store->getPointerOperand()) ? asFunction(Store->getValueOperand()) : nullptr;
    auto *Call = dyn_cast<CallBase>(&I);
    const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
    if (!Callee || Call->arg_size() != 2) return nullptr;
    static const StringRef Installers[] = {"signal", "bsd_signal", "sysv_signal", "__sysv_signal", "sigset"};
    bool Installs = is_contained(Installers, Callee->getName());
    return Installs ? asFunction(Call->getArgOperand(1)) : nullptr;
}

static void handlersInConstant(Constant *C, SmallVectorImpl<Handler> &Found)
{
    if (auto *F = dyn_cast<Function>(C)) return Found.push_back({F, nullptr});
    if (isa<ConstantAggregate>(C))
        for (Use &U : C->operands()) handlersInConstant(cast<Constant>(U.get()), Found);
}

// F, and what it calls by name, as far as this module shows it.
static void addCalled(const Function &F, FunctionSet &Called)
{
    if (!Called.insert(&F).second) return;
    for (const Instruction &I : instructions(F))
        if (auto *Call = dyn_cast<CallBase>(&I); Call && Call->getCalledFunction()) addCalled(*Call->getCalledFunction(), Called);
}

static bool touchesCollector(const Function *F)
{
    return F->isDeclaration() ? F->getName().starts_with("gw_") && !F->hasFnAttribute(LeafAttribute) : holdsReferences(*F);
}

static void collectHandlers(Instruction &I, SmallVectorImpl<Handler> &Found)
{
    if (Function *F = handlerIn(I)) Found.push_back({F, &I});
    auto *Copy = dyn_cast<MemTransferInst>(&I);
    if (!Copy || !leadsToSigaction(Copy->getRawDest())) return;
    auto *Initial = dyn_cast<GlobalVariable>(Copy->getRawSource()->stripPointerCasts());
    if (Initial && Initial->hasInitializer()) handlersInConstant(Initial->getInitializer(), Found);
}

static SmallVector<Handler, 4> handlersIn(Module &M)
{
    SmallVector<Handler, 4> Handlers;
    for (Function &F : M)
        for (Instruction &I : instructions(F)) collectHandlers(I, Handlers);
    for (GlobalVariable &G : M.globals())
        if (G.hasInitializer() && isSigaction(G.getValueType())) handlersInConstant(G.getInitializer(), Handlers);
    return Handlers;
}

FunctionSet functionsOfSignalHandlers(Module &M)
{
    FunctionSet Called;
    for (const Handler &H : handlersIn(M)) addCalled(*H.F, Called);
    return Called;
}

void checkSignalHandlers(Module &M, Refusals &Errors)
{
    for (const Handler &H : handlersIn(M)) {
        FunctionSet Called;
        addCalled(*H.F, Called);
        if (none_of(Called, touchesCollector)) continue;
        const char *What = "a signal handler holds references or may collect, and may run in the middle of an "
                           "allocation or a collection; set a flag in it, and act on that elsewhere";
        if (H.Where) Errors.at(*H.Where, What);
        else Errors.at(*H.F, What);
    }
}

} // namespace greywave
