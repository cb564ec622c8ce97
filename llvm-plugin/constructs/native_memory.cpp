// Optimistic searches back from a pointer to where its memory comes from: cycles are taken for granted, anything unknown
// ends the search. Then forwards, whether anybody may register that memory. Nothing here depends on what the optimiser has done.
#include "constructs/native_memory.h"
#include "constructs/constructs.h"
#include "facts/facts.h"
#include "facts/reference_types.h"
#include "llvm/Analysis/ValueTracking.h"

using namespace llvm;

namespace greywave
{

// C, POSIX and Linux; then C++: operator new and new[], plain, aligned and nothrow, and the memory of an exception.
// clang-format off: a list
static constexpr StringRef Allocators[] = {
    "malloc", "calloc", "realloc", "reallocarray", "reallocf", "aligned_alloc", "memalign", "valloc", "pvalloc",
    "strdup", "strndup", "wcsdup", "__strdup", "__strndup", "mmap", "mmap64", "mremap", "sbrk", "shmat",
    "__libc_malloc", "__libc_calloc", "__libc_realloc", "__libc_memalign",
    "_Znwm", "_Znam", "_ZnwmRKSt9nothrow_t", "_ZnamRKSt9nothrow_t", "_ZnwmSt11align_val_t", "_ZnamSt11align_val_t",
    "_ZnwmSt11align_val_tRKSt9nothrow_t", "_ZnamSt11align_val_tRKSt9nothrow_t", "__size_returning_new",
    "__size_returning_new_aligned", "_Znwm12__hot_cold_t", "_Znam12__hot_cold_t", "__cxa_allocate_exception"};
// clang-format on

// A function by one of the names that the program defines itself is judged by its body.
bool isNativeAllocation(const Value *V)
{
    auto *Call = dyn_cast<CallBase>(V);
    if (!Call || !Call->getType()->isPointerTy() || isReference(Call->getType())) return false;
    auto *Callee = dyn_cast<Function>(Call->getCalledOperand()->stripPointerCasts());
    if (Call->returnDoesNotAlias()) return !Callee || Callee->isDeclaration() || Callee->isInterposable();
    return Callee && Callee->isDeclaration() && is_contained(Allocators, Callee->getName());
}

StringRef nameOfAllocation(const CallBase &Allocation)
{
    auto *Callee = dyn_cast<Function>(Allocation.getCalledOperand()->stripPointerCasts());
    StringRef Name = Callee ? Callee->getName() : "a function that returns fresh memory";
    if (Name == "__cxa_allocate_exception") return "throw";
    if (Name.starts_with("_Znw") || Name.starts_with("__size_returning_new")) return "operator new";
    if (Name.starts_with("_Zna")) return "operator new[]";
    return Name;
}

// posix_memalign(&variable, …) gives the variable native memory, or leaves it alone.
static bool isGivenMemory(const CallBase &Call, const Use &U)
{
    const Function *Callee = Call.getCalledFunction();
    return Callee && Callee->isDeclaration() && Callee->getName() == "posix_memalign" && Call.isArgOperand(&U) &&
           Call.getArgOperandNo(&U) == 0;
}

// The order in which they are found says nothing.
void NativeMemory::noteAllocation(const CallBase &Call, Search &S)
{
    if (!S.Allocation || nameOfAllocation(Call) < nameOfAllocation(*S.Allocation)) S.Allocation = &Call;
}

bool NativeMemory::followVariable(const Value *Variable, Search &S) const
{
    if (!S.Seen.insert(Variable).second) return true;
    for (const Use &U : Variable->uses()) {
        const User *User = U.getUser();
        if (isa<LoadInst>(User)) continue;
        if (auto *Store = dyn_cast<StoreInst>(User); Store && Store->getPointerOperand() == Variable) {
            if (!Store->getValueOperand()->getType()->isPointerTy() || !follow(Store->getValueOperand(), S)) return false;
            continue;
        }
        auto *Call = dyn_cast<CallBase>(User);
        if (auto *Marker = dyn_cast<IntrinsicInst>(User); Marker && Marker->isLifetimeStartOrEnd()) continue;
        if (!Call || !isGivenMemory(*Call, U)) return false;
        noteAllocation(*Call, S);
    }
    return true;
}

bool NativeMemory::followResults(const Function &F, Search &S) const
{
    if (F.isDeclaration() || F.isInterposable()) return false;
    if (!S.Seen.insert(&F).second) return true;
    for (const BasicBlock &B : F)
        if (auto *Return = dyn_cast<ReturnInst>(B.getTerminator()))
            if (!follow(Return->getReturnValue(), S)) return false;
    return true;
}

bool NativeMemory::followArguments(const Argument &A, Search &S) const
{
    const Function &F = *A.getParent();
    if (!F.hasLocalLinkage() || A.hasByValAttr()) return false;
    if (!S.Seen.insert(&A).second) return true;
    for (const Use &U : F.uses()) {
        auto *Call = dyn_cast<CallBase>(U.getUser());
        if (!Call || !Call->isCallee(&U) || Call->arg_size() <= A.getArgNo()) return false;
        if (!follow(Call->getArgOperand(A.getArgNo()), S)) return false;
    }
    return true;
}

bool NativeMemory::followOrigin(const Value *Origin, Search &S) const
{
    if (isa<ConstantPointerNull>(Origin) || isa<UndefValue>(Origin)) return true;
    if (isNativeAllocation(Origin)) {
        S.Seen.insert(Origin);
        noteAllocation(*cast<CallBase>(Origin), S);
        return true;
    }
    if (auto *A = dyn_cast<Argument>(Origin)) return followArguments(*A, S);
    if (auto *Call = dyn_cast<CallBase>(Origin)) return Call->getCalledFunction() && followResults(*Call->getCalledFunction(), S);
    auto *Load = dyn_cast<LoadInst>(Origin);
    if (!Load) return false;
    const Value *Variable = Load->getPointerOperand();
    if (auto *Global = dyn_cast<GlobalVariable>(Variable))
        return Global->hasLocalLinkage() && Global->hasInitializer() && Global->getInitializer()->isNullValue() &&
               followVariable(Global, S);
    return isa<AllocaInst>(Variable) && followVariable(Variable, S);
}

bool NativeMemory::follow(const Value *Pointer, Search &S) const
{
    if (!Pointer || !Pointer->getType()->isPointerTy() || isReference(Pointer->getType())) return false;
    SmallVector<const Value *, 4> Origins;
    getUnderlyingObjects(Pointer, Origins, nullptr, /*MaxLookup=*/0);
    return all_of(Origins, [&](const Value *Origin) { return followOrigin(Origin, S); });
}

// ---- Memory that may be registered ----------------------------------------------------------------------------------

bool registersRoots(StringRef Function)
{
    return Function == "gw_add_roots" || Function == "gw_add_roots_tracked";
}

// Of functions that are only declared. What deletes takes any pointer, and a thrown exception is nobody's root.
static bool neverRegisters(const Function &F)
{
    StringRef Name = F.getName();
    if (Name.starts_with("gw_")) return !registersRoots(Name);
    return F.isIntrinsic() || isKnownLeaf(Name) || is_contained(Allocators, Name) || Name.starts_with("_Zdl") || Name.starts_with("_Zda") ||
           is_contained({"qsort", "qsort_r", "bsearch", "__cxa_throw"}, Name);
}

// What else the pointer becomes known as, where U is no more than a use of it. False where it may be registered.
static bool followUse(const Use &U, SmallVectorImpl<const Value *> &Work)
{
    const User *User = U.getUser();
    if (auto *Call = dyn_cast<CallBase>(User)) {
        auto *Callee = dyn_cast<Function>(Call->getCalledOperand()->stripPointerCasts());
        if (Call->isCallee(&U)) {
            Work.push_back(Call); // the function's result
            return true;
        }
        if (!Call->isArgOperand(&U)) return true;
        if (!Callee || Callee->isDeclaration()) return Callee && neverRegisters(*Callee);
        unsigned Number = Call->getArgOperandNo(&U);
        if (Number < Callee->arg_size()) Work.push_back(Callee->getArg(Number));
        return Number < Callee->arg_size();
    }
    if (auto *Store = dyn_cast<StoreInst>(User)) {
        const Value *To = Store->getPointerOperand();
        if (U.getOperandNo() == 0 && (isa<AllocaInst>(To) || isa<GlobalVariable>(To))) Work.push_back(To);
        return true;
    }
    if (auto *Load = dyn_cast<LoadInst>(User)) {
        if (isa<AllocaInst>(U.get()) || isa<GlobalVariable>(U.get())) Work.push_back(Load);
        return true;
    }
    if (auto *Return = dyn_cast<ReturnInst>(User)) {
        Work.push_back(Return->getFunction());
        return true;
    }
    if (isa<GEPOperator>(User) || isa<CastInst>(User) || isa<PHINode>(User) || isa<SelectInst>(User)) Work.push_back(User);
    return true;
}

// Forwards from what the search came by: through variables, arguments and results, but not through other memory.
bool NativeMemory::mayBeRegistered(const Search &S) const
{
    SmallPtrSet<const Value *, 32> Seen;
    SmallVector<const Value *, 32> Work(S.Seen.begin(), S.Seen.end());
    while (!Work.empty()) {
        const Value *V = Work.pop_back_val();
        if (!Seen.insert(V).second) continue;
        if (!all_of(V->uses(), [&](const Use &U) { return followUse(U, Work); })) return true;
    }
    return false;
}

const CallBase *NativeMemory::behind(const Value *Pointer) const
{
    Search S;
    return follow(Pointer, S) && S.Allocation && !mayBeRegistered(S) ? S.Allocation : nullptr;
}

} // namespace greywave
