// The steps of the two passes, in the order in which prepare.cpp and lower.cpp run them. Each lives in the file named
// beside it and states its own contract.
#ifndef GREYWAVE_PASSES_H
#define GREYWAVE_PASSES_H

#include "diagnose.h"
#include "native_memory.h"

namespace greywave {

using FunctionSet = llvm::SmallPtrSet<const llvm::Function *, 32>;

// judged_form.cpp
/// Functions that are inlined always become part of their callers.
void inlineWrappers(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
/// Variables that hold references or addresses become values, and plain addresses of objects references again.
void revealReferences(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
/// Calls of the C library's copying functions that may carry references become memory transfers.
void spellOutLibraryCopies(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
/// All variables become values where numbers are written to objects.
void promoteRawWrites(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);

// functions.cpp
bool moduleHoldsReferences(const llvm::Module &M);
bool holdsReferences(const llvm::Function &F);
/// A struct with references among the first `Count` parameters, passed in memory.
bool hasReferenceByValue(const llvm::AttributeList &Attributes, unsigned Count);
/// Gives every function that holds references the collector's name, and every function unwind tables.
void markManagedFunctions(llvm::Module &M);
inline bool isManaged(const llvm::Function &F)
{
    return !F.isDeclaration() && F.hasGC() && F.getGC() == "greywave"; // imported declarations keep the name
}

// data_layout.cpp
/// The optimiser may not look at references as integers, until the layout is the frontend's again.
void forbidIntegerViews(llvm::Module &M);
void allowIntegerViews(llvm::Module &M);
/// Refuses layouts and targets for which no maps are made.
void checkTarget(const llvm::Module &M, Refusals &Errors);

// type_layouts.cpp
/// Completes gw_type constants from their layout variables, checks explicit ones, deletes the layout variables.
void deriveTypeLayouts(llvm::Module &M, Refusals &Errors);

// type_identity.cpp
/// Makes one type in the whole program of the static gw_type constants that say the same.
void shareTypes(llvm::Module &M);

// leaf_calls.cpp
/// Turns GW_NOCOLLECT annotations into attributes.
void readLeafAnnotations(llvm::Module &M);
/// Whether a function of the runtime or the C library by this name never collects.
bool isKnownLeaf(llvm::StringRef Name);
/// Marks every call and function known not to collect.
void markLeafCalls(llvm::Module &M);

// link_names.cpp
/// Deletes what keeps a file that includes greywave.h from being linked before it has been here.
void dropWish(llvm::Module &M);
/// Every function of M has been through greywave-prepare.
void markPrepared(llvm::Module &M);
/// Refuses functions that have not been there.
void checkPrepared(llvm::Module &M, Refusals &Errors);
/// Calls of the runtime get the names that it exports.
void useLinkNames(llvm::Module &M);

// addresses.cpp
/// Casts of references to integers become opaque calls, which stay on their side of every safepoint.
void hideAddresses(llvm::Function &F);
/// What is handed to calls that may return it becomes opaque as well: the optimiser would join two such calls, though a safepoint lies
/// between them.
void hideHandedViews(llvm::Function &F);
void showHandedViews(llvm::Function &F);
/// They become casts again, right before statepoints.
void lowerAddresses(llvm::Function &F);

// address_hashes.cpp
/// Warns where a number made of an object's address is what a table would be ordered by.
void warnOfHashedAddresses(llvm::Function &F, Refusals &Errors);

// atomics.cpp
/// Atomic operations that clang emits on integers are put back on references.
void restoreAtomicReferences(llvm::Function &F);
/// Exchanges of references become exchanges of integers again, after their barriers and next to their casts.
void lowerAtomicExchanges(llvm::Function &F);

// stack_slots.cpp
/// Promotes local variables that hold references, or addresses of such variables or inside objects, to values.
void promoteLocals(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
/// Refuses local variables whose references cannot be found from their type.
void checkVariables(llvm::Function &F, Refusals &Errors);
/// And accesses that do not agree with a variable's type.
void checkStackSlots(llvm::Function &F, Refusals &Errors);
/// The address shows a reference, in a variable or an object, where an integer is stored.
bool writesIntegerOverReference(const llvm::StoreInst &Store);
/// A variable in the entry block that stays in memory and holds references.
bool isTrackedSlot(const llvm::AllocaInst &Slot);
/// Clears tracked slots on entry and lists them at every safepoint, and the frame mark at calls that may lead back to F.
void reportStackSlots(llvm::Function &F, const FunctionSet &Shallow);

// frame_marks.cpp
/// Functions that return before anybody can call their caller again: they call others of their kind at most, and the runtime.
FunctionSet findShallowFunctions(const llvm::Module &M);
/// F's frame mark, cleared before any of `Calls`, which get what may lead back to F. Null when F needs none, or when others may
/// write to the references in its frame, `Slots` among them.
llvm::AllocaInst *makeFrameMark(llvm::Function &F, const FunctionSet &Shallow, llvm::ArrayRef<llvm::AllocaInst *> Slots,
                                llvm::SmallVectorImpl<llvm::CallBase *> &Calls);

// sorting.cpp
/// qsort becomes gw_sort where its comparison may collect and the array may hold references.
void replaceSorting(llvm::Function &F);

// copies.cpp
/// Structs passed in memory: parameters with references are copied to variables of the function's own, arguments that
/// lie in an object to variables of the caller's.
void copyStructArguments(llvm::Function &F);
/// Returns whether any call became a memory transfer.
bool spellOutLibraryCopies(llvm::Function &F);
/// Copies that may carry references become typed loads and stores or opaque calls.
void protectCopies(llvm::Function &F, Refusals &Errors);
/// An opaque copy, or a memory transfer, that may bring references to its destination.
bool mayCopyReferences(const llvm::CallBase &Call);
/// Opaque copies become memory transfers again; their barriers are in place by then.
void lowerCopies(llvm::Function &F);

// raw_writes.cpp
/// Whether F writes numbers to places in objects of which the address says nothing. Variables through which they come must
/// be values.
bool hasRawWrites(const llvm::Function &F);
/// Numbers that may be references and are stored into objects get barriers later, or are refused.
void protectRawWrites(llvm::Function &F, Refusals &Errors);
/// Integers that functions stored through plain pointers, and that inlining has shown to lie where an object has a reference, get
/// barriers as well.
void announceLateWrites(llvm::Function &F);
/// In front of I anything may be written into the object.
void announceWholeObject(llvm::Instruction &I, llvm::Value &Reference);
/// What such a call writes. Bytes is a constant, UINT64_MAX for the whole object.
struct RawWrite {
    llvm::Value *Slot, *Bytes;
};
std::optional<RawWrite> rawWriteOf(const llvm::CallBase &Call);
/// They become stores again; their barriers are in place by then.
void lowerRawWrites(llvm::Function &F);

// native_writes.cpp
/// Records objects whose plain addresses are given to what may write references there.
void announceNativeWrites(llvm::Function &F);

// signal_handlers.cpp
/// Refuses signal handlers that hold references or reach a call that may collect.
void checkSignalHandlers(llvm::Module &M, Refusals &Errors);

// stack_switches.cpp
/// Refuses what switches between stacks that the program made.
void checkStackSwitches(const llvm::Module &M, Refusals &Errors);

// native_views.cpp
/// Moves address arithmetic on addresses that came from references back to references.
void foldNativeViews(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
/// Refuses plain addresses of objects that escape or outlive a safepoint. Calls of functions that keep one somewhere are not inlined.
void checkNativeViews(llvm::Function &F, Refusals &Errors);
/// The same after the optimiser, of a program that was accepted.
void recheckNativeViews(llvm::Function &F, Refusals &Ours);

// precision.cpp
/// Refuses stores of references to memory that is known to be native.
void checkNativeStores(llvm::Function &F, const NativeMemory &Native, Refusals &Errors);
/// Refuses calls by a type that hides references. For functions of every kind.
void checkCalledType(llvm::Function &F, Refusals &Errors);
/// Refuses what statepoints cannot make precise.
void checkPrecision(llvm::Function &F, Refusals &Errors);
/// Refuses pointers into objects where the collector, or a callee, expects the object itself.
void checkInteriorPointers(llvm::Function &F, Refusals &Errors);
/// gw_immediate_word becomes a check and a cast.
void lowerImmediateWords(llvm::Function &F);
/// Null for undefined references, for which code generation would take arbitrary registers.
void defineReferences(llvm::Function &F);
/// Calls an address that came out of an aggregate through `freeze`: code generation would call the wrong member.
void freezeExtractedCallees(llvm::Function &F);

// thunks.cpp
/// A result, or part of one, that comes back on the x87 stack.
bool returnsInX87(const llvm::Type *T);
/// Calls that statepoints cannot carry, of variadic functions or with x87 results, go through functions of their own.
void insertThunks(llvm::Function &F);

// tail_calls.cpp
/// Refuses `musttail` calls that are given what goes with the caller's frame.
void checkTailCall(const llvm::CallBase &Call, Refusals &Errors);
/// Calls in front of a return, which LLVM might make jumps, become `musttail` where that may be said of them.
void makeTailCalls(llvm::Function &F);
/// Right before statepoints: `musttail` calls are marked as leaves.
void releaseTailCalls(llvm::Function &F);

// aggregates.cpp
/// Splits composite values into scalars so that none that holds references is live across a safepoint.
void splitComposites(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);

// exceptions.cpp
/// Gives every invoke edges of its own.
void separateInvokeEdges(llvm::Function &F);
/// Moves references that live across an invoke which may collect to tracked variables.
void keepAcrossInvokes(llvm::Function &F);

// barriers.cpp
void insertBarriers(llvm::Function &F);

// allocation.cpp
/// Whether I allocates an object that starts its life in the nursery whatever its run-time arguments are.
bool isSurelyYoung(const llvm::Instruction &I);
/// Tells the inliner what the allocations that will be inlined are going to be.
void weighAllocations(llvm::Function &F);
/// Takes room for neighbouring allocations at once (allocation_folding.cpp).
void foldAllocations(llvm::Function &F);
/// Puts the nursery's bump allocation in front of gw_alloc and gw_alloc_array.
void inlineAllocation(llvm::Function &F);

// polls.cpp
/// Makes loops stoppable (-greywave-polls). Functions declared never to collect get no polls.
void insertPolls(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
bool mayGetPolls(const llvm::Function &F);

// globals.cpp
/// The collector reads every variable that holds references at every safepoint: the optimiser may not take one that the
/// program only writes for nothing.
void keepGlobalRoots(llvm::Module &M);
/// Refuses variables and functions in the collected address space.
void checkGlobalSpaces(llvm::Module &M, Refusals &Errors);
/// Refuses variables whose references cannot be found from their type.
void checkGlobalLayouts(llvm::Module &M, Refusals &Errors);
/// Emits a gw_global_record per variable that holds references. Returns whether there are any.
bool emitGlobalRecords(llvm::Module &M);

// module_record.cpp
void emitModuleRecord(llvm::Module &M);
/// Module flag `greywave-jit`: the code will not be linked; the JIT registers its sections itself.
bool isForJit(const llvm::Module &M);
/// For a JIT: a record in gw_maps for each function that has no map.
void describeNativeFunctions(llvm::Module &M);
/// Tells the runtime at start-up that a collection would miss this module's roots.
void forbidCollection(llvm::Module &M);

// shadow_stack.cpp
/// Statepoints become plain calls with the live references pushed on the shadow stack around them.
void lowerToShadowStack(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);

// root_finder.cpp
/// How the runtime will find the roots of compiled code (-greywave-roots).
enum class RootFinder { Statepoint, Shadow, None };
RootFinder rootFinder();

// stages.cpp
/// The second pass has been here: neither pass may run again.
bool isLowered(const llvm::Module &M);
void markLowered(llvm::Module &M);
/// Link-time optimisation will go on with this module.
bool isForLinkTime(const llvm::Module &M);
/// The optimiser before the link has ended. Returns false when it had ended before: this is the one of the link.
bool endCompileStage(llvm::Module &M);

// The passes themselves.
struct PreparePass : llvm::PassInfoMixin<PreparePass> {
    llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
    static bool isRequired() { return true; }
};

/// At the link, before anything else: the data layout's address space is non-integral again.
struct ResumePass : llvm::PassInfoMixin<ResumePass> {
    llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
    static bool isRequired() { return true; }
};

// small_loops.cpp
/// Right before loops are vectorised and unrolled.
struct SmallLoopsPass : llvm::PassInfoMixin<SmallLoopsPass> {
    llvm::PreservedAnalyses run(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
};

struct LowerPass : llvm::PassInfoMixin<LowerPass> {
    llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
    static bool isRequired() { return true; }
};

} // namespace greywave

#endif
