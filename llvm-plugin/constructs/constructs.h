// The steps of the two passes for each construct of the language and of LLVM: made visible, made precise, or
// refused. Each step lives in the file named above it, which states its contract.
#ifndef GREYWAVE_CONSTRUCTS_CONSTRUCTS_H
#define GREYWAVE_CONSTRUCTS_CONSTRUCTS_H

#include "facts/diagnose.h"
#include "constructs/frame_words.h"
#include "constructs/native_memory.h"
#include "constructs/places_behind.h"

namespace greywave
{

using FunctionSet = llvm::SmallPtrSet<const llvm::Function *, 32>;

// data_layout.cpp
/// The optimiser may not look at references as integers, until the layout is the frontend's again.
void forbidIntegerViews(llvm::Module &M);
void allowIntegerViews(llvm::Module &M);
/// Refuses layouts and targets for which no maps are made.
void checkTarget(const llvm::Module &M, Refusals &Errors);

// leaf_calls.cpp
/// Turns GW_NOCOLLECT and GW_BLOCKING annotations into attributes.
void readAnnotations(llvm::Module &M);
inline constexpr char BlockingAttribute[] = "gw-blocking";
/// Whether a function of the runtime or the C library by this name never collects.
bool isKnownLeaf(llvm::StringRef Name);
/// Whether it is such a function, and none that the program defines. A header may have a body of it, to be inlined.
bool isKnownLeaf(const llvm::Function &F);
/// Marks every call and function known not to collect.
void markLeafCalls(llvm::Module &M);

// blocking_calls.cpp
/// With polls, calls that may wait for long go through functions that leave the heap meanwhile, but in the functions of signal handlers.
void goOutsideForBlockingCalls(llvm::Module &M);

// addresses.cpp
/// Casts of references to integers become opaque calls, which stay on their side of every safepoint.
void hideAddresses(llvm::Function &F);
/// Such a call: the number of a reference, which is its argument.
bool isHiddenAddress(const llvm::Instruction &I);
/// What is handed to calls whose answer depends on where it lies becomes opaque as well, and what the library reads as numbers of a
/// variable with references: the optimiser would join two such calls, though a safepoint lies between them.
void hideHandedViews(llvm::Function &F, PlacesBehind &Places);
void showHandedViews(llvm::Function &F);
/// Whether there are any of the above: polls then have their places in front of the optimiser, which would carry addresses across later
/// ones.
bool hidesAddresses(const llvm::Function &F);
/// Whether a plain address that a call has handed back, with Numbers also the number of an address, is needed after this instruction and
/// was there before it. A collection here would make it stale.
bool needsAddressAfter(const llvm::Instruction &Place, bool Numbers);
/// They become casts again, right before statepoints, and what is passed does.
void lowerAddresses(llvm::Function &F);

// passed_structs.cpp
/// Structs that clang passes and returns as numbers: their references become references behind the edge of the function, and numbers in
/// front of it, by opaque calls that stay on their side of every safepoint.
void showPassedStructs(llvm::Function &F);
bool hasPassedStructs(const llvm::Function &F);
/// Such a call, of a reference that goes out. lowerAddresses makes a cast of it.
bool isPassedReference(const llvm::Instruction &I);
/// What comes in becomes a cast.
void lowerPassedStructs(llvm::Function &F);

// address_hashes.cpp
/// Warns where a number made of an object's address is what a table would be ordered by.
void warnOfHashedAddresses(llvm::Function &F, Refusals &Errors);

// atomics.cpp
/// Atomic operations that clang emits on integers are put back on references.
void restoreAtomicReferences(llvm::Function &F);
/// Exchanges of references become exchanges of integers again, after their barriers and next to their casts.
void lowerAtomicExchanges(llvm::Function &F);

// stack_slots.cpp
/// Variables of constant size stand at the front of the entry block, wherever in it the frontend put them.
void gatherVariables(llvm::Function &F);
/// Promotes local variables that hold references, or addresses of such variables or inside objects, to values.
void promoteLocals(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
/// Refuses local variables whose references cannot be found from their type.
void checkVariables(llvm::Function &F, Refusals &Errors);
/// And accesses that do not agree with a variable's type.
void checkStackSlots(llvm::Function &F, PlacesBehind &Places, Refusals &Errors);
/// The address shows a reference, in a variable or an object, where an integer is stored.
bool writesIntegerOverReference(const llvm::StoreInst &Store);
/// A variable in the entry block that stays in memory and holds references.
bool isTrackedSlot(const llvm::AllocaInst &Slot);
/// Clears tracked slots on entry and lists them at every safepoint, the words of Kept that are live there, and the frame mark at calls that
/// may lead back to F.
void reportStackSlots(llvm::Function &F, const FunctionSet &Shallow, const FrameWords &Kept);

// frame_marks.cpp
/// Functions that return before anybody can call their caller again: they call others of their kind at most, and the runtime.
FunctionSet findShallowFunctions(const llvm::Module &M);
/// F's frame mark, cleared before any of `Calls`, which get what may lead back to F. Null when F needs none, or when others may
/// write to the references in its frame, `Slots` among them.
llvm::AllocaInst *makeFrameMark(llvm::Function &F, const FunctionSet &Shallow, llvm::ArrayRef<llvm::AllocaInst *> Slots,
                                llvm::SmallVectorImpl<llvm::CallBase *> &Calls);

// sorting.cpp
/// qsort becomes gw_sort where its comparison may collect and the array may hold references, and where its address is taken.
void replaceSorting(llvm::Module &M);

// copies.cpp
/// Structs passed in memory: parameters with references are copied to variables of the function's own, arguments that
/// lie in an object to variables of the caller's.
void copyStructArguments(llvm::Function &F);
/// Copies that may carry references become typed loads and stores or opaque calls.
void protectCopies(llvm::Function &F, PlacesBehind &Places, Refusals &Errors);
/// An opaque copy, a memory transfer, or one by an instruction or a function of a library that is none of both.
struct MemoryCopy {
    const llvm::Value *To, *From;
    uint64_t Bytes;            ///< UINT64_MAX where the program computes that
    const llvm::Value *Length; ///< the same
    bool SwapsBytes = false;   ///< each with its neighbour
};
llvm::SmallVector<MemoryCopy, 1> memoryCopiesOf(const llvm::Instruction &I);
/// An opaque copy, or a memory transfer, that may bring references to its destination.
bool mayCopyReferences(const llvm::CallBase &Call);
/// Opaque copies become memory transfers again; their barriers are in place by then.
void lowerCopies(llvm::Function &F);

// raw_writes.cpp
/// Whether F writes numbers to places in objects of which the address says nothing. Variables through which they come must
/// be values.
bool hasRawWrites(const llvm::Function &F);
/// Numbers that may be references and are stored into objects get barriers later, or are refused.
void protectRawWrites(llvm::Function &F, PlacesBehind &Places, Refusals &Errors);
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
/// Where it writes a part of what may be a reference; null: it writes none.
llvm::Value *slotOfPiece(const llvm::Instruction &I);
/// They become stores again; their barriers are in place by then.
void lowerRawWrites(llvm::Function &F);

/// The words for a number that may be a reference of before a safepoint.
void refuseStale(const llvm::Instruction &I, const char *Where, Refusals &Errors);

// stale_numbers.cpp
/// Whether F writes words through pointers that lead anywhere, and calls what may collect. Variables of numbers must be values there, too.
bool movesWords(const llvm::Function &F);
/// Refuses numbers that may be references of before a safepoint and are stored to variables that hold references, through pointers of
/// which the callers alone show where they lead. Where they do not show it the runtime looks.
void checkStaleNumbers(llvm::Function &F, PlacesBehind &Places, Refusals &Errors);
/// The optimiser may not carry numbers read from variables with references over safepoints.
void keepReadsInPlace(llvm::Function &F, PlacesBehind &Places);

// native_writes.cpp
/// Records objects whose plain addresses are given to what may write references there.
void announceNativeWrites(llvm::Function &F);

// signal_handlers.cpp
/// Refuses signal handlers that hold references or reach a call that may collect.
void checkSignalHandlers(llvm::Module &M, Refusals &Errors);
/// They, and what they call by name, with what that calls.
FunctionSet functionsOfSignalHandlers(llvm::Module &M);

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

// made_pointers.cpp
/// Whether a number becomes a plain pointer anywhere.
bool makesPointers(const llvm::Module &M);
/// Refuses those that are made of an object's address and followed after a safepoint. For functions of every kind.
void checkMadePointers(llvm::Function &F, PlacesBehind &Places, Refusals &Errors);

// precision.cpp
/// Refuses references stored to, or read from, memory that is known to be native.
void checkNativeMemory(llvm::Function &F, const NativeMemory &Native, Refusals &Errors);
/// The words for what is written there and would have to be checked.
void refuseOtherSpace(const llvm::Instruction &I, const char *What, Refusals &Errors);
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
/// Whether a call's result does not fit into registers: code generation makes room for it in the caller's frame.
bool returnsInFrame(const llvm::CallBase &Call);
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

// second_returns.cpp
/// Moves references that live across calls that return twice to tracked variables, and makes leaves of these calls.
void keepAcrossSecondReturns(llvm::Function &F);

// exceptions.cpp
/// Gives every invoke edges of its own.
void separateInvokeEdges(llvm::Function &F);

} // namespace greywave

#endif
