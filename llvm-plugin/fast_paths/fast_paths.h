// The runtime's fast paths in compiled code. Each step lives in the file named above it, which states its contract.
#ifndef GREYWAVE_FAST_PATHS_FAST_PATHS_H
#define GREYWAVE_FAST_PATHS_FAST_PATHS_H

#include "facts/llvm_versions.h"

namespace greywave
{

// allocation.cpp
/// Whether I allocates an object that starts its life in the nursery whatever its run-time arguments are.
bool isSurelyYoung(const llvm::Instruction &I);
/// Tells the inliner what the allocations that will be inlined are going to be.
void weighAllocations(llvm::Function &F);
/// Puts the nursery's bump allocation in front of gw_alloc and gw_alloc_array.
void inlineAllocation(llvm::Function &F);

// object_questions.cpp
/// Answers gw_type_of and gw_length in place.
void answerObjectQuestions(llvm::Function &F);

// polls.cpp
/// Keeps a place for a poll at the end of each turn of a loop, across which the optimiser carries no hidden address.
void keepPollPlaces(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
/// Whether an address, with Numbers also the number of one, must not meet a collection at Place: constructs/addresses.cpp.
using NeedsAddress = bool (*)(const llvm::Instruction &Place, bool Numbers);
/// Makes loops stoppable (-greywave-polls). Functions declared never to collect get no polls, nor does a place that needs an address.
/// Where the instruction writes a part of what may be a reference; null: it writes none.
using SlotOfPiece = llvm::Value *(*)(const llvm::Instruction &I);
void insertPolls(llvm::Function &F, llvm::FunctionAnalysisManager &FAM, NeedsAddress Needs, SlotOfPiece slotOf);
bool mayGetPolls(const llvm::Function &F);
/// Whether a thread could run in one of the module's loops without end and without a poll: those that would get one are not looked at in
/// detail.
bool lacksPolls(const llvm::Module &M);

} // namespace greywave

#endif
