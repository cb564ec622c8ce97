// Checks at run time that references are stored where the collector looks, and the marks by which it can tell.
#ifndef GREYWAVE_STORE_CHECKS_H
#define GREYWAVE_STORE_CHECKS_H

#include "facts/diagnose.h"

namespace greywave
{

/// With -greywave-no-check: the module's functions are neither checked nor do they mark their variables.
void leaveUnchecked(llvm::Module &M);
bool isChecked(const llvm::Function &F);

/// Checks copies of references to memory of which nothing is known. Before the optimiser, which may take copies apart.
void insertCopyChecks(llvm::Module &M, Refusals &Errors);
/// Checks stores of references to memory of which nothing is known. After the optimiser.
void insertStoreChecks(llvm::Function &F);

/// Marks F's variables that others may store references to while F runs, and says so in its maps. After their slots are listed.
void markVariables(llvm::Function &F);
constexpr char MarksAttribute[] = "greywave-marks";
/// Where F goes on after an exception or longjmp, marks of the frames that were left are taken away.
void forgetMarksOfUnwound(llvm::Function &F);

} // namespace greywave

#endif
